# Data folders that cannot be used: what is missing is named and counted; --skip-missing goes on without it.
source "$(dirname "$0")/harness.sh" "$@"

tiny_model tiny.safetensors
succeeds scenes data --dataset refcoco --images 20 --seed 5 --min-side 64 --max-side 96
evaluate=(eval --model tiny.safetensors --data data --dataset refcoco --split-by unc --split val)
succeeds "${evaluate[@]}" --json
all=$(grep -oE '"expressions":[0-9]+' "$out" | head -1 | tr -dc 0-9)

fails no-such-folder eval --model tiny.safetensors --data no-such-folder --dataset refcoco --split-by unc --split val
fails refcocog eval --model tiny.safetensors --data data --dataset refcocog --split-by umd --split val
fails google eval --model tiny.safetensors --data data --dataset refcoco --split-by google --split val
fails testC eval --model tiny.safetensors --data data --dataset refcoco --split-by unc --split testC

cp data/refcoco/instances.json instances.json
head -c 5000 instances.json >data/refcoco/instances.json
fails instances.json "${evaluate[@]}"
cp instances.json data/refcoco/instances.json
cp "data/refcoco/refs(unc).p" refs.p
head -c 500 refs.p >"data/refcoco/refs(unc).p"
fails 'refs(unc).p' "${evaluate[@]}"
cp refs.p "data/refcoco/refs(unc).p"

# Pictures of the split, one after the other, until one is missing that its expressions need.
for picture in $(find data/images -name '*.jpg' | sort -r); do
    mv "$picture" away.jpg
    "$vglaw" "${evaluate[@]}" --json >"$out" 2>"$err" </dev/null || break
    mv away.jpg "$picture"
done
[[ -f away.jpg ]] || die "no picture is needed by the split"
fails "$(basename "$picture")" "${evaluate[@]}"
has "$err" '[0-9]+ (of|expression)'
has "$err" 'skip.missing'
succeeds "${evaluate[@]}" --json --skip-missing
has "$err" 'left out [0-9]+ expressions'
some=$(grep -oE '"expressions":[0-9]+' "$out" | head -1 | tr -dc 0-9)
((some > 0 && some < all)) || die "$some of $all expressions are left"

# A picture that is there but broken is an error of its own.
head -c 300 away.jpg >"$picture"
fails "$(basename "$picture")" "${evaluate[@]}"
