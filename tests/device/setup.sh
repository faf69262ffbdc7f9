#!/bin/sh
# setup.sh: installs what the bench needs on Debian 12 and is missing. Does nothing, silently, when everything is there.
set -eu
say() { printf 'test-device: %s\n' "$*" >&2; }
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else say "run as root, or install: $*"; exit 1
    fi
}
packages=""
want() { say "needs $1: $2"; packages="$packages $1"; }
command -v qemu-system-aarch64 >/dev/null 2>&1 || want qemu-system-arm "the emulated board"
[ -x /sbin/mkfs.ext4 ] || want e2fsprogs "to make the disk of the records and to look into it"
command -v make >/dev/null 2>&1 || want make "to build the JPEG camera's kernel module"
command -v aarch64-linux-gnu-gcc >/dev/null 2>&1 || want gcc-aarch64-linux-gnu "to compile it"
if [ -n "$packages" ]; then
    as_root apt-get update -qq >&2
    # shellcheck disable=SC2086 # a list of package names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
fi
"$(dirname "$0")/../../boards/image/setup.sh"
