# The web page in a real, headless Chromium: pictures and expressions in, boxes and masks compared with the command line's, by mouse, by
# keyboard alone, for screen readers, on a phone, in the dark, and when things fail. The README's picture:
#     tests/e2e/page.sh build/vglaw . --screenshot docs/images/page.png
# Called as: SCRIPT PROGRAM SOURCE_DIR [--screenshot FILE]. Without Chromium it says so and is skipped (exit code 77).
shot=${4:-}
[[ -z $shot ]] || shot=$(realpath "$shot")
source "$(dirname "$0")/harness.sh" "$@"

bash "$source_dir/tools/page_policy.sh" || die "the page's policy does not fit the page"
for needed in python3 chromium chromedriver; do
    if ! command -v $needed >/dev/null; then
        echo "SKIPPED: there is no $needed; tools/setup.sh page installs it"
        exit 77
    fi
done
python3 -B "$source_dir/tests/e2e/page/page.py" "$vglaw" "$source_dir" "$folder" ${shot:+--screenshot "$shot"}
