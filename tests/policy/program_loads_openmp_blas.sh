# Debian's LibTorch must find OpenBLAS's OpenMP variant: the pthread one's threads fight LibTorch's own and double the time
# of a forward pass. Called with the library that links LibTorch.
set -euo pipefail
program=${1:?usage: $0 PROGRAM}
libraries=$(ldd "$program" | grep -E 'lib(open)?blas[^ ]*\.so' || true)
if [[ -z $libraries ]]; then
    echo "$program loads no BLAS: $(ldd "$program" | wc -l) libraries" >&2
    exit 1
fi
wrong=$(grep -v '/openblas-openmp/' <<<"$libraries" || true)
if [[ -n $wrong ]]; then
    echo "not from openblas-openmp (install libopenblas0-openmp, then configure again): $wrong" >&2
    exit 1
fi
