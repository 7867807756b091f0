#!/usr/bin/env bash
# Instructions of a steady run of the shipped model through the C interface, one thread, counted by callgrind: a figure that
# does not depend on what else the machine does. Valgrind knows no AVX-512, so this is the AVX2 code (oneDNN's is held to it).
# Usage: tools/instruction_count.sh [--check | --write] [STEADY_RUNS]; default program: build/tests/steady_state/steady_runs
#   --check: exit 1 when it is above the figure in tests/steady_state/instructions.txt by more than 2 %, 77 when there is none
#   for this compiler, oneDNN and instruction set, or no valgrind;  --write: put it there
set -euo pipefail
cd "$(dirname "$0")/.."
mode=
if [[ ${1:-} == --* ]]; then mode=$1; shift; fi
program=${1:-build/tests/steady_state/steady_runs}
model=models/scenes-small.safetensors
reference=tests/steady_state/instructions.txt
if ! command -v valgrind >/dev/null; then
    echo "skipped: no valgrind; apt-get install valgrind" >&2
    exit 77
fi
if [[ $mode == --check && ! -s $reference ]]; then # counting takes minutes: not for nothing
    echo "skipped: $reference has no figure yet; tools/instruction_count.sh --write adds one" >&2
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Whole program, so the difference of two lengths is the runs alone: no loading, no planning.
count() { # RUNS
    OMP_NUM_THREADS=1 ONEDNN_MAX_CPU_ISA=AVX2 DNNL_MAX_CPU_ISA=AVX2 valgrind --tool=callgrind --callgrind-out-file="$folder/out" \
        "$program" "$model" "$1" 1000000 >"$folder/said" 2>"$folder/valgrind" || { cat "$folder/valgrind" >&2; exit 1; }
    sed -n 's/^summary: *//p; s/^totals: *//p' "$folder/out" | head -1
}
short=$(count 8) long=$(count 16) # eight kinds of run, each once more
a_run=$(((long - short) / 8))
set_=$(sed -n 's/^instruction_set //p' "$folder/said") by=$(sed -n 's/^products_by //p' "$folder/said" | tr ' ' '-')
key="$set_ $by gcc-$(g++ -dumpversion)"
echo "$a_run instructions a run ($key)"
case $mode in
    --write)
        { grep -v "^$key " "$reference" 2>/dev/null || true; echo "$key $a_run"; } >"$folder/new"
        cat "$folder/new" >"$reference"
        ;;
    --check)
        wanted=$(sed -n "s/^$key //p" "$reference")
        if [[ -z $wanted ]]; then
            echo "skipped: $reference has no figure for $key; tools/instruction_count.sh --write adds it" >&2
            exit 77
        fi
        awk -v got="$a_run" -v wanted="$wanted" 'BEGIN {
            printf "%+.2f %% against %d\n", 100 * (got / wanted - 1), wanted
            if (got > 1.02 * wanted) { print "more instructions than before: find out why, or tools/instruction_count.sh --write"; exit 1 }
            if (got < 0.98 * wanted) print "fewer than before: keep the gain by tools/instruction_count.sh --write"
        }'
        ;;
esac
