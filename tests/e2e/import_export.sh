# Other people's weights become a model to start from, and a model a file that PyTorch reads.
source "$(dirname "$0")/harness.sh" "$@"
weights=$source_dir/tests/golden/model
config=$weights/import.toml
vitdet=$(echo "$weights"/model_final_*.pkl)

# Several sources, one start file; the same in both spellings, to the byte.
succeeds import --bert "$weights/bert" --vision "$vitdet" --config "$config" --seed 3 --out start.safetensors
has "$out" '^text_encoder +[0-9]+ +[0-9]+  BERT \(model\.safetensors\)$'
has "$out" '^text_encoder .*: the first 12 of 16 rows$'
has "$out" '^visual_encoder .*ViTDet .*: relative positions cropped from 25 to 13 rows$'
has "$out" '^weight_generator .*random, seed 3$'
has "$out" '^ignored of model_final_.*: 2 tensors: backbone\.simfp_2 \(1\), roi_heads\.box_head \(1\)$'
has "$out" '^note: ViTDet: its MD5 begins with'
has "$out" '^licence: Apache-2.0$'
succeeds import bert "$weights/bert" vitdet "$vitdet" --config "$config" --seed 3 --out same.safetensors
cmp start.safetensors same.safetensors || die "two spellings of one import, two files"
succeeds import --bert "$weights/bert" --vision "$vitdet" --config "$config" --seed 3 --rel-pos interpolate --out other.safetensors
! cmp -s start.safetensors other.safetensors || die "--rel-pos changed nothing"

# It is a model: it can be looked at, grounds, and a training starts from it.
succeeds inspect start.safetensors
has "$out" '^licence +Apache-2.0$'
has "$out" '^source +start of a training: BERT \(model\.safetensors\); ViTDet'
succeeds ground "$photo" "w1 w2" --model start.safetensors --json
succeeds train "$config" --set train.start=start.safetensors --set train.out=run
succeeds inspect run/last.safetensors

# A source each; what differs in licence has none.
succeeds import mae "$weights/mae.pth" bert "$weights/bert_legacy" --config "$config" --out mae.safetensors
has "$out" '^licence: \(empty\)$'
has "$out" '^note: MAE: it has no relative positions; theirs start at 0$'
pieces=$weights/bert/vocab.txt
succeeds import --vision "$weights/timm.safetensors" --vocab "$pieces" --config "$config" --out timm.safetensors
succeeds import sam "$weights/sam.pth" --vocab "$pieces" --config "$config" --out sam.safetensors --json
has "$out" '"change":"position grid resized from 13 x 13 to 5 x 5"'
succeeds import --bert "$weights/bert_shards" --vocab "$pieces" --config "$config" --out shards.safetensors

# A model of this program on another canvas, alone or below a fresh encoder.
succeeds import vglaw start.safetensors --set image.size=20 --out small.safetensors
has "$out" 'relative positions cropped from 13 to 9 rows'
succeeds import --model start.safetensors --vision "$weights/mae.pth" --config "$config" --out mixed.safetensors
has "$out" '^visual_encoder .*MAE \(mae\.pth\)$'
has "$out" '^text_encoder .*vglaw model \(start\.safetensors\)$'

# Refusals: one line that names the trouble, and nothing written.
fails 'posix.system' import --vision "$source_dir/tests/golden/format/torch/command.pkl" --config "$config" --out x.safetensors
fails 'no ViT known here' import --vision "$weights/bert/model.safetensors" --config "$config" --out x.safetensors
fails 'has shape [30, 32]' import --bert "$weights/bert" --config "$config" --set text.vocab_size=31 --out x.safetensors
fails "holds no tensor 'encoder.layer.3" import --bert "$weights/bert" --config "$config" --set text.layers=4 --out x.safetensors
fails '--vocab' import --bert "$weights/bert_shards" --config "$config" --out x.safetensors
fails '--rel-pos interpolate' import --vision "$vitdet" --config "$config" --set image.size=112 --out x.safetensors
fails 'both' import mae "$weights/mae.pth" sam "$weights/sam.pth" --vocab "$pieces" --config "$config" --out x.safetensors
fails '--config' import --bert "$weights/bert" --out x.safetensors
fails 'absent' import --vision absent.pth --config "$config" --out x.safetensors
fails 'absent' import --bert "$weights/bert" --config "$config" --out absent/x.safetensors
head -c 20000 "$weights/mae.pth" >cut.pth
fails 'truncated' import --vision cut.pth --config "$config" --out x.safetensors
cp "$vitdet" model_final_000000.pkl
fails 'MD5' import --vision model_final_000000.pkl --config "$config" --out x.safetensors
misused import --config "$config" --out x.safetensors
misused import clip "$weights/mae.pth" --config "$config" --out x.safetensors
misused import bert --config "$config" --out x.safetensors
misused import --vision "$weights/mae.pth" --rel-pos stretch --config "$config" --out x.safetensors

# Export: a torch file that the reader of torch files takes apart again.
succeeds export start.safetensors --to torch --out start.pth
has "$out" '^start\.pth: [0-9]+ tensors$'
succeeds export start.safetensors --out again.pth
cmp start.pth again.pth || die "one model, two exports"
[[ $(head -c 2 start.pth) == PK ]] || die "not a zip file"
fails 'absent' export absent.safetensors --out y.pth
fails 'start.pth' export start.pth --out y.pth
misused export start.safetensors --to onnx7 --out y.pth
