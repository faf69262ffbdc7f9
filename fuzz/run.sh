#!/bin/sh
# `make fuzz`: every target in turn, FUZZ_SECONDS each. Ends at the first crash.
set -eu

cargo fuzz --version >/dev/null 2>&1 || { echo "fuzz: installing cargo-fuzz"; cargo install --locked cargo-fuzz; }
for target in pixel_formats manifest board_file; do
    echo "fuzz: $target for $FUZZ_SECONDS s"
    cargo fuzz run --sanitizer none "$target" -- -max_total_time="$FUZZ_SECONDS" -max_len=65536 -rss_limit_mb=4096
done
