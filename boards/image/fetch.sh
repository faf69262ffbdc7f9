#!/bin/bash
# fetch.sh SUITE ARCHITECTURE PACKAGE...: Debian packages unpacked (not installed) into the cache; prints the folder they are in.
#
# PACKAGE is a package's name, or NAME=PREFIX: the package starting with PREFIX that NAME depends on, which is how the newest
# kernel is found (linux-image-arm64=linux-image-6). apt checks signatures and digests when it downloads; the digests are kept
# beside the packages, so that a damaged cache is fetched again and nothing is asked of the network while it is whole.
#
# The cache is outside the clone: $LENTIGO_CACHE, else ${XDG_CACHE_HOME:-~/.cache}/lentigo. It never changes by itself: to have
# a newer kernel, remove the folder that this prints.
set -euo pipefail
suite=${1:?suite} architecture=${2:?architecture}; shift 2
cache=${LENTIGO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lentigo}
key=$(printf '%s\n' "$@" | sha256sum | cut -c1-12)
dest=$cache/debian/$suite-$architecture-$key
say() { printf 'image: %s\n' "$*" >&2; }

whole() { [ -e "$dest/complete" ] && (cd "$dest/packages" && sha256sum --quiet --check ../digests) >/dev/null 2>&1; }
if whole; then echo "$dest/root"; exit 0; fi
rm -rf "$dest"; mkdir -p "$dest/packages" "$dest/root"

# An apt root of its own, so that the machine's package lists stay as they are; the mirror is the one that this machine uses.
# shellcheck disable=SC2016 # apt fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1)
[ -n "$mirror" ] || mirror=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources)
apt=$cache/apt/$suite-$architecture
mkdir -p "$apt"/etc/apt/{sources.list.d,preferences.d,apt.conf.d,trusted.gpg.d} "$apt"/var/lib/apt/lists/partial \
    "$apt"/var/cache/apt/archives/partial "$apt"/var/lib/dpkg
: > "$apt/var/lib/dpkg/status"
cat > "$apt/apt.conf" <<CONF
Dir "$apt";
Dir::State::status "$apt/var/lib/dpkg/status";
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "root";
CONF
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$apt/etc/apt/sources.list"
export APT_CONFIG=$apt/apt.conf

persist() { # registries fail now and then
    for wait in 5 20 60; do "$@" && return 0; say "$1 failed, again in $wait s"; sleep $wait; done
    "$@"
}
persist apt-get -q update >/dev/null
names=()
for package in "$@"; do
    case $package in
        *=*) names+=("$(apt-cache depends "${package%%=*}" | awk -v prefix="${package#*=}" '/Depends:/ && index($2, prefix) == 1 && !found++ { print $2 }')") ;;
        *) names+=("$package") ;;
    esac
    [ -n "${names[-1]}" ] || { say "$suite has nothing for $package"; exit 1; }
done
say "fetching ${names[*]} ($suite, $architecture)"
cd "$dest/packages"
persist apt-get -q download "${names[@]}" >/dev/null
for package in *.deb; do dpkg-deb -x "$package" "$dest/root"; done
sha256sum ./*.deb > "$dest/digests"
touch "$dest/complete"
echo "$dest/root"
