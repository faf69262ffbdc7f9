#!/bin/bash
# unpack-rust.sh DEST: Debian's rustc and its arm64 standard library, unpacked into DEST/root, and DEST/rustc, which runs it.
# For machines that reach a Debian mirror but not rustup's server. Nothing is installed; 134 MB are downloaded.
#
# The compiler comes from trixie-backports, which is newer than Debian 12's C library: so it is run through the unpacked ld.so
# with the unpacked libraries. The apt folders are DEST's own, so that the machine's package lists stay as they are.
set -euo pipefail
dest=${1:?folder to unpack into}
mkdir -p "$dest"; dest=$(realpath "$dest")
apt=$dest/apt root=$dest/root
# The mirror this machine already uses.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1)
[ -n "$mirror" ] || mirror=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources)

mkdir -p "$apt"/etc/apt/{sources.list.d,preferences.d,apt.conf.d,trusted.gpg.d} "$apt"/var/lib/apt/lists/partial \
    "$apt"/var/cache/apt/archives/partial "$apt"/var/lib/dpkg "$root" "$dest/debs"
: > "$apt/var/lib/dpkg/status"
cat > "$apt/apt.conf" <<EOF
Dir "$apt";
Dir::State::status "$apt/var/lib/dpkg/status";
APT::Architecture "amd64";
APT::Architectures { "amd64"; "arm64"; };
APT::Default-Release "trixie-backports";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "root";
EOF
key=/usr/share/keyrings/debian-archive-keyring.gpg
printf "deb [signed-by=$key] $mirror %s main\n" trixie trixie-backports > "$apt/etc/apt/sources.list"
export APT_CONFIG=$apt/apt.conf
apt-get -q update >/dev/null

depends() { apt-cache depends "$1" | awk -v prefix="$2" '/Depends:/ && index($2, prefix) == 1 && !found++ { print $2 }'; }
std=$(depends libstd-rust-dev libstd-rust-) # libstd-rust-N
llvm=$(depends "$std" libllvm)
[ -n "$std" ] && [ -n "$llvm" ] || { echo "the mirror has no rustc that this script knows how to unpack" >&2; exit 1; }
cd "$dest/debs"
# The compiler, the standard libraries of this machine and of the board, and only the shared libraries that rustc itself loads.
apt-get -q download rustc "$std" libstd-rust-dev:amd64 libstd-rust-dev:arm64 "$llvm" libc6 libgcc-s1 libstdc++6 zlib1g libzstd1 \
    libffi8 libedit2 libtinfo6 libxml2 libz3-4 libbsd0 libmd0 liblzma5 >/dev/null
for package in *.deb; do dpkg-deb -x "$package" "$root"; done
rm -f ./*.deb

cat > "$dest/rustc" <<EOF
#!/bin/sh
exec $root/usr/lib64/ld-linux-x86-64.so.2 --argv0 rustc --library-path $root/usr/lib/x86_64-linux-gnu $root/usr/bin/rustc --sysroot $root/usr "\$@"
EOF
chmod +x "$dest/rustc"
"$dest/rustc" -vV
