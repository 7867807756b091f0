# Model files that cannot be used: of another kind, of a newer format, cut, with a tensor missing or misshapen.
source "$(dirname "$0")/harness.sh" "$@"

tiny_model good.safetensors
try() { # WORD MODEL
    fails "$1" ground "$photo" "the ball" --model "$2" --out overlay.png
}
# Replaces text of the header by text of the same length: everything else stays where it was.
forge() { # FROM TO FILE
    [[ ${#1} -eq ${#2} ]] || die "forge: '$1' and '$2' differ in length"
    LC_ALL=C sed "s/$1/$2/" good.safetensors >"$3"
    ! cmp -s good.safetensors "$3" || die "forge: '$1' is not in the header"
}
try missing.safetensors missing.safetensors
cp "$photo" picture.safetensors
try picture.safetensors picture.safetensors
: >empty.safetensors
try empty.safetensors empty.safetensors
head -c 20000 good.safetensors >cut.safetensors
try cut.safetensors cut.safetensors
succeeds ground "$photo" "the ball" --model good.safetensors --dump other.safetensors
try "not a vglaw model" other.safetensors
forge '"vglaw.format":"1"' '"vglaw.format":"3"' newer.safetensors
try newer newer.safetensors
fails newer inspect newer.safetensors
forge 'box_head.mlp.2.bias' 'box_head.mlp.9.bias' renamed.safetensors
try "'box_head.mlp.2.bias' is missing" renamed.safetensors
forge '\\"ffn\\":64' '\\"ffn\\":65' misshapen.safetensors
try "'text_encoder.encoder.layer.0.intermediate.dense" misshapen.safetensors
forge '\\"heads\\":2' '\\"heads\\":3' inconsistent.safetensors
try heads inconsistent.safetensors
fails "cannot" train "$tiny" --out run --set train.start=missing.safetensors
