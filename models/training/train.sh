#!/bin/sh
# `make train`: an environment of its own for the trainer, then everything that is not finished yet, then a sealed bundle.
# SYSTEM, DATA, WORK and PYTHON come from the Makefile. LENTIGO_SIGNING_KEY names a minisign secret key; without it the
# bundle is left unsealed and only opens with --unsigned.
set -eu

here=$(dirname "$0")
say() { printf 'train: %s\n' "$*"; }

if [ ! -f "$DATA/index.csv" ]; then
    say "no image pool at $DATA (its index.csv is missing): give its folder with DATA=..."
    exit 1
fi

venv="$WORK/venv"
if [ ! -x "$venv/bin/python" ] || ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    say "making a Python environment in $venv (torch alone is several GB)"
    mkdir -p "$WORK"
    "$PYTHON" -m venv "$venv" || { say "needs Python's venv: apt-get install python3-venv"; exit 1; }
    "$venv/bin/pip" install --quiet --upgrade pip
    "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi

# The runtime itself decodes and prepares the pictures, so that training sees what the device sees.
if [ -x target/release/lentigo ]; then
    LENTIGO=$(pwd)/target/release/lentigo
    export LENTIGO
elif [ "$SYSTEM" = cefm ]; then
    say "target/release/lentigo is not built, and system B's criteria are measured by it alone: make build"
    exit 1
else
    say "target/release/lentigo is not built: Pillow decodes instead, and figures differ from the device's by about 0.001 (make build)"
fi

# A third of a small network's training time goes into page faults of the C library's allocator. jemalloc keeps its pages, and when told so
# also the large blocks that it would give back at once: half of what is left (51 images/s become 88 at 160 pixels).
MALLOC_CONF=oversize_threshold:0,dirty_decay_ms:-1,muzzy_decay_ms:-1,thp:always
export MALLOC_CONF
for library in /usr/lib/*/libjemalloc.so.2; do
    if [ -e "$library" ]; then
        LD_PRELOAD="$library"
        export LD_PRELOAD
    fi
done
[ -n "${LD_PRELOAD:-}" ] || say "libjemalloc2 is not installed: training takes up to a third longer (apt-get install libjemalloc2)"

say "system $SYSTEM, data $DATA, work $WORK; a run that was stopped goes on from its last checkpoint"
PYTHONPATH="$here" "$venv/bin/python" -m lentigo_training all --system "$SYSTEM" --data "$DATA" --work "$WORK" --out "$WORK/bundles" \
    --quality "$here/quality.toml" --picture "$here/golden.png"

unset LD_PRELOAD
bundle="$WORK/bundles/$SYSTEM-edge"
if [ -n "${LENTIGO_SIGNING_KEY:-}" ] && [ -x target/release/lentigo ]; then
    target/release/lentigo bundle seal "$bundle" --key "$LENTIGO_SIGNING_KEY"
else
    say "not sealed: set LENTIGO_SIGNING_KEY and run 'make build', or seal it with: lentigo bundle seal $bundle --key FILE"
fi
say "done: $bundle"
