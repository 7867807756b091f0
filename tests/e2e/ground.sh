# Grounding: boxes inside the picture, overlay, mask, explanation and raw tensors, on JPEG and PNG, batched and alone.
source "$(dirname "$0")/harness.sh" "$@"

tiny_model tiny.safetensors --active

# in_picture FILE: every JSON line's box lies inside its own mask's size and is not turned over.
in_picture() {
    sed -E 's/.*"box":\[([^]]*)\],"mask":\{"size":\[([0-9]+),([0-9]+)\].*/\1,\2,\3/' "$1" | awk -F, '
        NF != 6 || $1 < 0 || $2 < 0 || $3 > $6 || $4 > $5 || $1 > $3 || $2 > $4 { print "outside: " $0; bad = 1 }
        END { exit bad || NR == 0 }' || die "a box outside the picture"
}

for picture in "$photo" "$drawing"; do
    succeeds ground "$picture" "the red ball" "the cube on the left" --model tiny.safetensors --json
    [[ $(wc -l <"$out") -eq 2 ]] || die "--json is one line an expression"
    has "$out" '^\{"expression":"the red ball","box":\[.*"counts":".*"mask_area":[0-9]+,"milliseconds":'
    in_picture "$out"
done

# An expression's answer does not depend on its neighbours: boxes within a thousandth of a pixel, as the matrix products round
# each row of a batch by its place in it; areas within a pixel whose logit lies on the threshold.
numbers() { sed -E 's/.*"box":\[([^]]*)\].*"mask_area":([0-9]+).*/\1,\2/' "$1" | tr ',' ' '; }
succeeds ground "$photo" "the cube on the left" --model tiny.safetensors --json --threads 1
numbers "$out" >alone
succeeds ground "$photo" "the cube on the left" "the cube on the left" --model tiny.safetensors --json --threads 1
numbers "$out" >twice
[[ $(wc -l <twice) -eq 2 ]] || die "one expression twice: $(cat "$out")"
cat alone twice | awk 'NR == 1 { split($0, first) }
    { for (i = 1; i <= 5; ++i) { d = $i - first[i]; if (d < 0) d = -d; if (NF != 5 || d > (i < 5 ? 0.001 : 1)) exit 1 } }' ||
    die "one expression, two answers: $(cat alone twice)"

# Pictures that are not plain RGB: CMYK, gray, alpha, 16 bits, WebP, rotated by EXIF. (The decoders have tests of their own.)
for picture in cmyk.jpg gray.png rgba.png rgb_16.png lossy.webp; do
    succeeds ground "$source_dir/tests/golden/image/$picture" "the ball" --model tiny.safetensors --json
    in_picture "$out"
done
size_of() { # as HxW
    succeeds ground "$1" "the ball" --model tiny.safetensors --json
    sed -E 's/.*"size":\[([0-9]+),([0-9]+)\].*/\1x\2/' "$out"
}
upright=$(size_of "$source_dir/tests/golden/image/orientation_1.jpg")
turned=$(size_of "$source_dir/tests/golden/image/orientation_6.jpg")
[[ $upright == "${turned#*x}x${turned%x*}" ]] || die "EXIF rotation is not applied: $upright and $turned"

succeeds ground "$photo" "the ball" --model tiny.safetensors --out overlay.png --mask mask.png --explain why --dump raw.safetensors
is_png overlay.png
is_png mask.png
for file in why/*.png; do is_png "$file"; done
has why/01.json '"token_attention":\[\[\['
for name in ids image box mask_logits pool_attention token_attention; do
    head -c 2000 raw.safetensors | grep -aq "\"$name\":" || die "--dump lacks $name"
done
succeeds ground "$photo" "the ball" "the cube" --model tiny.safetensors --mask each.png
is_png each-1.png
is_png each-2.png

misused ground
misused ground "$photo"
misused ground "$photo" "the ball" --no-such-option
misused ground "$photo" "the ball" --backend abacus
misused ground "$photo" "the ball" --precision roman
misused no-such-command
has "$err" "'no-such-command' is not a command"
misused
succeeds --help
succeeds --version
succeeds ground --help
