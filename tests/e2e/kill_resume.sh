# A run that is killed at random moments and resumed gives the bytes of one that was left alone. The long form, fifty kills:
#     tests/e2e/kill_resume.sh build/vglaw . 50
# Called as: SCRIPT PROGRAM SOURCE_DIR [KILLS [SEED [TRAIN OPTION]...]]; a kill counts when the run had a folder to resume from
source "$(dirname "$0")/harness.sh" "$@"
kills=${3:-3}
RANDOM=${4:-1}
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null; rm -rf "$folder"' EXIT

# A checkpoint and a validation every step, so that many kills meet one being written.
arguments=(train "$tiny" --set train.checkpoint_every=1 --set train.validate_every=1 --set train.epochs=6 --set train.optimizer=muon "${@:5}")
begin=$(date +%s%N)
succeeds "${arguments[@]}" --out whole
duration=$((($(date +%s%N) - begin) / 1000000)) # ms

# What a run leaves behind, without what depends on the clock and the machine's memory.
traces() {
    sha256sum <"$1/last.safetensors"
    sha256sum <"$1/best.safetensors"
    sed -E 's/"(samples_per_second|data_wait|val_seconds|peak_memory_mib|gpu_peak_memory_mib)":[^,}]*,?//g' "$1/metrics.jsonl"
}
traces whole >expected
runs=0 killed=0 before=0 torn=0
while ((killed < kills)); do
    run=run$((runs++))
    resume=()
    while true; do
        "$vglaw" "${arguments[@]}" --out "$run" "${resume[@]}" >"$out" 2>"$err" &
        pid=$!
        delay=$((RANDOM % duration))
        ((killed >= kills)) || { sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"; kill -KILL "$pid" 2>/dev/null || true; }
        rc=0
        wait "$pid" 2>/dev/null || rc=$?
        ((rc == 0 || rc == 137)) || die "a run ended with $rc: $(tail -1 "$err")"
        ! grep -q 'taking the one before it' "$err" || torn=$((torn + 1))
        if ((rc == 0)); then break; fi
        if [[ -d $run ]]; then killed=$((killed + 1)); else before=$((before + 1)); fi
        resume=(--resume)
    done
    traces "$run" >got
    cmp -s expected got || die "run $runs, killed and resumed, gives something else: $(diff expected got | head -5)"
    rm -rf "$run"
done
echo "$killed kills in $runs runs of $duration ms; every run ended with the same bytes ($before more kills before a run had begun, $torn torn checkpoints)"
