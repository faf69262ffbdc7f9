"""Val figures of the multi-task network, by dataset and task."""

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

from .augment import plain
from .guidance import share_inside
from .index import UNKNOWN, Index
from .metrics import macro_recall, roc_auc
from .multitask import BINARY, task_of
from .systems.asff import HEADS

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


def chosen_energy(logits: Tensor, cam: Tensor, masks: Tensor) -> np.ndarray:
    """Share inside the masks of the map of the class that the network chose, NaN where the map is all zero: float [N]."""
    chosen = (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(1)
    share, lit = share_inside(cam[torch.arange(len(chosen)), chosen], masks)
    return torch.where(lit, share, torch.nan).numpy()


@torch.no_grad()
def predict(model: nn.Module, cache: np.ndarray, masks: np.ndarray, rows: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """Logits by head, the Jaccard index of the outline at the cache's resolution and, of a model that shows its evidence
    (`MultiTask.with_evidence`), `energy_HEAD`; one entry per row."""
    model.eval()
    parts: dict[str, list[np.ndarray]] = {}
    shows = getattr(model, "with_evidence", None)
    for start in range(0, len(rows), BATCH):
        some = rows[start:start + BATCH]
        images = plain(cache[some], size).contiguous(memory_format=torch.channels_last)
        outputs, cams = shows(images) if shows else (model(images), {})
        for head, cam in cams.items():
            energy = chosen_energy(outputs[head], cam, torch.from_numpy(masks[some]))
            parts.setdefault(f"energy_{head}", []).append(energy)
        outline = F.interpolate(outputs.pop("mask"), size=masks.shape[1:], mode="bilinear", align_corners=False)[:, 0] > 0
        parts.setdefault("jaccard", []).append(jaccard(outline.numpy(), masks[some] > 0))
        for task, logits in outputs.items():
            parts.setdefault(task, []).append(logits.numpy())
    return {task: np.concatenate(part) for task, part in parts.items()}


def figures(index: Index, rows: np.ndarray, predicted: dict[str, np.ndarray]) -> dict[str, float]:
    """What can be judged on these rows: ROC AUC by binary head, macro recall and macro AUC of dx, mean Jaccard, mean CAM energy inside."""
    result = {}
    for head in (*BINARY, *HEADS):
        if head in predicted:
            label = getattr(index, task_of(head))[rows]
            known = label != UNKNOWN
            if len(np.unique(label[known])) == 2:
                logits = predicted[head][known]
                result[f"auc_{head}"] = roc_auc(label[known], logits[:, -1] - (logits[:, 0] if logits.shape[1] == 2 else 0))
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
        energies = {name: value[outlined & ~np.isnan(value)] for name, value in predicted.items() if name.startswith("energy_")}
        result |= {name: float(shares.mean()) for name, shares in energies.items() if len(shares)}
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
