# The front door. Everything happens in build/ by the release preset; see CMakePresets.json for the others.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup build demo test packages bench fuzz lint clean

# One compiler a core, but no more than memory allows: a file with LibTorch's headers takes up to 1.5 GB.
JOBS ?= $(shell awk -v cores="$$(nproc)" '/MemAvailable/ { n = int($$2 / 1572864); print n < 1 ? 1 : n < cores ? n : cores }' /proc/meminfo)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s%s\n", $$1, $$2 }' Makefile

setup: ## install the Debian packages the build needs (root or sudo)
	@tools/setup.sh

build: ## build the program, build/vglaw, and every test
	cmake --preset release
	cmake --build --preset release -j $(JOBS)

demo: setup ## build the program and ground expressions in a picture with the shipped model
	cmake --preset release
	cmake --build --preset release -j $(JOBS) --target vglaw
	@tools/demo.sh

test: setup build ## build everything and run every test
	ctest --preset release -j $(JOBS)

packages: setup build ## Debian packages of what was built, in build/packages
	cpack --config build/CPackConfig.cmake -B build/packages

bench: ## build and run the benchmarks
	@tools/setup.sh bench
	cmake --preset release -D VGLAW_BENCHMARKS=ON
	cmake --build --preset release -j $(JOBS) --target vglaw_benchmarks
	@for program in build/benchmarks/*_speed; do echo "== $$program"; "$$program" || exit 1; done

# Each target in turn; `make fuzz SECONDS=600` for a long look.
SECONDS ?= 10
fuzz: ## feed the readers of files broken input, SECONDS=10 each, with clang's sanitizers watching
	@tools/setup.sh fuzz
	cmake --preset fuzz
	cmake --build --preset fuzz -j $(JOBS)
	@tools/fuzz.sh $(SECONDS)

lint: ## formatting and clang-tidy; changes nothing
	@tools/setup.sh lint
	@tools/lint.sh

clean: ## remove what was built and what the demo wrote
	rm -rf build build-dev build-asan build-asan-readers build-fuzz build-tsan out
