#!/usr/bin/env bash
# clang-format and clang-tidy over the sources; changes nothing. Usage: tools/lint.sh [FILE...], default: every file
set -euo pipefail
cd "$(dirname "$0")/.."

if (($# > 0)); then
    files=("$@")
else
    mapfile -t files < <(find vglaw apps benchmarks tests -name '*.h' -o -name '*.cc' | sort)
fi
clang-format --dry-run --Werror "${files[@]}"
echo "lint: ${#files[@]} files are formatted"

[[ -f build/compile_commands.json ]] || cmake --preset release >/dev/null
# GCC's precompiled headers mean nothing to clang: a copy of the commands without them.
mkdir -p build/lint
sed -E 's/ -Winvalid-pch//g; s/ -include [^ ]*cmake_pch\.hxx//g' build/compile_commands.json >build/lint/compile_commands.json
sources=()
for file in "${files[@]}"; do
    if [[ $file == *.cc ]] && grep -qF "/$file\"" build/lint/compile_commands.json; then sources+=("$file"); fi
done
printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/lint --quiet
echo "lint: clang-tidy has nothing to say about ${#sources[@]} files"
