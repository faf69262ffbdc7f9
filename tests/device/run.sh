#!/bin/bash
# run.sh OUT [ARGUMENT...]: `make test-device`. Builds everything, then goes through the cases; arguments are those of the bench
# (--case NAME, --keep). README.md beside this file says more.
#
# LENTIGO_BENCH_FAST=1 cross-builds without link-time optimisation: for working on the bench, not for figures.
set -euo pipefail
out=${1:?output folder}; shift
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd)
"$here/setup.sh"
mkdir -p "$out"; out=$(cd "$out" && pwd)
say() { printf 'test-device: %s\n' "$*" >&2; }

say "lentigo for aarch64"
if [ -n "${LENTIGO_BENCH_FAST:-}" ]; then export CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16; fi
"$root/boards/cross/cargo.sh" build --release --locked --manifest-path "$root/Cargo.toml"
unset CARGO_PROFILE_RELEASE_LTO CARGO_PROFILE_RELEASE_CODEGEN_UNITS
export LENTIGO=$root/target/aarch64-unknown-linux-gnu/release/lentigo

say "the bench, and its program for inside the machine"
"$root/boards/cross/cargo.sh" build --release --locked --manifest-path "$here/Cargo.toml" -p lentigo-bench-guest --target-dir "$root/target/device-bench"
${CARGO:-cargo} build --locked --manifest-path "$here/Cargo.toml" -p lentigo-device-bench --target-dir "$root/target"

"$root/boards/image/image.sh" qemu-virt "$out/image"
# The second kernel: its camera sends JPEG, so the board file says so.
loopback=$("$here/v4l2loopback.sh")
sed -e 's/^format = "YUYV"/format = "MJPG"/' "$root/boards/qemu-virt/board.toml" > "$out/board-jpeg.toml"
sed -e 's/^vivid .*/v4l2loopback devices=1 video_nr=0 exclusive_caps=0 max_buffers=8/' "$root/boards/qemu-virt/modules" > "$out/modules-jpeg"
SUITE=bookworm MODULES=$out/modules-jpeg MODULE_FOLDER=$loopback BOARD_FILE=$out/board-jpeg.toml "$root/boards/image/image.sh" qemu-virt "$out/image-jpeg"

"$root/target/debug/device-bench" --image "$out/image" --jpeg-image "$out/image-jpeg" --bundle "$root/models/bundles/multitask-edge" \
    --board "$root/boards/qemu-virt/board.toml" \
    --guest "$root/target/device-bench/aarch64-unknown-linux-gnu/release/lentigo-bench-guest" --out "$out" "$@"
