"""System D's heads side by side on whole val splits: both gates and the same trunk without fusion.

Scores are logit(malignant) - logit(benign), of one view or of the mean over the four flips, as the device averages them.
"""

import numpy as np
import torch

from .augment import plain
from .index import UNKNOWN, Index
from .metrics import bootstrap, pr_auc, roc_auc
from .multitask import SharedTrunk
from .multitask_val import chosen_energy
from .systems.asff import HEADS
from .teacher import VIEWS

BATCH = 32


@torch.no_grad()
def predict(model: SharedTrunk, cache: np.ndarray, masks: np.ndarray, rows: np.ndarray, size: int,
            flips: bool) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By head: score [N] and share of the chosen class's Grad-CAM inside the mask [N], NaN where the map is all zero."""
    model.eval()
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {head: [] for head in HEADS}
    views = VIEWS if flips else VIEWS[:1]
    for start in range(0, len(rows), BATCH):
        some = rows[start:start + BATCH]
        images, region = plain(cache[some], size), torch.from_numpy(masks[some])
        logits, cams = dict.fromkeys(HEADS, 0.0), dict.fromkeys(HEADS, 0.0)
        for axes in views:
            pyramid = model.backbone.pyramid((images.flip(axes) if axes else images).contiguous(memory_format=torch.channels_last))
            found, maps = model.asff(*pyramid[-2:])
            for head in HEADS:
                logits[head] = logits[head] + found[head] / len(views)
                cams[head] = cams[head] + (maps[head].flip(axes) if axes else maps[head]) / len(views)
        for head in HEADS:
            score = (logits[head][:, 1] - logits[head][:, 0]).double().numpy()
            parts[head].append((score, chosen_energy(logits[head], cams[head], region)))
    return {head: tuple(np.concatenate(column) for column in zip(*part)) for head, part in parts.items()}


def accuracy(label: np.ndarray, score: np.ndarray) -> float:
    """Share of pictures on the right side of even odds, without calibration."""
    return float(((score >= 0) == (label == 1)).mean())


def figures(label: np.ndarray, score: np.ndarray) -> dict[str, float]:
    return {"accuracy": accuracy(label, score), "roc_auc": roc_auc(label, score), "pr_auc": pr_auc(label, score)}


def judge(model: SharedTrunk, index: Index, cache: np.ndarray, masks: np.ndarray, datasets: tuple[str, ...], size: int,
          flips: bool) -> dict[str, dict]:
    """By dataset and head: pictures, figures with 95 % bootstrap intervals, and mean energy where there are masks."""
    result: dict[str, dict] = {}
    for dataset in datasets:
        rows = index.rows(dataset, "val")
        rows = rows[index.malignant[rows] != UNKNOWN]
        label, outlined = index.malignant[rows], index.mask[rows] != ""
        result[dataset] = {"images": len(rows), "malignant": int(label.sum()), "outlined": int(outlined.sum())}
        for head, (score, energy) in predict(model, cache, masks, rows, size, flips).items():
            shares = energy[outlined & ~np.isnan(energy)]
            intervals = bootstrap(label, score, figures, rounds=1000)
            result[dataset][head] = {**{name: [round(v, 4) for v in value] for name, value in intervals.items()},
                                     "energy": round(float(shares.mean()), 4) if len(shares) else None}
    return result
