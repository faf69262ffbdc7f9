"""Is this a dermoscopic picture at all? Distance of the pooled features to what training looked like, or the scores' energy.

Distance: squared Mahalanobis to the nearest of K class centres with one covariance for all (Lee et al. 2018, "A simple
unified framework for detecting out-of-distribution samples"), in the few whitened directions of largest variance; what lies
outside of them can count as well, with one variance for all of it (Tipping and Bishop 1999, "Probabilistic principal
component analysis"): strange pictures often differ where dermoscopic ones hardly vary.
Energy: Liu et al. 2020, "Energy-based out-of-distribution detection".

Fitted on training pictures, limited on val: pictures of other things are only looked at to choose between scores and to
say what share is refused, never to place the limit.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .systems import EXCLUSIVE

# Share of val that may be refused by each rule.
NOVELTY_SHARE = 0.02
DISAGREEMENT_SHARE = 0.03
DIMENSIONS = 48
# Added to the covariance as a share of its mean variance: directions that training hardly uses must not decide alone.
SHRINKAGE = 1e-3


@dataclass(frozen=True)
class Centres:
    """z = (pooled - mean) @ whitening [F,d] has unit covariance within a class; `centres` [K,d] are the classes' means in z.

    `scale` [d] is what whitening divided by; `remainder` weighs the squared length of what the d directions leave of
    (pooled - mean), 0 for not at all.
    """

    mean: np.ndarray
    whitening: np.ndarray
    centres: np.ndarray
    scale: np.ndarray
    remainder: np.ndarray

    def distances(self, pooled: np.ndarray) -> np.ndarray:
        """[N,F] to squared distances [N,K]."""
        offset = pooled - self.mean
        z = offset @ self.whitening
        left = (offset ** 2).sum(1) - ((z * self.scale) ** 2).sum(1)
        return ((z[:, None] - self.centres[None]) ** 2).sum(2) + float(self.remainder) * left[:, None]

    def save(self, path: Path) -> None:
        np.savez(path, **vars(self))

    @classmethod
    def load(cls, path: Path) -> "Centres":
        with np.load(path) as stored:
            return cls(*(stored[name] for name in ("mean", "whitening", "centres", "scale", "remainder")))


def fit_centres(pooled: np.ndarray, group: np.ndarray, dimensions: int = DIMENSIONS, remainder: bool = False) -> Centres:
    """Centres of `group` [N] (any labels) in the whitened space of `pooled` [N,F], with or without what the space leaves out."""
    labels = np.unique(group)
    mean = pooled.mean(0)
    centred = pooled - mean
    own = np.stack([centred[group == label].mean(0) for label in labels])
    within = centred - own[np.searchsorted(labels, group)]
    covariance = within.T @ within / max(len(pooled) - len(labels), 1)
    variance, direction = np.linalg.eigh(covariance)
    variance, direction = variance[::-1], direction[:, ::-1]
    kept = min(dimensions, int((variance > 1e-9 * variance[0]).sum()))
    scale = np.sqrt(variance[:kept] + SHRINKAGE * variance.mean())
    whitening = direction[:, :kept] / scale
    rest = variance[kept:]
    weight = 1.0 / (rest.mean() + SHRINKAGE * variance.mean()) if remainder and len(rest) else 0.0
    return Centres(mean, whitening, own @ whitening, scale, np.array(weight))


def energy(scores: np.ndarray, relation: str) -> np.ndarray:
    """Energy of mean scores [N,K], low for the familiar: [N]."""
    softplus = np.logaddexp.reduce(scores, axis=1) if relation == EXCLUSIVE else np.logaddexp(0.0, scores).sum(1)
    return -softplus


def novelty(kind: str, scores: np.ndarray, distances: np.ndarray | None, relation: str) -> np.ndarray:
    """The score that `abstention.novelty_max` limits: [N] of pictures with scores [N,V,K] and distances [N,V,D]."""
    if kind == "energy":
        return energy(scores.mean(1), relation)
    if distances is None:
        raise ValueError("this graph has no output 'distances'; use energy")
    return distances.mean(1).min(1).astype(np.float64)


def limit(values: np.ndarray, share: float) -> float:
    """The lowest limit, to six digits, above which at most `share` of `values` lie."""
    allowed = int(np.floor(share * len(values) + 1e-9))
    highest = np.sort(values)[len(values) - 1 - allowed]
    return float(np.ceil(highest * 1e6) / 1e6)
