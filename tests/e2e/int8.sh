# The same model stored smaller, and int8: what it costs in accuracy on the shipped model, and what refuses.
source "$(dirname "$0")/harness.sh" "$@"
shipped=$source_dir/models/scenes-small.safetensors

succeeds export "$shipped" --precision f16 --out f16.safetensors
has "$out" '^f16.safetensors: f16, [0-9]+ bytes, 0\.5[0-9] of what it was$'
succeeds export "$shipped" --precision int8 --out int8.safetensors
has "$out" '^int8.safetensors: int8, [0-9]+ bytes, 0\.[234][0-9] of what it was$'
succeeds inspect int8.safetensors --tensors
has "$out" '^stored +int8$'
has "$out" '^visual_encoder\.blocks\.0\.attn\.qkv\.weight +I8 +\[576, 192\]$'
has "$out" '^visual_encoder\.blocks\.0\.attn\.qkv\.weight_scale +F32 +\[576\]$'
has "$out" '^all +[0-9]+ +3339140 ' # scales are no parameters
succeeds inspect f16.safetensors --json
has "$out" '"precision": "f16"'

# Accuracy on scenes nobody trained on, in one go: fp32, int8 made on loading, the int8 file, the F16 file.
succeeds scenes fresh --dataset refcoco --images 150 --seed 987654321
evaluate() { # NAME ARGUMENT...
    local name=$1
    shift
    succeeds eval --data fresh --dataset refcoco --split-by unc --split val --report "$name" --threads 1 "$@"
    has "$out" ", engine $precision$"
}
precision=fp32 evaluate fp32 --model "$shipped"
precision=int8 evaluate loaded --model "$shipped" --precision int8
precision=int8 evaluate file --model int8.safetensors
precision=fp32 evaluate floats --model int8.safetensors --precision fp32
precision=fp32 evaluate f16 --model f16.safetensors
figure() { sed -nE "s/.*\"$2\": ?([0-9.]+).*/\1/p" "$1/report.json" | head -1; }
echo "$(ls fp32)"; head -c 1500 fp32/report.json
