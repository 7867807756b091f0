# The same model stored smaller, and int8: what it costs in accuracy on the shipped model, and what refuses.
source "$(dirname "$0")/harness.sh" "$@"
shipped=$source_dir/models/scenes-small.safetensors

succeeds export "$shipped" --precision f16 --out f16.safetensors
has "$out" '^f16.safetensors: f16, [0-9]+ bytes, 0\.5[0-9] of what it was$'
succeeds export "$shipped" --precision int8 --out int8.safetensors
has "$out" '^int8.safetensors: int8, [0-9]+ bytes, 0\.[23][0-9] of what it was$'
succeeds inspect int8.safetensors --tensors
has "$out" '^stored +int8$'
has "$out" '^visual_encoder\.blocks\.0\.attn\.qkv\.weight +I8 +\[576, 192\]$'
has "$out" '^visual_encoder\.blocks\.0\.attn\.qkv\.weight_scale +F32 +\[576\]$'
has "$out" '^all +[0-9]+ +3339140 ' # scales are no parameters
succeeds inspect f16.safetensors --json
has "$out" '"precision": "f16"'
succeeds export int8.safetensors --precision fp32 --out floats.safetensors
succeeds export floats.safetensors --precision int8 --out again.safetensors
cmp int8.safetensors again.safetensors || die "from int8 to floats and back is another file"

# Scenes nobody trained on: fp32, int8 made on loading, the int8 file, its weights in fp32, F16.
succeeds scenes fresh --dataset refcoco --images 150 --seed 987654321
evaluate() { # FOLDER NAME ARGUMENT...: NAME is what the report says computed
    local folder=$1 name=$2
    shift 2
    succeeds eval --data fresh --dataset refcoco --split-by unc --split val --report "$folder" --threads 1 "$@"
    has "$out" ", $name$"
}
evaluate fp32 "engine fp32" --model "$shipped"
evaluate loaded "engine int8" --model "$shipped" --precision int8
evaluate file "engine int8" --model int8.safetensors
evaluate dequantised "engine fp32" --model int8.safetensors --precision fp32
evaluate f16 "engine fp32" --model f16.safetensors
# Boxes of one expression move, by less than 0.03 of IoU with the truth on average, and in the mean over the expressions
# by less than 0.01; a wrong scale anywhere costs all of it.
ious() { sed -E 's/.*"canvas":\{"box_iou":([0-9.e-]+),"mask_iou":([0-9.e-]+).*/\1 \2/' "$1/per_expression.jsonl"; }
[[ $(ious fp32 | wc -l) -ge 80 ]] || die "too few expressions: $(ious fp32 | wc -l)"
apart() { # FOLDER MEAN SINGLE
    paste <(ious fp32) <(ious "$1") | awk -v mean="$2" -v single="$3" '
        function abs(v) { return v < 0 ? -v : v }
        NF != 4 { print "not four numbers: " $0; exit 1 }
        { box += $3 - $1; mask += $4 - $2; boxes += abs($3 - $1); masks += abs($4 - $2) }
        END { if (abs(box / NR) > mean || abs(mask / NR) > mean || boxes / NR > single || masks / NR > single) {
                  printf "box %g, mask %g; each by %g, %g\n", box / NR, mask / NR, boxes / NR, masks / NR; exit 1 } }' ||
        die "$1 is not as accurate as fp32"
}
for folder in loaded file dequantised; do
    ! cmp -s fp32/per_expression.jsonl $folder/per_expression.jsonl || die "$folder computed in fp32 from fp32"
    apart $folder 0.01 0.03
done
apart f16 0.001 0.002

succeeds bench --model int8.safetensors --runs 2 --threads 1
has "$out" ', backend engine int8$'
succeeds bench --model int8.safetensors --precision fp32 --runs 2 --threads 1 --json
has "$out" '"precision":"fp32"'

# Refusals: LibTorch has no int8; what takes floats says how to get them.
fails "--backend torch" ground "$photo" "the ball" --model "$shipped" --backend torch --precision int8
fails "--precision fp32" export int8.safetensors --to torch --out weights.pt
fails "--precision fp32" import --model int8.safetensors --out start.safetensors
misused export "$shipped" --precision int4 --out x.safetensors
misused export "$shipped" --precision int8 --to torch --out x.safetensors
