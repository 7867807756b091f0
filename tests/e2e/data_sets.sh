# vglaw data: the same set in every layout that can be written is the same set; what is wrong with one is found and counted.
source "$(dirname "$0")/harness.sh" "$@"

succeeds scenes data --dataset refcoco --images 40 --seed 5 --min-side 64 --max-side 96
pictures=data/images/mscoco/images/train2014
succeeds data check --data data
has "$out" '^train +[0-9]+ \(-\)'
has "$out" '^nothing is wrong'
succeeds data check --data data --json --read-pictures
[[ $(wc -l <"$out") -eq 1 ]] || die "--json is one line"
has "$out" '"wrong":false'
# REFER's rule and counts of its own: a folder that does not say that it was generated is compared with RefCOCO.
mv data/refcoco/scenes.json scenes.json
fails "something is wrong" data check --data data
has "$out" 'published 42404'
succeeds data check --data data --any-counts

# Every layout gives the same examples: the sheets are the same pictures, byte for byte.
succeeds data show --data data --split val --count 6 --seed 3 --out refer.png
is_png refer.png
for layout in refer seqtr jsonl; do
    succeeds data convert --data data --to $layout --out as-$layout
    has "$out" 'references'
    succeeds data check --data as-$layout --layout $layout --images $pictures --any-counts
    succeeds data show --data as-$layout --layout $layout --images $pictures --split val --count 6 --seed 3 --out $layout.png
    cmp refer.png $layout.png || die "$layout: another sheet"
    fails "is there already" data convert --data data --to $layout --out as-$layout
done
succeeds data show --data data --split val --count 6 --seed 4 --out other.png
! cmp -s refer.png other.png || die "another seed, the same sheet"
fails "no split" data convert --data data --split testC --to jsonl --out nothing
succeeds scenes clef --dataset refclef --images 20 --seed 5 --min-side 64 --max-side 96
succeeds data check --data clef --dataset refclef --split-by berkeley
succeeds data convert --data clef --dataset refclef --split-by berkeley --to jsonl --out clef-jsonl
succeeds data check --data clef-jsonl --layout jsonl --images clef/images/saiapr_tc-12 --read-pictures

# What a pre-training must leave out: the pictures of val and test, by the names of either year.
succeeds data leak --data data --instances data/refcoco/instances.json --out held.txt
has "$out" 'pictures leak'
held=$(wc -l <held.txt)
((held > 0 && held < 40)) || die "$held of 40 pictures are held out"
grep -qE '^COCO_train2014_[0-9]{12}\.jpg$' held.txt || die "no names of train2014"
succeeds data leak --data data --set refcoco:unc --names train2017
[[ $(wc -l <"$out") -eq $held ]] || die "held.txt and stdout differ in length"
has "$out" '^[0-9]{12}\.jpg$'
succeeds data leak --data data --json
has "$out" "\"held_out\":$held"
fails "not of the form" data leak --data data --set refcoco
fails "not named as COCO" data leak --data clef --set refclef:berkeley
fails "neither refcoco" data leak --data clef

# What is wrong is named and counted.
picture=$(ls $pictures | head -1)
mv "$pictures/$picture" away.jpg
fails "something is wrong" data check --data data --any-counts
has "$out" 'WRONG: [0-9]+ x picture not found'
has "$out" "$picture"
echo damaged >"$pictures/$picture"
succeeds data check --data data --any-counts
fails "something is wrong" data check --data data --any-counts --read-pictures --json
has "$out" '"what":"damaged picture"'
mv away.jpg "$pictures/$picture"

line='{"image":"'$picture'","expression":"it","box":[1,1,9,9],"split":"val"'
mkdir lines
check_lines() { fails "$1" data check --data lines --layout jsonl --images $pictures; }
printf '%s}\n%s,"mask":[[1,2]' "$line" "$line" >lines/vglaw.jsonl
check_lines "line 2"
printf '%s}\n' "${line/\[1,1,9,9\]/[NaN,1,9,9]}" >lines/vglaw.jsonl
check_lines "something is wrong"
has "$out" 'box without area or not a number'
printf '%s}\n' "${line/$picture/../$picture}" >lines/vglaw.jsonl
check_lines "leads out of its folder"
printf '%s,"mask":"/etc/passwd"}\n' "$line" >lines/vglaw.jsonl
check_lines "leads out of its folder"
printf '%s,"split":"val"}\n' "$line" >lines/vglaw.jsonl
check_lines "twice"
fails "no-such" data check --data no-such --layout seqtr
fails "referit_bbox.json" data check --data data --layout referit
fails "finetune_refcoco" data check --data data --layout mdetr
fails "unc/unc_" data check --data data --layout transvg

misused data
misused data nonsense
misused data check
misused data check --data data --layout voc
misused data convert --data data --out somewhere
misused data convert --data data --to mdetr --out somewhere
misused data show --data data --count 0
