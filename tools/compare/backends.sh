#!/usr/bin/env bash
# The engine against LibTorch (this machine's, loaded by the same program) in turn, same model, same input, same threads.
# Usage: tools/compare/backends.sh [MODEL] [ROUNDS] [RUNS] [BENCH OPTION...]; prints the median over the rounds of each
# round's median, the least of all runs, peak memory and the ratios.
set -euo pipefail
cd "$(dirname "$0")/../.."
model=${1:-models/scenes-small.safetensors} rounds=${2:-5} runs=${3:-15}
shift $(($# < 3 ? $# : 3))
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for ((round = 0; round < rounds; ++round)); do
    for backend in engine torch; do
        build/vglaw bench --model "$model" --backend $backend --runs "$runs" --json "$@" >>"$folder/$backend"
    done
done
figure() { sed -E "s/.*\"$2\":([0-9.e+-]+).*/\\1/" "$folder/$1" | sort -g; }
middle() { awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
for backend in engine torch; do
    printf '%-7s median %10.3f ms  least %10.3f ms  first run %9.1f ms  load %8.1f ms  peak memory %7.0f MiB\n' $backend \
        "$(figure $backend median | middle)" "$(figure $backend least | head -1)" "$(figure $backend first | middle)" \
        "$(figure $backend load | middle)" "$(figure $backend peak_memory_mib | middle)"
done
awk -v a="$(figure engine median | middle)" -v b="$(figure torch median | middle)" -v c="$(figure engine least | head -1)" \
    -v d="$(figure torch least | head -1)" 'BEGIN { printf "engine / torch: %.2f of the medians, %.2f of the least\n", a / b, c / d }'
