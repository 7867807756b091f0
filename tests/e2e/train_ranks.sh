# Two processes with half of each batch train what one process trains with the whole.
source "$(dirname "$0")/harness.sh" "$@"
source "$source_dir/tests/e2e/ranks.sh"
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT # a failure leaves no rank behind
needs_gloo

# All that depends on how a batch is shared: drop path, and a labelling loss whose mean is over objects.
same=(--set train.checkpoint_every=2 --set loss.labelling=1 --set train.optimizer=muon --set train.validate_every=2)
succeeds train "$tiny" --out one "${same[@]}"
ranks two "${same[@]}"
[[ $rc0 -eq 0 && $rc1 -eq 0 ]] || die "two ranks ended with $rc0 and $rc1: $(tail -2 rank0.err rank1.err)"
[[ ! -s rank1.out && ! -s rank1.err ]] || die "the second rank printed: $(cat rank1.out rank1.err)"
# Loss and the gradient's norm of each of the four steps: within a thousandth, the float32 sums' order grown through
# divisions by tiny gradients.
figures() { sed -n 's/.*"'"$2"'":\([0-9.e-]*\).*/\1/p' "$1/metrics.jsonl"; }
for key in loss gradient_norm labelling; do
    [[ $(figures one $key | wc -l) -eq 4 ]] || die "not four steps: $(cat one/metrics.jsonl)"
    paste <(figures one $key) <(figures two $key) | awk '{ d = ($1 - $2) / $1; if (d < 0) d = -d; if (d > 0.001) bad = 1 } END { exit bad }' ||
        die "$key differs: $(paste <(figures one $key) <(figures two $key))"
done

# Two ranks resumed in the middle go on to the same bytes. Micro-batches on ranks are the same step too.
ranks parts "${same[@]}" --set train.max_steps=2
ranks parts "${same[@]}" --resume
[[ $rc0 -eq 0 && $rc1 -eq 0 ]] || die "resumed ranks ended with $rc0 and $rc1: $(tail -2 rank0.err rank1.err)"
cmp two/last.safetensors parts/last.safetensors || die "two ranks resumed give other weights than two that went through"

# Validation counts each expression once: of weights that stay what they are, one rank and two have the same figures to the
# last digit, though 7 batches of 2 cannot be shared equally.
still=(--set train.lr_backbone=0 --set train.lr_rest=0 --set data.scenes.val_size=13 --set train.batch=2 --set train.max_steps=4)
succeeds train "$tiny" --out still1 "${still[@]}"
ranks still2 "${still[@]}"
val() { grep -o '"val_[^s]*' "$1/metrics.jsonl" | tr -d '\n' | sed 's/"val_seconds.*//'; }
[[ -n $(val still1) && $(val still1) == "$(val still2)" ]] || die "one rank: $(val still1), two: $(val still2)"
has rank0.err ': 13 expressions'

# TERM to one rank ends both after the same step, with a checkpoint.
long=(--set train.epochs=100000 --set train.validate_every=1000000)
rm -f rank0.err
after_step_2 TERM &
ranks stopped "${long[@]}"
[[ $rc0 -eq 0 && $rc1 -eq 0 ]] || die "stopped ranks ended with $rc0 and $rc1: $(tail -2 rank0.err rank1.err)"
step() { grep -o 'stopped after step [0-9]*' "$1"; }
[[ -n $(step rank0.err) && $(step rank0.err) == $(step rank1.err) ]] || die "one rank stopped elsewhere: $(tail -1 rank0.err rank1.err)"
