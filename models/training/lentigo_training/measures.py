"""What the runtime measured on each picture (`lentigo measure`), as columns beside the pool's rows.

Reads and asks; must never measure anything itself: training and device measure with the same code.
"""

import csv
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

# `explain::abc::Abc::KEYS`, and the score's total; `lentigo measure` gives all of them a picture.
KEYS = ("asymmetry_shape_major", "asymmetry_shape_minor", "asymmetry_colour_major", "asymmetry_colour_minor", "asymmetry_mirror",
        "asymmetry_points", "border_compactness", "border_radial", "border_fractal", "border_curvature", "border_abruptness",
        "border_points", "colour_lab_l", "colour_lab_a", "colour_lab_b", "colour_hsv_h", "colour_hsv_s", "colour_hsv_v", "colour_white",
        "colour_red", "colour_light_brown", "colour_dark_brown", "colour_blue_grey", "colour_black", "colour_points", "size_area_share",
        "size_diameter_share")
SCORE = "score"

Measures = dict[str, np.ndarray]


def parse(line: str) -> tuple[str, dict[str, float] | None]:
    """One line of `lentigo measure --json`: the file and its numbers, None where there was no lesion to measure."""
    entry = json.loads(line)
    if "error" in entry:
        return entry["file"], None
    missing = [key for key in (*KEYS, SCORE) if key not in entry]
    if missing:
        raise ValueError(f"{entry['file']} has no {', '.join(missing)}: these measures are of another version of the runtime; measure again")
    return entry["file"], {key: float(entry[key]) for key in (*KEYS, SCORE)}


def read_measures(path: Path, files: np.ndarray) -> Measures:
    """Each measure [len(files)] in the order of `files`, NaN where nothing was measured."""
    with open(path, encoding="utf-8") as handle:
        found = dict(parse(line) for line in handle if line.strip())
    unknown = [file for file in files if file not in found]
    if unknown:
        raise ValueError(f"{path} says nothing about {len(unknown)} of {len(files)} pictures, the first is {unknown[0]}; measure again")
    return {key: np.array([np.nan if found[file] is None else found[file][key] for file in files]) for key in (*KEYS, SCORE)}


def measured(measures: Measures) -> np.ndarray:
    """Which pictures have all numbers, bool [N]."""
    return np.isfinite(np.stack(list(measures.values()))).all(0)


def measure_pool(lentigo: str, data: Path, target: Path, bundle: Path | None = None) -> Path:
    """Measure every picture of the pool with `lentigo`, by experts' masks or, given one, by the outlines of `bundle`; made once."""
    if not target.exists():
        masks = ("--masks", "expert") if bundle is None else ("--masks", "network", "--bundle", bundle, "--unsigned")
        partial = target.with_suffix(".partial")
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as sink:
            # Code 1 says that some pictures have no lesion to measure: their lines say so.
            done = subprocess.run([lentigo, "measure", "--json", "--index", data / "index.csv", *masks], stdout=sink,
                                  stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{lentigo} measure failed: {done.stderr.decode(errors='replace').strip()}")
        partial.rename(target)
    return target


def measure_pictures(lentigo: str, pictures: list[np.ndarray], bundle: Path) -> Measures:
    """Measure pictures uint8 [S,S,3] as a device with `bundle` would."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = [f"{number:05}.png" for number in range(len(pictures))]
        for file, pixels in zip(files, pictures):
            Image.fromarray(pixels).save(folder / file)
        with open(folder / "index.csv", "w", newline="", encoding="utf-8") as handle:
            csv.writer(handle).writerows([["file"], *([file] for file in files)])
        return read_measures(measure_pool(lentigo, folder, folder / "measures.jsonl", bundle), np.array(files))
