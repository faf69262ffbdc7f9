"""The golden case: a synthetic dermoscopic phantom and what the reference engine says about it."""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from .calibrate import Calibration
from .gradcam import autograd_cam
from .prepare import SIZE, normalise
from .session import ENGINE, open_graph, run
from .systems.asff import Asff


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


def write_golden(folder: Path, graph: Path, pixels: np.ndarray, calibration: Calibration, reference: Asff | None) -> dict[str, np.ndarray]:
    """Write golden/input.png and golden/expected.json; `reference` adds PyTorch's autograd Grad-CAM.

    Returns {"input", "logits", "cam"} as the graph gave them.
    """
    golden = folder / "golden"
    golden.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(golden / "input.png")
    logits, cam = run(open_graph(graph), pixels)
    expected = {
        "logits": [float(v) for v in logits[0]],
        "cam": [[[float(v) for v in line] for line in plane] for plane in cam[0]],
        "probability": float(calibration.probability(logits[0, 1] - logits[0, 0])),
        "engine": ENGINE,
    }
    if reference is not None:
        _, exact = autograd_cam(reference, torch.from_numpy(normalise(pixels[None])))
        expected["gradcam_autograd"] = [[[float(v) for v in line] for line in plane] for plane in exact[0].numpy()]
    (golden / "expected.json").write_text(json.dumps(expected) + "\n", encoding="utf-8")
    return {"input": pixels, "logits": logits, "cam": cam}
