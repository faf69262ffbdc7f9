#!/bin/sh
# Everything that models/EVALUATION.md is made of, by the runtime: evaluate.sh LENTIGO DATA OUT
# LENTIGO: the runtime's binary. DATA: the image pool. OUT: receives OUT/BUNDLE/SET/{summary.json,predictions.csv,*.svg}, and of a bundle
# that measures criteria OUT/BUNDLE/cases.jsonl, what it says in words.
# BUNDLES: folder of the bundles (models/bundles). FLOAT32: folder of their unsigned float32 twins NAME-fp32; compared where they are.
# PYTHON: a Python with lentigo_training's requirements, for the pictures that are not dermoscopic; left out without it.
set -eu

if [ $# -ne 3 ]; then
    echo "usage: evaluate.sh LENTIGO DATA OUT" >&2
    exit 2
fi
lentigo=$1 data=$2 out=$3
program=$(cd "$(dirname "$lentigo")" && pwd)/$(basename "$lentigo")
here=$(dirname "$0")
bundles=${BUNDLES:-$here/../bundles}
say() { printf 'evaluate: %s\n' "$*"; }

# measure BUNDLE SET [ARGUMENTS]: skipped where it is newer than the bundle.
measure() {
    bundle=$1 set=$2
    shift 2
    target=$out/$(basename "$bundle")/$set
    if [ "$target/summary.json" -nt "$bundle/manifest.toml" ]; then
        return
    fi
    say "$(basename "$bundle") on $set"
    mkdir -p "$target"
    # Code 1 says that some images could not be read; the summary counts them.
    "$lentigo" evaluate --unsigned --bundle "$bundle" --out "$target" "$@" >"$target/log.txt" 2>&1 || [ $? -eq 1 ] || {
        cat "$target/log.txt" >&2
        exit 1
    }
}

if [ -n "${PYTHON:-}" ] && [ ! -e "$out/strange/index.csv" ]; then
    mkdir -p "$out/strange"
    PYTHONPATH=$here "$PYTHON" -m lentigo_training strange --to "$out/strange"
fi

for bundle in "$bundles"/*-edge; do
    [ -e "$bundle/manifest.toml" ] || continue
    name=$(basename "$bundle")
    case $name in
    asff-edge) home=isic-binary ;;
    multitask-edge) home=isic2017 ;;
    dual-network-edge) home=ham10000 ;;
    cefm-edge) home=isic2017+ham10000 ;;
    *) say "no home set is known for $name, it is left out"; continue ;;
    esac
    pool="--index $data/index.csv --root $data --split val"
    place=$(cd "$bundle" && pwd)
    case $home in
    # What system B's melanoma figures are stated on: ISIC 2017 and, of HAM10000, nevi and melanomas.
    isic2017+ham10000) at_home="$pool --dataset isic2017 --dataset ham10000:nv,mel" ;;
    *) at_home="$pool --dataset $home" ;;
    esac
    twin=${FLOAT32:-}/$name-fp32
    if [ -e "$twin/manifest.toml" ]; then
        measure "$bundle" "$home" $at_home --against "$twin"
    else
        measure "$bundle" "$home" $at_home
    fi
    for set in isic-binary ham10000 isic2017 isic2018-seg ph2; do
        [ "$set" = "$home" ] || measure "$bundle" "$set" $pool --dataset "$set"
    done
    for part in lesion surroundings; do
        measure "$bundle" "$home-hide-$part" $at_home --hide "$part"
    done
    if grep -q '^\[metadata\]' "$bundle/manifest.toml"; then
        measure "$bundle" "$home-without-metadata" $at_home --without-metadata
    fi
    if grep -q '^\[criteria\]' "$bundle/manifest.toml"; then
        # Pictures that raters scored are in the train split. The reading was fitted to those scores, and limits of the measures to half of them:
        # cross-validated figures are in the ablation.
        measure "$bundle" isic2017-train --index "$data/index.csv" --root "$data" --split train --dataset isic2017
    fi
    if grep -q '^\[criteria\]' "$bundle/manifest.toml" && [ ! "$out/$name/cases.jsonl" -nt "$bundle/manifest.toml" ]; then
        say "$name in words"
        awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $at["dataset"] == "isic2017" && $at["split"] == "val" { print $at["file"] }' \
            "$data/index.csv" | (cd "$data" && tr '\n' '\0' | xargs -0 "$program" screen --json --unsigned --bundle "$place") \
            >"$out/$name/cases.partial" 2>>"$out/$name/$home/log.txt" || [ $? -eq 123 ]
        mv "$out/$name/cases.partial" "$out/$name/cases.jsonl"
    fi
    if [ -e "$out/strange/index.csv" ]; then
        measure "$bundle" strange --index "$out/strange/index.csv" --root "$out/strange"
    fi
done
say "done: $out"
