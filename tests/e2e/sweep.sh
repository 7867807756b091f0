# A sweep trains its settings x seeds, leaves what is finished alone, resumes what is half, and prints mean and deviation.
source "$(dirname "$0")/harness.sh" "$@"

succeeds scenes data --dataset refcoco --images 20 --seed 5 --min-side 64 --max-side 96
cat >sweep.toml <<TOML
base = "$tiny"
out = "runs"
seeds = [1, 2]
[set]
train.epochs = 1
[[setting]]
name = "active"
[[setting]]
name = "passive"
set = { law.kind = "none" }
[[test]]
data = "data"
split = "testA"
TOML
# Nothing runs before everything is known to be right.
try() { # WORD FROM TO
    sed "s|$2|$3|" sweep.toml >wrong.toml
    fails "$1" sweep wrong.toml
}
try "setting 'passive'" 'law.kind = "none"' 'law.knd = "none"'
try "law.knd" 'law.kind = "none"' 'law.knd = "none"'
try "lowrank" 'law.kind = "none"' 'law.kind = "nothing"'
try "law.groups" 'law.kind = "none"' 'law.groups = 5'
try "'seed'" 'seeds' 'seed'
try "no-such-data" '"data"' '"no-such-data"'
try "testC" testA testC
fails train.batch sweep sweep.toml --set train.batch=0
misused sweep
misused sweep sweep.toml --json --csv
WORLD_SIZE=2 fails WORLD_SIZE sweep sweep.toml
OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 fails 'OMPI_COMM_WORLD_SIZE' sweep sweep.toml
fails 'train.max_steps 5 without a validation' sweep sweep.toml --set train.max_steps=5

succeeds sweep sweep.toml --dry-run
[[ $(grep -c '^waiting   vglaw train' "$out") -eq 4 ]] || die "not four runs: $(cat "$out")"
[[ ! -e runs ]] || die "a dry run left something behind"

# Stopped in the middle: a half run is resumed, to the same bytes as one that nobody stopped.
long=(sweep sweep.toml --set train.epochs=40 --out long)
"$vglaw" "${long[@]}" >"$out" 2>"$err" </dev/null &
sweep=$!
for ((i = 0; ; ++i)); do
    ! grep -qs '^step 4/' long/active/seed-1/train.log || break
    ((i < 600)) || die "step 4 was never reached: $(cat "$err")"
    sleep 0.05
done
rc=0
"$vglaw" "${long[@]}" 2>second.txt </dev/null || rc=$?
[[ $rc -eq 1 ]] || die "a second sweep in one folder ended with $rc"
has second.txt '^vglaw: another sweep'
kill -TERM "$sweep"
wait "$sweep" || die "a stopped sweep ended with $?"
[[ -s long/active/seed-1/sweep.json && ! -e long/passive ]] || die "it went on after TERM: $(ls long)"
succeeds "${long[@]}" --dry-run
has "$out" '^half .*--out long/active/seed-1'
fails train.epochs sweep sweep.toml --out long
# A base that was edited meanwhile: what was trained is not what is asked for, though sweep.json says so.
cp long/active/seed-1/config.json config.json
sed -i 's/"beta2": *0.999/"beta2": 0.99/' long/active/seed-1/config.json
cmp -s config.json long/active/seed-1/config.json && die "no beta2 in config.json"
fails "train.beta2, by a configuration that has changed since" "${long[@]}"
cp config.json long/active/seed-1/config.json
printf 'base = "%s"\nseeds = [1]\n[[setting]]\nname = "active"\n' "$tiny" >one.toml
succeeds sweep one.toml --set train.epochs=40 --out long
has "$err" 'active, seed 1: training, resumed$'
has "$err" 'active, seed 1: finished'
succeeds train "$tiny" --out whole --set train.epochs=40 --set train.seed=1
cmp whole/last.safetensors long/active/seed-1/last.safetensors || die "a stopped and resumed run of a sweep is not that of the train command"

succeeds sweep sweep.toml --lengths
has "$err" 'passive, seed 2: finished'
has "$out" '^active +validation +2 .* ± '
has "$out" '^passive +testA +2 .* ± '
for setting in active passive; do
    for seed in 1 2; do
        [[ -s runs/$setting/seed-$seed/best.safetensors && -s runs/$setting/seed-$seed/test-testA/report.json ]] ||
            die "missing in $(ls runs/$setting/seed-$seed)"
    done
done
cmp -s runs/active/seed-1/last.safetensors runs/active/seed-2/last.safetensors && die "two seeds, one result"
succeeds train "$tiny" --out alone --set train.epochs=1 --set train.seed=2 --set law.kind=none
cmp alone/last.safetensors runs/passive/seed-2/last.safetensors || die "a run of a sweep is not that of the train command"

# Again: nothing is done twice; a run that is taken away is run again, alone.
find runs -name last.safetensors -printf '%p %T@\n' | sort >before
succeeds sweep sweep.toml --json
has "$err" '4 of 4 runs are finished already'
has "$out" '"setting":"passive","set":"testA","seeds":\[1,2\],"figures":\{"prec@0.5":\{"mean":'
diff before <(find runs -name last.safetensors -printf '%p %T@\n' | sort) || die "a finished run was run again"
rm -r runs/active/seed-2
succeeds sweep sweep.toml --table --csv
has "$out" '^active,validation,1,'
succeeds sweep sweep.toml --jobs 2 --markdown
has "$err" '3 of 4 runs are finished already'
has "$out" '^\| active \| validation \| 2 \|'

# A test of something else under the same name is not the one that was made.
succeeds scenes other --dataset refcoco --images 20 --seed 6 --min-side 64 --max-side 96
sed 's|"data"|"other"|' sweep.toml >other.toml
succeeds sweep other.toml --dry-run
[[ $(grep -c '^trained ' "$out") -eq 4 ]] || die "tests of other data count: $(cat "$out")"
succeeds sweep other.toml --table
has "$out" '^active +testA +0 '
succeeds sweep other.toml
has "$out" '^active +testA +2 '
has "$err" 'passive, seed 2: evaluation'

# A run that fails does not keep the others from running, and its reason is told.
sed -e 's|name = "active"|&\nset = { loss.labelling = 1.0, loss.labelling_block = 40 }|' -e 's|"runs"|"failing"|' sweep.toml >failing.toml
rc=0
"$vglaw" sweep failing.toml >"$out" 2>"$err" </dev/null || rc=$?
[[ $rc -eq 1 ]] || die "a sweep with a failed run ended with $rc: $(cat "$err")"
has "$err" '^vglaw: 2 of 4 runs failed, the first: active, seed 1: loss.labelling_block 40 .*see failing/active/seed-1/train.log'
has "$out" '^passive +validation +2 '

# One run's folder that cannot be used is that run's failure.
succeeds sweep sweep.toml --set train.epochs=2 --out apart --dry-run
mkdir -p apart/active && : >apart/active/seed-2
rc=0
"$vglaw" sweep sweep.toml --set train.epochs=2 --out apart >"$out" 2>"$err" </dev/null || rc=$?
[[ $rc -eq 1 ]] || die "a sweep with a file for a folder ended with $rc: $(cat "$err")"
has "$err" '^vglaw: 1 of 4 runs failed, the first: active, seed 2: cannot make the run.s folder'
has "$out" '^passive +validation +2 '
