# A rank that is missing, different, or fails: every rank ends, and says why.
source "$(dirname "$0")/harness.sh" "$@"
source "$source_dir/tests/e2e/ranks.sh"
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
needs_gloo

both_fail() { # PATTERN: in both ranks' one line
    [[ $rc0 -eq 1 && $rc1 -eq 1 ]] || die "the ranks ended with $rc0 and $rc1: $(tail -2 rank0.err rank1.err)"
    has <(tail -1 rank0.err) "^vglaw: .*$1"
    has <(tail -1 rank1.err) "^vglaw: .*$1"
}

# Missing at the start.
export WORLD_SIZE=3 RANK=0 MASTER_ADDR=127.0.0.1 MASTER_PORT=$((port++))
fails 'ranks 1, 2 of 3 did not come to' train "$tiny" --out missing --set train.rendezvous_timeout=1
export RANK=1
fails 'could not reach rank 0' train "$tiny" --out missing --set train.rendezvous_timeout=1
unset WORLD_SIZE RANK MASTER_ADDR MASTER_PORT

# Started with another configuration.
rank1=(--set train.seed=9)
ranks different
both_fail 'rank 1 was started with another train.seed than rank 0'

rank1=(--set train.threads=2)
ranks different --set train.threads=1
both_fail 'rank 1 computes with 2 threads, rank 0 with 1'
for seed in 1 2; do succeeds init "$tiny" --seed $seed --out start$seed.safetensors; done
rank0=(--set train.start=start1.safetensors) rank1=(--set train.start=start2.safetensors)
ranks different
both_fail 'rank 1 begins with other weights than rank 0'

# A rank that fails for a reason of its own: the other says the same, also where rank 0 has not begun yet.
rank0=(--set data.vocabulary=no-such-vocabulary.txt) rank1=()
ranks unlucky
both_fail 'rank 0: cannot open no-such-vocabulary.txt'
rank1=(--set data.vocabulary=no-such-vocabulary.txt) rank0=()
ranks unlucky
both_fail 'rank 1: cannot open no-such-vocabulary.txt'
rank1=()
ranks /proc/no-such-folder
both_fail 'rank 0: .*/proc/no-such-folder'

# A rank that is killed cannot say why.
long=(--set train.epochs=100000 --set train.validate_every=1000000)
rm -f rank0.err
after_step_2 KILL &
ranks killed "${long[@]}"
[[ $rc0 -eq 1 && $rc1 -eq 137 ]] || die "the ranks ended with $rc0 and $rc1: $(tail -2 rank0.err rank1.err)"
has <(tail -1 rank0.err) '^vglaw: rank 0 of 2: another rank ended without a word .*--resume'

# Wrong variables are one line each.
export WORLD_SIZE=2
fails RANK train "$tiny" --out refused
export RANK=2
fails RANK train "$tiny" --out refused
export RANK=0
fails MASTER_PORT train "$tiny" --out refused
export MASTER_PORT=$port
fails MASTER_ADDR train "$tiny" --out refused
unset WORLD_SIZE RANK MASTER_PORT
# Slurm's and MPI's variables are understood: rank 0 of two waits for the other.
SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0 SLURM_JOB_ID=$$ SLURM_STEP_NODELIST=127.0.0.1 \
    fails 'rank 1 of 2 did not come to 127.0.0.1' train "$tiny" --out refused --set train.rendezvous_timeout=1
OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_LOCAL_SIZE=2 MASTER_PORT=$((port + 1)) \
    fails 'rank 1 of 2 did not come to' train "$tiny" --out refused --set train.rendezvous_timeout=1
