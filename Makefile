# lentigo: every command a person or a machine needs. `make help` lists them.
# Each target installs what it needs on Debian 12 or Raspberry Pi OS and says so.

SHELL := /bin/sh
CARGO := cargo
BOARD ?= boards/simulated.toml
SYSTEM ?= asff
DATA ?= ../shared/data
WORK ?= target/training
PYTHON ?= python3
FUZZ_SECONDS ?= 600

# cargo installed by .ci/setup in this very run is not yet on the caller's PATH.
export PATH := $(HOME)/.cargo/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup build run test check bench train fuzz man clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  BOARD=$(BOARD)  the board file of 'make run'"
	@echo "  SYSTEM=$(SYSTEM)  DATA=$(DATA)  the system and the image pool of 'make train'"

setup:
	@sh .ci/setup

build: setup ## Build the release binary
	@$(CARGO) build --release --locked

run: build ## Set up, build and run the device loop (simulated camera and screen by default)
	@./target/release/lentigo run --board $(BOARD)

test: setup ## Run every test that needs no board and no image pool
	@$(CARGO) test --locked

check: setup ## Formatting, lints (warnings are errors) and, when cargo-deny is installed, licences and advisories
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --locked check; \
	else echo "cargo-deny is not installed: licences and advisories are not checked (cargo install cargo-deny --locked)"; fi

bench: build ## Time each stage of one assessment with the shipped bundle
	@./target/release/lentigo bench --bundle models/bundles/asff-edge

train: ## Train, export, quantise and assemble a bundle (SYSTEM=asff); resumes where it stopped; needs the image pool
	@SYSTEM=$(SYSTEM) DATA="$(DATA)" WORK="$(WORK)" PYTHON="$(PYTHON)" sh models/training/train.sh

fuzz: setup ## Fuzz pixel formats, manifest and board file, FUZZ_SECONDS each
	@FUZZ_SECONDS=$(FUZZ_SECONDS) sh fuzz/run.sh

man: build ## Write the manual pages and shell completions into target/man and target/completions
	@./target/release/lentigo man --out target/man
	@mkdir -p target/completions
	@for shell in bash zsh fish; do ./target/release/lentigo completions $$shell > target/completions/lentigo.$$shell; done
	@echo "target/man and target/completions"

clean: ## Remove what was built
	$(CARGO) clean
