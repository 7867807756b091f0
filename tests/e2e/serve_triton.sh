# The Open Inference Protocol by a client that others wrote: tritonclient, from PyPI. VGLAW_TRITON_PYTHON names a Python that has it.
source "$(dirname "$0")/harness.sh" "$@"

python=${VGLAW_TRITON_PYTHON:-python3}
if ! "$python" -c 'import numpy, tritonclient.http' 2>/dev/null; then
    echo "SKIPPED: $python has no tritonclient: python3 -m venv v && v/bin/pip install 'tritonclient[http]', then VGLAW_TRITON_PYTHON=v/bin/python"
    exit 77
fi
tiny_model one.safetensors --active
"$python" "$source_dir/tests/e2e/serve_triton.py" "$vglaw" "$source_dir" || die "serve_triton.py"
