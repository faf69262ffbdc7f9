"""Figures of a binary classifier, with bootstrap intervals."""

from collections.abc import Callable

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


def roc_auc(label: np.ndarray, score: np.ndarray) -> float:
    return float(roc_auc_score(label, score))


def pr_auc(label: np.ndarray, score: np.ndarray) -> float:
    """Average precision."""
    return float(average_precision_score(label, score))


def macro_recall(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Balanced accuracy of several classes: the mean of the recalls of those that occur in `truth`."""
    return float(np.mean([(predicted[truth == c] == c).mean() for c in np.unique(truth)]))


def sensitivity(label: np.ndarray, positive: np.ndarray) -> float:
    return float(positive[label == 1].mean())


def specificity(label: np.ndarray, positive: np.ndarray) -> float:
    return float((~positive[label == 0]).mean())


def expected_calibration_error(label: np.ndarray, probability: np.ndarray, bins: int = 15) -> float:
    """ECE over equal-width bins of P(malignant): sum of bin share times |mean probability - frequency|."""
    bin_of = np.minimum((probability * bins).astype(int), bins - 1)
    total = 0.0
    for b in range(bins):
        inside = bin_of == b
        if inside.any():
            total += inside.mean() * abs(probability[inside].mean() - label[inside].mean())
    return float(total)


def threshold_at_sensitivity(label: np.ndarray, probability: np.ndarray, target: float) -> float:
    """The largest threshold t such that `probability >= t` finds at least `target` of the positives."""
    positives = np.sort(probability[label == 1])[::-1]
    needed = int(np.ceil(target * len(positives) - 1e-9))
    return float(positives[needed - 1])


def summary(label: np.ndarray, probability: np.ndarray, threshold: float) -> dict[str, float]:
    """All figures the model card reports, at p >= 0.5 and at the operating point."""
    half, operating = probability >= 0.5, probability >= threshold
    return {
        "roc_auc": roc_auc(label, probability),
        "pr_auc": pr_auc(label, probability),
        "accuracy": float((half == (label == 1)).mean()),
        "balanced_accuracy": 0.5 * (sensitivity(label, half) + specificity(label, half)),
        "sensitivity": sensitivity(label, operating),
        "specificity": specificity(label, operating),
        "ece": expected_calibration_error(label, probability),
    }


def bootstrap(label: np.ndarray, probability: np.ndarray, figures: Callable[[np.ndarray, np.ndarray], dict[str, float]],
              rounds: int = 2000, seed: int = 0) -> dict[str, tuple[float, float, float]]:
    """Each figure with its 95 % percentile interval: {name: (value, low, high)}; resamples images within each class."""
    rng = np.random.default_rng(seed)
    value = figures(label, probability)
    classes = [np.flatnonzero(label == c) for c in (0, 1)]
    draws: dict[str, list[float]] = {name: [] for name in value}
    for _ in range(rounds):
        pick = np.concatenate([rng.choice(members, len(members)) for members in classes])
        for name, figure in figures(label[pick], probability[pick]).items():
            draws[name].append(figure)
    return {name: (value[name], *(float(q) for q in np.percentile(draws[name], (2.5, 97.5)))) for name in value}
