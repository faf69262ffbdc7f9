#!/bin/sh
# Puts lentigo for one board into a folder (packaging, images) or onto the running board.
# Called by `make install` and deb.sh; takes everything from the environment:
#   BOARD    name of a folder in boards/, or the path of a board file (then with no drop-in, rules or modules of its own)
#   BINARY   the program     BUNDLE  the model's folder
#   DESTDIR  where to; empty for the running board     PREFIX  /usr
# Must never overwrite the board file of a running board, which its owner may have edited, nor start or stop anything.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
DESTDIR=${DESTDIR:-}
PREFIX=${PREFIX:-/usr}

fail() {
    echo "install: $*" >&2
    exit 1
}

boards() {
    for board in "$here"/../*/board.toml; do basename "$(dirname "$board")"; done | paste -sd' '
}

[ -n "${BOARD:-}" ] || fail "say which board: make install BOARD=NAME, where NAME is one of: $(boards)"
if [ -f "$here/../$BOARD/board.toml" ]; then
    folder=$(cd "$here/../$BOARD" && pwd)
    file=$folder/board.toml
elif [ -f "$BOARD" ]; then
    folder=
    file=$BOARD
else
    fail "there is no board \"$BOARD\": give one of $(boards), or the path of a board file"
fi
case $PREFIX in /*) ;; *) fail "PREFIX=$PREFIX must be an absolute path" ;; esac
[ -f "${BINARY:-}" ] || fail "there is no program ${BINARY:-}: run \`make build\` (or \`make cross\`) first, or give BINARY=FILE"
[ -f "${BUNDLE:-}/manifest.toml" ] || fail "${BUNDLE:-} is no bundle: give BUNDLE=FOLDER"
if [ -z "$DESTDIR" ] && [ "$(id -u)" != 0 ]; then fail "to install on this computer, run it as root; to stage a package, give DESTDIR=FOLDER"; fi

# put MODE FROM TO
put() {
    install -D -m "$1" "$2" "$DESTDIR$3"
}

# Board files and the unit name /usr and one of the bundles, the simulated board names the checkout: where things are installed
# is written in their place.
put_text() {
    mkdir -p "$DESTDIR$(dirname "$2")"
    sed -e 's#"\.\./\.\./models/#"/usr/share/lentigo/#' -e 's#"\.\./\.\./target/simulated/#"/var/lib/lentigo/#' \
        -e "s#lentigo/bundles/[a-z0-9-]*\"#lentigo/bundles/$(basename "$BUNDLE")\"#" \
        -e "s#/usr/\(bin\|share\|share/doc\)/lentigo#$PREFIX/\1/lentigo#g" "$1" > "$DESTDIR$2"
    chmod 644 "$DESTDIR$2"
}

put 755 "$BINARY" "$PREFIX/bin/lentigo"

bundle=$PREFIX/share/lentigo/bundles/$(basename "$BUNDLE")
(cd "$BUNDLE" && find . -type f ! -name '*.program' | sort) | while read -r name; do
    put 644 "$BUNDLE/$name" "$bundle/${name#./}"
done

put_text "$here/lentigo.service" "$PREFIX/lib/systemd/system/lentigo.service"
put 644 "$here/sysusers.conf" "$PREFIX/lib/sysusers.d/lentigo.conf"
if [ -n "$folder" ]; then
    [ ! -f "$folder/device.conf" ] || put 644 "$folder/device.conf" "$PREFIX/lib/systemd/system/lentigo.service.d/10-board.conf"
    [ ! -f "$folder/lentigo.rules" ] || put 644 "$folder/lentigo.rules" "$PREFIX/lib/udev/rules.d/70-lentigo.rules"
    [ ! -f "$folder/modules.conf" ] || put 644 "$folder/modules.conf" "$PREFIX/lib/modules-load.d/lentigo.conf"
    [ ! -f "$folder/watchdog.conf" ] || put 644 "$folder/watchdog.conf" "$PREFIX/lib/systemd/system.conf.d/80-lentigo-watchdog.conf"
    [ ! -f "$folder/README.md" ] || put 644 "$folder/README.md" "$PREFIX/share/doc/lentigo/board.md"
fi

# What ships is always there to compare with; what holds is in /etc.
put_text "$file" "$PREFIX/share/lentigo/board.toml"
if [ -z "$DESTDIR" ] && [ -e /etc/lentigo/board.toml ]; then
    cmp -s "$PREFIX/share/lentigo/board.toml" /etc/lentigo/board.toml ||
        echo "/etc/lentigo/board.toml is kept as it is; the one that ships is $PREFIX/share/lentigo/board.toml"
else
    put_text "$file" /etc/lentigo/board.toml
fi

[ -z "$DESTDIR" ] || exit 0

systemd-sysusers "$PREFIX/lib/sysusers.d/lentigo.conf"
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    udevadm control --reload
    udevadm trigger --subsystem-match=video4linux --subsystem-match=gpio --subsystem-match=input --subsystem-match=tty --subsystem-match=spidev
fi
systemctl --quiet enable lentigo.service
cat <<END
Installed. Next:
  $PREFIX/bin/lentigo board check --present /etc/lentigo/board.toml
  follow $PREFIX/share/doc/lentigo/board.md (overlays, serial port), then restart the board;
  or, where nothing of that is needed: systemctl restart lentigo
END
