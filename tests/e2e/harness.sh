# What the end-to-end tests share. Sourced by each, which is called as: TEST.sh PROGRAM SOURCE_DIR
# Every test runs the real program in an empty folder of its own, removed at the end.
set -euo pipefail
vglaw=${1:?usage: $0 PROGRAM SOURCE_DIR}
source_dir=${2:?usage: $0 PROGRAM SOURCE_DIR}
vglaw=$(realpath "$vglaw") source_dir=$(realpath "$source_dir")
tiny=$source_dir/tests/e2e/tiny.toml
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

die() {
    echo "FAILED: $*" >&2
    exit 1
}

# succeeds COMMAND...: exit code 0. Afterwards $out and $err name the files that hold what it wrote.
out=$folder/.stdout err=$folder/.stderr
succeeds() {
    local rc=0
    "$vglaw" "$@" >"$out" 2>"$err" </dev/null || rc=$?
    [[ $rc -eq 0 ]] || die "vglaw $* ended with $rc: $(tail -3 "$err")"
}

# Every file of the folder but the captured output.
listing() { find . -path ./.stdout -o -path ./.stderr -o -print | sort; }

# fails WORD COMMAND...: exit code 1, one line on stderr that says "vglaw: " and names WORD, nothing left behind.
fails() {
    local word=$1 rc=0 before
    shift
    before=$(listing)
    "$vglaw" "$@" >"$out" 2>"$err" </dev/null || rc=$?
    [[ $rc -eq 1 ]] || die "vglaw ${*:0:200} ended with $rc, not 1: $(head -c 500 "$err")"
    [[ $(wc -l <"$err") -eq 1 ]] || die "vglaw $* wrote $(wc -l <"$err") lines on stderr, not 1: $(head -c 500 "$err")"
    grep -aq '^vglaw: ' "$err" || die "vglaw $*: stderr does not begin with 'vglaw: ': $(cat "$err")"
    grep -aqF -- "$word" "$err" || die "vglaw $*: the message does not name '$word': $(cat "$err")"
    ! grep -aq 'unexpected failure' "$err" || die "vglaw $*: an exception nobody translated: $(cat "$err")"
    [[ $(listing) == "$before" ]] || die "vglaw $* left something behind: $(diff <(echo "$before") <(listing))"
}

# misused COMMAND...: exit code 2 and an explanation.
misused() {
    local rc=0
    "$vglaw" "$@" >"$out" 2>"$err" </dev/null || rc=$?
    [[ $rc -eq 2 ]] || die "vglaw $* ended with $rc, not 2: $(cat "$err")"
    [[ -s $err || -s $out ]] || die "vglaw $* said nothing"
}

# has FILE PATTERN: an extended regular expression matches a line.
has() { grep -aqE -- "$2" "$1" || die "no line of $(basename "$1") matches '$2': $(head -c 600 "$1")"; }

# is_png FILE: a whole PNG, from its signature to its end chunk.
is_png() {
    [[ $(head -c 8 "$1" | od -An -tx1 | tr -d ' \n') == 89504e470d0a1a0a ]] || die "$1 is not a PNG"
    tail -c 12 "$1" | grep -aq IEND || die "$1 has no end"
}

tiny_model() { # FILE [ARGUMENT...]
    local file=$1
    shift
    succeeds init "$tiny" --seed 7 --out "$file" "$@"
}

photo=$source_dir/tests/golden/image/rgb.jpg
drawing=$source_dir/tests/golden/image/rgb.png
