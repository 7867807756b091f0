# Training writes a model; a run stopped in the middle and resumed gives the same bytes as one that was not.
source "$(dirname "$0")/harness.sh" "$@"

succeeds train "$tiny" --out whole
has "$err" 'step 4/4'
has "$err" 'validation at step 4'
[[ -s whole/best.safetensors && -s whole/metrics.jsonl ]] || die "missing in the run's folder: $(ls whole)"
succeeds inspect whole/best.safetensors

# The same again, by another number of threads that make samples.
succeeds train "$tiny" --out again --set train.loader_threads=2
cmp whole/last.safetensors again/last.safetensors || die "one seed, two results"

succeeds train "$tiny" --out parts --set train.max_steps=2
has "$err" 'go on with --resume'
succeeds train "$tiny" --out parts --resume
has "$err" 'resumed after step 2'
cmp whole/last.safetensors parts/last.safetensors || die "a resumed run gives other weights"

# Ctrl-C ends a run after its step, ready to go on.
"$vglaw" train "$tiny" --out stopped --set train.epochs=100000 --set train.validate_every=1000000 >"$out" 2>"$err" &
run=$!
for ((i = 0; i < 300; ++i)); do
    ! grep -q '^step 2/' "$err" || break
    sleep 0.1
done
kill -TERM "$run"
wait "$run" || die "a stopped run ended with $?"
has "$err" 'go on with --resume'

fails 'already holds a run' train "$tiny" --out whole
fails 'law.rank is 4 there and 8 here' train "$tiny" --out whole --resume --set law.rank=8
