#!/usr/bin/env bash
# A Python that runs exported models, for examples/onnx and tests/e2e/onnx_runtime.sh: FOLDER (default build/onnx-python)
# becomes a virtual environment with the pinned packages. Needs PyPI once; there already: does nothing.
# Usage: tools/onnx_python.sh [FOLDER [REQUIREMENTS]]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-build/onnx-python} requirements=${2:-examples/onnx/requirements.txt}
if [[ -f $folder/installed ]] && cmp -s "$folder/installed" "$requirements"; then exit 0; fi
[[ -x $folder/bin/python ]] || python3 -m venv "$folder"
timeout 600 "$folder/bin/python" -m pip install -q --disable-pip-version-check --retries 2 --timeout 20 -r "$requirements" </dev/null
cp "$requirements" "$folder/installed"
echo "$folder/bin/python"
