#!/bin/sh
# setup.sh: what cross-building for the 64-bit ARM boards needs, on Debian 12 or later (x86-64). Prints the environment of the
# build on standard output, for `eval`; says on standard error what it installs and why. Does nothing when everything is there.
#
# The Rust side comes from rustup where its server can be reached; otherwise Debian's own compiler and its arm64 standard library
# are unpacked (not installed) into the cache: target/cross, or $LENTIGO_CACHE. LENTIGO_CROSS_RUST=debian asks for that route.
set -eu
target=aarch64-unknown-linux-gnu
here=$(cd "$(dirname "$0")" && pwd)
cache=${LENTIGO_CACHE:-$here/../../target/cross}
say() { printf 'cross: %s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else say "run as root, or install: $*"; exit 1
    fi
}

packages=""
want() { say "needs $1: $2"; packages="$packages $1"; }
command -v aarch64-linux-gnu-gcc >/dev/null 2>&1 || want gcc-aarch64-linux-gnu "the linker"
[ -e /usr/aarch64-linux-gnu/include/stdio.h ] || want libc6-dev-arm64-cross "the board's C library"
command -v qemu-aarch64-static >/dev/null 2>&1 || want qemu-user-static "to run the tests"
ls /usr/lib/llvm-*/lib/libclang*.so* >/dev/null 2>&1 || want libclang-dev "to read the kernel's V4L2 header"
if [ -n "$packages" ]; then
    as_root apt-get update -qq >&2
    # shellcheck disable=SC2086 # a list of package names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
fi

rust_from_rustup() {
    [ "${LENTIGO_CROSS_RUST:-rustup}" = rustup ] && command -v rustup >/dev/null 2>&1 || return 1
    rustup target list --installed 2>/dev/null | grep -qx $target || timeout 300 rustup target add $target >&2
}

if ! rust_from_rustup; then
    [ -x "$cache/rust/rustc" ] || "$here/unpack-rust.sh" "$cache/rust" >&2
    printf 'export RUSTC=%s\n' "$cache/rust/rustc"
fi
cat <<EOF
export CARGO_BUILD_TARGET=$target
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64-static -L /usr/aarch64-linux-gnu"
export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar
export BINDGEN_EXTRA_CLANG_ARGS_aarch64_unknown_linux_gnu="--sysroot=/usr/aarch64-linux-gnu -I/usr/aarch64-linux-gnu/include"
EOF
