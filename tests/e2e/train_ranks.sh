# Two processes with half of each batch train what one process trains with the whole.
source "$(dirname "$0")/harness.sh" "$@"
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT # a failure leaves no rank behind

# Drop path draws for each rank by itself; without it both must agree but for the order of float sums.
same=(--set vision.drop_path=0 --set train.checkpoint_every=1000)
succeeds train "$tiny" --out one "${same[@]}"
grep -q 'no Gloo' <(WORLD_SIZE=2 RANK=0 MASTER_PORT=1 "$vglaw" train "$tiny" --out none 2>&1) && exit 0 # this LibTorch has none

port=$((20000 + $$ % 20000))
ranks() { # OUT ARGUMENT...: both ranks; their exit codes in rc0 and rc1
    local to=$1
    shift
    WORLD_SIZE=2 RANK=1 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "$vglaw" train "$tiny" --out "$to" "$@" >rank1.out 2>rank1.err &
    local other=$!
    rc0=0 rc1=0
    WORLD_SIZE=2 RANK=0 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "$vglaw" train "$tiny" --out "$to" "$@" >rank0.out 2>rank0.err || rc0=$?
    wait "$other" || rc1=$?
    port=$((port + 1))
}
ranks two "${same[@]}"
[[ $rc0 -eq 0 && $rc1 -eq 0 ]] || die "two ranks ended with $rc0 and $rc1: $(tail -2 rank0.err rank1.err)"
[[ ! -s rank1.out ]] || die "the second rank printed: $(cat rank1.out)"
# The averaged gradient's norm at each of the four steps, and the validation: within a thousandth, the float32 sums' order
# grown through Adam's division by tiny gradients.
norms() { sed -n 's/.*"gradient_norm":\([0-9.e-]*\).*/\1/p' "$1/metrics.jsonl"; }
[[ $(norms one | wc -l) -eq 4 ]] || die "not four steps: $(cat one/metrics.jsonl)"
paste <(norms one) <(norms two) | awk '{ d = ($1 - $2) / $1; if (d < 0) d = -d; if (d > 0.001) bad = 1 } END { exit bad }' ||
    die "gradients differ: $(paste <(norms one) <(norms two))"

# TERM to either rank ends both after the same step, with a checkpoint.
long=(--set train.epochs=100000 --set train.validate_every=1000000)
rm -f rank0.err
(for ((i = 0; i < 300; ++i)); do grep -q '^step 2/' rank0.err 2>/dev/null && break || sleep 0.1; done
 pkill -TERM -o -f -- "$folder/stopped") &
ranks "$folder/stopped" "${long[@]}"
[[ $rc0 -eq 0 && $rc1 -eq 0 ]] || die "stopped ranks ended with $rc0 and $rc1: $(tail -2 rank0.err rank1.err)"
step() { grep -o 'stopped after step [0-9]*' "$1"; }
[[ -n $(step rank0.err) && $(step rank0.err) == $(step rank1.err) ]] || die "one rank stopped elsewhere: $(tail -1 rank0.err rank1.err)"

# Wrong variables are one line each.
export WORLD_SIZE=2
fails RANK train "$tiny" --out refused
export RANK=2
fails RANK train "$tiny" --out refused
export RANK=0
fails MASTER_PORT train "$tiny" --out refused
export MASTER_PORT=$port
fails MASTER_ADDR train "$tiny" --out refused
