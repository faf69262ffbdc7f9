"""Does the network look at the lesion? Its figures on pictures whose surroundings, or whose lesion, are hidden."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .calibrate import Calibration, referral_probability
from .index import UNKNOWN, Index
from .metrics import roc_auc
from .session import outputs
from .systems import System

# A mask that covers hardly anything or nearly everything leaves nothing to compare.
SMALLEST, LARGEST = 0.01, 0.95


@dataclass(frozen=True)
class Hidden:
    """ROC AUC of the referral on `images` whole pictures, with the surroundings hidden, and with the lesion hidden."""

    images: int
    whole: float
    lesion_only: float
    surroundings_only: float


def hide(pixels: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Fill `region` with the mean colour of the rest."""
    result = pixels.copy()
    result[region] = pixels[~region].mean(0).round().astype(np.uint8)
    return result


def hidden(system: System, graph: Path, calibration: Calibration, index: Index, cache: np.ndarray, masks: np.ndarray,
           rows: np.ndarray, limit: int = 250) -> Hidden:
    """Measure on at most `limit` of `rows`, evenly picked, that have a mask and a known label; one view each."""
    covered = np.array([masks[row].mean() if index.mask[row] else 0.0 for row in rows])
    usable = rows[(system.referral(index, rows) != UNKNOWN) & (covered > SMALLEST) & (covered < LARGEST)]
    usable = usable[np.linspace(0, len(usable) - 1, min(limit, len(usable))).round().astype(int)]
    label = system.referral(index, usable)
    pictures = [np.asarray(cache[row]) for row in usable]
    inside = [np.asarray(masks[row]) > 0 for row in usable]
    shown = (pictures, [hide(p, ~m) for p, m in zip(pictures, inside)], [hide(p, m) for p, m in zip(pictures, inside)])
    metadata = system.metadata(index, usable)
    found = []
    for variant in shown:
        got = outputs(graph, np.stack(variant), np.arange(len(usable)), ("none",), metadata, maps=False, exact=False)
        found.append(roc_auc(label, referral_probability(system, calibration.probabilities(got.mean))))
    return Hidden(len(usable), *found)
