# The server: every form of a request, the same answers as `ground`, many clients at once, reload, drain, overload, abuse.
source "$(dirname "$0")/harness.sh" "$@"

if ! command -v python3 >/dev/null; then
    echo "SKIPPED: python3 is not installed (apt-get install python3)"
    exit 77
fi
tiny_model one.safetensors --active
succeeds init "$tiny" --seed 8 --out two.safetensors --active
fails "there is no such file" serve --model none.safetensors --port 0
fails "cannot be a model's name" serve --model "a b=one.safetensors" --port 0
fails "two models are named one" serve --model one.safetensors one=two.safetensors --port 0
: >empty
fails "has no tokens" serve --model one.safetensors --token-file empty --port 0
fails "no address of this machine" serve --model one.safetensors --host no.such.host.invalid --port 0
misused serve --port 70000
misused serve --model one.safetensors --token-file '' --port 0
misused serve --max-batch 0
for part in answers load lifetime abuse; do
    python3 "$source_dir/tests/e2e/serve_$part.py" "$vglaw" "$source_dir" || die "serve_$part.py"
done
