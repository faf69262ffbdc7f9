#!/bin/sh
# cargo.sh ARGUMENTS: cargo for the 64-bit ARM boards; what it needs is fetched first (see setup.sh).
set -eu
environment=$("$(dirname "$0")/setup.sh")
eval "$environment"
exec "${CARGO:-cargo}" "$@"
