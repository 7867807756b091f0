# What the policy checks share: where the sources are, the order of the rooms, how an offence is reported.
# Sourced by the checks, which are called with the source tree as their only argument.
set -euo pipefail
cd "${1:?usage: $0 SOURCE_DIR}"
if [[ ! -d vglaw/core ]]; then # an empty tree would pass every check
    echo "$1 is not the source tree: it has no vglaw/core" >&2
    exit 1
fi

# Lowest first. A room includes only itself and rooms before it; net and engine stand side by side.
rooms=(core geometry text format image model data scenes net engine evaluate study serve train)
# These install without LibTorch.
engine_side=(core geometry text format image model data scenes engine evaluate study serve)

offences=0
offence() { # FILE:LINE, then what is wrong there
    echo "$1: $2" >&2
    offences=$((offences + 1))
}
finish() { # the rule, for the last line of a failure
    if ((offences > 0)); then
        echo "$offences offence(s) against: $1" >&2
        exit 1
    fi
}
# Every C++ file under the folders that exist.
sources() {
    local folder
    for folder in "$@"; do
        if [[ -d $folder ]]; then
            find "$folder" -type f \( -name '*.h' -o -name '*.cc' -o -name '*.inc' \) | sort
        fi
    done
}
# Lines of a file without string literals and // comments, each as LINE:CODE. Line numbers are the file's own.
code_lines() {
    sed -E -e 's/"([^"\\]|\\.)*"/""/g' -e 's,//.*$,,' "$1" | grep -n '' || true
}
