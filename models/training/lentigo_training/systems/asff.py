"""System D: adaptive spatial feature fusion of two strides (arXiv 2510.03876).

    f2' = resize(Conv1x1(f2))            w = gate(W1, W2 on [GAP f1; GAP f2])
    y   = f1 * w + f2' * (1 - w)         logits = Dense(ReLU(Dense(GAP y)))

The paper resizes before its 1x1 convolution. Both are linear, one acts on
channels only and the other on positions only (its weights sum to one, so the
bias passes too), hence they commute; convolving first costs a quarter.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..backbone import build_backbone
from ..gradcam import dense_cam
from ..index import DX_CLASSES

CLASSES = ("benign", "malignant")
GATES = ("softmax", "two_way")
HEADS = GATES + ("plain",)


class Gate(nn.Module):
    """Channel weights w in (0,1) from the pooled features of both strides.

    softmax: over the C channels, as the paper writes it. The weights sum to one,
    so each is about 1/C and y is nearly f2'.
    two_way: each channel chooses between f1 and f2'. A softmax over the pair
    (a, b) is sigmoid(a - b), and W2 gives the difference directly.
    """

    def __init__(self, form: str, inputs: int, channels: int, hidden: int = 128):
        super().__init__()
        if form not in GATES:
            raise ValueError(f"gate must be one of {GATES}, not {form!r}")
        self.form = form
        self.w1 = nn.Linear(inputs, hidden)
        self.w2 = nn.Linear(hidden, channels)

    def forward(self, pooled: Tensor) -> Tensor:
        """[N, C1+C2] to w [N, C1]."""
        score = self.w2(F.relu(self.w1(pooled)))
        return torch.softmax(score, dim=1) if self.form == "softmax" else torch.sigmoid(score)


class Fusion(nn.Module):
    """Fuse f1 [N,C1,2h,2w] and f2 [N,C2,h,w] into y [N,C1,2h,2w]."""

    def __init__(self, gate: str, channels: tuple[int, int], resize: str = "bilinear"):
        super().__init__()
        self.gate = Gate(gate, sum(channels), channels[0])
        self.project = nn.Conv2d(channels[1], channels[0], kernel_size=1)
        self.resize = resize

    def forward(self, f1: Tensor, f2: Tensor) -> Tensor:
        w = self.gate(torch.cat([f1.mean((2, 3)), f2.mean((2, 3))], dim=1))[:, :, None, None]
        projected = self.project(f2)
        if self.resize == "bilinear":
            f2_up = F.interpolate(projected, scale_factor=2.0, mode="bilinear", align_corners=False)
        else:
            f2_up = F.interpolate(projected, scale_factor=2.0, mode="nearest")
        return f1 * w + f2_up * (1 - w)


class DenseHead(nn.Module):
    """Dense, ReLU, Dense on a pooled vector [N, C] to logits [N, classes]."""

    def __init__(self, channels: int, hidden: int, classes: int, dropout: float):
        super().__init__()
        self.w1 = nn.Linear(channels, hidden)
        self.w2 = nn.Linear(hidden, classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, pooled: Tensor) -> Tensor:
        return self.w2(self.dropout(F.relu(self.w1(pooled))))


class AsffHeads(nn.Module):
    """Both gate forms and the plain GAP -> Dense head (the same network without fusion), side by side on one trunk's features."""

    def __init__(self, channels: tuple[int, int], resize: str = "bilinear", hidden: int = 512, dropout: float = 0.2):
        super().__init__()
        self.fusion = nn.ModuleDict({gate: Fusion(gate, channels, resize) for gate in GATES})
        self.head = nn.ModuleDict({name: DenseHead(channels[0] if name in GATES else channels[1], hidden, len(CLASSES), dropout)
                                   for name in HEADS})

    def forward(self, f1: Tensor, f2: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Logits [N,2] and Grad-CAM [N,2,h,w] (of y for a fusion, of f2 for `plain`) by head name."""
        logits, cams = {}, {}
        for name, head in self.head.items():
            y = self.fusion[name](f1, f2) if name in self.fusion else f2
            before = head.w1(y.mean((2, 3)))
            logits[name] = head.w2(head.dropout(F.relu(before)))
            cams[name] = dense_cam(head, before, y)
        return logits, cams


class AsffTrainer(nn.Module):
    """One trunk under all heads that are to be compared, trained together.

    The trunk is nearly all of the cost, so both gate forms and the plain
    GAP -> Dense head (the same network without fusion) learn side by side on
    identical batches; an auxiliary head learns the seven diagnoses.
    """

    def __init__(self, backbone: str, pretrained: bool, resize: str = "bilinear", hidden: int = 512,
                 dropout: float = 0.2, drop_path: float = 0.1, heads: tuple[str, ...] = HEADS):
        super().__init__()
        self.backbone = build_backbone(backbone, pretrained, drop_path)
        c1, c2 = self.backbone.channels
        self.fusion = nn.ModuleDict({h: Fusion(h, (c1, c2), resize) for h in heads if h in GATES})
        self.head = nn.ModuleDict({h: DenseHead(c1 if h in GATES else c2, hidden, len(CLASSES), dropout) for h in heads})
        self.diagnosis = nn.Linear(c2, len(DX_CLASSES))

    def forward(self, image: Tensor, after: int | None = None) -> dict[str, Tensor]:
        """Logits [N,2] by head name, and `diagnosis` [N,7]; `after` as in `LiteBackbone.forward`."""
        f1, f2 = self.backbone(image) if after is None else self.backbone(image, after)
        pooled = f2.mean((2, 3))
        out = {"diagnosis": self.diagnosis(pooled)}
        for name, head in self.head.items():
            out[name] = head(self.fusion[name](f1, f2).mean((2, 3)) if name in self.fusion else pooled)
        return out

    def single(self, gate: str) -> "Asff":
        """The deployable network of one gate form; shares its parameters with this module."""
        return Asff(self.backbone, self.fusion[gate], self.head[gate])


class Asff(nn.Module):
    """System D as shipped: backbone, fusion, dense head."""

    def __init__(self, backbone: nn.Module, fusion: Fusion, head: DenseHead):
        super().__init__()
        self.backbone, self.fusion, self.head = backbone, fusion, head

    def fused(self, image: Tensor) -> Tensor:
        """The Grad-CAM target layer y [N, C1, H/16, W/16]."""
        return self.fusion(*self.backbone(image))

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.fused(image).mean((2, 3)))


class AsffNetwork(Asff):
    """System D as exported: one gate form with its evidence and the features that novelty is judged by."""

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """[N,3,H,W] to `logits` [N,2], `cam` [N,2,H/16,W/16] (Grad-CAM of y) and `pooled` [N,C1] (GAP of y)."""
        y = self.fused(image)
        pooled = y.mean((2, 3))
        before = self.head.w1(pooled)
        return {"logits": self.head.w2(self.head.dropout(F.relu(before))), "cam": dense_cam(self.head, before, y), "pooled": pooled}


def build(checkpoint: Path | None, backbone: str) -> AsffNetwork:
    """The network of a checkpoint that `choose` wrote, ready to judge; without one, two_way with untrained heads."""
    state = torch.load(checkpoint, weights_only=True) if checkpoint else {"gate": "two_way", "ema": {}}
    gate = state["gate"]
    trunk = build_backbone(backbone, pretrained=False)
    heads = AsffHeads(trunk.channels)
    network = AsffNetwork(trunk, heads.fusion[gate], heads.head[gate])
    if checkpoint:
        prefixes = {"backbone.": "backbone.", f"asff.fusion.{gate}.": "fusion.", f"asff.head.{gate}.": "head."}
        network.load_state_dict({to + name.removeprefix(source): value for name, value in state["ema"].items()
                                 for source, to in prefixes.items() if name.startswith(source)})
    return network.eval()


def choose(checkpoint: Path, gate: str, target: Path) -> None:
    """Write the checkpoint of one gate form for `build`: a trained trunk's weights and the name of the gate."""
    if gate not in GATES:
        raise ValueError(f"gate must be one of {GATES}, not {gate!r}")
    torch.save({"ema": torch.load(checkpoint, weights_only=True)["ema"], "gate": gate}, target)
