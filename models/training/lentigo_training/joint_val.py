"""Val figures of system C's network, averaged over flips as the device does."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .augment import plain
from .index import UNKNOWN, Index
from .metrics import roc_auc
from .multitask_val import jaccard
from .systems.multitask import CLASSES

BATCH = 24
# Axes of [N,C,H,W] that a view reverses.
FLIPS = {"none": (), "horizontal": (3,), "vertical": (2,), "both": (2, 3)}
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(4, 17))


def mean_of_views(model: nn.Module, images: Tensor, flips: tuple[str, ...]) -> dict[str, Tensor]:
    """Mean over flipped views of logits, cam and mask logits, maps turned back first."""
    total: dict[str, Tensor] = {}
    for name in flips:
        axes = FLIPS[name]
        outputs = model(torch.flip(images, axes) if axes else images)
        for key in ("logits", "cam", "mask"):
            value = torch.flip(outputs[key], axes) if axes and key != "logits" else outputs[key]
            total[key] = total[key] + value if key in total else value
    return {key: value / len(flips) for key, value in total.items()}


def chosen_class(logits: np.ndarray) -> np.ndarray:
    """[N,2] log-odds to the map that is shown: the likelier class, or the last one where neither is likelier than not."""
    return np.where((logits < 0).all(1), len(CLASSES), logits.argmax(1))


@torch.no_grad()
def predict(model: nn.Module, cache: np.ndarray, masks: np.ndarray, rows: np.ndarray, size: int,
            flips: tuple[str, ...] = tuple(FLIPS), thresholds: tuple[float, ...] = (0.5,)) -> dict[str, np.ndarray]:
    """One entry per row: `logits` [N,2], `jaccard` [N, thresholds] at the cache's resolution,
    `inside` [N]: share of the chosen class's map inside the mask, the map enlarged bilinearly, NaN for an empty map."""
    model.eval()
    cuts = [float(np.log(t / (1 - t))) for t in thresholds]
    parts: dict[str, list[np.ndarray]] = {"logits": [], "jaccard": [], "inside": []}
    for start in range(0, len(rows), BATCH):
        some = rows[start:start + BATCH]
        outputs = mean_of_views(model, plain(cache[some], size).contiguous(memory_format=torch.channels_last), flips)
        truth = masks[some] > 0

        def enlarge(x: Tensor) -> np.ndarray:
            return F.interpolate(x, size=truth.shape[1:], mode="bilinear", align_corners=False).numpy()

        logits = outputs["logits"].numpy()
        outline = enlarge(outputs["mask"])[:, 0]
        cam = enlarge(outputs["cam"][torch.arange(len(some)), torch.from_numpy(chosen_class(logits))][:, None])[:, 0]
        energy = cam.sum((1, 2))
        parts["logits"].append(logits)
        parts["jaccard"].append(np.stack([jaccard(outline > cut, truth) for cut in cuts], 1))
        parts["inside"].append(np.where(energy > 0, (cam * truth).sum((1, 2)) / np.maximum(energy, 1e-12), np.nan))
    return {key: np.concatenate(value) for key, value in parts.items()}


def figures(index: Index, rows: np.ndarray, predicted: dict[str, np.ndarray]) -> dict[str, float]:
    """ROC AUC of each class where it is known, mean Jaccard index at the first threshold, mean share of evidence inside."""
    result = {}
    for number, name in enumerate(CLASSES):
        label = getattr(index, name)[rows]
        known = label != UNKNOWN
        if len(np.unique(label[known])) == 2:
            result[f"auc_{name}"] = roc_auc(label[known], predicted["logits"][known, number])
    outlined = index.mask[rows] != ""
    if outlined.any():
        result["jaccard"] = float(predicted["jaccard"][outlined, 0].mean())
        result["inside"] = float(np.nanmean(predicted["inside"][outlined]))
    return result


def best_threshold(predicted: dict[str, np.ndarray], thresholds: tuple[float, ...]) -> tuple[float, float]:
    """The threshold of the largest mean Jaccard index, and that index."""
    means = predicted["jaccard"].mean(0)
    best = int(means.argmax())
    return thresholds[best], float(means[best])
