# A model is measured alike whatever layout the set is in, and trained from it; a set without masks says so.
source "$(dirname "$0")/harness.sh" "$@"

succeeds scenes data --dataset refcoco --images 40 --seed 5 --min-side 64 --max-side 96
pictures=data/images/mscoco/images/train2014
tiny_model tiny.safetensors --active
figures() { sed -E -e 's/"data":"[^"]*"//' -e 's/(\.[0-9]{5})[0-9]+/\1/g' "$out"; }
succeeds eval --model tiny.safetensors --data data --json
figures >refer.json
[[ -s refer.json ]] || die "no figures in $(cat "$out")"
for layout in seqtr jsonl; do
    succeeds data convert --data data --to $layout --out as-$layout
    succeeds eval --model tiny.safetensors --data as-$layout --layout $layout --images $pictures --json
    diff refer.json <(figures) || die "$layout: other figures"
done

# MDETR's layout has boxes alone.
picture=$(ls $pictures | head -1)
number=$((10#$(grep -oE '[0-9]{12}' <<<"$picture")))
printf '{"images":[{"id":1,"original_id":%s,"file_name":"%s","caption":"it"}],"annotations":[{"image_id":1,"bbox":[1,1,9,9],"original_id":1}]}' \
    "$number" "$picture" >finetune_refcoco_val.json
succeeds eval --model tiny.safetensors --data . --layout mdetr --images $pictures --json
has "$err" 'no masks, so RES is not measured'

succeeds train "$tiny" --out run --set train.max_steps=2 --set data.source=jsonl --set data.files.root=as-jsonl \
    --set data.files.image_root=$pictures
fails data.files.root train "$tiny" --out other --set data.source=seqtr
