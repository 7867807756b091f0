# Expressions that cannot be used; and odd ones that can.
source "$(dirname "$0")/harness.sh" "$@"

tiny_model tiny.safetensors
try() { fails "$1" ground "$photo" "$2" --model tiny.safetensors --out overlay.png; }
try empty ""
try empty "  	 "
long=$(printf 'red %.0s' {1..2500}) # 10,000 characters
try "bytes long" "$long"
try UTF-8 $'the \xff\xfe ball'
try UTF-8 $'a cut character \xe2\x82'
fails "one expression" ground "$photo" "the ball" "the cube" --model tiny.safetensors --dump raw.safetensors

for odd in "." "?!" "漢字" "the ball" "THE RED BALL" "[CLS] [SEP] [PAD]" "$(printf 'red %.0s' {1..500})"; do
    succeeds ground "$photo" "$odd" --model tiny.safetensors --json
done
