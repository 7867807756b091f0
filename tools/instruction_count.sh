#!/usr/bin/env bash
# Instructions of a steady run of the shipped model through the C interface, one thread, counted by callgrind: a figure that
# does not depend on what else the machine does, nor on the machine. Valgrind shows every program one and the same processor
# (a Core i7-4910MQ: AVX2, 32 KB and 8 MB of cache, no AVX-512), by which the engine, oneDNN and the C library choose their code.
# Usage: tools/instruction_count.sh [--check | --write] [STEADY_RUNS]; default program: build/tests/steady_state/steady_runs
#   --check: exit 1 when it differs from the figure in tests/steady_state/instructions.txt by more than 0.5 %, 77 when there is
#   none for this compiler, oneDNN and instruction set, or no valgrind;  --write: put it there, after a change that means it
set -euo pipefail
cd "$(dirname "$0")/.."
mode=
if [[ ${1:-} == --* ]]; then mode=$1; shift; fi
program=${1:-build/tests/steady_state/steady_runs}
model=models/scenes-small.safetensors
reference=tests/steady_state/instructions.txt
if ! command -v valgrind >/dev/null; then
    echo "skipped: no valgrind; tools/setup.sh valgrind installs it" >&2
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Two runs: the first plans, the second is counted, so that loading and planning do not hide what a run costs. Valgrind computes a fused
# multiply-add of eight numbers by eight calls of its own, a third of a billion a run: that is where the time goes, and why there are two.
# An environment of its own: what MALLOC_PERTURB_ or GLIBC_TUNABLES ask of the C library would be counted.
env -i PATH="$PATH" ${LD_LIBRARY_PATH:+LD_LIBRARY_PATH="$LD_LIBRARY_PATH"} OMP_NUM_THREADS=1 ONEDNN_MAX_CPU_ISA=AVX2 valgrind --tool=callgrind --callgrind-out-file="$folder/out" --toggle-collect=one_steady_run \
    --zero-before=one_steady_run "$program" "$model" 2 1000000 >"$folder/said" 2>"$folder/valgrind" || { cat "$folder/valgrind" >&2; exit 1; }
counted=$(sed -n 's/^totals: *//p' "$folder/out")
[[ $counted =~ ^[1-9][0-9]*$ ]] || { echo "callgrind counted nothing in one_steady_run: '$counted'" >&2; exit 1; }
said() { sed -n "s/^$1 //p" "$folder/said" | tr ' ' '-'; }
key="$(said instruction_set) $(said products_by) $(said compiled_by)"
echo "$counted instructions a run ($key)"
case $mode in
    --write)
        { grep '^#' "$reference" || true; grep -v -e '^#' -e "^$key " "$reference" || true; echo "$key $counted"; } >"$folder/new"
        cat "$folder/new" >"$reference"
        ;;
    --check)
        wanted=$(sed -n "s/^$key //p" "$reference")
        if [[ -z $wanted ]]; then
            echo "skipped: $reference has no figure for $key; tools/instruction_count.sh --write adds it" >&2
            exit 77
        fi
        awk -v got="$counted" -v wanted="$wanted" 'BEGIN {
            printf "%+.3f %% against %d\n", 100 * (got / wanted - 1), wanted
            if (got > 1.005 * wanted) { print "more instructions than before: find out why, or mean it: tools/instruction_count.sh --write"; exit 1 }
            if (got < 0.995 * wanted) { print "fewer than before: keep the gain by tools/instruction_count.sh --write"; exit 1 }
        }'
        ;;
esac
