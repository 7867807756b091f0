#!/usr/bin/env bash
# Installs the Debian packages that building needs, as root or with sudo, without a question. Installed already: does
# nothing and needs no network. Usage: tools/setup.sh [--without-torch] [bench] [deploy] [fuzz] [lint] [page] [python] [valgrind]
set -euo pipefail

packages=(
    build-essential cmake ninja-build ccache pkg-config
    libdnnl-dev ocl-icd-opencl-dev # oneDNN's CMake package asks for OpenCL, which its Debian package only recommends
    libhwy-dev libonnx-dev libprotobuf-dev
    zlib1g-dev libjpeg62-turbo-dev libpng-dev libwebp-dev libcairo2-dev fonts-dejavu-core
    nlohmann-json3-dev libsimdjson-dev libtomlplusplus-dev libcli11-dev libfmt-dev libboost-dev libutf8proc-dev
    libgtest-dev libgmock-dev
    file # dpkg-shlibdeps asks it, for the Debian packages
)
# LibTorch, with OpenBLAS's OpenMP variant in the same breath: left alone, apt picks the pthread one, whose threads
# fight LibTorch's own. -DVGLAW_WITH_TORCH=OFF needs neither.
asked=$*
torch=(libtorch-dev libgloo-dev libopenblas0-openmp libopenblas-openmp-dev)
if [[ ${1:-} == --without-torch ]]; then
    torch=()
    shift
fi
packages+=("${torch[@]}")
for group in "$@"; do
    case $group in
        bench) packages+=(libbenchmark-dev python3-torch wrk) ;; # PyTorch: the peer of tools/compare/train_step.py
        deploy) packages+=(curl nginx-light openssl python3-yaml) ;; # what the tests of deploy/ start and read
        fuzz) packages+=(clang libclang-rt-14-dev llvm) ;; # libFuzzer and the sanitizers; llvm puts names on their traces
        lint) packages+=(clang-format clang-tidy) ;;
        page) packages+=(chromium chromium-driver curl fonts-dejavu-core python3) ;; # the browser that tests the web page
        python) packages+=(python3-dev pybind11-dev python3-numpy) ;;
        valgrind) packages+=(valgrind) ;; # tools/instruction_count.sh
        *) echo "setup: unknown group '$group'; known are bench, deploy, fuzz, lint, page, python and valgrind" >&2; exit 2 ;;
    esac
done

installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "setup: this is not Debian; install the equivalents of: ${packages[*]}" >&2
    exit 1
fi
missing=()
for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    echo "setup: everything is installed"
    exit 0
fi

root=()
if [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: needs root to install ${missing[*]}; run 'tools/setup.sh $asked' as root" >&2
        exit 1
    fi
    root=(sudo)
fi
apt_get() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 "$@" </dev/null
}
echo "setup: installing ${missing[*]}"
apt_get update
# All of them, not only the missing: apt then settles LibTorch and the OpenMP variant together.
apt_get install --no-install-recommends "${packages[@]}"
