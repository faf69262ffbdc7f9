"""Does the network look at the lesion? Pictures with the lesion or its surroundings hidden, and where the CAM lies."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .index import Index
from .metrics import roc_auc
from .prepare import load_mask
from .session import open_graph, run


@dataclass(frozen=True)
class Attention:
    """ROC AUC on whole pictures, with surroundings hidden, with the lesion hidden; and the CAM's energy.

    `inside` is the mean share of the malignant CAM's sum that falls on the lesion,
    `area` the mean share of the picture that the lesion covers: equal shares mean no preference.
    """

    images: int
    whole: float
    lesion_only: float
    surroundings_only: float
    inside: float
    area: float


def hide(pixels: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Fill `region` with the mean colour of the rest."""
    result = pixels.copy()
    result[region] = pixels[~region].mean(0).round().astype(np.uint8)
    return result


def attention(graph: Path, index: Index, cache: np.ndarray, root: Path, rows: np.ndarray) -> Attention:
    """Measure on those of `rows` whose mask covers between 1 and 95 per cent of the picture."""
    session = open_graph(graph)
    size = cache.shape[1]
    label, score, inside, area = [], [], [], []
    for row in rows:
        if not index.mask[row]:
            continue
        mask = load_mask(root / index.mask[row], size)
        if not 0.01 < mask.mean() < 0.95:
            continue
        pixels = np.array(cache[row])
        logits, cam = zip(*(run(session, p) for p in (pixels, hide(pixels, ~mask), hide(pixels, mask))))
        label.append(index.malignant[row])
        score.append([float(l[0, 1] - l[0, 0]) for l in logits])
        heat = cam[0][0, 1]
        cells = mask.reshape(heat.shape[0], size // heat.shape[0], heat.shape[1], -1).mean((1, 3))
        if heat.sum() > 0:
            inside.append(float((heat * cells).sum() / heat.sum()))
            area.append(float(mask.mean()))
    truth, scored = np.array(label), np.array(score)
    return Attention(len(truth), *(roc_auc(truth, scored[:, i]) for i in range(3)), float(np.mean(inside)), float(np.mean(area)))
