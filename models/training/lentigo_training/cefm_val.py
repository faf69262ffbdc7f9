"""Figures of an alignment and of the classifier behind it, on pictures that taught neither."""

import numpy as np

from .index import UNKNOWN, Index
from .metrics import Figures, accuracy, roc_auc
from .multitask_train import Pool

# What the aims are stated on: isic2017 and the nevi and melanomas of ham10000 (dx 0 and 1), together.
UNION = ("isic2017", "ham10000")
EXTERNAL = "ph2"


def union_rows(index: Index, split: str = "val") -> np.ndarray:
    """Rows of the split that melanoma figures are stated on."""
    rows = np.concatenate([index.rows(dataset, split) for dataset in UNION])
    return rows[(index.dataset[rows] != "ham10000") | np.isin(index.dx[rows], (0, 1))]


def heads_rows(pool: Pool) -> np.ndarray:
    """Rows that heads may learn from: every training picture once, and all files of isic2017, which the raters saw."""
    everything = np.concatenate(pool.groups)
    return np.unique(np.concatenate([[group[0] for group in pool.groups], everything[pool.index.dataset[everything] == "isic2017"]]))


def alignment_figures(pictures: np.ndarray, criteria: np.ndarray) -> Figures:
    """Unit embeddings [N,D] of N pictures and of their own criteria:

    - positive, negative: mean cosine of a picture with its own criteria, and with those of every other picture;
    - recall_1, recall_10: share of pictures whose own criteria are the nearest, among the ten nearest, of all N; recall_back_* the other way.
    """
    alike = pictures @ criteria.T
    own = np.diag(alike)
    n = len(own)
    found: Figures = {"pairs": float(n), "positive": float(own.mean()), "negative": float((alike.sum() - own.sum()) / (n * (n - 1)))}
    for name, scores in (("recall", alike), ("recall_back", alike.T)):
        # As many criteria as lie nearer than the own ones; a tie counts against.
        rank = (scores >= own[:, None]).sum(1)
        found |= {f"{name}_1": float((rank <= 1).mean()), f"{name}_10": float((rank <= 10).mean())}
    return found


def best_accuracy(label: np.ndarray, score: np.ndarray) -> float:
    """Accuracy at the threshold that is best on these very pictures: an upper bound for any fixed one."""
    return max(accuracy(label, (score >= cut).astype(int)) for cut in np.unique(score))


def melanoma_figures(index: Index, rows: np.ndarray, log_odds: np.ndarray) -> Figures:
    """ROC AUC on the union, on each of its sets and on PH2, as far as `rows` hold them; accuracy on the union at even odds and at its best."""
    label, found = index.melanoma[rows], {}
    known = label != UNKNOWN
    joint = known & np.isin(index.dataset[rows], UNION)
    if joint.any():
        found = {"auc": roc_auc(label[joint], log_odds[joint]), "accuracy": accuracy(label[joint], (log_odds[joint] > 0).astype(int)),
                 "accuracy_best": best_accuracy(label[joint], log_odds[joint])}
    for dataset in (*UNION, EXTERNAL):
        at = known & (index.dataset[rows] == dataset)
        if at.any():
            found[f"auc_{dataset}"] = roc_auc(label[at], log_odds[at])
    return found
