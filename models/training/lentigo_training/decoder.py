"""A light U-Net decoder: from a backbone's pyramid to lesion logits at stride 4.

Separable convolutions with ReLU6, so that it quantises like the Lite trunk.
Stride 4 is enough: at 224 px its bilinear enlargement loses less Jaccard than
two raters differ by.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Separable(nn.Sequential):
    """Depthwise 3x3 and pointwise convolution, each with batch norm; ReLU6 after both."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(
            nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False), nn.BatchNorm2d(inputs), nn.ReLU6(),
            nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6())


class Pointwise(nn.Sequential):
    """1x1 convolution, batch norm, ReLU6."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6())


class Decoder(nn.Module):
    """Features at strides 4, 8, 16, 32 to logits [N,1,H/4,W/4]; `widths` are the channels at strides 32, 16, 8, 4."""

    def __init__(self, pyramid_channels: tuple[int, ...], widths: tuple[int, int, int, int] = (96, 64, 48, 32)):
        super().__init__()
        *skips, bottom = pyramid_channels
        self.bottom = Pointwise(bottom, widths[0])
        laterals, merges = [], []
        for skip, above, width in zip(reversed(skips), widths, widths[1:]):
            laterals.append(Pointwise(skip, width))
            merges.append(Separable(above + width, width))
        self.laterals, self.merges = nn.ModuleList(laterals), nn.ModuleList(merges)
        self.logits = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, pyramid: tuple[Tensor, ...]) -> Tensor:
        *skips, bottom = pyramid
        x = self.bottom(bottom)
        for skip, lateral, merge in zip(reversed(skips), self.laterals, self.merges):
            enlarged = F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False)
            x = merge(torch.cat([enlarged, lateral(skip)], 1))
        return self.logits(x)
