# A list of pictures and expressions: every line answered exactly once whatever stops the job, wrong lines reported and passed over.
# The long form, twenty kills at random moments:
#     tests/e2e/batch.sh build/vglaw . 20
# Called as: SCRIPT PROGRAM SOURCE_DIR [KILLS [SEED]]
source "$(dirname "$0")/harness.sh" "$@"
kills=${3:-5}
RANDOM=${4:-1}

tiny_model tiny.safetensors --active
succeeds scenes scenes --dataset refcoco --images 20 --seed 5 --min-side 64 --max-side 96
mkdir pictures
cp "$(find scenes -name '*.jpg' | sort | head -1)" pictures/a.jpg
cp "$(find scenes -name '*.jpg' | sort | sed -n 2p)" pictures/b.jpg
cp "$drawing" pictures/c.png
echo "no picture" >pictures/notes.jpg

# Runs of one picture, several expressions a line, and everything that can be wrong with a line, in the middle of others.
{
    for ((i = 0; i < 160; ++i)); do
        echo '{"image": "pictures/a.jpg", "expression": "the red ball", "id": "a'$i'"}'
        echo '{"image": "pictures/a.jpg", "expressions": ["the cube on the left", "the star", "the green one"]}'
        case $i in
            3) echo '{"image": "pictures/a.jpg", "expression": ' ;;
            5) echo '{"image": "pictures/none.jpg", "expression": "the ball", "id": 5}' ;;
            7) echo '{"image": "pictures/a.jpg", "expressions": ["the ball", " "]}' ;;
            9) echo '{"image": "pictures/notes.jpg", "expression": "the ball"}' ;;
            11) echo '{"image": "pictures/a.jpg", "expresion": "the ball"}' ;;
            13) printf '\n   \n' ;;
        esac
        echo '{"image": "pictures/b.jpg", "expression": "the biggest \"triangle\"", "id": '$i'}'
        echo '{"image": "pictures/c.png", "expression": "the hexagon"}'
    done
} >list.jsonl
lines=$(grep -c '[^ ]' list.jsonl)
job=(ground --input list.jsonl --model tiny.safetensors --threads 1)

begin=$(date +%s%N)
succeeds "${job[@]}" --output whole.jsonl
duration=$((($(date +%s%N) - begin) / 1000000)) # ms
has "$out" "^whole.jsonl: $lines lines, $((lines - 5)) answered, 5 wrong; "
[[ $(wc -l <whole.jsonl) -eq $lines ]] || die "$lines lines asked, $(wc -l <whole.jsonl) answered"
# In the list's order, each by its number; blank lines count.
grep -n '[^ ]' list.jsonl | cut -d: -f1 >asked
sed -E 's/^\{"line":([0-9]+),.*/\1/' whole.jsonl >answered
cmp asked answered || die "other lines, or another order"
wrong() { # PATTERN-IN-LIST WORD
    local at
    at=$(grep -nF -- "$1" list.jsonl | cut -d: -f1)
    has whole.jsonl "^\{\"line\":$at,.*\"error\":\{\"code\":\"[a-z_]+\",\"message\":\".*$2"
    has "$err" "^list.jsonl line $at: .*$2"
}
has "$err" '^list.jsonl line [0-9]+: the line is not JSON'
wrong none.jpg 'No such file'
wrong '" "]' 'expression is empty'
wrong notes.jpg 'not a JPEG, PNG or WebP'
wrong expresion 'no key'
has whole.jsonl '"id":5,"image":"pictures/none.jpg","error"'

# A picture on its own has the answer that `ground --json` gives, to the byte.
succeeds ground pictures/c.png "the hexagon" --model tiny.safetensors --threads 1 --json
sed -E 's/,"milliseconds":[^}]*//' "$out" >alone
grep -m1 '"image":"pictures/c.png"' whole.jsonl | sed -E 's/^.*"results":\[(.*)\]\}$/\1/' >listed
cmp alone listed || die "the list's answer is not that of ground --json"

# Again: nothing left to do, nothing changed.
cp whole.jsonl expected
succeeds "${job[@]}" --output whole.jsonl --json
has "$out" "\"lines\":$lines,\"answered\":$((lines - 5)),\"wrong\":5,\"before\":$lines,\"expressions\":0,"
cmp whole.jsonl expected
rc=0
"$vglaw" "${job[@]}" --output whole.jsonl --strict >"$out" 2>"$err" || rc=$?
[[ $rc -eq 1 ]] || die "--strict with wrong lines ended with $rc"
has "$err" "^vglaw: 5 of $lines lines could not be answered"

# Killed at random moments.
killed=0 runs=0
while ((killed < kills)); do
    ((++runs))
    while true; do
        "$vglaw" "${job[@]}" --output killed.jsonl >"$out" 2>"$err" </dev/null &
        pid=$!
        if ((killed < kills)); then
            delay=$((RANDOM % duration))
            sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
            kill -KILL "$pid" 2>/dev/null || true
        fi
        rc=0
        wait "$pid" 2>/dev/null || rc=$?
        ((rc == 0 || rc == 137)) || die "a job ended with $rc: $(tail -1 "$err")"
        if ((rc == 0)); then break; fi
        ((++killed))
    done
    cmp killed.jsonl expected || die "killed and resumed, run $runs gives something else"
    rm killed.jsonl killed.jsonl.job
done

# Torn anywhere, as a kill in the middle of a write or a full disk leaves it.
size=$(wc -c <expected)
for ((i = 0; i < 10; ++i)); do
    cp whole.jsonl.job torn.jsonl.job
    head -c $(((RANDOM * 32768 + RANDOM) % size)) expected >torn.jsonl
    succeeds "${job[@]}" --output torn.jsonl
    cmp torn.jsonl expected || die "torn and resumed, it gives something else"
done
(
    trap '' XFSZ # else the signal ends the program
    ulimit -f 16 # KiB
    rc=0
    "$vglaw" "${job[@]}" --output full.jsonl >"$out" 2>"$err" || rc=$?
    [[ $rc -eq 1 ]] || die "a full disk ended with $rc"
    has "$err" '^vglaw: cannot write full.jsonl: File too large; the same command goes on'
)
succeeds "${job[@]}" --output full.jsonl
cmp full.jsonl expected || die "after a full disk it gives something else"

# Shards: each line in exactly one.
for shard in 0 1 2; do
    succeeds "${job[@]}" --output part-$shard.jsonl --shard $shard/3
    sed -E 's/^\{"line":([0-9]+),.*/\1/' part-$shard.jsonl | awk -v shard=$shard '($1 - 1) % 3 != shard { exit 1 }' ||
        die "a line in the wrong shard"
done
cat part-?.jsonl | sed -E 's/^\{"line":([0-9]+),.*/\1/' | sort -n | cmp - asked || die "shards lose or repeat lines"

# What must not be mixed up is refused, and left as it is.
fails "another shard" "${job[@]}" --output part-0.jsonl --shard 1/3
succeeds init "$tiny" --seed 8 --out other.safetensors
fails "another model" ground --input list.jsonl --model other.safetensors --output whole.jsonl
cp list.jsonl longer.jsonl
echo '{"image": "pictures/a.jpg", "expression": "one more"}' >>longer.jsonl
fails "another list" ground --input longer.jsonl --model tiny.safetensors --output whole.jsonl
echo "my notes" >notes.txt
fails "notes.txt.job" "${job[@]}" --output notes.txt
has notes.txt '^my notes$'
sed '2d' expected >short.jsonl
cp whole.jsonl.job short.jsonl.job
fails "line 2 of short.jsonl is not the answer to line 2" "${job[@]}" --output short.jsonl
cmp whole.jsonl expected
touch locked.jsonl
flock locked.jsonl sleep 30 &
holder=$!
for ((i = 0; i < 100; ++i)); do
    if ! flock -n locked.jsonl true; then break; fi
    sleep 0.02
done
fails "being written by another process" "${job[@]}" --output locked.jsonl
kill "$holder"
fails "overwritten by its own answers" "${job[@]}" --output list.jsonl
fails "no-such.jsonl" ground --input no-such.jsonl --output out.jsonl --model tiny.safetensors
fails "is no shard" "${job[@]}" --output out.jsonl --shard 4/4
fails "no/such/folder" "${job[@]}" --output no/such/folder/out.jsonl
echo '{"image": "pictures/none.jpg", "expression": "x"}' >hopeless.jsonl
rc=0
"$vglaw" ground --input hopeless.jsonl --output hopeless-out.jsonl --model tiny.safetensors >"$out" 2>"$err" || rc=$?
[[ $rc -eq 1 ]] || die "a list of which nothing could be answered ended with $rc"
has "$err" '^vglaw: 1 of 1 lines could not be answered, the first: hopeless.jsonl line 1: '
: >empty.jsonl
succeeds ground --input empty.jsonl --output empty-out.jsonl --model tiny.safetensors
has "$out" '^empty-out.jsonl: 0 lines'

misused ground --input list.jsonl
misused ground --output out.jsonl
misused ground --input list.jsonl --output out.jsonl "$photo" "the ball"
misused ground --input list.jsonl --output out.jsonl --mask mask.png
misused ground "$photo" "the ball" --shard 0/2
echo "$killed kills in $runs runs of $duration ms; every line exactly once, every byte that of a job nobody stopped"
