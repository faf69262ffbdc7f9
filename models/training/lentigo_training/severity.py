"""Which measurement stands for each criterion, where its five levels lie, and what a lesion of each level looks like to the network.

Measurements are chosen by how they follow the raters on training pictures; cuts are quantiles of the training lesions (`explain::severity`).
"""

import numpy as np

from .measures import SCORE, Measures
from .ratings import CRITERIA, Ratings, agreement, spearman

QUANTILES = (0.2, 0.4, 0.6, 0.8)
OVERALL = "overall"
# A score of points has only a handful of values: no fifths.
LEVELS = 5
# Raters who agree less than this with each other cannot choose: then what the ABCD literature measures stands for the criterion.
AGREED_MIN = 0.1
USUAL = {"asymmetry": "asymmetry_shape_minor", "border": "border_compactness", "colour": "colour_lab_l"}
AGREEMENT_SHARE = 0.05


def combined(ratings: Ratings) -> np.ndarray:
    """One number for all three criteria, [rows]: the mean of the raters' means, each by its scale's end."""
    return np.mean([ratings.mean(criterion) / end for criterion, end in zip(CRITERIA, (2.0, 8.0, 6.0))], axis=0)


def cuts(values: np.ndarray) -> list[float] | None:
    """The quantiles, to six digits; None where they do not rise."""
    found = [float(f"{q:.6g}") for q in np.quantile(values, QUANTILES)]
    return found if all(a < b for a, b in zip(found, found[1:])) else None


def correlations(measures: Measures, ratings: Ratings, rows: np.ndarray) -> dict[str, dict[str, float]]:
    """Rank correlation of every measure with the raters' mean of every criterion, and of all together: {criterion: {measure: rho}}."""
    targets = {**{criterion: ratings.mean(criterion) for criterion in CRITERIA}, OVERALL: combined(ratings)}
    found = {}
    for criterion, target in targets.items():
        at = rows[np.isfinite(target[rows]) & measures.known[rows]]
        found[criterion] = {name: spearman(measures.columns((name,))[at, 0], target[at]) for name in measures.names}
    return found


def choose(measures: Measures, ratings: Ratings, rated: np.ndarray, train: np.ndarray) -> dict[str, dict]:
    """The manifest's `severity`: for each criterion the measure of its own kind that rises best with the raters, or the usual one where
    they do not agree; for all together the ABCD rule's score.

    `rated` rows choose, `train` rows (measured ones count) make the cuts. ValueError where the quantiles of the score do not rise.
    """
    told = correlations(measures, ratings, rated)
    train = train[measures.known[train]]
    placed = {name: cut for name in measures.names if (cut := cuts(measures.columns((name,))[train, 0])) is not None}
    if SCORE not in placed:
        raise ValueError("the score of the training lesions has no fifths")
    chosen = {}
    for number, criterion in enumerate(CRITERIA):
        scores = ratings.scores[rated, number]
        kind = [name for name in placed if name.startswith(f"{criterion}_")]
        heard = agreement(scores[np.isfinite(scores).all(1)]) >= AGREED_MIN or USUAL[criterion] not in placed
        chosen[criterion] = max(kind, key=told[criterion].__getitem__) if heard else USUAL[criterion]
    return {criterion: {"measure": name, "cuts": placed[name]} for criterion, name in {**chosen, OVERALL: SCORE}.items()}


def levels(scale: dict, measures: Measures, rows: np.ndarray) -> np.ndarray:
    """1 to 5 by row, as `explain::severity::Scale::level`."""
    values = measures.columns((scale["measure"],))[rows, 0]
    return 1 + (values[:, None] >= np.array(scale["cuts"])[None]).sum(1)


def prototypes(embeddings: np.ndarray, level: np.ndarray) -> list[dict]:
    """The mean embedding of each level at length 1, as `prototypes.json` holds them."""
    found = []
    for number in range(1, LEVELS + 1):
        mean = embeddings[level == number].mean(0)
        found.append({"level": number, "embedding": [round(float(x), 6) for x in mean / np.linalg.norm(mean)]})
    return found


def agreement_min(pictures: np.ndarray, criteria: np.ndarray) -> float:
    """The agreement that only AGREEMENT_SHARE of the pictures stay below; embeddings [N,D] of pictures and their own criteria."""
    return round(float(np.quantile((pictures * criteria).sum(1), AGREEMENT_SHARE)), 4)
