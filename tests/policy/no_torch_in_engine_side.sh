#!/usr/bin/env bash
# The engine and all it stands on build and install where LibTorch is not.
source "$(dirname "$0")/house.sh"

for room in "${engine_side[@]}"; do
    while read -r file; do
        while IFS=: read -r line text; do
            offence "$file:$line" "$room is free of LibTorch and of the rooms that need it: $text"
        done < <(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](torch/|ATen/|c10/|c10d/|caffe2/|vglaw/(net|train)/)' "$file" || true)
    done < <(sources "vglaw/$room")
done
finish "no torch/, ATen/, c10/, vglaw/net/ or vglaw/train/ header in: ${engine_side[*]}"
