#!/usr/bin/env bash
# The content security policy of vglaw/serve/page/index.html names the hashes of its own script and style. Without an argument: say
# whether they are right; --write: set them, after the page was edited.
set -euo pipefail
cd "$(dirname "$0")/.."
page=${PAGE:-vglaw/serve/page/index.html}

# What stands between <TAG> and </TAG>, newlines included, as a browser hashes it.
hash_of() { # TAG
    local inside
    inside=$(cat "$page" && echo .)
    inside=${inside#*"<$1>"}
    inside=${inside%%"</$1>"*}
    # shellcheck disable=SC2059 # the digest's digits are escapes of the format
    printf "$(printf %s "$inside" | sha256sum | cut -d' ' -f1 | sed 's/../\\x&/g')" | base64
}
wrong=0
for tag in script style; do
    right=$(hash_of $tag)
    if grep -qF "$tag-src 'sha256-$right'" "$page"; then continue; fi
    if [[ ${1:-} == --write ]]; then
        sed -i "s|$tag-src 'sha256-[^']*'|$tag-src 'sha256-$right'|" "$page"
    else
        echo "$page: its <$tag> has the hash sha256-$right, its policy says another; run tools/page_policy.sh --write" >&2
        wrong=1
    fi
done
exit $wrong
