# Several phrases of one caption, each with its box and mask; a model trained on captions; captions that cannot be used.
source "$(dirname "$0")/harness.sh" "$@"

succeeds train "$tiny" --out run --set data.scenes.captions=0.5 --set text.max_tokens=32
has "$err" 'step 4/4'
succeeds train "$tiny" --out plain --set text.max_tokens=32
! cmp -s run/last.safetensors plain/last.safetensors || die "captions changed nothing"
model=run/last.safetensors

succeeds ground "$photo" --caption "a man with [a red hat] beside [the dog]" --model "$model" --json --out both.png --mask each.png --explain why
[[ $(wc -l <"$out") -eq 2 ]] || die "two phrases, $(wc -l <"$out") lines"
has "$out" '"expression":"a red hat","box":\['
has "$out" '"expression":"the dog","box":\['
[[ $(sed 's/.*"box"//; s/,"milliseconds.*//' "$out" | sort -u | wc -l) -eq 2 ]] || die "two phrases, one answer"
is_png both.png
is_png each-1.png
is_png each-2.png
[[ -s why/02.json ]] || die "the second phrase is not explained"

# The context is heard: the same phrase in another caption has another answer.
box_of() { succeeds ground "$photo" --caption "$1" --model "$model" --json; sed 's/.*"box"://; s/,"milliseconds.*//' "$out"; }
[[ $(box_of "the cube beside [the dog]") != $(box_of "the star with [the dog]") ]] || die "the context changed nothing"

fails 'marks no phrase' ground "$photo" --caption "the dog" --model "$model"
fails 'put a ] behind it' ground "$photo" --caption "a man with [a hat" --model "$model"
fails 'is beyond' ground "$photo" --caption "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen [the dog]" --model "$model"
fails '--dump takes one' ground "$photo" --caption "[a hat] and [the dog]" --model "$model" --dump x
fails data.scenes.captions train "$tiny" --out x --set data.scenes.captions=1.5
misused ground "$photo" --model "$model"
misused ground "$photo" "the ball" --caption "[the dog]" --model "$model"
