"""Val figures of system A, flips averaged as on the device, with intervals from resampled lesions."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import rankdata

from .features import FLIPS, ValMaps
from .fusion_train import as_map, share_inside
from .index import DX_CLASSES, Index
from .metadata import Encoding
from .metrics import macro_recall
from .multitask_val import jaccard
from .systems.dual import Fusion


@dataclass(frozen=True)
class Answers:
    """Of N pictures: mean logits [N,7] and mean maps [N,7,h,w] over the flips."""

    logits: np.ndarray
    cam: np.ndarray


@torch.no_grad()
def answers(fusion: Fusion, maps: ValMaps, index: Index, told: bool, encoding: Encoding = Encoding(), batch: int = 128) -> Answers:
    """Run all flips; `told` False hides all metadata."""
    vectors = torch.from_numpy(encoding.of(index, maps.rows) if told else encoding.unknown(len(maps.rows)))
    logits, cams = [], []
    for start in range(0, len(maps.rows), batch):
        part = slice(start, start + batch)
        outputs = [fusion(as_map(maps.original[part, view]), as_map(maps.segmented[part, view]), vectors[part]) for view in range(len(FLIPS))]
        logits.append(torch.stack([o["logits"] for o in outputs]).mean(0))
        cams.append(torch.stack([o["cam"].flip(axes) if axes else o["cam"] for o, axes in zip(outputs, FLIPS.values())]).mean(0))
    return Answers(torch.cat(logits).numpy(), torch.cat(cams).numpy())


def shares(found: Answers, inside: np.ndarray) -> np.ndarray:
    """Share of the chosen class's Grad-CAM energy inside the mask, NaN where its map is empty, [N]."""
    chosen = found.cam[np.arange(len(found.logits)), found.logits.argmax(1)]
    return share_inside(torch.from_numpy(chosen), torch.from_numpy(inside)).numpy()


def outlines(logits: np.ndarray, size: int) -> np.ndarray:
    """Mean mask logits [N,h,w] to bool [N,size,size] as the device enlarges them: probabilities, bilinear, at least one half."""
    z = torch.sigmoid(torch.from_numpy(logits.astype(np.float32)))[:, None]
    return (F.interpolate(z, size=(size, size), mode="bilinear", align_corners=False)[:, 0] >= 0.5).numpy()


def mean_jaccard(maps: ValMaps, masks: np.ndarray, views: int = len(FLIPS)) -> np.ndarray:
    """Jaccard index of each picture, [N], of the first `views` flips."""
    result = []
    for start in range(0, len(maps.rows), 64):
        part = slice(start, start + 64)
        drawn = outlines(maps.mask[part, :views].astype(np.float32).mean(1), masks.shape[1])
        result.append(jaccard(drawn, masks[maps.rows[part]] > 0))
    return np.concatenate(result)


def log_prior(index: Index, rows: np.ndarray) -> np.ndarray:
    """Logarithm of the diagnoses' frequencies among different training pictures, [7]: what the balanced scores leave out."""
    counts = np.bincount(index.dx[np.unique(rows)], minlength=len(DX_CLASSES))
    return np.log(np.maximum(counts, 1) / counts.sum())


def classes_figures(truth: np.ndarray, logits: np.ndarray, prior: np.ndarray | float = 0.0) -> dict[str, float]:
    """Of scores that favour no diagnosis: balanced accuracy and accuracy of the highest score as it is, and the mean of the
    one-against-rest ROC AUCs (as rank sums) of the softmax with `prior` added, for "the rest" is as mixed as its frequencies."""
    posterior = logits + prior
    rank = rankdata(posterior - np.logaddexp.reduce(posterior, axis=1, keepdims=True), axis=0)
    aucs = []
    for c in np.unique(truth):
        own = truth == c
        n = int(own.sum())
        aucs.append((rank[own, c].sum() - n * (n + 1) / 2) / (n * (len(truth) - n)))
    return {"balanced_accuracy": macro_recall(truth, logits.argmax(1)), "macro_auc": float(np.mean(aucs)),
            "accuracy": float((logits.argmax(1) == truth).mean())}


def resamples(index: Index, rows: np.ndarray, rounds: int, seed: int = 0) -> list[np.ndarray]:
    """Positions in `rows`, drawn by whole lesions with replacement within each diagnosis, so that every diagnosis stays."""
    rng = np.random.default_rng(seed)
    lesions: dict[tuple[int, str], list[int]] = {}
    for at, row in enumerate(rows):
        lesions.setdefault((int(index.dx[row]), index.lesion_id[row] or f"row:{row}"), []).append(at)
    strata: dict[int, list[np.ndarray]] = {}
    for (dx, _), members in lesions.items():
        strata.setdefault(dx, []).append(np.array(members))
    return [np.concatenate([stratum[i] for stratum in strata.values() for i in rng.integers(len(stratum), size=len(stratum))])
            for _ in range(rounds)]
