#!/usr/bin/env bash
# The engine in fp32 and in int8, in turn, same model file, same input, same threads.
# Usage: tools/compare/precisions.sh [MODEL] [ROUNDS] [RUNS] [BENCH OPTION...]; prints the median over the rounds of each
# round's median, the least of all runs, peak memory and the ratios.
set -euo pipefail
cd "$(dirname "$0")/../.."
model=${1:-models/scenes-small.safetensors} rounds=${2:-5} runs=${3:-15}
shift $(($# < 3 ? $# : 3))
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for ((round = 0; round < rounds; ++round)); do
    for precision in fp32 int8; do
        build/vglaw bench --model "$model" --precision $precision --runs "$runs" --json "$@" >>"$folder/$precision"
    done
done
figure() { sed -E "s/.*\"$2\":([0-9.e+-]+).*/\\1/" "$folder/$1" | sort -g; }
middle() { awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
for precision in fp32 int8; do
    printf '%-5s median %10.3f ms  least %10.3f ms  first run %9.1f ms  load %8.1f ms  peak memory %7.0f MiB\n' $precision \
        "$(figure $precision median | middle)" "$(figure $precision least | head -1)" "$(figure $precision first | middle)" \
        "$(figure $precision load | middle)" "$(figure $precision peak_memory_mib | middle)"
done
awk -v a="$(figure int8 median | middle)" -v b="$(figure fp32 median | middle)" -v c="$(figure int8 least | head -1)" \
    -v d="$(figure fp32 least | head -1)" 'BEGIN { printf "int8 / fp32: %.2f of the medians, %.2f of the least\n", a / b, c / d }'
