"""The dermoscopic backbone under all tasks of the pool at once, and the losses that leave out what is unknown.

Not a system that ships: it is what the systems' trunks and decoders start from.

Targets are laid out so that "unknown" needs no cases: a known label is a
distribution over its task's columns, an unknown one is all zeros. Cross-entropy
is linear in the target, so zeros cost nothing, and mixup blends known with
unknown correctly by blending targets.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .backbone import build_backbone
from .decoder import Decoder
from .gradcam import linear_cam
from .index import DX_CLASSES, UNKNOWN, Index
from .systems.asff import HEADS, AsffHeads

BINARY = ("malignant", "melanoma", "seborrheic_keratosis")
# Columns of the target matrix: seven diagnoses, then (no, yes) of each binary task.
COLUMNS = {"dx": slice(0, len(DX_CLASSES)),
           **{task: slice(len(DX_CLASSES) + 2 * i, len(DX_CLASSES) + 2 * i + 2) for i, task in enumerate(BINARY)}}
WIDTH = len(DX_CLASSES) + 2 * len(BINARY)
# Malignant and seborrheic keratosis mostly repeat what dx says, system D's heads repeat malignant; the mask loss is a sum of two
# terms of order one.
WEIGHTS = {"dx": 1.0, "malignant": 0.5, "melanoma": 1.0, "seborrheic_keratosis": 0.5, "mask": 0.5, **{head: 0.25 for head in HEADS}}
# Heads whose evidence is asked to lie inside the lesion.
GUIDED = ("dx", "melanoma", "seborrheic_keratosis", *HEADS)


def task_of(head: str) -> str:
    """The task whose labels a head learns: system D's heads learn `malignant`."""
    return "malignant" if head in HEADS else head


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
        return self.read(self.backbone.pyramid(image, after))

    def read(self, pyramid: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Logits of a picture whose features are known."""
        pooled = self.dropout(pyramid[-1].mean((2, 3)))
        return {**{task: head(pooled) for task, head in self.heads.items()}, "mask": self.decoder(pyramid)}

    def evidence(self, pyramid: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Grad-CAM [N,classes,h,w] by head; the classes of a binary task are (no, yes)."""
        cams = {}
        for task, head in self.heads.items():
            weight = head.weight if task == "dx" else torch.cat([-head.weight, head.weight])
            cams[task] = linear_cam(weight, pyramid[-1])
        return cams

    def with_evidence(self, image: Tensor, after: int | None = None) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Logits as of `forward`, and Grad-CAM as of `evidence`."""
        pyramid = self.backbone.pyramid(image, after)
        return self.read(pyramid), self.evidence(pyramid)


class SharedTrunk(MultiTask):
    """The multi-task network with system D's heads on the same features: the start of every system's own fine-tuning."""

    def __init__(self, backbone: str, pretrained: bool, drop_path: float = 0.1, dropout: float = 0.2):
        super().__init__(backbone, pretrained, drop_path, dropout)
        self.asff = AsffHeads(self.backbone.channels, dropout=dropout)

    def read(self, pyramid: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """As of `MultiTask`, and [N,2] of each of system D's heads."""
        return {**super().read(pyramid), **self.asff(*pyramid[-2:])[0]}

    def evidence(self, pyramid: tuple[Tensor, ...]) -> dict[str, Tensor]:
        return {**super().evidence(pyramid), **self.asff(*pyramid[-2:])[1]}

    def with_evidence(self, image: Tensor, after: int | None = None) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        pyramid = self.backbone.pyramid(image, after)
        logits, cams = self.asff(*pyramid[-2:])
        return {**super().read(pyramid), **logits}, {**super().evidence(pyramid), **cams}


def load_network(backbone: str, checkpoint: Path) -> MultiTask:
    """The network of a checkpoint's EMA, with system D's heads where it has them, ready to judge."""
    state = torch.load(checkpoint, weights_only=True)["ema"]
    network = (SharedTrunk if any(name.startswith("asff.") for name in state) else MultiTask)(backbone, pretrained=False)
    network.load_state_dict(state)
    return network.to(memory_format=torch.channels_last).eval()


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
    """Loss of each head that the outputs hold, and of the mask, unweighted."""
    result = {}
    for head in (*COLUMNS, *HEADS):
        if head in outputs:
            target, z = labels[:, COLUMNS[task_of(head)]], outputs[head]
            log_p = torch.cat([F.logsigmoid(-z), F.logsigmoid(z)], 1) if z.shape[1] == 1 else F.log_softmax(z, 1)
            result[head] = _mean_over_known(-(target * log_p).sum(), target.sum(), len(z))
    result["mask"] = mask_loss(outputs["mask"], masks)
    return result


def total(parts: dict[str, Tensor], emphasis: dict[str, float] | None = None) -> Tensor:
    """Weighted sum; `emphasis` replaces some of WEIGHTS."""
    weights = {**WEIGHTS, **(emphasis or {})}
    return sum(weights[task] * loss for task, loss in parts.items())
