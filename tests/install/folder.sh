# What the tests of the installed package share. Sourced by each, which is called as: TEST.sh BUILD_DIR SOURCE_DIR
# Every test works in an empty folder of its own, removed at the end.
set -euo pipefail
build=$(realpath "${1:?usage: $0 BUILD_DIR SOURCE_DIR}") source_dir=$(realpath "${2:?usage: $0 BUILD_DIR SOURCE_DIR}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
picture=$source_dir/tests/golden/image/rgb.png # rgb.png.ppm has its pixels
expressions=("the red ball" "the cube on the left")

die() {
    echo "FAILED: $*" >&2
    exit 1
}

# quiet COMMAND...: its output only when it fails.
quiet() { "$@" >"$folder/.log" 2>&1 || { cat "$folder/.log" >&2; die "$*"; }; }

# answers PROGRAM MODEL: of `vglaw ground`, in the form of examples/embed: words, box, area, counts, between tabs.
answers() {
    "$1" ground "$picture" "${expressions[@]}" --model "$2" --threads 1 --json |
        sed -E 's/^\{"expression":"([^"]*)","box":\[([^]]*)\].*"counts":"([^"]*)"\},"mask_area":([0-9]+),.*/\1\t\2\t\4\t\3/; s/\\\\/\\/g' |
        awk -F '\t' -v OFS='\t' '{ gsub(",", " ", $2); print }'
}

# agree FILE FILE: the same words, areas and counts; boxes to 1e-5 of themselves: expressions that are asked together share
# the first block's W0 x and are rounded elsewhere than one that is asked alone.
agree() {
    local lines
    lines=$(wc -l <"$1")
    [[ $lines -eq ${#expressions[@]} ]] || die "$1 has $lines lines"
    paste "$1" "$2" | awk -F '\t' '
        NF != 8 || $1 != $5 || $3 != $7 || $4 != $8 { exit 1 }
        { if (split($2, a, " ") != 4 || split($6, b, " ") != 4) exit 1
          for (i = 1; i <= 4; ++i) { d = a[i] - b[i]; if (d < 0) d = -d; if (d > 1e-5 * (a[i] < 1 ? 1 : a[i])) exit 1 }
          if ($3 > 0) seen = 1 }
        END { if (!seen) print "every mask is empty: that proves little" > "/dev/stderr"; exit !seen }' ||
        die "two answers: $(cat "$1" "$2")"
}
