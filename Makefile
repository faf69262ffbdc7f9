# lentigo: every command a person or a machine needs. `make help` lists them.
# Each target installs what it needs on Debian 12 or Raspberry Pi OS and says so.

SHELL := /bin/sh
CARGO := cargo
BOARD ?= simulated
SYSTEM ?= asff
DATA ?= ../shared/data
WORK ?= target/training
PYTHON ?= python3
FUZZ_SECONDS ?= 600
CROSS_TARGET := aarch64-unknown-linux-gnu
# BOARD is the name of a folder in boards/, or the path of a board file.
BOARD_FILE = $(if $(wildcard boards/$(BOARD)/board.toml),boards/$(BOARD)/board.toml,$(BOARD))
ARM_TESTS ?= engine::int8
ZOO ?= target/bench-zoo

# cargo installed by .ci/setup in this very run is not yet on the caller's PATH.
export PATH := $(HOME)/.cargo/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: image test-device cross test-arm bench-arm help setup build run test test-onnx check evaluation bench bench-kernels agreement train fuzz install deb man clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  BOARD=$(BOARD)  a folder in boards/, or a board file: what 'make run', 'install' and 'deb' are for"
	@echo "  SYSTEM=$(SYSTEM)  DATA=$(DATA)  the system and the image pool of 'make train'"

setup:
	@sh .ci/setup

build: setup ## Build the release binary
	@$(CARGO) build --release --locked

run: build ## Set up, build and run the device loop (simulated camera and screen by default)
	@./target/release/lentigo run --board $(BOARD_FILE)

test: setup ## Run every test that needs no board and no image pool
	@$(CARGO) test --locked

check: setup ## Formatting, lints (warnings are errors) and, when cargo-deny is installed, licences and advisories
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --locked check; \
	else echo "cargo-deny is not installed: licences and advisories are not checked (cargo install cargo-deny --locked)"; fi

test-onnx: setup ## Run the ONNX project's own tests of single operators through the int8 engine (needs Python and PyPI)
	@test -x target/onnx-venv/bin/python || $(PYTHON) -m venv target/onnx-venv
	@target/onnx-venv/bin/pip install --quiet --requirement tests/onnx_node/requirements.txt
	@rm -rf target/onnx-node && target/onnx-venv/bin/python tests/onnx_node/collect.py target/onnx-node
	@LENTIGO_ONNX_NODE=$(CURDIR)/target/onnx-node $(CARGO) test --locked --test int8_models -- --nocapture single_operators

bench: build ## Time int8 inference beside stock tract, ONNX Runtime and OpenVINO; writes benches/RESULTS.md (ZOO= folder of test networks)
	@$(PYTHON) benches/peers/bench.py --zoo "$(ZOO)"

bench-kernels: setup ## Multiply-adds a second of each kernel, beside the processor's ceiling
	@$(CARGO) bench --locked --bench kernels

agreement: build ## Compare every bundle with ONNX Runtime on 200 images of the pool
	@$(PYTHON) benches/peers/agreement.py --data "$(DATA)"

train: ## Train, export, quantise and assemble a bundle (SYSTEM=asff); resumes where it stopped; needs the image pool
	@SYSTEM=$(SYSTEM) DATA="$(DATA)" WORK="$(WORK)" PYTHON="$(PYTHON)" sh models/training/train.sh

evaluation: build ## Measure every bundle on the image pool and write models/EVALUATION.md (FLOAT32= folder of the float32 twins; PYTHON with the trainer's packages)
	@PYTHON="$(PYTHON)" FLOAT32="$(FLOAT32)" sh models/training/evaluate.sh target/release/lentigo "$(DATA)" target/evaluation
	@PYTHONPATH=models/training $(PYTHON) -m lentigo_training evaluation --bundles models/bundles --reports target/evaluation --to models/EVALUATION.md \
		--notes models/LIMITS.md $(foreach table,$(wildcard models/training/ablations/*),--ablation "$(basename $(notdir $(table)))=$(table)")

fuzz: setup ## Fuzz pixel formats, manifest and board file, FUZZ_SECONDS each
	@FUZZ_SECONDS=$(FUZZ_SECONDS) sh fuzz/run.sh

cross: ## Cross-build the release binary for 64-bit ARM boards (Raspberry Pi OS 12, JetPack 6)
	@CARGO=$(CARGO) boards/cross/cargo.sh build --release --locked
	@echo "target/$(CROSS_TARGET)/release/lentigo"

test-arm: ## Run the int8 tests on emulated Cortex-A53, A76 and a core with i8mm (ARM_TESTS= for all unit tests)
	@CARGO=$(CARGO) boards/cross/test.sh "$(ARM_TESTS)"

bench-arm: cross ## Count instructions and estimate cycles per inference on ARM cores, beside ONNX Runtime and LiteRT
	@$(PYTHON) benches/arm/bench.py --lentigo target/$(CROSS_TARGET)/release/lentigo --zoo "$(ZOO)"

# Packaging. BINARY: what is installed; without it, what `make build` or `make cross` left.
PREFIX ?= /usr
BUNDLE ?= models/bundles/dual-network-edge
DEB_ARCH ?= $(if $(filter clinic-pc simulated,$(BOARD)),$(shell dpkg --print-architecture 2>/dev/null || echo amd64),arm64)
# The simulated board is what runs without hardware, never what gets installed because no board was named.
CHOSEN_BOARD = $(if $(filter file,$(origin BOARD)),,$(BOARD))
CROSS_BINARY := target/$(CROSS_TARGET)/release/lentigo

install: ## Install for BOARD= on this computer, or into DESTDIR= (PREFIX=, BINARY=, BUNDLE=)
	@BOARD="$(CHOSEN_BOARD)" BUNDLE="$(BUNDLE)" DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" \
		BINARY="$(or $(BINARY),target/release/lentigo)" boards/common/install.sh

deb: ## Build a Debian package for BOARD= in target/deb (DEB_ARCH=arm64 takes the program of 'make cross')
	@BOARD="$(CHOSEN_BOARD)" BUNDLE="$(BUNDLE)" DEB_ARCH="$(DEB_ARCH)" \
		BINARY="$(or $(BINARY),$(if $(filter arm64,$(DEB_ARCH)),$(CROSS_BINARY),target/release/lentigo))" boards/common/deb.sh

image: setup ## Make a kernel and an initramfs whose only program is lentigo (BOARD=qemu-virt), in target/image/BOARD
	@CARGO=$(CARGO) boards/image/image.sh "$(CHOSEN_BOARD)" "target/image/$(CHOSEN_BOARD)"

test-device: setup ## Boot the image in QEMU and go through what can happen to a device (DEVICE_CASE=NAME for one case); under 20 minutes
	@CARGO=$(CARGO) tests/device/run.sh target/device-bench $(if $(DEVICE_CASE),--case "$(DEVICE_CASE)")

man: build ## Write the manual pages and shell completions into target/man and target/completions
	@./target/release/lentigo man --out target/man
	@mkdir -p target/completions
	@for shell in bash zsh fish; do ./target/release/lentigo completions $$shell > target/completions/lentigo.$$shell; done
	@echo "target/man and target/completions"

clean: ## Remove what was built
	$(CARGO) clean
