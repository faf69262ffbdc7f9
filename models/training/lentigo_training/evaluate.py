"""Val figures of a system from its scores, outlines and maps: headline figures with intervals, sub-groups, coverage.

Nothing here runs a network. The figures that count are the runtime's own (`lentigo evaluate`); these chose and calibrated.
"""

from dataclasses import dataclass

import numpy as np

from .index import UNKNOWN, Index
from .metrics import (Figures, accuracy, bootstrap_lesions, expected_calibration_error, macro_auc, macro_recall, pr_auc, precision, roc_auc,
                      sensitivity, sigmoid, specificity, top_label_calibration_error)
from .systems import EXCLUSIVE, System

# Fewer of either class than this say nothing about a sub-group.
FEWEST = 5
COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)


@dataclass(frozen=True)
class Judged:
    """Rows of one dataset with what is true and what the device would say; `named` [N,K] are
    the probabilities by which a class is named (see `calibrate.named`); per-picture extras are NaN where there is no mask."""

    system: System
    rows: np.ndarray
    truth: np.ndarray
    refer: np.ndarray
    lesions: np.ndarray
    probabilities: np.ndarray
    referral: np.ndarray
    named: np.ndarray
    jaccard: np.ndarray | None = None
    inside: np.ndarray | None = None

    def part(self, member: np.ndarray) -> "Judged":
        """Only the rows where `member` holds."""
        return Judged(self.system, *(None if value is None else value[member] for name, value in vars(self).items() if name != "system"))


def lesions_of(index: Index, rows: np.ndarray) -> np.ndarray:
    """A name for the lesion of each row; the picture's own where the lesion is unknown."""
    own = np.where(index.isic_id[rows] != "", index.isic_id[rows], index.file[rows])
    return np.where(index.lesion_id[rows] != "", index.lesion_id[rows], own)


def _mean(values: np.ndarray, weight: np.ndarray | None) -> float:
    w = np.isfinite(values) * (np.ones(len(values)) if weight is None else weight)
    return float((np.nan_to_num(values) * w).sum() / max(w.sum(), 1e-12))


def figures(judged: Judged, threshold: float, weight: np.ndarray | None = None) -> Figures:
    """Every headline figure that the known labels allow; sensitivity and specificity at `threshold` of the referral probability."""
    system, found = judged.system, {}
    known = judged.refer != UNKNOWN
    if known.any():
        label, p = judged.refer[known], judged.referral[known]
        w = None if weight is None else weight[known]
        found |= {"roc_auc": roc_auc(label, p, w), "pr_auc": pr_auc(label, p, w),
                  "sensitivity": sensitivity(label, p >= threshold, w), "specificity": specificity(label, p >= threshold, w),
                  "ece": expected_calibration_error(label, p, weight=w)}
    if system.relation == EXCLUSIVE:
        known = judged.truth != UNKNOWN
        truth, p, chosen = judged.truth[known], judged.probabilities[known], judged.named[known].argmax(1)
        w = None if weight is None else weight[known]
        if known.any():
            found |= {"accuracy": accuracy(truth, chosen, w), "balanced_accuracy": macro_recall(truth, chosen, w)}
            if system.has_criteria:
                found |= {"precision": precision(truth, chosen, w), "specificity_named": specificity(truth, chosen == 1, w)}
            if len(system.classes) > 2:
                found |= {"macro_auc": macro_auc(truth, p, w), "top_label_ece": top_label_calibration_error(truth, p, weight=w)}
    else:
        for k, name in enumerate(system.classes):
            known = judged.truth[:, k] != UNKNOWN
            if known.any() and name != system.label:
                w = None if weight is None else weight[known]
                found[f"roc_auc {name}"] = roc_auc(judged.truth[known, k], judged.probabilities[known, k], w)
                found[f"ece {name}"] = expected_calibration_error(judged.truth[known, k], judged.probabilities[known, k], weight=w)
    for name in ("jaccard", "inside"):
        values = getattr(judged, name)
        if values is not None and np.isfinite(values).any():
            found[{"jaccard": "jaccard", "inside": "cam_inside"}[name]] = _mean(values, weight)
    return found


def with_intervals(judged: Judged, threshold: float, rounds: int = 1000) -> dict[str, tuple[float, float, float]]:
    """`figures` with 95 % intervals over lesions."""
    return bootstrap_lesions(judged.lesions, lambda weight: figures(judged, threshold, weight), rounds)


def age_band(age: float) -> str:
    if np.isnan(age):
        return "unknown"
    return "under 40" if age < 40 else "40 to 60" if age <= 60 else "over 60"


def subgroups(index: Index, judged: Judged) -> list[dict]:
    """By age band, sex and site: how many of either kind, ROC AUC of the referral (None where too few), Jaccard where known."""
    rows = judged.rows
    columns = {"age": np.array([age_band(age) for age in index.age[rows]]),
               "sex": np.where(index.sex[rows] == "", "unknown", index.sex[rows]),
               "site": np.where(index.site[rows] == "", "unknown", index.site[rows])}
    result = []
    for attribute, column in columns.items():
        for value in sorted(set(column)):
            part = judged.part(column == value)
            no, yes = int((part.refer == 0).sum()), int((part.refer == 1).sum())
            known = part.refer != UNKNOWN
            auc = roc_auc(part.refer[known], part.referral[known]) if min(no, yes) >= FEWEST else None
            result.append({"attribute": attribute, "value": str(value), "no": no, "yes": yes, "roc_auc": auc,
                           "jaccard": None if part.jaccard is None or not np.isfinite(part.jaccard).any() else float(np.nanmean(part.jaccard))})
    return result


def confidence(judged: Judged) -> np.ndarray:
    """How sure the answer is, [N]: the probability of the class that is named, or the least sure of the independent answers."""
    p = judged.probabilities
    if judged.system.relation == EXCLUSIVE:
        return p[np.arange(len(p)), judged.named.argmax(1)]
    return np.maximum(p, 1 - p).min(1)


def coverage(judged: Judged, threshold: float) -> list[dict]:
    """Figures on the surest share of the pictures: what abstaining more would buy."""
    order = np.argsort(-confidence(judged), kind="stable")
    result = []
    for share in COVERAGES:
        part = judged.part(np.sort(order[:max(1, round(share * len(order)))]))
        found = figures(part, threshold)
        result.append({"coverage": share, "pictures": len(part.rows), **{
            name: found[name] for name in ("accuracy", "balanced_accuracy", "roc_auc", "sensitivity", "specificity") if name in found}})
    return result


def enlarge(maps: np.ndarray, size: int) -> np.ndarray:
    """[N,h,w] bilinearly (half-pixel centres) to [N,size,size], as the device enlarges maps and masks."""
    import torch
    import torch.nn.functional as F

    return F.interpolate(torch.from_numpy(np.ascontiguousarray(maps, np.float32))[:, None], (size, size), mode="bilinear",
                         align_corners=False)[:, 0].numpy()


def outline_jaccard(mask: np.ndarray, truth: np.ndarray, known: np.ndarray, threshold: float) -> np.ndarray:
    """Intersection over union of enlarged mask logits [N,h,w] and masks [N,S,S], NaN where not `known` [N]."""
    result = np.full(len(mask), np.nan)
    cut = np.log(threshold / (1 - threshold))
    for i in np.flatnonzero(known):
        # The device shifts each cell before it enlarges, so that the outline lies at one half.
        found = enlarge(sigmoid(mask[i:i + 1] - cut), truth.shape[-1])[0] >= 0.5
        inside = truth[i] > 0
        union = (found | inside).sum()
        result[i] = (found & inside).sum() / union if union else 1.0
    return result


def chosen_map(system: System, named: np.ndarray, refer: np.ndarray) -> np.ndarray:
    """Which of the maps the device shows, [N]: at a referral (`refer` [N]) of the likeliest positive class, else of the likeliest other,
    by the probabilities that name classes, [N,K]; the last map where classes are independent and none is likely."""
    positive = np.array(system.positions)
    others = np.setdiff1d(np.arange(len(system.classes)), positive)
    other = others[named[:, others].argmax(1)]
    if system.relation != EXCLUSIVE:
        other = np.where(named[:, others].max(1) >= 0.5, other, len(system.classes))
    return np.where(refer, positive[named[:, positive].argmax(1)], other)


def energy_inside(cam: np.ndarray, chosen: np.ndarray, truth: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Share of the chosen map's energy inside the mask [N,S,S], the map enlarged bilinearly; NaN where unknown or the map is empty."""
    result = np.full(len(cam), np.nan)
    for i in np.flatnonzero(known):
        heat = enlarge(cam[i, chosen[i]][None], truth.shape[-1])[0].astype(np.float64)
        if heat.sum() > 0:
            result[i] = (heat * (truth[i] > 0)).sum() / heat.sum()
    return result
