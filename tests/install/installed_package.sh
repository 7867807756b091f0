# Installed below a prefix, and by DESTDIR: programs of others are built against it, by CMake and by pkg-config, and answer as
# the installed program does.
source "$(dirname "$0")/folder.sh" "$@"

quiet cmake --install "$build" --prefix "$folder/first"
mv first prefix # nothing in it may know where it was installed
model=prefix/share/vglaw/models/scenes-small.safetensors
answers prefix/bin/vglaw "$model" >expected

# The shipped model is found from any folder.
prefix/bin/vglaw ground "$picture" "the red ball" --json >without_model || die "the installed program does not find its model"
grep -q '"counts"' without_model || die "it says nothing"

for way in cmake make; do
    cp -r "$source_dir/examples/embed" $way
    if [[ $way == cmake ]]; then
        quiet cmake -S cmake -B cmake/out -DCMAKE_PREFIX_PATH="$folder/prefix" -DCMAKE_BUILD_TYPE=Release \
            -DCMAKE_C_FLAGS="-Wall -Wextra -Wpedantic -Werror" -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror"
        quiet cmake --build cmake/out
    else
        quiet make -C make PKG_CONFIG_PATH="$folder/prefix/lib/pkgconfig:$folder/prefix/lib/$(gcc -print-multiarch)/pkgconfig"
        mkdir make/out
        mv make/embed make/embed_cpp make/out
    fi
    for program in embed embed_cpp; do
        ldd $way/out/$program | grep -vE 'lib(vglaw_engine|c|m|gcc_s|stdc\+\+)\.so|linux-vdso|ld-linux|dnnl|gomp|hwy|utf8proc|fmt|libz|OpenCL' && die "$program needs more"
        LD_LIBRARY_PATH=$(dirname "$(find "$folder/prefix/lib" -name libvglaw_engine.so.0)") $way/out/$program "$model" "$picture.ppm" "${expressions[@]}" >got ||
            die "$program by $way ended with $?"
        agree got expected
    done
done
# A failure is one line and no crash.
run() { LD_LIBRARY_PATH=$(dirname "$(find "$folder/prefix/lib" -name libvglaw_engine.so.0)") cmake/out/"$@"; }
for program in embed embed_cpp; do
    ! run $program no/such "$picture.ppm" "ball" 2>said || die "$program takes any model"
    [[ $(wc -l <said) -eq 1 ]] && grep -q "no/such" said || die "$program says: $(cat said)"
    ! run $program "$model" "$picture.ppm" "" 2>said || die "$program takes an empty expression"
    grep -q "empty" said || die "$program says: $(cat said)"
done

# A component alone: the library is all that a product needs to run.
quiet cmake --install "$build" --prefix "$folder/alone" --component library
found=$(cd alone && find . -not -type d | sort | tr '\n' ' ')
[[ $found == "./lib"*"/libvglaw_engine.so.0 ./lib"*"/libvglaw_engine.so.0."*" ./share/doc/libvglaw-engine0/copyright " ]] || die "the library's component is: $found"

# DESTDIR, as packagers install.
DESTDIR=$folder/stage quiet cmake --install "$build"
staged=$(find stage -name vglaw.h | head -1)
[[ -n $staged && -z $(find "$folder" -path "$folder/stage" -prune -o -newer "$staged" -name vglaw.h -print) ]] || die "DESTDIR is not kept to"
diff <(cd "$(dirname "$(dirname "$(dirname "$staged")")")" && find . | sort) <(cd prefix && find . | sort) || die "DESTDIR installs other files"
