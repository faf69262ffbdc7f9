#!/bin/sh
# test.sh [FILTER]: the crate's unit tests whose names hold FILTER (default: engine::int8), built once and run on the cores of the
# boards, emulated: Cortex-A53 (no dot product: Pi Zero 2 W, and by instruction set Pi 4 and Jetson Nano), Cortex-A76 (dot product:
# Pi 5) and qemu's `max` (matrix multiply). The kernels are chosen by what the emulated core reports, as on a board.
set -eu
filter=${1-engine::int8}
cd "$(dirname "$0")/../.."
environment=$(boards/cross/setup.sh)
eval "$environment"
# Unoptimised code takes many minutes when it is emulated.
export CARGO_PROFILE_TEST_OPT_LEVEL=2
"${CARGO:-cargo}" test --locked --lib --no-run
for core in cortex-a53 cortex-a76 max; do
    echo "== $core"
    # qemu-user reads the core from QEMU_CPU.
    QEMU_CPU=$core "${CARGO:-cargo}" test --locked --lib --quiet -- "$filter"
done
