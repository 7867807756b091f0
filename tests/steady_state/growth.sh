# Memory does not grow with the number of runs. VGLAW_GROWTH_RUNS=10000 for the long form, which takes about a minute.
# Usage: growth.sh STEADY_RUNS MODEL
set -euo pipefail
runs=${VGLAW_GROWTH_RUNS:-1000} warm_up=200
said=$("$1" "$2" "$runs" "$warm_up")
echo "$said"
# glibc counts what a thread keeps for its next allocation as in use, up to some 20 KiB that fill in the first 2000 runs; one lost
# block of 64 bytes a run would show in both forms. Resident memory may differ by what the allocator keeps.
awk -v runs=$((runs - warm_up)) '
    $1 == "heap_bytes" { heap = $3 - $2; seen++ }
    $1 == "resident_kb" { resident = $3 - $2; seen++ }
    END {
        printf "%d runs after the warm-up: heap %+d bytes, resident %+d KiB\n", runs, heap, resident
        exit seen != 2 || heap > 32768 || resident > 1024
    }' <<<"$said"
