# Every way in which the expression can reach the visual encoder: a model file of it, some steps of training, a grounding.
source "$(dirname "$0")/harness.sh" "$@"

path() { # NAME TENSOR ARGUMENT...
    local name=$1 tensor=$2
    shift 2
    tiny_model "$name.safetensors" --active "$@"
    succeeds inspect "$name.safetensors" --tensors
    has "$out" "^$tensor "
    succeeds train "$tiny" --out "runs/$name" --set train.epochs=1 "$@"
    has "$err" 'step 2/2'
    succeeds ground "$drawing" "the red one" --model "runs/$name/last.safetensors" --json --explain "why/$name" --dump "$name.dump"
    has "$out" '"box":\['
}
path none visual_encoder.blocks.0.attn.qkv.weight --set law.kind=none
path scale weight_generator.blocks.1.generate.weight --set law.kind=scale
path mixture weight_generator.blocks.1.kernels --set law.kind=mixture --set law.kernels=3
path full weight_generator.reduce.weight --set law.kind=full
path some weight_generator.blocks.1.generate.weight --set 'law.blocks=[1]'
path pwam fusion.blocks.1.gate.1.weight --set law.kind=none --set fusion.kind=pwam
path qd_att fusion.blocks.0.spatial.factor --set law.kind=none --set fusion.kind=qd_att --set 'fusion.blocks=[0]'

# Only the blocks that adapt listen to words.
has why/some/01.json '"blocks":\[1\]'
has why/scale/01.json '"blocks":\[0,1\]'
has why/none/01.json '"blocks":\[\]'

# Checkpointed blocks: the same weights.
succeeds train "$tiny" --out plain
succeeds train "$tiny" --out checkpointed --set train.checkpoint_blocks=true
cmp plain/last.safetensors checkpointed/last.safetensors || die "checkpointed blocks trained other weights"

# A model of one kind starts a training of another where they share tensors.
succeeds import --model some.safetensors --config "$tiny" --seed 3 --out start.safetensors --set law.kind=scale
has "$out" '^weight_generator .*random, seed 3$'

fails 'law.blocks names block 2' init "$tiny" --out x.safetensors --set 'law.blocks=[2]'
fails 'law.blocks names block 1 twice' init "$tiny" --out x.safetensors --set 'law.blocks=[1, 1]'
fails 'fusion.reduction = 3 must divide vision.dim' init "$tiny" --out x.safetensors --set fusion.kind=qd_att --set fusion.reduction=3
fails 'accepted are 64 M' init "$source_dir/configs/base.toml" --out x.safetensors --set law.kind=full
fails 'lowrank | none | scale | mixture | full' init "$tiny" --out x.safetensors --set law.kind=condconv
