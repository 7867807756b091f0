# Scenes are written in the REFER layout, the same bytes for the same seed, and a model is measured on them.
source "$(dirname "$0")/harness.sh" "$@"

for dataset in refcoco refcoco+ refcocog refclef; do
    succeeds scenes "$dataset-1" --dataset "$dataset" --images 20 --seed 5 --min-side 64 --max-side 96 --threads 1
    succeeds scenes "$dataset-2" --dataset "$dataset" --images 20 --seed 5 --min-side 64 --max-side 96 --threads 2
    diff -r "$dataset-1" "$dataset-2" || die "$dataset: one seed, two data sets"
done
# A second set over the first would leave the first one's pictures among its own.
fails "is there already" scenes refcoco-1 --dataset refcoco --images 20 --seed 6
[[ -f refcoco-1/refcoco/instances.json && -f "refcoco-1/refcoco/refs(unc).p" ]] || die "not the REFER layout"

tiny_model tiny.safetensors --active
for set in "refcoco unc testA" "refcoco+ unc val" "refcocog umd test" "refclef berkeley test"; do
    read -r dataset split_by split <<<"$set"
    succeeds eval --model tiny.safetensors --data "$dataset-1" --dataset "$dataset" --split-by "$split_by" --split "$split" --json
    [[ $(wc -l <"$out") -eq 1 ]] || die "--json is one line"
    for key in '"expressions":[1-9]' '"canvas":' '"original":' '"prec@0.5":' '"prec@0.9":' '"miou":' '"oiou":' '"by_length":'; do
        has "$out" "$key"
    done
done

evaluate=(eval --model tiny.safetensors --data refcoco-1 --dataset refcoco --split-by unc --split val)
succeeds "${evaluate[@]}" --json --batch 1
# To five decimals: another batch size lets the matrix products sum in another order.
five_decimals() { sed -E 's/(\.[0-9]{5})[0-9]+/\1/g' "$out"; }
five_decimals >one.json
succeeds "${evaluate[@]}" --json --batch 16
diff one.json <(five_decimals) || die "the batch's size changes the figures"
succeeds "${evaluate[@]}" --report report
has "$out" 'Prec@0\.5'
[[ -s report/report.md && -s report/report.json ]] || die "no report in $(ls report)"
