#!/usr/bin/env bash
# How much `vglaw serve` bears on this machine, by wrk (apt-get install wrk; tools/setup.sh bench): requests a second and latency at 1, 8
# and 64 clients with batching and without, the bare forward pass and the bare call beside them, then four times of what it bears for
# MINUTES, with the memory. Client and server share the machine's cores.
# Usage: tools/compare/serve_load.sh PROGRAM [SECONDS=10] [MINUTES=5] [OPTION OF serve]...
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "${1:?usage: $0 PROGRAM [SECONDS] [MINUTES] [OPTION]...}")
seconds=${2:-10} minutes=${3:-5}
shift $(($# < 3 ? $# : 3))
options=("$@")
here=$source_dir/tools/compare
export PICTURE=$source_dir/examples/demo/scene.jpg
folder=$(mktemp -d)
server=
trap 'if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$source_dir" # where the shipped model is
command -v wrk >/dev/null || { echo "serve_load: wrk is missing: apt-get install wrk" >&2; exit 1; }

start() { # OPTION...
    "$program" serve --quiet --port 0 "${options[@]}" "$@" 2>"$folder/log" &
    server=$!
    for _ in $(seq 200); do
        if grep -q '"listening"' "$folder/log"; then break; fi
        sleep 0.05
    done
    port=$(sed -nE 's/.*"listening".*:([0-9]+)".*/\1/p' "$folder/log")
    [[ -n $port ]] || { cat "$folder/log" >&2; exit 1; }
}
stop() {
    kill "$server"
    wait "$server"
    server=
}
load() { # CLIENTS: requests a second, p50, p95, p99
    wrk -t1 -c"$1" -d1s -s "$here/serve_load.lua" "http://127.0.0.1:$port" >/dev/null
    wrk -t1 -c"$1" -d"${seconds}s" --timeout 30s -s "$here/serve_load.lua" "http://127.0.0.1:$port" | sed -n 's/^RESULT //p'
}

bare() { # OPTION OF bench...
    "$program" bench --runs 200 --json "$@" | sed -E 's/.*"median":([0-9.]+),"p10":([0-9.]+),"p90":([0-9.]+).*/median \1 ms, p10 \2, p90 \3/'
}
for _ in 1 2 3; do
    echo "the bare forward pass, one expression of 8 tokens: $(bare --tokens 8)"
    echo "the bare call, from the picture's bytes to the answer's JSON: $(bare --picture "$PICTURE")"
done
printf '%-10s %8s %12s %9s %9s %9s %9s %9s %11s\n' batching clients requests/s 'p50 ms' 'p95 ms' 'p99 ms' errors 'a pass' 'cpu ms each'
metric() { curl -s "http://127.0.0.1:$port/metrics" | awk -v name="$1" '$1 == name { print $2; found = 1 } END { if (!found) print 0 }'; }
for batching in on off; do
    if [[ $batching == on ]]; then start; else start --max-batch 1; fi
    for clients in 1 8 64; do
        model=$(curl -s "http://127.0.0.1:$port/v1/models" | sed -E 's/.*"models":\[\{"name":"([^"]+)".*/\1/')
        before=("$(metric process_cpu_seconds_total)" "$(metric "vglaw_batch_expressions_sum{model=\"$model\"}")" "$(metric "vglaw_batch_expressions_count{model=\"$model\"}")")
        result=$(load "$clients")
        after=("$(metric process_cpu_seconds_total)" "$(metric "vglaw_batch_expressions_sum{model=\"$model\"}")" "$(metric "vglaw_batch_expressions_count{model=\"$model\"}")")
        echo "$result ${before[*]} ${after[*]}" | awk -v batching=$batching -v clients="$clients" '{
            printf "%-10s %8d %12.1f %9.2f %9.2f %9.2f %9d %9.2f %11.2f\n", batching, clients, $1, $2, $3, $4, $5,
                ($10 - $7) / ($11 - $8), 1000 * ($9 - $6) / ($10 - $7)
        }'
    done
    if [[ $batching == on ]]; then bears=$(echo "$result" | cut -d' ' -f1); fi
    stop
done

echo "four times of what it bears ($bears a second) for $minutes minutes, queue of 64, deadline of 500 ms:"
start --queue 64 --deadline-ms 500
python3 "$here/serve_overload.py" "$port" "$PICTURE" "$bears" "$minutes"
stop
