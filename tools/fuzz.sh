#!/usr/bin/env bash
# Runs the fuzz targets of tests/fuzz one after the other, each for SECONDS, with what earlier runs learnt. A finding stops
# with 1 and names the input; new inputs stay in build-fuzz/corpus. Usage: tools/fuzz.sh SECONDS [TARGET...], default: all
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?usage: $0 SECONDS [TARGET...]}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "fuzz: '$seconds' is not a number of seconds" >&2; exit 2; }
shift

lists=build-fuzz/tests/fuzz
if (($# == 0)); then
    for list in "$lists"/*.max_len; do set -- "$@" "$(basename "$list" .max_len)"; done
fi
mkdir -p build-fuzz/findings build-fuzz/logs
export UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_stack_use_after_return=1
found=0
printf '%-18s %10s %8s %9s %8s\n' target inputs edges corpus findings
for target in "$@"; do
    program=$lists/fuzz_$target
    [[ -x $program ]] || { echo "fuzz: there is no target '$target'" >&2; exit 2; }
    mkdir -p "build-fuzz/corpus/$target"
    options=(-max_total_time="$seconds" -max_len="$(<"$lists/$target.max_len")" -timeout=10 -rss_limit_mb=1024
        -print_final_stats=1 -artifact_prefix="build-fuzz/findings/$target-")
    if [[ -s $lists/$target.seeds ]]; then options+=(-seed_inputs="@$lists/$target.seeds"); fi
    if [[ -f tests/fuzz/dictionaries/$target.dict ]]; then options+=(-dict="tests/fuzz/dictionaries/$target.dict"); fi
    folders=("build-fuzz/corpus/$target")
    if [[ -d tests/fuzz/corpus/$target ]]; then folders+=("tests/fuzz/corpus/$target"); fi
    log=build-fuzz/logs/$target.log
    findings=0
    "$program" "${options[@]}" "${folders[@]}" >"$log" 2>&1 </dev/null || findings=1
    printf '%-18s %10s %8s %9s %8s\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)" \
        "$(grep -oE 'cov: [0-9]+' "$log" | tail -1 | cut -c6-)" "$(grep -oE 'corp: [0-9]+' "$log" | tail -1 | cut -c7-)" $findings
    if ((findings > 0)); then
        found=1
        grep -E '^(SUMMARY|ERROR|==[0-9]+==ERROR|broken promise)|runtime error|Test unit written' "$log" >&2 || tail -20 "$log" >&2
    fi
done
if ((found > 0)); then
    echo "fuzz: an input broke a reader; put it into tests/fuzz/corpus/TARGET once it is understood; logs in build-fuzz/logs" >&2
    exit 1
fi
