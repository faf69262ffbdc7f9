#!/bin/bash
# setup.sh DEST: what counting aarch64 instructions on an x86-64 Debian needs, unpacked into DEST; nothing is installed.
#   qemu-aarch64   qemu-user 7.2 of Debian 12, dynamic: the static one takes no plugins
#   icount.so      the plugin of icount.c
#   root/          aarch64 C library and Python of Debian 13, never booted
#   site/          aarch64 wheels of the peers, ONNX Runtime and LiteRT
#   llvm-mca, llvm-mc   of Debian 13
# Needs gcc, dpkg-deb, unzip, pip and the debian-archive-keyring.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dest=${1:?folder to unpack into}
mkdir -p "$dest"; dest=$(realpath "$dest"); cd "$dest"
[ ! -e complete ] || exit 0
python=3.13 # of Debian 13
# The mirror that this machine already uses.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1)
[ -n "$mirror" ] || mirror=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources)

# apt_folders NAME SUITE ARCHITECTURE: apt's folders for another suite, so that this machine's package lists stay as they are.
apt_folders() {
    local apt=$dest/apt-$1 key='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    mkdir -p "$apt"/etc/apt/{sources.list.d,preferences.d,apt.conf.d,trusted.gpg.d} "$apt"/var/lib/apt/lists/partial \
        "$apt"/var/cache/apt/archives/partial "$apt"/var/lib/dpkg "$apt/debs"
    : > "$apt/var/lib/dpkg/status"
    printf '%s\n' "Dir \"$apt\";" "Dir::State::status \"$apt/var/lib/dpkg/status\";" "APT::Architecture \"$3\";" \
        "APT::Architectures { \"$3\"; };" 'Acquire::Languages "none";' 'Acquire::Retries "3";' 'APT::Sandbox::User "root";' > "$apt/apt.conf"
    printf 'deb %s %s %s main\ndeb-src %s %s %s main\n' "$key" "$mirror" "$2" "$key" "$mirror" "$2" > "$apt/etc/apt/sources.list"
    APT_CONFIG=$apt/apt.conf apt-get -q update >/dev/null
}

apt_folders qemu bookworm amd64
(
    cd apt-qemu/debs; export APT_CONFIG=$dest/apt-qemu/apt.conf
    apt-get -q download qemu-user >/dev/null
    dpkg-deb -x qemu-user_*.deb unpacked && cp unpacked/usr/bin/qemu-aarch64 "$dest/"
    apt-get -q source --download-only qemu >/dev/null # for the plugin header
    tar xf qemu_*.orig.tar.* --wildcards --strip-components=3 -C "$dest" '*/include/qemu/qemu-plugin.h'
)
if ldd qemu-aarch64 | grep 'not found'; then echo "install the libraries above for qemu-user" >&2; exit 1; fi
gcc -O2 -Wall -shared -fPIC -fvisibility=hidden -I. -o icount.so "$here/icount.c"

apt_folders guest trixie arm64
(
    cd apt-guest/debs; export APT_CONFIG=$dest/apt-guest/apt.conf
    apt-get -q -s --no-install-recommends install python3 libstdc++6 libgomp1 libgcc-s1 \
        | awk '/^Inst/ { sub(/^\(/, "", $3); print $2 "=" $3 }' | xargs apt-get -q download >/dev/null
)
mkdir -p root site wheels
for package in apt-guest/debs/*.deb; do dpkg-deb -x "$package" root; done
for folder in lib bin sbin; do [ -e root/$folder ] || ln -s usr/$folder root/$folder; done
pip download -q --only-binary=:all: --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux_2_17_aarch64 \
    --platform manylinux2014_aarch64 --python-version $python --implementation cp --abi cp${python/./} --abi abi3 --abi none --no-deps \
    -d wheels -r "$here/guest-requirements.txt"
for wheel in wheels/*.whl; do unzip -q -o "$wheel" -d site; done

apt_folders llvm trixie amd64
(
    cd apt-llvm/debs; export APT_CONFIG=$dest/apt-llvm/apt.conf
    icu=$(apt-cache depends libxml2 | awk '/Depends: libicu/ { print $2 }')
    # shellcheck disable=SC2086 # perhaps none
    apt-get -q download llvm-19 libllvm19 libc6 libstdc++6 libgcc-s1 libffi8 libedit2 libtinfo6 libbsd0 libmd0 libzstd1 zlib1g libxml2 libz3-4 \
        liblzma5 libgmp10 $icu >/dev/null
)
mkdir -p llvm
for package in apt-llvm/debs/*.deb; do dpkg-deb -x "$package" llvm; done
for tool in llvm-mca llvm-mc; do
    # Through the unpacked ld.so: this machine's C library may be older.
    printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$dest/llvm/usr/lib64/ld-linux-x86-64.so.2" \
        "$dest/llvm/usr/lib/x86_64-linux-gnu:$dest/llvm/usr/lib/llvm-19/lib" "$dest/llvm/usr/lib/llvm-19/bin/$tool" > $tool
    chmod +x $tool
done
rm -rf apt-*/debs
touch complete
