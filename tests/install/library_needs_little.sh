# libvglaw_engine.so: which libraries it needs, how large all is, what it shows.
source "$(dirname "$0")/folder.sh" "$@"
library=$build/lib/libvglaw_engine.so
most_own=4000000 most_all=48000000 # bytes

soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
[[ $soname == libvglaw_engine.so.0 ]] || die "its soname is '$soname'"

# oneDNN and OpenMP, and what the rooms below are made with: vectors, Unicode, text, checksums.
while read -r needed; do
    case $needed in
        libdnnl.so.* | libgomp.so.* | libomp.so.* | libhwy.so.* | libutf8proc.so.* | libfmt.so.* | libz.so.*) ;;
        libstdc++.so.* | libgcc_s.so.* | libm.so.* | libc.so.* | ld-linux*) ;;
        *) die "it needs $needed" ;;
    esac
done < <(readelf -d "$library" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
unresolved=$(ldd -r "$library" 2>&1 | grep -E 'undefined|not found' || true)
[[ -z $unresolved ]] || die "unresolved: $unresolved"
! ldd "$library" | grep -E 'lib(torch|c10|gloo|openblas|blas|cairo|jpeg|png|webp)' || die "it loads what it has no use for"

# What it shows is what the header declares, no more, no less.
nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >shown
grep -oE '^VGLAW_API [^(]*\b(vglaw_[a-z_]+)\(' "$source_dir/vglaw/interface/vglaw.h" | grep -oE 'vglaw_[a-z_]+\(' | tr -d '(' | sort >declared
diff declared shown || die "what the library shows (>) is not what vglaw.h declares (<)"

cp -L "$library" stripped.so
strip --strip-unneeded stripped.so
own=$(stat -c %s stripped.so) all=0
all=$own
while read -r name path; do
    case $name in
        libc.so.* | libm.so.* | libstdc++.so.* | libgcc_s.so.* | libdl.so.* | libpthread.so.*) ;; # every C++ program has them
        *)
            bytes=$(stat -L -c %s "$path")
            all=$((all + bytes))
            printf '%9d %s\n' "$bytes" "$name"
            ;;
    esac
done < <(ldd "$library" | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }')
printf '%9d libvglaw_engine.so, stripped\n%9d in all\n' "$own" "$all"
((own < most_own)) || die "the library has $own bytes, at most $most_own"
((all < most_all)) || die "all that it needs has $all bytes, at most $most_all"
