"""A tiny vision transformer of edge scale, for comparison with the convolutional trunk under the same heads. It does not ship.

No clean weights of a small transformer were found, so it starts from scratch and learns from a convolutional teacher
(`vit_train`). Four strided convolutions make the tokens instead of one 16 x 16 patch (Xiao et al. 2021, "Early convolutions
help transformers see better"): few epochs are enough for them. ReLU in place of GELU and separate projections for query,
key and value keep every large product in int8. No class token: pooled features are the mean over positions, so Grad-CAM of a
linear head is its weights on the map, as with the convolutional trunks.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .gradcam import linear_cam
from .index import DX_CLASSES
from .prepare import SIZE
from .systems.attention import MultiHead

STRIDE = 16
# Mask logits of one position: FINE x FINE, so that the mask has stride 4.
FINE = 4
WIDTH, HEADS, DEPTH = 192, 3, 6


class Stem(nn.Sequential):
    """Four 3x3 convolutions of stride 2 with batch norm and ReLU, then a 1x1: [N,3,H,W] to [N,width,H/16,W/16]."""

    def __init__(self, width: int):
        channels = (3, width // 8, width // 4, width // 2, width)
        layers: list[nn.Module] = []
        for before, after in zip(channels, channels[1:]):
            layers += [nn.Conv2d(before, after, 3, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        super().__init__(*layers, nn.Conv2d(width, width, 1))


class Block(nn.Module):
    """Self-attention and a ReLU layer on tokens [N*T,D], each after its LayerNorm and added to its input."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.attention = MultiHead(width, heads)
        self.expand, self.contract = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))

    def forward(self, tokens: Tensor, n: int) -> Tensor:
        normed = self.norms[0](tokens)
        tokens = tokens + self.attention(normed, normed, n)
        return tokens + self.contract(F.relu(self.expand(self.norms[1](tokens))))


class VitTiny(nn.Module):
    """Stem, positions, `depth` blocks; heads for melanoma, the seven diagnoses and the lesion."""

    def __init__(self, depth: int = DEPTH, width: int = WIDTH, heads: int = HEADS):
        super().__init__()
        self.width, self.grid = width, SIZE // STRIDE
        self.stem = Stem(width)
        self.positions = nn.Parameter(0.02 * torch.randn(1, width, self.grid, self.grid))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.melanoma, self.dx = nn.Linear(width, 2), nn.Linear(width, len(DX_CLASSES))
        self.lesion = nn.Linear(width, FINE * FINE)

    def positions_of(self, height: int, width: int) -> Tensor:
        """[1,D,height,width]: the learnt positions, enlarged or reduced for pictures of another size."""
        if (height, width) == (self.grid, self.grid):
            return self.positions
        return F.interpolate(self.positions, size=(height, width), mode="bicubic", align_corners=False)

    def maps(self, image: Tensor) -> Tensor:
        """[N,3,H,W] to [N,D,H/16,W/16]."""
        x = self.stem(image)
        n, _, height, width = (int(extent) for extent in x.shape)
        x = x + self.positions_of(height, width)
        tokens = x.flatten(2).transpose(1, 2).reshape(n * height * width, self.width)
        for block in self.blocks:
            tokens = block(tokens, n)
        return self.norm(tokens).reshape(n, height * width, self.width).transpose(1, 2).reshape(n, self.width, height, width)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """image [N,3,S,S] (S a multiple of 16) to

        - logits [N,2]: other, melanoma;
        - dx [N,7]: DX_CLASSES;
        - cam [N,2,S/16,S/16]: Grad-CAM of both classes, not negative;
        - mask [N,1,S/4,S/4]: lesion logits;
        - pooled [N,D]: mean over positions, what the heads read.
        """
        maps = self.maps(image)
        pooled = maps.mean((2, 3))
        n, _, height, width = (int(extent) for extent in maps.shape)
        fine = self.lesion(maps.flatten(2).transpose(1, 2).reshape(n * height * width, self.width))
        mask = fine.reshape(n * height, width, FINE, FINE).transpose(1, 2).reshape(n, 1, height * FINE, width * FINE)
        return {"logits": self.melanoma(pooled), "dx": self.dx(pooled), "cam": linear_cam(self.melanoma.weight, maps),
                "mask": mask, "pooled": pooled}


def build(checkpoint: Path | None, depth: int = DEPTH) -> VitTiny:
    """Ready to judge or export; without a checkpoint ({"ema": state}, as `vit_train` writes it) its weights are untrained."""
    model = VitTiny(depth)
    if checkpoint is not None:
        model.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["ema"])
    return model.eval()
