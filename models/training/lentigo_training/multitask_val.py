"""Val figures of the multi-task network, by dataset and task."""

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn

from .augment import plain
from .index import UNKNOWN, Index
from .metrics import macro_recall, roc_auc
from .multitask import BINARY

BATCH = 32


def val_rows(index: Index, dataset: str, limit: int) -> np.ndarray:
    """Rows of val, at most `limit` (evenly picked) of each diagnosis: rare ones decide balanced accuracy, common ones only cost time."""
    rows = index.rows(dataset, "val")
    kept = []
    for dx in np.unique(index.dx[rows]):
        members = rows[index.dx[rows] == dx]
        kept.append(members[np.linspace(0, len(members) - 1, min(limit, len(members))).round().astype(int)])
    return np.sort(np.concatenate(kept)) if kept else rows


def jaccard(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Intersection over union of bool masks [N,H,W], per picture; 1 where both are empty."""
    shared = (predicted & truth).sum((1, 2))
    union = (predicted | truth).sum((1, 2))
    return np.where(union > 0, shared / np.maximum(union, 1), 1.0)


@torch.no_grad()
def predict(model: nn.Module, cache: np.ndarray, masks: np.ndarray, rows: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """Logits by task, and the Jaccard index of the outline at the cache's resolution, one entry per row."""
    model.eval()
    parts: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(rows), BATCH):
        some = rows[start:start + BATCH]
        outputs = model(plain(cache[some], size).contiguous(memory_format=torch.channels_last))
        outline = F.interpolate(outputs.pop("mask"), size=masks.shape[1:], mode="bilinear", align_corners=False)[:, 0] > 0
        parts.setdefault("jaccard", []).append(jaccard(outline.numpy(), masks[some] > 0))
        for task, logits in outputs.items():
            parts.setdefault(task, []).append(logits.numpy())
    return {task: np.concatenate(part) for task, part in parts.items()}


def figures(index: Index, rows: np.ndarray, predicted: dict[str, np.ndarray]) -> dict[str, float]:
    """What can be judged on these rows: ROC AUC by binary task, macro recall and macro AUC of dx, mean Jaccard."""
    result = {}
    for task in BINARY:
        label = getattr(index, task)[rows]
        known = label != UNKNOWN
        if len(np.unique(label[known])) == 2:
            result[f"auc_{task}"] = roc_auc(label[known], predicted[task][known, 0])
    known = index.dx[rows] != UNKNOWN
    truth, logits = index.dx[rows][known], predicted["dx"][known]
    if len(np.unique(truth)) > 3:
        result["balanced_accuracy"] = macro_recall(truth, logits.argmax(1))
        others = np.stack([np.logaddexp.reduce(np.delete(logits, c, 1), axis=1) for c in range(logits.shape[1])], 1)
        aucs = [roc_auc((truth == c).astype(int), (logits - others)[:, c]) for c in np.unique(truth)]
        result["macro_auc"] = float(np.mean(aucs))
    outlined = index.mask[rows] != ""
    if outlined.any():
        result["jaccard"] = float(predicted["jaccard"][outlined].mean())
    return result


def validate(model: nn.Module, index: Index, cache: np.ndarray, masks: np.ndarray, datasets: tuple[str, ...], size: int,
             limit: int, rank: int = 0, processes: int = 1) -> dict[str, dict[str, float]]:
    """Figures by dataset; the rows are dealt out to the processes."""
    result = {}
    for dataset in datasets:
        rows = val_rows(index, dataset, limit)[rank::processes]
        part = (rows, predict(model, cache, masks, rows, size))
        parts = [part]
        if processes > 1:
            parts = [None] * processes
            dist.all_gather_object(parts, part)
        rows = np.concatenate([p[0] for p in parts])
        predicted = {task: np.concatenate([p[1][task] for p in parts]) for task in part[1]}
        result[dataset] = {name: round(value, 4) for name, value in figures(index, rows, predicted).items()}
    return result
