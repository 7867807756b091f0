# What can go wrong while a network trains: one line that says what to do, and the run's checkpoints are as good as before.
source "$(dirname "$0")/harness.sh" "$@"

# A loss that is not finite: the batch's ids are saved, and the run ends or goes on.
wild=(--set train.lr_backbone=10 --set train.lr_rest=10 --set train.weight_decay=10 --set train.clip=0 --set train.epochs=100
    --set train.validate_every=1000 --set train.checkpoint_every=1)
rc=0
"$vglaw" train "$tiny" --out wild "${wild[@]}" >"$out" 2>"$err" || rc=$?
[[ $rc -eq 1 ]] || die "a run without a loss ended with $rc: $(tail -2 "$err")"
has <(tail -1 "$err") '^vglaw: the (loss|gradient.s norm) is -?(nan|inf) at step [0-9]+; .*bad-batch-[0-9]+\.json; lower train.lr_rest'
bad=$(ls wild/bad-batch-*.json)
[[ $(grep -c '"index"' "$bad") -eq 4 && $(grep -c '"expression"' "$bad") -eq 4 ]] || die "not the four examples: $(cat "$bad")"
rc=0
"$vglaw" train "$tiny" --out wilder "${wild[@]}" --set train.on_nan=skip >"$out" 2>"$err" || rc=$?
[[ $rc -eq 1 ]] || die "a run without a loss ended with $rc: $(tail -2 "$err")"
has "$err" 'at step [0-9]+, left out; the batch.s ids are in wilder/bad-batch-'
has <(tail -1 "$err") '^vglaw: .*, the 10th in a row'

# A checkpoint of another network, of other data.
succeeds train "$tiny" --out run --set train.max_steps=2
fails 'law.rank is 4 there and 8 here' train "$tiny" --out run --resume --set law.rank=8
fails 'train.optimizer is "adamw" there and "muon" here' train "$tiny" --out run --resume --set train.optimizer=muon
fails 'had 8 examples at the checkpoint of step 2 and has 7 now' train "$tiny" --out run --resume --set data.scenes.train_size=7
# A data set of files that lost a line.
succeeds scenes data --dataset refcoco --images 40 --seed 5 --min-side 64 --max-side 96
succeeds data convert --data data --to jsonl --out lines
files=(--set data.source=jsonl --set data.files.root=lines --set data.files.image_root=data/images/mscoco/images/train2014)
succeeds train "$tiny" --out files "${files[@]}" --set train.max_steps=1
awk '!dropped && /"train"/ { dropped = 1; next } { print }' lines/*.jsonl >shorter
mv shorter lines/*.jsonl
fails 'examples at the checkpoint of step 1 and has' train "$tiny" --out files --resume "${files[@]}"

# Torn checkpoints: the one before is taken, and a line says so.
succeeds train "$tiny" --out run --set train.max_steps=3 --resume
newest=$(cd run && ls checkpoint-*.safetensors | tail -1)
damaged() { # COMMAND...: damages the newest checkpoint, named $victim, of a copy
    rm -rf copy
    cp -r run copy
    victim=copy/$newest
    "$@"
    succeeds train "$tiny" --out copy --resume --set train.max_steps=3
    has "$err" "$newest.*; taking the one before it"
    has "$err" 'resumed after step 2'
}
truncated() { truncate -s -100 "$victim"; }
emptied() { truncate -s 0 "$victim"; }
overwritten() { dd if=/dev/zero of="$victim" bs=1000 count=20 seek=30 conv=notrunc status=none; }
garbled() { head -c 50000 /dev/urandom >"$victim"; }
for damage in truncated emptied overwritten garbled; do damaged $damage; done
rm "run/$newest" # missing
succeeds train "$tiny" --out run --resume --set train.max_steps=3
has "$err" 'resumed after step 2'

# Out of memory: which batch, and what to lower; doing so helps.
large=(--set image.size=512 --set train.batch=32 --set data.scenes.train_size=32 --set data.scenes.val_size=1 --set train.max_steps=1
    --set train.loader_threads=0)
# 450 MB more than a step of the smallest network takes: LibTorch alone takes 0.9 GB of addresses, one with CUDA 2.8.
taken=0
"$vglaw" train "$tiny" --out least --set train.max_steps=1 >"$out" 2>"$err" &
while [[ -r /proc/$!/status ]] && now=$(sed -n 's/^VmPeak:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$!/status" 2>/dev/null) && [[ -n $now ]]; do
    taken=$now
    sleep 0.02
done
wait $! || die "one step ended with $?: $(tail -1 "$err")"
little=(bash -c "ulimit -v $((taken + 450000)); exec \"\$@\"" bash)
rc=0
"${little[@]}" "$vglaw" train "$tiny" --out big "${large[@]}" >"$out" 2>"$err" || rc=$?
[[ $rc -eq 1 ]] || die "training beyond the memory ended with $rc: $(tail -2 "$err")"
has <(tail -1 "$err") '^vglaw: out of memory in step 1 on 32 samples of 512 px .*train.accumulate \(now 1\) or lower train.batch \(now 32\)'
"${little[@]}" "$vglaw" train "$tiny" --out small "${large[@]}" --set train.accumulate=16 >"$out" 2>"$err" || die "$(tail -1 "$err")"
# The same is in the run's own figures.
succeeds train "$tiny" --out whole "${large[@]}"
peak() { sed -n 's/.*"peak_memory_mib":\([0-9]*\).*/\1/p' "$1/metrics.jsonl" | head -1; }
(($(peak small) * 2 < $(peak whole))) || die "micro-batches of 2 took $(peak small) MiB, the batch of 32 $(peak whole)"

# A GPU that this build cannot use.
if ! ldd "$(dirname "$vglaw")/libvglaw_torch.so" | grep -q torch_cuda; then
    fails 'train.device is cuda, but' train "$tiny" --out gpu --device cuda
fi
misused train "$tiny" --out gpu --device tpu

# A folder that nobody may write to.
mkdir shut
cp "$vglaw" "$(dirname "$vglaw")/libvglaw_torch.so" .
chmod 555 shut
as_nobody=()
if [[ $EUID -eq 0 ]]; then as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
chmod 755 "$folder"
rc=0
"${as_nobody[@]}" ./vglaw train "$tiny" --out shut >seen.out 2>seen.err || rc=$?
[[ $rc -eq 1 ]] || die "training into a read-only folder ended with $rc: $(tail -2 seen.err)"
has <(tail -1 seen.err) '^vglaw: cannot write shut/.*: Permission denied'
[[ -z $(ls shut) ]] || die "something is in the read-only folder: $(ls shut)"
