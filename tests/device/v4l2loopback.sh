#!/bin/bash
# v4l2loopback.sh: builds v4l2loopback.ko for Debian 12's arm64 kernel, from Debian's own package, once; prints its folder.
#
# Only that kernel: the compiler of this machine's Debian builds it, and its helper programs run here.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); fetch=$here/../../boards/image/fetch.sh
kernel=$("$fetch" bookworm arm64 linux-image-arm64=linux-image-6)
version=$(basename "$kernel"/boot/vmlinuz-*); version=${version#vmlinuz-}
work=$(dirname "$kernel")/v4l2loopback
if [ ! -e "$work/complete" ]; then
    command -v make >/dev/null 2>&1 || { echo "v4l2loopback: needs make" >&2; exit 1; }
    headers=$("$fetch" bookworm arm64 "linux-headers-$version" "linux-headers-${version%-arm64}-common")
    tools=$("$fetch" bookworm amd64 linux-kbuild-6.1 v4l2loopback-dkms)
    rm -rf "$work"; mkdir -p "$work/root"
    cp -a "$headers/." "$tools/." "$work/root/"
    tree=$work/root/usr/src/linux-headers-$version
    # The packages name each other by absolute paths: point them into this tree.
    sed -i "s#/usr/src/linux-headers#$work/root/usr/src/linux-headers#g" "$tree/Makefile"
    for link in scripts tools; do
        [ -L "$tree/$link" ] || continue
        target=$(readlink "$tree/$link")
        case $target in /*) ln -sfn "$work/root$target" "$tree/$link" ;; esac
    done
    make -C "$tree" M="$(echo "$work"/root/usr/src/v4l2loopback-*)" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- modules >&2
    cp "$work"/root/usr/src/v4l2loopback-*/v4l2loopback.ko "$work/"
    touch "$work/complete"
fi
echo "$work"
