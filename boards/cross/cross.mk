# Targets for the 64-bit ARM boards; included by the Makefile.
.PHONY: cross test-arm bench-arm
CROSS_TARGET := aarch64-unknown-linux-gnu
ARM_TESTS ?= engine::int8
ZOO ?= target/bench-zoo

cross: ## Cross-build the release binary for 64-bit ARM boards (Raspberry Pi OS 12, JetPack 6)
	@CARGO=$(CARGO) boards/cross/cargo.sh build --release --locked
	@echo "target/$(CROSS_TARGET)/release/lentigo"

test-arm: ## Run the int8 tests on emulated Cortex-A53, A76 and a core with i8mm (ARM_TESTS= for all unit tests)
	@CARGO=$(CARGO) boards/cross/test.sh "$(ARM_TESTS)"

bench-arm: cross ## Count instructions and estimate cycles per inference on ARM cores, beside ONNX Runtime and LiteRT
	@$(PYTHON) benches/arm/bench.py --lentigo target/$(CROSS_TARGET)/release/lentigo --zoo "$(ZOO)"
