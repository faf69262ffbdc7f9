#!/bin/bash
# image.sh BOARD OUT: a kernel and an initramfs whose only user program is lentigo, as init. Writes OUT/vmlinuz and OUT/initramfs.cpio.
#
# From boards/BOARD/: board.toml (the board file), modules (kernel modules with their options), kernel (which kernel).
# From the environment: SUITE, MODULES and BOARD_FILE instead of what the board says; MODULE_FOLDER: a folder with further .ko files that
# MODULES may name; BUNDLE: the bundle's folder; LENTIGO: the program, which is cross-built when it is not given.
#
# What is inside, so that nothing else is needed at run time:
#   /init -> /usr/bin/lentigo          the program, and the shared libraries that it names
#   /etc/lentigo/board.toml            the board file
#   /etc/lentigo/modules               modules in the order in which they are loaded, one a line, path then options
#   /lib/modules/NAME.ko               those modules, not compressed
#   /usr/share/lentigo/bundles/NAME    the bundle
set -euo pipefail
board=${1:?board} out=${2:?output folder}
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd)
say() { printf 'image: %s\n' "$*" >&2; }
[ -e "$root/boards/$board/kernel" ] || { say "there is no image for $board: boards/$board/kernel is missing. Boards with one: $(cd "$root/boards" && ls -- */kernel | cut -d/ -f1 | tr '\n' ' ')"; exit 1; }
"$here/setup.sh"

# The kernel: "SUITE ARCHITECTURE PACKAGE=PREFIX", see fetch.sh.
read -r board_suite architecture package < <(grep -v '^#' "$root/boards/$board/kernel")
suite=${SUITE:-$board_suite}
kernel=$("$here/fetch.sh" "$suite" "$architecture" "$package")
version=$(basename "$kernel"/boot/vmlinuz-*); version=${version#vmlinuz-}
base=$kernel; [ -d "$kernel/usr/lib/modules" ] && base=$kernel/usr
[ -e "$base/lib/modules/$version/modules.dep.bin" ] || /sbin/depmod -b "$base" "$version"

if [ -z "${LENTIGO:-}" ]; then
    "$root/boards/cross/cargo.sh" build --release --locked --manifest-path "$root/Cargo.toml"
    LENTIGO=$root/target/aarch64-unknown-linux-gnu/release/lentigo
fi
bundle=${BUNDLE:-$root/models/bundles/multitask-edge}

tree=$(mktemp -d); trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{dev,proc,sys,run,tmp,var,data,etc/lentigo,lib/modules,usr/bin,usr/share/lentigo/bundles}
cp "$LENTIGO" "$tree/usr/bin/lentigo"; chmod 755 "$tree/usr/bin/lentigo"
ln -s usr/bin/lentigo "$tree/init"
# The kernel brings /dev/console itself; /dev/null is asked for before /dev is mounted when init has no console.
[ "$(id -u)" != 0 ] || mknod -m 666 "$tree/dev/null" c 1 3
cp "${BOARD_FILE:-$root/boards/$board/board.toml}" "$tree/etc/lentigo/board.toml"
# What lentigo compiled from the bundle is for this machine, not for the board.
cp -r "$bundle" "$tree/usr/share/lentigo/bundles/"; find "$tree/usr/share/lentigo/bundles" -name '*.program' -delete

# The shared libraries that a program names, and those that they name.
libraries() {
    local file=$1 name
    aarch64-linux-gnu-readelf -d "$file" | awk '/\(NEEDED\)/ { gsub(/[][]/, "", $NF); print $NF }' | while read -r name; do
        [ -e "$tree/lib/$name" ] && continue
        cp -L "/usr/aarch64-linux-gnu/lib/$name" "$tree/lib/$name"
        libraries "$tree/lib/$name"
    done
}
libraries "$tree/usr/bin/lentigo"
cp -L /usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1 "$tree/lib/"

# One module: what it depends on first, each once.
place() { # FILE OPTIONS
    local name; name=$(basename "${1%.xz}")
    [ -e "$tree/lib/modules/$name" ] && return 0
    case $1 in *.xz) xz -dc "$1" > "$tree/lib/modules/$name" ;; *) cp "$1" "$tree/lib/modules/$name" ;; esac
    echo "/lib/modules/$name${2:+ $2}" >> "$tree/etc/lentigo/modules"
}
: > "$tree/etc/lentigo/modules"
grep -v -e '^#' -e '^$' "${MODULES:-$root/boards/$board/modules}" | while read -r module options; do
    if [ -n "${MODULE_FOLDER:-}" ] && [ -e "$MODULE_FOLDER/$module.ko" ]; then
        # Built apart, so depmod does not know it: it says itself what it needs.
        for needed in $(/sbin/modinfo -F depends "$MODULE_FOLDER/$module.ko" | tr ',' ' '); do
            /sbin/modprobe -C /dev/null -d "$base" -S "$version" --show-depends "$needed" | while read -r what file _; do
                [ "$what" = insmod ] && place "$file" ""
            done
        done
        place "$MODULE_FOLDER/$module.ko" "$options"
        continue
    fi
    /sbin/modprobe -C /dev/null -d "$base" -S "$version" --show-depends "${module#\?}" > "$tree/found" 2>"$tree/problem" || {
        # A question mark: other kernels have it built in under another name, or not at all.
        case $module in \?*) continue ;; esac
        cat "$tree/problem" >&2; say "$suite's kernel $version has no module $module"; exit 1
    }
    while read -r what file _; do
        [ "$what" = insmod ] || continue
        case $(basename "$file") in "${module#\?}".ko*) place "$file" "$options" ;; *) place "$file" "" ;; esac
    done < "$tree/found"
done
rm -f "$tree/found" "$tree/problem"

mkdir -p "$out"
cp "$kernel/boot/vmlinuz-$version" "$out/vmlinuz"
# Not compressed: a boot loader reads it faster than a small core unpacks it. The date and owner of every file are the same, so
# that the same parts give the same image.
(cd "$tree" && find . -exec touch -h -d @0 {} + && find . -print0 | LC_ALL=C sort -z | cpio --null --quiet --reproducible -o -H newc -R 0:0) > "$out/initramfs.cpio"
say "$out/vmlinuz ($version), $out/initramfs.cpio ($(du -h "$out/initramfs.cpio" | cut -f1))"
