"""Does it matter how an oblong frame becomes the network's square?

A V4L2 frame is 4:3 or 16:9, the pool's files are mostly square already. The val
files that are not (ham10000 at 200 x 150, ph2) are brought to the square in each
way, and one and the same network judges them.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .augment import plain
from .index import UNKNOWN, Index
from .metrics import roc_auc
from .prepare import GEOMETRIES, SIZE, load

DATASETS = ("ham10000", "ph2")
TASKS = ("melanoma", "malignant")
BATCH = 32


def oblong_rows(index: Index, root: Path) -> np.ndarray:
    """Val rows whose file is not square."""
    rows = np.flatnonzero((index.split == "val") & np.isin(index.dataset, DATASETS))

    def oblong(row: int) -> bool:
        with Image.open(root / index.file[row]) as image:
            return image.width != image.height

    return np.array([row for row in rows if oblong(row)], int)


@torch.no_grad()
def scores(model: Callable[[Tensor], dict[str, Tensor]], index: Index, root: Path, rows: np.ndarray, geometry: str) -> dict[str, np.ndarray]:
    """Logit of each task, one per row."""
    parts: dict[str, list[np.ndarray]] = {task: [] for task in TASKS}
    for start in range(0, len(rows), BATCH):
        pixels = np.stack([load(root / index.file[row], SIZE, geometry) for row in rows[start:start + BATCH]])
        outputs = model(plain(pixels, SIZE).contiguous(memory_format=torch.channels_last))
        for task in TASKS:
            parts[task].append(outputs[task][:, 0].numpy())
    return {task: np.concatenate(part) for task, part in parts.items()}


def paired_difference(label: np.ndarray, one: np.ndarray, other: np.ndarray, rounds: int = 1000, seed: int = 0) -> tuple[float, float, float]:
    """AUC of `one` less AUC of `other` on the same pictures, with a 95 % bootstrap interval."""
    rng = np.random.default_rng(seed)
    classes = [np.flatnonzero(label == c) for c in (0, 1)]
    draws = []
    for _ in range(rounds):
        pick = np.concatenate([rng.choice(members, len(members)) for members in classes])
        draws.append(roc_auc(label[pick], one[pick]) - roc_auc(label[pick], other[pick]))
    low, high = np.percentile(draws, (2.5, 97.5))
    return roc_auc(label, one) - roc_auc(label, other), float(low), float(high)


def compare(model: nn.Module, index: Index, root: Path) -> dict[str, dict]:
    """Per task: pictures judged, AUC by geometry, and the difference to the device's geometry with its interval."""
    model.eval()
    rows = oblong_rows(index, root)
    by_geometry = {geometry: scores(model, index, root, rows, geometry) for geometry in GEOMETRIES}
    result = {}
    for task in TASKS:
        label = getattr(index, task)[rows]
        known = label != UNKNOWN
        device = by_geometry[GEOMETRIES[0]][task][known]
        result[task] = {
            "images": int(known.sum()), "positive": int((label[known] == 1).sum()),
            "auc": {geometry: roc_auc(label[known], found[task][known]) for geometry, found in by_geometry.items()},
            "difference": {geometry: paired_difference(label[known], by_geometry[geometry][task][known], device)
                           for geometry in GEOMETRIES[1:]}}
    return result
