"""Where a class activation map lies: its energy inside the lesion, as a figure and as something to train for.

A network that is right for what surrounds a lesion (ruler, vignette, hair) is
right by accident. The loss asks the evidence for the true class to come from
inside the outline (after Ross et al. 2017, "Right for the Right Reasons").
"""

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from .multitask import COLUMNS, task_of

# A picture that is nearly all lesion has no outside to avoid, and a lesion of less than a cell cannot be hit.
SMALLEST, LARGEST = 0.01, 0.85
FLOOR = 0.01


@lru_cache
def _spread(cells: int, pixels: int) -> Tensor:
    """[cells, pixels]: how much of each cell's value every pixel receives in a bilinear enlargement (half-pixel centres)."""
    return F.interpolate(torch.eye(cells)[None], size=pixels, mode="linear", align_corners=False)[0]


def share_inside(cam: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """Share of each map's energy inside its mask, the map enlarged bilinearly to the mask: cam [N,h,w] >= 0, masks [N,H,W] in 0..1.

    Returns the shares [N] in 0..1 and whether the map has any energy, bool [N] (the share of an all-zero map is 0).
    Differentiable. The enlargement is linear, so its transpose is applied to the mask instead, which costs less.
    """
    down, across = _spread(cam.shape[1], masks.shape[1]), _spread(cam.shape[2], masks.shape[2])
    inside = (cam * (down @ masks.to(cam.dtype) @ across.T)).sum((1, 2))
    energy = (cam * (down.sum(1)[:, None] * across.sum(1))).sum((1, 2))
    lit = energy > 0
    return inside / torch.where(lit, energy, torch.ones_like(energy)), lit


def guidance(cams: dict[str, Tensor], labels: Tensor, masks: Tensor, heads: tuple[str, ...]) -> Tensor:
    """Mean over `heads` of -ln(share of the true class's map inside the mask + FLOOR), over pictures where both are known.

    cams: [N,classes,h,w] by head; labels as of `label_targets`, masks as of `mask_targets` (not mixed up).
    """
    inside = masks[:, 1]
    area = inside.mean((1, 2))
    usable = (area > SMALLEST) & (area < LARGEST)
    pictures = torch.arange(len(labels))
    total = torch.zeros(())
    for head in heads:
        target = labels[:, COLUMNS[task_of(head)]]
        share, lit = share_inside(cams[head][pictures, target.argmax(1)], inside)
        counted = (usable & lit & (target.sum(1) > 0)).float()
        # A lone usable picture does not weigh as much as a batch.
        total = total - ((share + FLOOR).log() * counted).sum() / counted.sum().clamp(min=len(labels) / 8)
    return total / len(heads)
