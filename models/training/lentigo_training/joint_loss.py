"""What system C learns: soft Jaccard distance + two cross-entropies (+ where its evidence should come from).

Every part leaves out what is unknown, by zeros in the targets (see `multitask`),
so the same function trains the joint network and the single-task ones.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .guidance import FLOOR, LARGEST, SMALLEST, share_inside
from .multitask import COLUMNS
from .systems.multitask import CLASSES

# One of the three outputs each; "joint" learns all.
TASKS = ("mask", *CLASSES)


def soft_jaccard(logits: Tensor, masks: Tensor) -> Tensor:
    """Mean of 1 - |p m| / |p + m - p m| over pictures whose mask is known.

    logits [N,1,h,w]; masks [N,2,H,W]: shares of outside and of lesion, zeros where unknown (`multitask.mask_targets`).
    """
    outside, inside = F.adaptive_avg_pool2d(masks, logits.shape[-2:]).unbind(1)
    known = inside + outside
    p = torch.sigmoid(logits[:, 0]) * known
    shared = (p * inside).sum((1, 2))
    union = (p + inside).sum((1, 2)) - shared
    weight = known.mean((1, 2))
    return ((1 - (shared + 1) / (union + 1)) * weight).sum() / weight.sum().clamp(min=len(logits) / 8)


def yes_no(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy of [N] log-odds against [N,2] probabilities of (no, yes), over pictures where they are known."""
    log_p = torch.stack([F.logsigmoid(-logits), F.logsigmoid(logits)], 1)
    return -(targets * log_p).sum() / targets.sum().clamp(min=len(logits) / 8)


def evidence_outside(cam: Tensor, masks: Tensor) -> Tensor:
    """Mean over maps of -ln(share of the map's energy inside the lesion), as `guidance.guidance` has it for the trunk's heads.

    cam [N,C,h,w] >= 0; masks as for `soft_jaccard`. All classes' maps count, whichever the network chooses; a map
    without energy claims nothing and does not count.
    """
    outside, inside = masks.unbind(1)
    area, classes = inside.mean((1, 2)), cam.shape[1]
    usable = (area > SMALLEST) & (area < LARGEST) & (outside.mean((1, 2)) > 0)
    share, lit = share_inside(cam.flatten(0, 1), inside.repeat_interleave(classes, 0))
    counted = (usable.repeat_interleave(classes) & lit).float()
    return -((share + FLOOR).log() * counted).sum() / counted.sum().clamp(min=len(counted) / 8)


def joint_losses(outputs: dict[str, Tensor], labels: Tensor, masks: Tensor) -> dict[str, Tensor]:
    """Loss of each of TASKS, unweighted; labels as of `multitask.label_targets`."""
    parts = {"mask": soft_jaccard(outputs["mask"], masks)}
    for number, name in enumerate(CLASSES):
        parts[name] = yes_no(outputs["logits"][:, number], labels[:, COLUMNS[name]])
    return parts
