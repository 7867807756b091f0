#!/usr/bin/env bash
# Training by two processes against one process with the same threads together: samples a second of each, in turn, and the ratio.
# Usage: tools/compare/ranks.sh PROGRAM CONFIG [ROUNDS=3] [STEPS=40] [TRAIN OPTION]...; two threads in all, THREADS=N for another even number
set -euo pipefail
program=$(realpath "${1:?usage: $0 PROGRAM CONFIG [ROUNDS] [STEPS] [OPTION]...}") config=$(realpath "${2:?which configuration?}")
rounds=${3:-3} steps=${4:-40} threads=${THREADS:-2}
shift $(($# < 4 ? $# : 4))
((threads > 0 && threads % 2 == 0)) || { echo "ranks: THREADS is to be even, not $threads" >&2; exit 2; }
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT

train() { # OUT THREADS OPTION...
    local out=$1 each=$2
    shift 2
    "$program" train "$config" --out "$folder/$out" --set train.threads="$each" --set train.max_steps="$steps" \
        --set train.log_every=$((steps / 4)) --set train.validate_every=1000000 "$@" >"$folder/$out.log.${RANK:-0}" 2>&1 ||
        { cat "$folder/$out.log.${RANK:-0}" >&2; exit 1; }
}
# The median of what the log says, without its first quarter, which plans and allocates.
rate() { sed -n 's/.*"samples_per_second":\([0-9.]*\).*/\1/p' "$folder/$1/metrics.jsonl" | tail -n +2 | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

export MASTER_ADDR=127.0.0.1
for ((round = 0; round < rounds; ++round)); do
    train "one$round" "$threads" "$@"
    export WORLD_SIZE=2 MASTER_PORT=$((20000 + ($$ * 16 + round) % 12000))
    RANK=1 train "two$round" $((threads / 2)) "$@" &
    RANK=0 train "two$round" $((threads / 2)) "$@"
    wait $!
    unset WORLD_SIZE MASTER_PORT
    echo "$(rate "one$round") $(rate "two$round")" | tee -a "$folder/rates" |
        awk -v t="$threads" '{ printf "one process of %d threads %.1f samples/s, two of %d %.1f: %.2f times\n", t, $1, t / 2, $2, $2 / $1 }'
done
awk '{ print $2 / $1 }' "$folder/rates" | sort -n | awk '{ v[NR] = $1 } END { printf "median of %d rounds: %.2f times\n", NR, v[int((NR + 1) / 2)] }'
