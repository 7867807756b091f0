# Commands start without LibTorch and the onnx package: no dependencies of the program, only of the modules beside it.
set -euo pipefail
program=${1:?usage: $0 PROGRAM}
needed=$(ldd "$program" | grep -E 'lib(torch|c10|gloo|openblas|blas|onnx|protobuf)' || true)
if [[ -n $needed ]]; then
    echo "the program needs: $needed" >&2
    exit 1
fi
# Alone in a folder it runs, and says what is missing when asked to train.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$program" "$folder/vglaw"
"$folder/vglaw" --version >/dev/null
if "$folder/vglaw" train x.toml 2>"$folder/said"; then
    echo "it trains without its module" >&2
    exit 1
fi
grep -q 'libvglaw_torch.so' "$folder/said" || { cat "$folder/said" >&2; exit 1; }
