# A disk that fills up while writing: one clear line, and neither the file nor a part of it is left.
source "$(dirname "$0")/harness.sh" "$@"

tiny_model tiny.safetensors
refuse_all() { # WORD FOLDER: everything the program writes, into a place too small for it
    fails "$1" init "$tiny" --seed 1 --out "$2/model.safetensors"
    fails "$1" ground "$photo" "the ball" --model tiny.safetensors --dump "$2/raw.safetensors"
}
# A limit on a file's size refuses a write in the middle as a full disk does, and needs no rights.
(
    trap '' XFSZ # else the signal ends the program
    ulimit -f 16 # KiB
    refuse_all "File too large" .
)
# The real thing where this machine lets us mount.
mkdir small
if mount -t tmpfs -o size=16k tmpfs small 2>/dev/null; then
    trap 'umount small; rm -rf "$folder"' EXIT
    refuse_all "No space left" small
    umount small
    trap 'rm -rf "$folder"' EXIT
else
    echo "no right to mount; tried with a limit on file size only"
fi
# The results themselves.
if "$vglaw" inspect tiny.safetensors >/dev/full 2>"$err"; then die "a result that nobody got, and exit code 0"; fi
has "$err" '^vglaw: cannot write the result to stdout'
# Places nobody can write to.
fails no/such/folder init "$tiny" --seed 1 --out no/such/folder/model.safetensors
fails no/such/folder ground "$photo" "the ball" --model tiny.safetensors --out no/such/folder/overlay.png
: >occupied
fails occupied train "$tiny" --out occupied/run
fails occupied scenes occupied/data --images 20
