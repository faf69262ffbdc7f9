"""Figures of classifiers and outlines, each with optional row weights, and cluster-bootstrap intervals.

Every figure takes weights because the bootstrap over lesions draws rows with multiplicity: counting is cheaper than copying.
"""

from collections.abc import Callable, Iterator

import numpy as np

Figures = dict[str, float]
BINS = 15
ROUNDS = 1000


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(x, dtype=np.float64)))


def _weights(label: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    return np.ones(len(label)) if weight is None else weight.astype(np.float64)


def _curve(label: np.ndarray, score: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Weighted true and false positives at each distinct score, falling."""
    w = _weights(label, weight)
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    positive = (label[order] == 1) * w[order]
    return np.cumsum(positive)[last], np.cumsum(w[order] - positive)[last]


def roc_auc(label: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None) -> float:
    """NaN where one class is missing."""
    tp, fp = _curve(label, score, weight)
    if tp[-1] == 0 or fp[-1] == 0:
        return float("nan")
    return float(np.trapezoid(np.append(0.0, tp / tp[-1]), np.append(0.0, fp / fp[-1])))


def pr_auc(label: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Average precision."""
    tp, fp = _curve(label, score, weight)
    if tp[-1] == 0:
        return float("nan")
    precision = tp / np.maximum(tp + fp, 1e-12)
    return float((np.diff(np.append(0.0, tp / tp[-1])) * precision).sum())


def macro_recall(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Balanced accuracy of several classes: the mean of the recalls of those that occur in `truth`."""
    w = _weights(truth, weight)
    totals = [(w[truth == c].sum(), (w * (predicted == c))[truth == c].sum()) for c in np.unique(truth)]
    return float(np.mean([hit / total for total, hit in totals if total > 0]))


def macro_auc(truth: np.ndarray, scores: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mean over classes of the ROC AUC of each against the rest; `scores` [N,K]."""
    found = [roc_auc((truth == c).astype(int), scores[:, c], weight) for c in range(scores.shape[1])]
    return float(np.nanmean(found))


def accuracy(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None) -> float:
    w = _weights(truth, weight)
    return float((w * (truth == predicted)).sum() / w.sum())


def sensitivity(label: np.ndarray, positive: np.ndarray, weight: np.ndarray | None = None) -> float:
    w = _weights(label, weight) * (label == 1)
    return float((w * positive).sum() / max(w.sum(), 1e-12))


def specificity(label: np.ndarray, positive: np.ndarray, weight: np.ndarray | None = None) -> float:
    w = _weights(label, weight) * (label == 0)
    return float((w * ~positive).sum() / max(w.sum(), 1e-12))


def precision(label: np.ndarray, positive: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Share of those called positive (1) that are; NaN where none is called so."""
    w = _weights(label, weight) * (positive == 1)
    return float((w * (label == 1)).sum() / w.sum()) if w.sum() > 0 else float("nan")


def expected_calibration_error(label: np.ndarray, probability: np.ndarray, bins: int = BINS, weight: np.ndarray | None = None) -> float:
    """ECE over equal-width bins of a probability: sum of bin share times |mean probability - frequency|."""
    w = _weights(label, weight)
    bin_of = np.minimum((probability * bins).astype(int), bins - 1)
    gap = np.bincount(bin_of, w * (probability - label), bins)
    return float(np.abs(gap).sum() / w.sum())


def top_label_calibration_error(truth: np.ndarray, probabilities: np.ndarray, bins: int = BINS, weight: np.ndarray | None = None) -> float:
    """ECE of the likeliest class's probability (Guo et al. 2017), `probabilities` [N,K]."""
    chosen = probabilities.argmax(1)
    return expected_calibration_error((chosen == truth).astype(int), probabilities.max(1), bins, weight)


def threshold_at_sensitivity(label: np.ndarray, probability: np.ndarray, target: float) -> float:
    """The largest threshold t such that `probability >= t` finds at least `target` of the positives."""
    positives = np.sort(probability[label == 1])[::-1]
    needed = int(np.ceil(target * len(positives) - 1e-9))
    return float(positives[needed - 1])


def draws(lesions: np.ndarray, rounds: int = ROUNDS, seed: int = 0) -> Iterator[np.ndarray]:
    """Row weights of `rounds` resamplings of whole lesions (Davison and Hinkley 1997, 3.8); `lesions` names each row's."""
    names, cluster = np.unique(lesions, return_inverse=True)
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        yield np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))[cluster]


def bootstrap(label: np.ndarray, probability: np.ndarray, figures: Callable[[np.ndarray, np.ndarray], Figures], rounds: int = 2000,
              seed: int = 0) -> dict[str, tuple[float, float, float]]:
    """Each figure with its 95 % percentile interval: {name: (value, low, high)}; resamples pictures within each class of `label`."""
    rng = np.random.default_rng(seed)
    value = figures(label, probability)
    classes = [np.flatnonzero(label == c) for c in (0, 1)]
    drawn: dict[str, list[float]] = {name: [] for name in value}
    for _ in range(rounds):
        pick = np.concatenate([rng.choice(members, len(members)) for members in classes])
        for name, figure in figures(label[pick], probability[pick]).items():
            drawn[name].append(figure)
    return {name: (value[name], *(float(q) for q in np.percentile(drawn[name], (2.5, 97.5)))) for name in value}


def bootstrap_lesions(lesions: np.ndarray, figures: Callable[[np.ndarray | None], Figures], rounds: int = ROUNDS,
              seed: int = 0) -> dict[str, tuple[float, float, float]]:
    """Each figure with its 95 % percentile interval over lesions: {name: (value, low, high)}; `figures` takes row weights."""
    value = figures(None)
    drawn: dict[str, list[float]] = {name: [] for name in value}
    for weight in draws(lesions, rounds, seed):
        for name, figure in figures(weight).items():
            drawn[name].append(figure)
    return {name: (value[name], *(float(q) for q in np.nanpercentile(drawn[name], (2.5, 97.5)))) for name in value}
