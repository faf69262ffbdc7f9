"""The dermoscopic backbone under all tasks of the pool at once, and the losses that leave out what is unknown.

Not a system that ships: it is what the systems' trunks and decoders start from.

Targets are laid out so that "unknown" needs no cases: a known label is a
distribution over its task's columns, an unknown one is all zeros. Cross-entropy
is linear in the target, so zeros cost nothing, and mixup blends known with
unknown correctly by blending targets.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .backbone import build_backbone
from .decoder import Decoder
from .index import DX_CLASSES, UNKNOWN, Index

BINARY = ("malignant", "melanoma", "seborrheic_keratosis")
# Columns of the target matrix: seven diagnoses, then (no, yes) of each binary task.
COLUMNS = {"dx": slice(0, len(DX_CLASSES)),
           **{task: slice(len(DX_CLASSES) + 2 * i, len(DX_CLASSES) + 2 * i + 2) for i, task in enumerate(BINARY)}}
WIDTH = len(DX_CLASSES) + 2 * len(BINARY)
# Malignant and seborrheic keratosis mostly repeat what dx says; the mask loss is a sum of two terms of order one.
WEIGHTS = {"dx": 1.0, "malignant": 0.5, "melanoma": 1.0, "seborrheic_keratosis": 0.5, "mask": 0.5}


class MultiTask(nn.Module):
    """Backbone, one linear head per task on pooled f2, decoder."""

    def __init__(self, backbone: str, pretrained: bool, drop_path: float = 0.1, dropout: float = 0.2):
        super().__init__()
        self.backbone = build_backbone(backbone, pretrained, drop_path)
        features = self.backbone.pyramid_channels[-1]
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({task: nn.Linear(features, 7 if task == "dx" else 1) for task in COLUMNS})
        self.decoder = Decoder(self.backbone.pyramid_channels)

    def forward(self, image: Tensor, after: int | None = None) -> dict[str, Tensor]:
        """Logits: `dx` [N,7], each binary task [N,1], `mask` [N,1,H/4,W/4]; `after` as in `LiteBackbone.pyramid`."""
        pyramid = self.backbone.pyramid(image, after)
        pooled = self.dropout(pyramid[-1].mean((2, 3)))
        return {**{task: head(pooled) for task, head in self.heads.items()}, "mask": self.decoder(pyramid)}


def label_targets(index: Index, rows: np.ndarray, smoothing: float) -> Tensor:
    """[N, WIDTH]: smoothed distributions, zeros where unknown."""
    targets = torch.zeros(len(rows), WIDTH)
    for task, columns in COLUMNS.items():
        classes = columns.stop - columns.start
        label = torch.from_numpy(getattr(index, task)[rows].astype(np.int64))
        known = label != UNKNOWN
        hot = F.one_hot(label.clamp(min=0), classes).float()
        targets[:, columns] = (hot * (1 - smoothing) + smoothing / classes) * known[:, None]
    return targets


def mask_targets(masks: Tensor, known: Tensor) -> Tensor:
    """Masks [N,1,H,W] in 0..1 and known [N] to (outside, inside) [N,2,H,W], zeros where no mask is known."""
    return torch.cat([1 - masks, masks], 1) * known.float()[:, None, None, None]


def _mean_over_known(total: Tensor, known: Tensor, batch: int) -> Tensor:
    """Sum over pictures by the number of known ones, yet a lone known picture does not weigh as much as a batch."""
    return total / known.clamp(min=batch / 8)


def mask_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy plus soft Jaccard distance, at the logits' resolution; targets as of `mask_targets`."""
    z = logits[:, 0]
    pooled = F.adaptive_avg_pool2d(targets, z.shape[-2:])
    outside, inside = pooled[:, 0], pooled[:, 1]
    entropy = -(inside * F.logsigmoid(z) + outside * F.logsigmoid(-z)).mean((1, 2))
    present = inside + outside
    p = torch.sigmoid(z) * present
    shared = (p * inside).sum((1, 2))
    union = (p + inside * present).sum((1, 2)) - shared
    weight = present.mean((1, 2))
    distance = (1 - (shared + 1) / (union + 1)) * weight
    return _mean_over_known((entropy + distance).sum(), weight.sum(), len(z))


def losses(outputs: dict[str, Tensor], labels: Tensor, masks: Tensor) -> dict[str, Tensor]:
    """Loss of each task, unweighted."""
    result = {}
    for task, columns in COLUMNS.items():
        target, z = labels[:, columns], outputs[task]
        log_p = F.log_softmax(z, 1) if task == "dx" else torch.cat([F.logsigmoid(-z), F.logsigmoid(z)], 1)
        result[task] = _mean_over_known(-(target * log_p).sum(), target.sum(), len(z))
    result["mask"] = mask_loss(outputs["mask"], masks)
    return result


def total(parts: dict[str, Tensor]) -> Tensor:
    return sum(WEIGHTS[task] * loss for task, loss in parts.items())
