# vglaw export --to onnx: what it writes and what it refuses. onnx_runtime.sh runs what was written.
source "$(dirname "$0")/harness.sh" "$@"

if [[ ! -f $(dirname "$vglaw")/libvglaw_onnx.so ]]; then
    # Built on a machine without the package: the command says which one, and everything else works.
    fails 'libonnx-dev' export "$source_dir/models/scenes-small.safetensors" --to onnx --out model.onnx
    echo "skipped: this program was built without libonnx-dev and libprotobuf-dev (tools/setup.sh installs them)"
    exit 77
fi

succeeds export "$source_dir/models/scenes-small.safetensors" --to onnx --out model.onnx
has "$out" '^model\.onnx: ONNX opset 17, [0-9]+ nodes, 1[0-9]\.[0-9] MiB$'
succeeds export "$source_dir/models/scenes-small.safetensors" --to onnx --head folded --out again.onnx
cmp model.onnx again.onnx || die "one model, two exports"
succeeds export "$source_dir/models/scenes-small.safetensors" --to onnx --head plain --out plain.onnx
! cmp -s model.onnx plain.onnx || die "--head plain changed nothing"
grep -aq ConvTranspose plain.onnx || die "the plain head has no transposed convolution"
! grep -aq ConvTranspose model.onnx || die "the folded head has a transposed convolution"
for key in vglaw.config vglaw.vocab vglaw.license vglaw.source; do
    grep -aq "$key" model.onnx || die "no $key in the metadata"
done

# Whole or not at all, and only what has an ONNX form.
fails 'absent' export "$source_dir/models/scenes-small.safetensors" --to onnx --out absent/x.onnx
fails 'absent' export absent.safetensors --to onnx --out x.onnx
for kind in scale mixture full; do
    tiny_model other.safetensors --active --set law.kind=$kind
    fails "law.kind = $kind" export other.safetensors --to onnx --out x.onnx
done
for kind in pwam qd_att; do
    tiny_model other.safetensors --active --set fusion.kind=$kind
    fails "fusion.kind = $kind" export other.safetensors --to onnx --out x.onnx
done
fails '--head' export "$source_dir/models/scenes-small.safetensors" --to torch --head plain --out x.pth
misused export "$source_dir/models/scenes-small.safetensors" --to onnx --head other --out x.onnx

# Nothing else loads what it needs, and without its module the program says what is missing.
! ldd "$vglaw" | grep -E 'onnx|protobuf' || die "the program itself needs the onnx package"
mkdir alone && cp "$vglaw" alone/vglaw
alone=$folder/alone/vglaw
"$alone" ground "$photo" "the red ball" --model "$source_dir/models/scenes-small.safetensors" --json >"$out"
vglaw=$alone fails 'libvglaw_onnx.so' export "$source_dir/models/scenes-small.safetensors" --to onnx --out x.onnx
