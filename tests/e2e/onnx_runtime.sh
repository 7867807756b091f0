# Exported models in ONNX Runtime answer as vglaw does, and the documented example runs.
source "$(dirname "$0")/harness.sh" "$@"

python=${VGLAW_ONNX_PYTHON:-$(dirname "$vglaw")/onnx-python/bin/python}
if [[ ! -f $(dirname "$vglaw")/libvglaw_onnx.so ]]; then
    echo "skipped: this program was built without libonnx-dev and libprotobuf-dev (tools/setup.sh installs them)"
    exit 77
fi
if ! "$python" -c 'import numpy, onnxruntime, PIL, tokenizers' 2>/dev/null; then
    echo "skipped: no ONNX Runtime for $python; tools/onnx_python.sh installs it (from PyPI), or name one in VGLAW_ONNX_PYTHON"
    exit 77
fi
shipped=$source_dir/models/scenes-small.safetensors
scene=$source_dir/examples/demo/scene.jpg

# agrees MODEL NAME [EXPORT ARGUMENT...]: three pictures with expressions of three lengths.
agrees() {
    local model=$1 name=$2
    shift 2
    succeeds export "$model" --to onnx --out "$name.onnx" "$@"
    succeeds ground "$scene" "the small red ball left of the blue cube" --model "$model" --dump 1.safetensors
    succeeds ground "$photo" "the star" --model "$model" --dump 2.safetensors
    succeeds ground "$drawing" "cube on the right" --model "$model" --dump 3.safetensors
    "$python" "$source_dir/tests/e2e/onnx_parity.py" "$name.onnx" 1.safetensors 2.safetensors 3.safetensors >"$out" 2>"$err" ||
        die "$name: $(tail -1 "$err"); $(cat "$out")"
    sed "s/^/$name, /" "$out"
}
agrees "$shipped" shipped
agrees "$shipped" shipped-plain --head plain

changed() { # NAME [--set KEY=VALUE]...
    local name=$1
    shift
    tiny_model "$name.safetensors" --active "$@"
    agrees "$name.safetensors" "$name"
}
changed tiny
agrees tiny.safetensors tiny-plain --head plain
changed padded-windows --set vision.window=3 --set vision.depth=3
changed windows-alone --set vision.global_blocks=[] --set image.size=112 --set vision.window=4
changed no-resize --set vision.patch=4 --set image.size=40 # 4h = S: the logits are not resized
changed passive --set law.kind=none
if [[ -f $(dirname "$vglaw")/libvglaw_torch.so ]]; then # the engine adapts every block or none
    changed some-blocks --set law.blocks=[1] --set vision.depth=3
fi
changed as-written --set law.scale_scores=false --set law.norm=false
changed mean --set box_head.pool=mean
changed max --set box_head.pool=max
succeeds init "$tiny" --seed 7 --active --out wide.safetensors --set law.rank=7 --set vision.dim=48 --set vision.heads=3 \
    --set text.layers=2 --set law.groups=8
agrees wide.safetensors wide

# The example of the documentation: boxes to a tenth of a pixel, masks but for pixels at the threshold.
for picture in "$scene" "$source_dir/tests/golden/image/orientation_6.jpg" "$source_dir/tests/golden/image/rgba.png"; do
    "$python" "$source_dir/examples/onnx/ground.py" shipped.onnx "$picture" "the red ball" "the biggest star" --mask mask.png >example.json
    is_png mask.png
    succeeds ground "$picture" "the red ball" "the biggest star" --model "$shipped" --json --mask ours.png
    "$python" - example.json "$out" mask.png ours.png <<'PYTHON'
import json, sys
import numpy as np
from PIL import Image
example, ours = ([json.loads(line) for line in open(path)] for path in sys.argv[1:3])
assert len(example) == len(ours) == 2
for a, b in zip(example, ours):
    assert a["expression"] == b["expression"]
    assert max(abs(x - y) for x, y in zip(a["box"], b["box"])) < 0.1, (a, b)
masks = [np.asarray(Image.open(path).convert("L")) > 127 for path in ("mask.png", "ours-1.png")]
assert masks[0].shape == masks[1].shape and masks[0].sum() == example[0]["mask_area"]
assert (masks[0] != masks[1]).mean() < 1e-3, (masks[0] != masks[1]).mean()
PYTHON
done
