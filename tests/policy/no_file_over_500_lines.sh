#!/usr/bin/env bash
# What does not fit in 500 lines does more than one thing.
source "$(dirname "$0")/house.sh"

while read -r file; do
    lines=$(wc -l < "$file")
    if ((lines > 500)); then offence "$file:501" "$lines lines; split it by what it does"; fi
done < <(sources vglaw apps)
finish "no source file over 500 lines in vglaw/ and apps/"
