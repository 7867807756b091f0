# Commands in the documents exist: every `vglaw COMMAND --option`, every `make TARGET`, every file named in configs/, models/,
# docs/, tools/. Called with the source tree and the program.
set -euo pipefail
cd "${1:?usage: $0 SOURCE_DIR PROGRAM}"
program=${2:?usage: $0 SOURCE_DIR PROGRAM}
documents=(CONTRIBUTING.md)
for document in README.md docs/*.md; do
    if [[ -f $document ]]; then documents+=("$document"); fi
done

offences=0
offence() {
    echo "$1" >&2
    offences=$((offences + 1))
}
declare -A help # by command
for command in $("$program" --help | sed -n '/^Subcommands:/,$ s/^  \([a-z]*\) .*/\1/p'); do
    help[$command]=$("$program" "$command" --help)
    # A command of commands, as data is: the options are theirs.
    for sub in $(sed -n '/^Subcommands:/,$ s/^  \([a-z]*\) .*/\1/p' <<<"${help[$command]}"); do
        help[$command]+=$'\n'$("$program" "$command" "$sub" --help)
    done
done
((${#help[@]} > 0)) || offence "the program's help names no commands"

for document in "${documents[@]}"; do
    # A command goes on after a backslash at the end of a line, and ends at a backquote or a comment.
    while read -r _ command rest; do
        if [[ -z ${help[$command]:-} ]]; then
            offence "$document: 'vglaw $command' is not a command"
            continue
        fi
        for option in $(grep -oE '(^| |\[)--[a-z][a-z-]*' <<<"$rest" | tr -d ' ['); do
            grep -qE -- "(^|[ ,])$option([ ,=]|$)" <<<"${help[$command]}" ||
                offence "$document: 'vglaw $command' has no option $option"
        done
    done < <(sed -e ':a' -e '/\\$/{N;s/\\\n//;ba}' "$document" |
        grep -oE '(^|[ `/])vglaw (ground|train|sweep|report|eval|scenes|init|inspect|import|export|data|bench|serve|engine)\b[^`#]*' | sed -E 's,^[ `/],,')
    while read -r target; do
        grep -qE "^$target:" Makefile || offence "$document: the Makefile has no target '$target'"
    done < <(grep -oE '(`|^ *|\$ )make [a-z]+( [a-z]+)*' "$document" | sed -E 's/^.*make //' | tr ' ' '\n')
    while read -r file; do
        [[ -e $file ]] || offence "$document: $file does not exist"
    done < <(grep -oE '\b(configs|models|docs|tools|examples|benchmarks)/[A-Za-z0-9_/.-]*\.[a-z]+\b' "$document" | grep -v NAME | sort -u)
done
if markers=$(grep -nE '@@[A-Z]+@@' "${documents[@]}" models/*.md); then offence "left unfilled: $markers"; fi
((offences == 0)) || { echo "$offences offence(s): the documents promise what is not there" >&2; exit 1; }
