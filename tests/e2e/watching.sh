# A run is watched: TensorBoard's event files grow beside metrics.jsonl, and a page of one or several runs is one file.
source "$(dirname "$0")/harness.sh" "$@"

succeeds train "$tiny" --out runs/active --set train.max_steps=2
events=(runs/active/events.out.tfevents.*)
[[ ${#events[@]} -eq 1 ]] || die "not one event file: ${events[*]}"
for tag in train/loss train/learning_rate train/samples_per_second; do
    grep -aqF "$tag" "${events[0]}" || die "$tag is not in ${events[0]}"
done
succeeds train "$tiny" --out runs/active --resume
events=(runs/active/events.out.tfevents.*)
[[ ${#events[@]} -eq 2 ]] || die "a resumed run opens an event file of its own: ${events[*]}"
grep -aqF val/prec@0.5 "${events[1]}" || die "no validation in ${events[1]}"
succeeds train "$tiny" --out runs/passive --set law.kind=none --json
has "$out" '^\{"model":"runs/passive/best.safetensors","step":4,.*"finished":true\}$'

succeeds scenes data --dataset refcoco --images 20 --seed 5 --min-side 64 --max-side 96
succeeds eval --model runs/active/best.safetensors --data data --split val --report runs/active/report
succeeds report runs/active runs/passive --out page.html
has "$out" '^page.html$'
has page.html 'law\.kind'
has page.html '&quot;none&quot;'
has page.html 'REC Prec@0\.5</h4>'
has page.html 'data:image/jpeg;base64,'
! grep -qE '(src|href)="[^#d]|url\(|@import' page.html || die "the page fetches something"
succeeds report runs/active --out one.html --examples 0
! grep -q 'data:image' one.html || die "--examples 0 shows some"

# A run that is being written, and folders that cannot be shown.
printf '{"step":5,"lo' >>runs/passive/metrics.jsonl
succeeds report runs/passive --out torn.html
printf 'st\n{"step":6,"loss":1}\n' >>runs/passive/metrics.jsonl
fails metrics.jsonl: report runs/passive --out damaged.html
rm runs/passive/metrics.jsonl
fails "has no metrics.jsonl" report runs/active runs/passive --out page2.html
fails no-such-run report no-such-run --out page2.html
fails "cannot write" report runs/active --out no-such-folder/page.html
printf '{}' >runs/active/report/report.json
fails report.json report runs/active --out page2.html
misused report
misused report runs/active
