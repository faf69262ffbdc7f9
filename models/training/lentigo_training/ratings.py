"""What people said about asymmetry, border and colour, how far they agree, and how far a reading follows them.

ENHANCE: three raters each score A (0 to 2), B (0 to 8) and C (1 to 6). PH2: one expert's asymmetry (0, 1, 2) and colours. Ratings choose and judge;
a picture whose rating judges never helped to fit what is judged.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

CRITERIA = ("asymmetry", "border", "colour")
RATERS = 3


@dataclass(frozen=True)
class Ratings:
    """By row of the index: `scores` [rows, criteria, raters], `ph2_asymmetry`, number of `ph2_colours` [rows]; NaN where unknown."""

    scores: np.ndarray
    ph2_asymmetry: np.ndarray
    ph2_colours: np.ndarray

    def mean(self, criterion: str) -> np.ndarray:
        """The raters' mean, [rows]."""
        return self.scores[:, CRITERIA.index(criterion)].mean(1)


def read_ratings(path: Path) -> Ratings:
    """Parse the ratings' columns of `index.csv`."""
    scores, asymmetry, colours = [], [], []
    with open(path, newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            given = [[float(s) for s in row[f"abc_{criterion}"].split("|") if s] for criterion in CRITERIA]
            scores.append([one if len(one) == RATERS else [np.nan] * RATERS for one in given])
            asymmetry.append(float(row["ph2_asymmetry"] or "nan"))
            colours.append(float(len(row["ph2_colours"].split("|"))) if row["ph2_colours"] else np.nan)
    return Ratings(np.array(scores), np.array(asymmetry), np.array(colours))


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Rank correlation, ties at their mean rank; NaN where one of them never varies."""
    x, y = rankdata(a) - (len(a) + 1) / 2, rankdata(b) - (len(b) + 1) / 2
    size = np.sqrt((x * x).sum() * (y * y).sum())
    return float((x * y).sum() / size) if size > 0 else float("nan")


def agreement(scores: np.ndarray) -> float:
    """Raters among themselves: rank correlation of each with the mean of the others, averaged; scores [N, raters]."""
    return float(np.mean([spearman(scores[:, k], np.delete(scores, k, 1).mean(1)) for k in range(scores.shape[1])]))


def follows(reading: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """A reading [N] against the raters [N, raters]: `mean` with the mean of all, `others` as a rater is judged, with the mean of two at a time,
    `raters` the raters' own agreement, and `ratio` = mean / raters."""
    own = agreement(scores)
    mean = spearman(reading, scores.mean(1))
    others = float(np.mean([spearman(reading, np.delete(scores, k, 1).mean(1)) for k in range(scores.shape[1])]))
    return {"mean": mean, "others": others, "raters": own, "ratio": mean / own}


def folds(groups: np.ndarray, count: int = 5, seed: int = 0) -> np.ndarray:
    """[N] numbers of folds; equal `groups` (lesions) share a fold."""
    names, member = np.unique(groups, return_inverse=True)
    return np.random.default_rng(seed).permutation(len(names))[member] % count


@dataclass(frozen=True)
class Ridge:
    """y = x . weight + bias."""

    weight: np.ndarray
    bias: float

    def of(self, x: np.ndarray) -> np.ndarray:
        return x @ self.weight + self.bias


def ridge(x: np.ndarray, y: np.ndarray, strength: float) -> Ridge:
    """Least squares with a penalty of `strength` a picture on the weights of standardised columns of x [N,F]; solved in the smaller space."""
    mean, deviation = x.mean(0), x.std(0)
    scale = np.where(deviation > 1e-6, deviation, 1.0)
    z, target = (x - mean) / scale, y - y.mean()
    penalty = strength * len(x)
    if len(x) > x.shape[1]:
        weight = np.linalg.solve(z.T @ z + penalty * np.eye(x.shape[1]), z.T @ target)
    else:
        weight = z.T @ np.linalg.solve(z @ z.T + penalty * np.eye(len(x)), target)
    weight = weight / scale
    return Ridge(weight, float(y.mean() - mean @ weight))


INNER_FOLDS = 3
STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0)


def chosen_strength(x: np.ndarray, y: np.ndarray, groups: np.ndarray) -> float:
    """The strength whose cross-validated reading follows y best."""
    fold = folds(groups, INNER_FOLDS, seed=1)
    def judged(strength: float) -> float:
        return spearman(cross_read(x, y, fold, strength), y)

    return max(STRENGTHS, key=judged)


def cross_read(x: np.ndarray, y: np.ndarray, fold: np.ndarray, strength: float) -> np.ndarray:
    """Each picture's reading by a probe that saw no picture of its fold, [N]."""
    read = np.empty(len(y))
    for number in np.unique(fold):
        out = fold == number
        read[out] = ridge(x[~out], y[~out], strength).of(x[out])
    return read


def nested_read(x: np.ndarray, y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """As `cross_read` with the strength chosen inside the training folds only: what judges a reading."""
    fold, read = folds(groups), np.empty(len(y))
    for number in np.unique(fold):
        out = fold == number
        strength = chosen_strength(x[~out], y[~out], groups[~out])
        read[out] = ridge(x[~out], y[~out], strength).of(x[out])
    return read
