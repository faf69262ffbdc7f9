"""The bundle folder: graph, manifest (unsealed), golden case, model card.

`lentigo bundle seal` adds the file digests and the signature. `src/bundle/manifest.rs` documents every key.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import onnx

from .calibrate import Calibration
from .prepare import MEAN, SCALE, SIZE
from .systems import System

DECISION = "sensitivity-95"
# Largest difference of the calibrated probability that another engine may show on the golden case.
TOLERANCE = {"int8": 0.02, "float32": 0.002}


@dataclass(frozen=True)
class Constants:
    """Everything about a bundle that was fitted on val.

    `frequencies`: how often each class is among the pictures that the calibration was fitted on; with them a picture is named as if
    all classes were equally common (the largest of p_k / f_k), while probabilities stay calibrated as they are.
    """

    calibration: Calibration
    points: dict[float, float]
    flips: tuple[str, ...]
    mask_threshold: float | None
    novelty: str
    novelty_max: float
    disagreement_max: float | None
    frequencies: tuple[float, ...] = ()


def _strings(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _numbers(values: tuple[float, ...], digits: int = 6) -> str:
    return "[" + ", ".join(f"{value:.{digits}f}" for value in values) + "]"


def _tensors(table: str, tensors: list) -> str:
    return "".join(
        f'\n[[graph.{table}]]\nname = "{tensor.name}"\n'
        f"shape = {[extent.dim_value for extent in tensor.type.tensor_type.shape.dim]}\ntype = \"f32\"\n" for tensor in tensors)


def _metadata() -> str:
    from .metadata import Encoding

    encoding = Encoding()
    return (f"\n[metadata]\nage = {list(encoding.age)}\nsex = {_strings(encoding.sex)}\nsite = {_strings(encoding.site)}\n")


def manifest(system: System, name: str, precision: str, graph: Path, constants: Constants, quality: str, criteria: str = "") -> str:
    """The text of manifest.toml for `graph`; `quality` is the capture gate's table, `criteria` system B's (`criteria_parts`), verbatim, or empty."""
    model = onnx.load(graph)
    operating = "\n".join(
        f'[[operating_points]]\nname = "sensitivity-{round(s * 100)}"\nsensitivity = {s:.2f}\nthreshold = {t:.6f}\n'
        for s, t in sorted(constants.points.items()))
    frequencies = f"frequencies = {_numbers(constants.frequencies)}  # of the images that the calibration was fitted on\n" if constants.frequencies else ""
    cleaning = f"cleaning = {_strings(system.cleaning)}\n" if system.cleaning else ""
    mask = f"\n[mask]\nthreshold = {constants.mask_threshold:.2f}\n{cleaning}" if constants.mask_threshold is not None else ""
    disagreement = f"disagreement_max = {constants.disagreement_max:.6f}\n" if constants.disagreement_max is not None else ""
    quality, criteria = (f"\n{text.strip()}\n" if text.strip() else "" for text in (quality, criteria))
    return f"""format = 1
name = "{name}"
version = "{system.version}"
system = "{system.name}"
summary = "{system.summary}, {precision}"
licence = "CC-BY-NC-4.0"
trained_on = {_strings(system.trained_on)}

[graph]
file = "graph.onnx"
precision = "{precision}"
{_tensors("inputs", model.graph.input)}{_tensors("outputs", model.graph.output)}
[prepare]
geometry = "centre-square"
size = {SIZE}
filter = "bilinear"
mean = [{MEAN}, {MEAN}, {MEAN}]
scale = [{SCALE}, {SCALE}, {SCALE}]
colour_constancy = "none"

[classes]
names = {_strings(system.classes)}
relation = "{system.relation}"
positive = {_strings(system.positive)}
label = "{system.label}"
{frequencies}{_metadata() if system.has_metadata else ""}
[calibration]
temperature = {_numbers(constants.calibration.temperature)}
bias = {_numbers(constants.calibration.bias)}

[views]
flips = {_strings(constants.flips)}
{mask}
[abstention]
novelty = "{constants.novelty}"
novelty_max = {constants.novelty_max:.6f}
{disagreement}
{operating}
[decision]
operating_point = "{DECISION}"

[golden]
input = "golden/input.png"
expected = "golden/expected.json"
tolerance = {TOLERANCE[precision]}
{criteria}{quality}"""


def publish(staged: Path, target: Path) -> None:
    """Swap a finished bundle folder into place; a reader sees the old one or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.rename(target, old)
    os.rename(staged, target)
    shutil.rmtree(old, ignore_errors=True)
