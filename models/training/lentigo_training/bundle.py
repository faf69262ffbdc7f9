"""The bundle folder: graph, manifest (unsealed), golden case, model card.

`lentigo bundle seal` adds the file digests and the signature.
"""

import os
import shutil
from pathlib import Path

from .calibrate import Calibration
from .prepare import MEAN, SCALE, SIZE

VERSION = "1.0.0"
DECISION = "sensitivity-95"
# Largest difference of the calibrated probability that another engine may show on the golden case.
TOLERANCE = {"int8": 0.02, "float32": 0.002}


def manifest(name: str, precision: str, summary: str, datasets: tuple[str, ...], calibration: Calibration,
             points: dict[float, float], cam: tuple[int, int], quality: str) -> str:
    """The text of manifest.toml; `quality` is the capture gate's table, verbatim, or empty."""
    quality = f"\n{quality.strip()}\n" if quality.strip() else ""
    operating = "\n".join(
        f'[[operating_points]]\nname = "sensitivity-{round(s * 100)}"\nsensitivity = {s:.2f}\nthreshold = {t:.6f}\n'
        for s, t in sorted(points.items()))
    return f"""format = 1
name = "{name}"
version = "{VERSION}"
system = "asff"
summary = "{summary}"
licence = "CC-BY-NC-4.0"
trained_on = [{", ".join(f'"{d}"' for d in datasets)}]

[graph]
file = "graph.onnx"
precision = "{precision}"

[[graph.inputs]]
name = "image"
shape = [1, 3, {SIZE}, {SIZE}]
type = "f32"

[[graph.outputs]]
name = "logits"
shape = [1, 2]
type = "f32"

[[graph.outputs]]
name = "cam"
shape = [1, 2, {cam[0]}, {cam[1]}]
type = "f32"

[prepare]
geometry = "centre-square"
size = {SIZE}
filter = "bilinear"
mean = [{MEAN}, {MEAN}, {MEAN}]
scale = [{SCALE}, {SCALE}, {SCALE}]
colour_constancy = "none"

[classes]
names = ["benign", "malignant"]
positive = "malignant"

[calibration]
temperature = {calibration.temperature:.6f}
bias = {calibration.bias:.6f}

{operating}
[decision]
operating_point = "{DECISION}"

[golden]
input = "golden/input.png"
expected = "golden/expected.json"
tolerance = {TOLERANCE[precision]}
{quality}"""


def publish(staged: Path, target: Path) -> None:
    """Swap a finished bundle folder into place; a reader sees the old one or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.rename(target, old)
    os.rename(staged, target)
    shutil.rmtree(old, ignore_errors=True)
