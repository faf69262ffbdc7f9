#!/bin/sh
# setup.sh: installs what making an image needs and is missing, on Debian 12 or later. Does nothing, silently, when all is there.
set -eu
say() { printf 'image: %s\n' "$*" >&2; }
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else say "run as root, or install: $*"; exit 1
    fi
}
packages=""
want() { say "needs $1: $2"; packages="$packages $1"; }
command -v cpio >/dev/null 2>&1 || want cpio "to pack the initramfs"
[ -x /sbin/modprobe ] || want kmod "to find out which modules need which"
command -v xz >/dev/null 2>&1 || want xz-utils "to unpack kernel modules"
command -v aarch64-linux-gnu-readelf >/dev/null 2>&1 || want gcc-aarch64-linux-gnu "to read which libraries a program needs"
[ -e /usr/aarch64-linux-gnu/lib/libc.so.6 ] || want libc6-dev-arm64-cross "those libraries"
if [ -n "$packages" ]; then
    as_root apt-get update -qq >&2
    # shellcheck disable=SC2086 # a list of package names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
fi
