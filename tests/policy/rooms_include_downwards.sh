#!/usr/bin/env bash
# A room includes only itself and the rooms below it, always as "vglaw/ROOM/FILE.h".
source "$(dirname "$0")/house.sh"

declare -A floor
for i in "${!rooms[@]}"; do floor[${rooms[i]}]=$i; done

for folder in vglaw/*/; do
    [[ -d $folder ]] || continue
    room=$(basename "$folder")
    if [[ -z ${floor[$room]+known} ]]; then
        [[ -z $(sources "$folder") ]] || offence "$folder:1" "unknown room; give it a place in tests/policy/house.sh"
        continue
    fi
    while read -r file; do
        while IFS=: read -r line text; do
            if [[ ! $text =~ [\<\"]vglaw/([a-z0-9_]+)/ ]]; then
                offence "$file:$line" "write it as \"vglaw/ROOM/FILE.h\": $text"
                continue
            fi
            other=${BASH_REMATCH[1]}
            if [[ -z ${floor[$other]+known} ]]; then
                offence "$file:$line" "unknown room '$other': $text"
            elif ((floor[$other] > floor[$room])); then
                offence "$file:$line" "$room stands below $other and may not include it: $text"
            elif [[ $room == engine && $other == net ]]; then
                offence "$file:$line" "net and engine do not know each other: $text"
            fi
        done < <(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*("|<vglaw/)' "$file" || true)
    done < <(sources "$folder")
done
finish "a room includes only rooms below it: ${rooms[*]}"
