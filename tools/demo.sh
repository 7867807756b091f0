#!/usr/bin/env bash
# Grounds expressions in a picture with the shipped model. Usage: tools/demo.sh [PROGRAM [OUT]]
set -euo pipefail
cd "$(dirname "$0")/.."

picture=examples/demo/scene.jpg
expressions=(
    "the small red ball left of the blue cube"
)

program=${1:-build/vglaw}
out=${2:-out/demo.png}
mkdir -p "$(dirname "$out")"
"$program" ground "$picture" "${expressions[@]}" --out "$out"
echo "The picture with its boxes and masks: $(realpath "$out")"
