"""A small encoder of the lesion as the criteria see it: its outline and its colours at stride 4.

Pooled features of a deep trunk say what a lesion looks like, hardly how its outline runs: 7 x 7 positions are too coarse for a border. This sees
the decoder's own outline and the picture's colours in the same grid and is trained to predict what is measured on both. It never sees a measurement.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE = 4
WIDTHS = (32, 64, 96, 128)


class LesionEncoder(nn.Module):
    """Picture [N,3,S,S] and lesion logits [N,1,S/4,S/4] to features [N,128]."""

    def __init__(self):
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in zip((4, *WIDTHS), WIDTHS):
            layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6()]
        self.layers = nn.Sequential(*layers)

    @property
    def outputs(self) -> int:
        """Length of the features."""
        return WIDTHS[-1]

    @staticmethod
    def grid(image: Tensor, mask: Tensor) -> Tensor:
        """What the layers read, [N,4,S/4,S/4]: the picture's colours and the membership in the lesion, 0 to 1."""
        return torch.cat([F.avg_pool2d(image, STRIDE), torch.sigmoid(mask)], 1)

    def read(self, grid: Tensor) -> Tensor:
        """Features of a `grid`."""
        return self.layers(grid).mean((2, 3))

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        return self.read(self.grid(image, mask))
