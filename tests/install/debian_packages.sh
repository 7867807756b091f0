# The Debian packages: made, unpacked, run from there; what each says it needs.
source "$(dirname "$0")/folder.sh" "$@"
for tool in dpkg-shlibdeps dpkg-deb file; do
    command -v $tool >/dev/null || { echo "skipped: no $tool; apt-get install dpkg-dev file" >&2; exit 77; }
done
quiet cpack --config "$build/CPackConfig.cmake" -B "$folder/packages"
mkdir root
declare -A needs
for package in packages/*.deb; do
    name=$(dpkg-deb -f "$package" Package)
    needs[$name]=$(dpkg-deb -f "$package" Depends)
    echo "$name $(stat -c %s "$package") bytes, installed $(dpkg-deb -f "$package" Installed-Size) KiB: ${needs[$name]}"
    dpkg-deb -x "$package" root
done
for name in libvglaw-engine0 vglaw vglaw-dev; do [[ -n ${needs[$name]:-} ]] || die "no package $name"; done
must_need() { [[ ", ${needs[$1]}," =~ ,\ $2[,\ ] ]] || die "$1 does not depend on $2: ${needs[$1]}"; }
must_not_need() { [[ ! ${needs[$1]} =~ $2 ]] || die "$1 depends on $2: ${needs[$1]}"; }
must_need libvglaw-engine0 libdnnl2
must_not_need libvglaw-engine0 'torch|cairo|jpeg'
must_need vglaw libdnnl2
must_need vglaw libcairo2
must_not_need vglaw torch
must_need vglaw-dev libvglaw-engine0
if [[ -n ${needs[vglaw-torch]:-} ]]; then
    must_need vglaw-torch 'libtorch[0-9.]*'
    must_need vglaw-torch vglaw
    [[ -f root/usr/lib/vglaw/libvglaw_torch.so ]] || die "vglaw-torch has no module"
    # Debian's BLAS must still be the OpenMP one: cmake/torch.cmake.
    if ldd root/usr/lib/vglaw/libvglaw_torch.so | grep -E 'lib(open)?blas[^ ]*\.so' | grep -v openblas-openmp; then die "the installed module loads another BLAS"; fi
    root/usr/bin/vglaw train --keys >keys || die "the unpacked program does not train"
else
    ! root/usr/bin/vglaw train no.toml 2>said || die "it trains without its module"
    grep -q 'vglaw-torch' said || die "it does not say what to install: $(cat said)"
fi
exported() { root/usr/bin/vglaw export "$source_dir/models/scenes-small.safetensors" --to onnx --out exported.onnx >said 2>&1; }
if [[ -n ${needs[vglaw-onnx]:-} ]]; then
    must_need vglaw-onnx vglaw
    must_need vglaw-onnx 'libonnx[0-9.]*'
    must_not_need vglaw onnx
    exported || die "the unpacked program does not export with its module: $(cat said)"
    "$build/vglaw" export "$source_dir/models/scenes-small.safetensors" --to onnx --out expected.onnx >said
    cmp exported.onnx expected.onnx || die "it exports something else than the one that was built"
    mv root/usr/lib/vglaw/libvglaw_onnx.so .
fi
! exported || die "it exports without its module"
grep -q 'vglaw-onnx' said || die "it does not say what to install: $(cat said)"
file root/usr/bin/vglaw "$(find root/usr/lib -name 'libvglaw_engine.so.0.*')" | grep -q 'not stripped' && die "not stripped"

model=$source_dir/models/scenes-small.safetensors
answers root/usr/bin/vglaw root/usr/share/vglaw/models/scenes-small.safetensors >got
answers "$build/vglaw" "$model" >expected
agree got expected
root/usr/bin/vglaw ground "$picture" "the red ball" >said || die "the unpacked program does not find its model"
if [[ -n ${needs[python3-vglaw]:-} ]]; then
    must_need python3-vglaw libvglaw-engine0
    must_need python3-vglaw python3-numpy
    if /usr/bin/python3 -c 'import numpy' 2>said; then
        PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -c 'import sys, vglaw; vglaw.Model(sys.argv[1])' "$model" || die "the unpacked module does not load"
    fi
fi
