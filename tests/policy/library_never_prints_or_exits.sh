#!/usr/bin/env bash
# The library throws vglaw::Error; printing and exiting are the program's business.
source "$(dirname "$0")/house.sh"

before='(^|[^A-Za-z0-9_.>])' # not a longer name, not a member function
prints="$before(std::(cout|cerr|clog|wcout)|(std::)?(printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|putc|fputc|perror) *\(|fmt::print *\()"
leaves="$before(std::)?(exit|_exit|_Exit|quick_exit|abort|terminate|assert) *\("

while read -r file; do
    while IFS=: read -r line code; do
        offence "$file:$line" "the library never exits or aborts, it throws by fail(): $code"
    done < <(code_lines "$file" | grep -E "$leaves" || true)
    # The two files whose one purpose is to write to stderr.
    if [[ $file == vglaw/core/log.cc || $file == vglaw/core/progress.cc ]]; then continue; fi
    while IFS=: read -r line code; do
        offence "$file:$line" "the library never prints: $code"
    done < <(code_lines "$file" | grep -E "$prints" || true)
done < <(sources vglaw)
finish "the library never prints, exits or aborts"
