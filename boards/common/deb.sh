#!/bin/sh
# Builds lentigo-BOARD_VERSION_ARCH.deb in OUT (target/deb) from what install.sh stages. Called by `make deb`; takes from the environment
# what install.sh takes, DEB_ARCH, and MAINTAINER for who answers for the package. The same commit and the same program give the same bytes: times are the commit's.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${OUT:-$root/target/deb}

fail() {
    echo "deb: $*" >&2
    exit 1
}

for tool in dpkg-deb readelf gzip; do
    command -v "$tool" > /dev/null || fail "$tool is missing: apt-get install dpkg binutils gzip"
done
[ -f "$root/boards/${BOARD:-}/board.toml" ] || fail "say which board: make deb BOARD=NAME, where NAME is a folder in boards/"
[ -f "${BINARY:-}" ] || fail "there is no program ${BINARY:-}: run \`make build\` or \`make cross\` first, or give BINARY=FILE"

case $(readelf --file-header "$BINARY" | sed -n 's/^ *Machine: *//p') in
*X86-64*) machine=amd64 ;;
AArch64) machine=arm64 ;;
*) fail "$BINARY is a program for neither amd64 nor arm64" ;;
esac
[ "$machine" = "${DEB_ARCH:-$machine}" ] || fail "$BINARY is a program for $machine, not for DEB_ARCH=$DEB_ARCH"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
if commit=$(git -C "$root" rev-parse --short=8 HEAD 2> /dev/null); then
    git -C "$root" describe --exact-match --tags > /dev/null 2>&1 || version=$version+r$(git -C "$root" rev-list --count HEAD).g$commit
    : "${SOURCE_DATE_EPOCH:=$(git -C "$root" log -1 --format=%ct)}"
fi
: "${SOURCE_DATE_EPOCH:?say which time the files are to have, in seconds since 1970}"
export SOURCE_DATE_EPOCH

# What the program needs from the C library, read from the program: the newest symbol version that it asks for.
glibc=$(readelf --version-info --wide "$BINARY" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
[ -n "$glibc" ] || fail "cannot tell which C library $BINARY needs"
depends="libc6 (>= $glibc)"
readelf --dynamic --wide "$BINARY" | grep -q 'NEEDED.*libgcc_s' && depends="$depends, libgcc-s1 (>= 4.2)"
depends="$depends, systemd (>= 247), udev"

package=lentigo-$BOARD
maintainer=${MAINTAINER:-lentigo maintainers <maintainers@lentigo.invalid>}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"
umask 022

BOARD=$BOARD BINARY=$BINARY BUNDLE=$BUNDLE DESTDIR=$stage PREFIX=/usr "$here/install.sh"

doc=$stage/usr/share/doc/$package
mkdir -p "$doc"
mv "$stage/usr/share/doc/lentigo/board.md" "$doc/board.md"
rmdir "$stage/usr/share/doc/lentigo"
sed -i "s#/usr/share/doc/lentigo/board.md#/usr/share/doc/$package/board.md#" "$stage/usr/lib/systemd/system/lentigo.service"
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: lentigo\n\n'
    printf 'Files: *\nCopyright: the lentigo maintainers\nLicense: Expat or Apache-2.0\n'
    printf ' On Debian systems the Apache licence 2.0 is in /usr/share/common-licenses/Apache-2.0. The Expat licence:\n .\n'
    sed 's/^$/./; s/^/ /' "$root/LICENSE-MIT"
} > "$doc/copyright"
{
    printf '%s (%s) stable; urgency=medium\n\n  * Built for the board %s.\n    CHANGELOG.md in the source says what changed.\n\n' "$package" "$version" "$BOARD"
    printf ' -- %s  %s\n' "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n > "$doc/changelog.gz"

# Manual pages are written by the program itself: run here when this computer can, else emulated, else left out.
pages=$(mktemp -d)
if "$BINARY" man --out "$pages" > /dev/null 2>&1 ||
    qemu-aarch64-static -L /usr/aarch64-linux-gnu "$BINARY" man --out "$pages" > /dev/null 2>&1; then
    install -d -m 755 "$stage/usr/share/man/man1"
    for page in "$pages"/*.1; do [ ! -f "$page" ] || gzip -9n < "$page" > "$stage/usr/share/man/man1/$(basename "$page").gz"; done
else
    echo "deb: this computer cannot run $BINARY, so the package has no manual pages" >&2
fi
rm -rf "$pages"

mkdir -p "$stage/DEBIAN"
size=$(find "$stage/usr" "$stage/etc" -type f -exec stat -c %s {} + | awk '{ kilobytes += int(($1 + 1023) / 1024) } END { print kilobytes }')
cat > "$stage/DEBIAN/control" <<END
Package: $package
Version: $version
Architecture: $machine
Maintainer: $maintainer
Installed-Size: $size
Depends: $depends
Provides: lentigo
Conflicts: lentigo
Replaces: lentigo
Section: science
Priority: optional
Description: runtime of a handheld dermatoscope ($BOARD)
 A dermoscopic picture from a USB camera must pass a quality gate, goes through
 an int8 network on the processor, and leaves as a calibrated referral advice
 with its evidence: on the screen and in a record. It works offline; the
 service has no network. An adjunct to a clinician, not a diagnosis.
 .
 This package has program, model, board file, service and udev rules for the
 board $BOARD.
 Records stay in /var/lib/lentigo when it is removed or purged.
END
echo /etc/lentigo/board.toml > "$stage/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "$here/deb/$script" "$stage/DEBIAN/$script"; done
(cd "$stage" && find usr -type f | LC_ALL=C sort | xargs md5sum > DEBIAN/md5sums)
chmod 644 "$stage/DEBIAN/control" "$stage/DEBIAN/conffiles" "$stage/DEBIAN/md5sums"
find "$stage" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
file=$out/${package}_${version}_$machine.deb
dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$stage" "$file" > /dev/null
echo "${file#"$root"/}"
