"""System A's segmentation branch: a U-Net decoder with dual attention gates on its skips and ASPP at its bottom.

Its layers outside gates and ASPP have the names and shapes of `decoder.Decoder`, so that it starts from the backbone's trained decoder:
gates open almost fully and the ASPP adds nothing at first.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..decoder import Decoder, Pointwise

RATES = (1, 6, 12, 18)
# Logit at which gates start: sigmoid(3) = 0.95.
OPEN = 3.0


class DualAttentionGate(nn.Module):
    """Weigh a skip x [N,C,H,W] by where and by which channel, given the decoder's signal g [N,G,H,W].

    where = sigma(psi(relu(Wg g + Wx x))) [N,1,H,W] (Oktay et al. 2018, eq. 1),
    which = sigma(W2 relu(W1 GAP x)) [N,C,1,1] (Hu et al. 2018, eq. 3).
    """

    def __init__(self, skip: int, signal: int, hidden: int = 16):
        super().__init__()
        self.of_signal = nn.Sequential(nn.Conv2d(signal, hidden, 1, bias=False), nn.BatchNorm2d(hidden))
        self.of_skip = nn.Sequential(nn.Conv2d(skip, hidden, 1, bias=False), nn.BatchNorm2d(hidden))
        self.where = nn.Conv2d(hidden, 1, 1)
        self.squeeze = nn.Linear(skip, hidden)
        self.which = nn.Linear(hidden, skip)
        for last in (self.where, self.which):
            nn.init.normal_(last.weight, std=0.05)
            nn.init.constant_(last.bias, OPEN)

    def forward(self, skip: Tensor, signal: Tensor) -> Tensor:
        where = torch.sigmoid(self.where(F.relu(self.of_signal(signal) + self.of_skip(skip))))
        which = torch.sigmoid(self.which(F.relu(self.squeeze(skip.mean((2, 3))))))
        return skip * where * which[:, :, None, None]


class Aspp(nn.Module):
    """Atrous spatial pyramid pooling (Chen et al. 2017) with separable branches; adds its result to its input [N,C,H,W].

    Stands at stride 16, the deepest map that rates of 6 and 12 can still reach across; rate 18 sees 14 x 14 as its centre tap alone.
    """

    def __init__(self, channels: int, width: int = 48):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, channels, 3, padding=rate, dilation=rate, groups=channels, bias=False),
                          nn.BatchNorm2d(channels), nn.ReLU6(), *Pointwise(channels, width))
            for rate in RATES)
        self.project = nn.Sequential(nn.Conv2d(len(RATES) * width, channels, 1, bias=False), nn.BatchNorm2d(channels))
        nn.init.zeros_(self.project[1].weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.project(torch.cat([branch(x) for branch in self.branches], 1))


class DeepUnet(Decoder):
    """Features at strides 4, 8, 16, 32 to lesion logits [N,1,H/4,W/4]."""

    def __init__(self, pyramid_channels: tuple[int, ...], widths: tuple[int, int, int, int] = (96, 64, 48, 32)):
        super().__init__(pyramid_channels, widths)
        skips = pyramid_channels[:-1]
        self.aspp = Aspp(widths[0])
        self.gates = nn.ModuleList(DualAttentionGate(skip, above) for skip, above in zip(reversed(skips), widths))

    def start_from(self, state: dict[str, Tensor]) -> None:
        """Take over a trained `Decoder`'s state."""
        missing, unexpected = self.load_state_dict(state, strict=False)
        foreign = [name for name in missing if not name.startswith(("aspp.", "gates."))]
        if foreign or unexpected:
            raise ValueError(f"not a decoder of this shape: without {foreign[:3]}, with {unexpected[:3]}")

    def forward(self, pyramid: tuple[Tensor, ...]) -> Tensor:
        *skips, bottom = pyramid
        x = self.bottom(bottom)
        for depth, (skip, gate, lateral, merge) in enumerate(zip(reversed(skips), self.gates, self.laterals, self.merges)):
            enlarged = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            if depth == 0:
                enlarged = self.aspp(enlarged)
            x = merge(torch.cat([enlarged, lateral(gate(skip, enlarged))], 1))
        return self.logits(x)
