"""Val figures of an exported graph: whole sets, sub-groups, and the part without look-alikes in training."""

from pathlib import Path

import numpy as np

from .calibrate import Calibration
from .index import Index
from .metrics import bootstrap, roc_auc, summary
from .session import scores

# Fewer of either class than this say nothing about a sub-group.
FEWEST = 5


def age_band(age: float) -> str:
    if np.isnan(age):
        return "unknown"
    return "<40" if age < 40 else "40-60" if age <= 60 else ">60"


def subgroups(index: Index, rows: np.ndarray, score: np.ndarray) -> list[tuple[str, str, int, int, float | None]]:
    """(attribute, value, benign, malignant, ROC AUC or None where either class is too small)."""
    columns = {
        "age": np.array([age_band(age) for age in index.age[rows]]),
        "sex": np.where(index.sex[rows] == "", "unknown", index.sex[rows]),
        "site": np.where(index.site[rows] == "", "unknown", index.site[rows]),
    }
    label = index.malignant[rows]
    result = []
    for attribute, column in columns.items():
        for value in sorted(set(column)):
            member = column == value
            benign, malignant = int((label[member] == 0).sum()), int((label[member] == 1).sum())
            enough = min(benign, malignant) >= FEWEST
            result.append((attribute, str(value), benign, malignant, roc_auc(label[member], score[member]) if enough else None))
    return result


def figures(label: np.ndarray, score: np.ndarray, calibration: Calibration, threshold: float) -> dict[str, tuple[float, float, float]]:
    """Every headline figure with its 95 % bootstrap interval."""
    return bootstrap(label, calibration.probability(score), lambda y, p: summary(y, p, threshold))


def auc_with_interval(label: np.ndarray, score: np.ndarray) -> tuple[float, float, float]:
    return bootstrap(label, score, lambda y, s: {"roc_auc": roc_auc(y, s)})["roc_auc"]


def score_dataset(graph: Path, index: Index, cache: np.ndarray, dataset: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a split that carry the label, and the graph's scores on them."""
    rows = index.rows(dataset, split)
    rows = rows[index.malignant[rows] >= 0]
    return rows, scores(graph, cache, rows)
