"""The ABC criteria as the runtime measures them, and how they become the input of a clinical head.

Nothing is measured here: `lentigo measure` does that, so that training and device cannot differ.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .index import Index

# `explain::abc::Abc::KEYS` of the runtime; and what severity may be read from too.
KEYS = (
    "asymmetry_shape_major", "asymmetry_shape_minor", "asymmetry_colour_major", "asymmetry_colour_minor", "asymmetry_mirror", "asymmetry_points",
    "border_compactness", "border_radial", "border_fractal", "border_curvature", "border_abruptness", "border_points",
    "colour_lab_l", "colour_lab_a", "colour_lab_b", "colour_hsv_h", "colour_hsv_s", "colour_hsv_v",
    "colour_white", "colour_red", "colour_light_brown", "colour_dark_brown", "colour_blue_grey", "colour_black", "colour_points",
    "size_area_share", "size_diameter_share",
)
SCORE, ASYMMETRY = "score", "asymmetry_index"
# The paper's five: A, B, and the deviations of hue, saturation and value.
PAPER = ("asymmetry_mirror", "border_curvature", "colour_hsv_h", "colour_hsv_s", "colour_hsv_v")


@dataclass(frozen=True)
class Measures:
    """`values` [rows of the index, measures] in the order of `names`; NaN throughout a row where nothing could be measured."""

    names: tuple[str, ...]
    values: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Bool by row."""
        return np.isfinite(self.values).all(1)

    def columns(self, names: tuple[str, ...]) -> np.ndarray:
        """[rows, len(names)]; KeyError for a name that was not measured."""
        missing = [name for name in names if name not in self.names]
        if missing:
            raise KeyError(f"not measured: {', '.join(missing)}; there are {', '.join(self.names)}")
        return self.values[:, [self.names.index(name) for name in names]]


def read_measures(path: Path, index: Index) -> Measures:
    """Parse the lines of `lentigo measure --json`; files that the index does not have are ignored, missing ones stay unknown."""
    names = (*KEYS, SCORE, ASYMMETRY)
    row_of = {file: row for row, file in enumerate(index.file)}
    values = np.full((len(index), len(names)), np.nan)
    with open(path, encoding="utf-8") as handle:
        for line in handle:
            found = json.loads(line)
            if "error" not in found and found["file"] in row_of:
                values[row_of[found["file"]]] = [float(found[name]) for name in names]
    return Measures(names, values)


def run_measure(data: Path, bundle: Path, to: Path) -> None:
    """Have the runtime named by LENTIGO measure the whole pool with the outlines of `bundle`; atomic."""
    runtime = os.environ.get("LENTIGO")
    if not runtime:
        raise RuntimeError("the criteria are measured by the runtime: set LENTIGO to its binary")
    to.parent.mkdir(parents=True, exist_ok=True)
    partial = to.with_suffix(".partial")
    with open(partial, "wb") as handle:
        subprocess.run([runtime, "measure", "--index", data / "index.csv", "--masks", "network", "--bundle", bundle, "--unsigned", "--json"],
                       stdout=handle, check=True)
    os.replace(partial, to)


@dataclass(frozen=True)
class Standard:
    """How measures become a clinical head's input: (measure - mean) / deviation, limited to [-limit, limit]."""

    measures: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray
    limit: float = 4.0

    @classmethod
    def fit(cls, measures: Measures, names: tuple[str, ...], rows: np.ndarray, limit: float = 4.0) -> "Standard":
        """Mean and deviation over `rows`, all of which must be known; a measure that never varies is left as it is."""
        values = measures.columns(names)[rows]
        if not np.isfinite(values).all():
            raise ValueError("standardise by rows that were measured")
        deviation = values.std(0)
        return cls(names, values.mean(0), np.where(deviation > 1e-9, deviation, 1.0), limit)

    def of(self, measures: Measures, rows: np.ndarray) -> np.ndarray:
        """[N,M] float32."""
        x = (measures.columns(self.measures)[rows] - self.mean) / self.deviation
        return np.clip(x, -self.limit, self.limit).astype(np.float32)

    @property
    def spec(self) -> dict:
        """As a checkpoint and a manifest hold it."""
        return {"measures": list(self.measures), "mean": [float(x) for x in self.mean], "deviation": [float(x) for x in self.deviation],
                "limit": float(self.limit)}
