#!/usr/bin/env bash
# The checks themselves: a clean tree passes, each planted offence is found at its file and line.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

clean_tree() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/vglaw/{core,geometry,data,net,engine} "$tree/apps/vglaw"
    # Comments, strings, member functions and longer names that only look like offences.
    cat > "$tree/vglaw/data/reader.cc" <<'EOF'
#include "vglaw/data/reader.h"
#include <vector>
#include "vglaw/core/error.h"
// std::cout << would print; abort() would end the program
static_assert(sizeof(int) == 4);
void read() { snprintf(line, 4, "printf(exit(1))"); loop.exit(); queue->abort(); on_exit(); }
EOF
    echo '#include "vglaw/engine/plan.h"' > "$tree/vglaw/engine/plan.cc"
    echo '#include <torch/torch.h>' > "$tree/vglaw/net/bert.cc"
    echo 'int main() { std::cout << 1; }' > "$tree/apps/vglaw/main.cc"
    : > "$tree/vglaw/core/commonly_known.cc"
}
must_pass() {
    "$here/$1" "$tree" 2> "$tree/message" || { echo "$1 refuses a clean tree: $(cat "$tree/message")" >&2; failures=$((failures + 1)); }
}
must_catch() { # CHECK FILE:LINE
    if "$here/$1" "$tree" 2> "$tree/message"; then
        echo "$1 lets $2 pass" >&2
        failures=$((failures + 1))
    elif ! grep -qF "$2:" "$tree/message"; then
        echo "$1 does not name $2: $(cat "$tree/message")" >&2
        failures=$((failures + 1))
    fi
}
plant() { # CHECK FILE CODE: the code on line 2 of a new file
    clean_tree
    mkdir -p "$(dirname "$tree/$2")"
    printf '// one line\n%s\n' "$3" > "$tree/$2"
    must_catch "$1" "$2:${4:-2}"
}

clean_tree
for check in no_torch_in_engine_side rooms_include_downwards no_file_over_500_lines library_never_prints_or_exits \
    files_are_named_for_their_content; do
    must_pass $check.sh
done
plant no_torch_in_engine_side.sh vglaw/data/a.cc '#include <torch/torch.h>'
plant no_torch_in_engine_side.sh vglaw/core/a.h '  # include "c10/util/Half.h"'
plant no_torch_in_engine_side.sh vglaw/engine/a.cc '#include <ATen/ATen.h>'
plant no_torch_in_engine_side.sh vglaw/evaluate/a.cc '#include "vglaw/net/network.h"'
plant rooms_include_downwards.sh vglaw/core/a.cc '#include "vglaw/data/dataset.h"'
plant rooms_include_downwards.sh vglaw/core/a.cc '#include <vglaw/geometry/boxes.h>'
plant rooms_include_downwards.sh vglaw/core/a.cc '#include "error.h"'
plant rooms_include_downwards.sh vglaw/engine/a.cc '#include "vglaw/net/bert.h"'
plant rooms_include_downwards.sh vglaw/net/a.cc '#include "vglaw/engine/plan.h"'
plant rooms_include_downwards.sh vglaw/core/a.cc '#include "vglaw/attic/a.h"'
plant no_file_over_500_lines.sh vglaw/core/a.cc "$(seq 500)" 501
plant library_never_prints_or_exits.sh vglaw/core/a.cc '    std::cout << "hello";'
plant library_never_prints_or_exits.sh vglaw/core/a.cc '    std::printf("hello");'
plant library_never_prints_or_exits.sh vglaw/core/a.cc 'fprintf(stderr, "hello");'
plant library_never_prints_or_exits.sh vglaw/net/a.cc '    if (broken) exit(1);'
plant library_never_prints_or_exits.sh vglaw/core/a.cc 'std::abort();'
plant library_never_prints_or_exits.sh vglaw/core/progress.cc '    assert(done <= total);'
plant files_are_named_for_their_content.sh vglaw/core/utils.cc 'x' 1
clean_tree
mkdir "$tree/vglaw/data/misc"
must_catch files_are_named_for_their_content.sh vglaw/data/misc:1
plant files_are_named_for_their_content.sh apps/vglaw/box_common.h 'x' 1
plant files_are_named_for_their_content.sh vglaw/data/loader_v2.cc 'x' 1

((failures == 0)) || { echo "$failures policy check(s) do not work" >&2; exit 1; }
