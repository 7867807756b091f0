#!/usr/bin/env bash
# A file is named for the one thing inside it.
source "$(dirname "$0")/house.sh"

while read -r path; do
    offence "$path:1" "name it for the one thing inside"
done < <(for folder in vglaw apps tests tools benchmarks examples cmake; do
    if [[ -d $folder ]]; then
        find "$folder" | grep -E '(^|[/_])(utils?|common|misc|helpers?)([_.][^/]*)?$|_v[0-9]+(\.[^/]*)?$' || true
    fi
done)
finish "no file or folder named utils, common, misc, helpers or _v2"
