#!/usr/bin/env bash
# What is to be known of a machine with a GPU, in ten minutes: builds against Python's torch, runs the unit tests of net and train
# there, compares first losses with the CPU's, times training steps at the published size and trains the small configuration.
#   tools/gpu_check.sh                          # on the machine with the GPU
#   tools/gpu_check.sh --device cpu --tiny      # tries the script itself, anywhere
#   tools/gpu_check.sh --pack FOLDER            # elsewhere, before: what a machine with a toolkit and nothing else lacks
#   tools/gpu_check.sh --headers FOLDER         # there, with what was packed
# Other options: --python PROGRAM (default python3), --out FOLDER (default out/gpu-check: logs and summary.txt), --steps N of the
# small training (default 400), --build FOLDER (default build-gpu; one that is configured already is used as it is), --no-build.
# A step that fails is reported and the next one begins; the exit code is 1 then.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

device=cuda tiny=0 python=python3 out=out/gpu-check steps=400 build=build-gpu headers='' making=1
needs=(/usr/include/fmt /usr/include/nlohmann /usr/include/toml++ /usr/include/CLI /usr/src/googletest)
while (($# > 0)); do
    case $1 in
    --device) device=$2 && shift ;;
    --tiny) tiny=1 ;;
    --python) python=$2 && shift ;;
    --out) out=$2 && shift ;;
    --steps) steps=$2 && shift ;;
    --build) build=$2 && shift ;;
    --no-build) making=0 ;;
    --headers) headers=$(realpath "$2") && shift ;;
    --pack)
        mkdir -p "$2" && cp -rL "${needs[@]}" "$2" || exit 1
        rm -rf "$2"/googletest/{googletest,googlemock}/{test,docs,samples} # half of it
        exit ;;
    *) sed -n '2,11s/^# \?//p' "$0" >&2 && exit 2 ;;
    esac
    shift
done
mkdir -p "$out"
summary=$out/summary.txt
: >"$summary"
failed=0 begun=$SECONDS

say() { echo "$*" | tee -a "$summary"; }

# stage NAME SECONDS COMMAND...: runs it within its time, its output in NAME.log; says how it ended and when.
stage() {
    local name=$1 limit=$(($2 * (1 + 4 * tiny))) start=$SECONDS rc=0 # where it is tried, others may be at work
    shift 2
    timeout "$limit" "$@" >"$out/$name.log" 2>&1 </dev/null || rc=$?
    if ((rc == 0)); then
        say "$name: done in $((SECONDS - start)) s, $((SECONDS - begun)) s since the start"
    else
        failed=1
        say "$name: FAILED with $rc after $((SECONDS - start)) s; the end of $out/$name.log:"
        tail -15 "$out/$name.log" | tee -a "$summary"
    fi
    return $rc
}

torch=$("$python" -c 'import torch; print(torch.__path__[0])') || exit 1
say "$("$python" -c 'import torch; print("torch", torch.__version__, "CUDA", torch.version.cuda, torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU")')"
nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null | tee -a "$summary"

# The minimal build: LibTorch and header-only libraries. Unit tests where GoogleTest's sources are.
options=(-S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DVGLAW_MINIMAL=ON -DVGLAW_BENCHMARKS=ON -DCMAKE_PREFIX_PATH="$torch")
keep=(-k)
if command -v ninja >/dev/null; then options+=(-G Ninja) keep=(-k 0); fi
if [[ -n $headers ]]; then options+=(-DCMAKE_INCLUDE_PATH="$headers"); fi
targets=(vglaw step_rate)
for googletest in "$headers/googletest" /usr/src/googletest; do
    if [[ -f $googletest/CMakeLists.txt ]]; then
        options+=(-DVGLAW_GOOGLETEST="$googletest") targets+=(net_test train_test)
        break
    fi
done
export TORCH_CUDA_ARCH_LIST=${TORCH_CUDA_ARCH_LIST:-9.0} # CMake asks the GPU otherwise; no file of ours is compiled for it
program() { find "$build" -maxdepth 4 -type f -name "$1" -perm -u+x | head -1; }
if ((making)); then
    if [[ ! -f $build/build.ninja && ! -f $build/Makefile ]]; then stage configure 120 cmake "${options[@]}" || exit 1; fi
    for target in "${targets[@]}"; do # an older one is not to pass for this one's
        old=$(program "$target")
        if [[ -n $old ]]; then rm -f "$old"; fi
    done
    # What cannot be built does not keep the rest from being tried.
    stage build 420 cmake --build "$build" -j "${JOBS:-$(nproc)}" --target "${targets[@]}" -- "${keep[@]}"
fi
for needed in vglaw step_rate; do [[ -n $(program $needed) ]] || { say "$needed was not built"; exit 1; }; done

# Two tests count GPUs or ranks and say so themselves; the rest compute on the device.
for room in net train; do
    test=$(program ${room}_test)
    if [[ -z $test ]]; then
        say "unit tests of $room: left out, no sources of GoogleTest"
        continue
    fi
    stage "test-$room" 120 env OMP_NUM_THREADS=1 VGLAW_TEST_DEVICE="$device" "$test"
    grep -E '^\[  (PASSED|FAILED|SKIPPED) ' "$out/test-$room.log" | tee -a "$summary"
done

# The first steps of one training on both: in float32 to a few digits the same (sums in another order, which an optimiser's first
# steps enlarge), in bfloat16 to its rounding.
losses() { sed -n 's/.*"loss":\([0-9.e-]*\).*/\1/p' "$out/$1/metrics.jsonl" | tr '\n' ' '; }
for precision in fp32 bf16; do
    for where in cpu "$device"; do
        rm -rf "$out/first-$precision-$where"
        stage "first-$precision-$where" 60 "$build/vglaw" train configs/scenes-tiny.toml --device "$where" --out "$out/first-$precision-$where" \
            --set train.precision=$precision --set train.log_every=1 --set train.max_steps=5 --set train.validate_every=1000000
        say "losses of five $precision steps, $where: $(losses "first-$precision-$where")"
    done
    if ! echo "$(losses "first-$precision-cpu") $(losses "first-$precision-$device")" |
        awk -v most="$([[ $precision == fp32 ]] && echo 0.001 || echo 0.03)" '{
            if (NF != 10) exit 1
            for (i = 1; i <= 5; ++i) { d = ($i - $(i + 5)) / $i; if (d > most || d < -most) exit 1 } }'; then
        failed=1
        say "first-$precision: FAILED, the losses differ"
    fi
done

# Steps a second and the share of the matrix rate: the largest batch that fits, and a small one.
rate=(--device "$device")
shape=()
if ((tiny)); then
    rate+=(--matrix 256 --most 16 --steps 2 --threads 1)
    shape=(--set image.size=64 --set text.hidden=48 --set text.layers=1 --set text.vocab_size=300 --set vision.dim=48 --set vision.depth=3
        --set 'vision.global_blocks=[2]' --set vision.window=2 --set law.groups=4 --set law.rank=8)
fi
step_rate=$(program step_rate)
stage rate-small 60 "$step_rate" configs/base.toml "${rate[@]}" --set train.precision=bf16 "${shape[@]}" --batch 8
stage rate 150 "$step_rate" configs/base.toml "${rate[@]}" --set train.precision=bf16 "${shape[@]}"
for log in rate-small rate; do grep -h '^{' "$out/$log.log" | sed "s/^/$log: /" | tee -a "$summary"; done

# A training with its loader, validation and files.
small=configs/scenes-small.toml threads=$(($(nproc) - 1))
if ((tiny)); then small=configs/scenes-tiny.toml steps=8 threads=0; fi
rm -rf "$out/small"
stage train 180 "$build/vglaw" train "$small" --device "$device" --out "$out/small" --set train.max_steps="$steps" --set train.log_every=$((steps / 4)) \
    --set train.validate_every="$steps" --set train.loader_threads="$threads" --set data.scenes.val_size=$((tiny ? 32 : 512))
grep -hE '^(step|validation)' "$out/train.log" | tee -a "$summary"
say "all of it: $((SECONDS - begun)) s; $([[ $failed == 0 ]] && echo "nothing failed" || echo "SOMETHING FAILED")"
exit $failed
