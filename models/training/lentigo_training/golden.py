"""The golden case: a synthetic dermoscopic phantom and what the reference engine says about it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from .bundle import Constants
from .calibrate import referral_probability
from .prepare import SIZE, normalise
from .session import ENGINE, open_graph, run_views, unit
from .systems import System

if TYPE_CHECKING:
    from torch import nn


def phantom(size: int = SIZE, seed: int = 7) -> np.ndarray:
    """Skin with one irregular two-toned lesion, uint8 [size,size,3]; no patient's picture may ship."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    angle, radius = np.arctan2(y, x), np.hypot(x * 0.9, y * 1.1)
    border = 0.24 + sum(0.035 / k * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in range(2, 7))
    lesion = 1.0 / (1.0 + np.exp((radius - border) / 0.012))
    core = 1.0 / (1.0 + np.exp((np.hypot(x - 0.06, y + 0.04) - 0.11) / 0.02))
    network = gaussian_filter(rng.standard_normal((size, size)), 2.0)
    network = network / np.abs(network).max()
    grain = gaussian_filter(rng.standard_normal((size, size)), 0.8) * 6
    skin, brown, dark = (np.array(c, float) for c in ((222, 172, 150), (139, 90, 66), (66, 44, 44)))
    picture = skin + (brown - skin) * lesion[..., None] + (dark - brown) * (lesion * core)[..., None]
    picture = picture + (network * 34 * (0.25 + lesion))[..., None] + grain[..., None]
    return np.clip(picture, 0, 255).round().astype(np.uint8)


def unknown_metadata(system: System) -> np.ndarray | None:
    """The metadata vector [M] of somebody of whom nothing is known; None for systems without metadata."""
    if not system.has_metadata:
        return None
    from .metadata import Encoding

    return Encoding().unknown()[0]


def autograd_map(network: "nn.Module", pixels: np.ndarray) -> list | None:
    """Grad-CAM of every class by autograd on the untouched picture, for networks with one fused map under a dense head; else None.

    It is what the runtime's test holds the graph's own maps against.
    """
    if not hasattr(network, "fused") or not hasattr(network, "head"):
        return None
    import torch

    from .gradcam import autograd_cam

    _, exact = autograd_cam(network, torch.from_numpy(normalise(pixels[None])))
    return exact[0].numpy().tolist()


def write_golden(folder: Path, graph: Path, system: System, pixels: np.ndarray, constants: Constants, exact: list | None = None) -> float:
    """Write golden/input.png and golden/expected.json as the reference engine computes them; returns the probability of referral.

    `logits` are averaged over the bundle's views and calibrated after that, as on the device; metadata are unknown.
    Embedding and criteria are there where the graph gives them. `exact` is kept beside them as `gradcam_autograd`.
    """
    golden = folder / "golden"
    golden.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(golden / "input.png")
    got = run_views(open_graph(graph), pixels, constants.flips, unknown_metadata(system))
    logits = got["logits"].astype(np.float64).mean(0)
    probabilities = constants.calibration.probabilities(logits)
    probability = float(referral_probability(system, probabilities))
    expected = {"logits": logits.tolist(), "probabilities": probabilities.tolist(), "probability": probability, "engine": ENGINE}
    if "embedding" in got:
        expected["embedding"] = unit(got["embedding"].astype(np.float64).sum(0)).tolist()
    if "criteria" in got:
        expected["criteria"] = got["criteria"].astype(np.float64).mean(0).tolist()
    if exact is not None:
        expected["gradcam_autograd"] = exact
    (golden / "expected.json").write_text(json.dumps(expected) + "\n", encoding="utf-8")
    return probability
