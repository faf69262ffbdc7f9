"""System A: dual-network attention with segmentation and metadata (arXiv 2510.17773), one graph from picture to seven scores.

    mask      = DeepUnet(pyramid of the original)             lesion = image * enlarge(sigmoid(mask))
    y         = CrossAttention(project(original), project(encoder of lesion))
    logits    = Dense(ReLU(Dense([GAP y; MetadataTransformer(metadata)])))

The U-Net reads the pyramid of the classifier's own encoder: a third trunk would cost the device half as much again and, started from the same
weights, see the same. A blank pixel of the lesion-only picture is the normalisation's zero. Grad-CAM of y is computed forwards: the layers after
y are linear but for one ReLU, whose gradient is known (see `gradcam.WithCam`).
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..backbone import LITE, build_backbone
from ..index import DX_CLASSES
from ..metadata import Encoding
from .asff import DenseHead
from .attention import CrossAttention, MetadataTransformer
from .deep_unet import DeepUnet

CLASSES = DX_CLASSES
WIDTH, HEADS = 256, 8


def lesion_only(image: Tensor, mask: Tensor) -> Tensor:
    """The picture [N,3,H,W] faded to the normalisation's zero where the lesion logits [N,1,H/4,W/4] say skin."""
    return image * F.interpolate(torch.sigmoid(mask), scale_factor=4.0, mode="bilinear", align_corners=False)


def _tokens(maps: Tensor) -> Tensor:
    """[N,C,h,w] to one row a position, [N*h*w,C]."""
    n, channels, height, width = (int(extent) for extent in maps.shape)
    return maps.reshape(n, channels, height * width).transpose(1, 2).reshape(n * height * width, channels)


class Fusion(nn.Module):
    """From both encoders' deepest maps and the metadata to scores; what is trained on cached maps.

    With `branch` off there is no segmented picture and the original attends to
    itself; with `metadata` off the head sees the picture alone. Both are for the
    ablation: same parameters, one part less.
    """

    def __init__(self, inputs: int, branch: bool = True, metadata: bool = True, encoding: Encoding = Encoding(), dropout: float = 0.3):
        super().__init__()
        self.branch = branch
        self.project = nn.ModuleDict({"original": nn.Conv2d(inputs, WIDTH, 1)})
        if branch:
            self.project["segmented"] = nn.Conv2d(inputs, WIDTH, 1)
        self.cross = CrossAttention(WIDTH, HEADS)
        self.metadata = MetadataTransformer(encoding.blocks) if metadata else None
        told = self.metadata.outputs if metadata else 0
        self.head = DenseHead(WIDTH + told, WIDTH, len(CLASSES), dropout)

    def fused(self, original: Tensor, segmented: Tensor) -> Tensor:
        """The Grad-CAM target y: tokens [N*h*w, 256] of maps [N,C,h,w]."""
        x = _tokens(self.project["original"](original))
        z = _tokens(self.project["segmented"](segmented)) if self.branch else x
        return self.cross(x, z, int(original.shape[0]))

    def forward(self, original: Tensor, segmented: Tensor, metadata: Tensor) -> dict[str, Tensor]:
        """Maps [N,C,h,w] and vectors [N,M] to `logits` [N,7], `cam` [N,7,h,w] and `pooled` [N,256]."""
        n, _, height, width = (int(extent) for extent in original.shape)
        y = self.fused(original, segmented).reshape(n, height * width, WIDTH)
        pooled = y.mean(1)
        told = pooled if self.metadata is None else torch.cat([pooled, self.metadata(metadata)], 1)
        before = self.head.w1(told)
        logits = self.head.w2(self.head.dropout(F.relu(before)))
        active = (before > 0).to(y.dtype)
        alpha = torch.matmul(self.head.w2.weight * active[:, None], self.head.w1.weight[:, :WIDTH]) * (1.0 / (height * width))
        cam = F.relu(torch.matmul(alpha, y.transpose(1, 2)))
        return {"logits": logits, "cam": cam.reshape(n, len(CLASSES), height, width), "pooled": pooled}


class DualNetwork(nn.Module):
    """System A as shipped."""

    def __init__(self, backbone: str, pretrained: bool = False, encoding: Encoding = Encoding(), drop_path: float = 0.0):
        super().__init__()
        self.encoding = encoding
        self.backbone = build_backbone(backbone, pretrained, drop_path)
        self.backbone_segmented = build_backbone(backbone, pretrained, drop_path)
        self.unet = DeepUnet(self.backbone.pyramid_channels)
        self.fusion = Fusion(self.backbone.pyramid_channels[-1], encoding=encoding)

    def forward(self, image: Tensor, metadata: Tensor | None = None) -> dict[str, Tensor]:
        """[N,3,H,W] and [N,M] (None: nothing known) to `logits` [N,7], `cam` [N,7,H/32,W/32], `mask` [N,1,H/4,W/4], `pooled` [N,256]."""
        if metadata is None:
            metadata = torch.from_numpy(self.encoding.unknown(int(image.shape[0])))
        original, segmented, mask = self.deep_maps(image)
        return {**self.fusion(original, segmented, metadata), "mask": mask}

    def deep_maps(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Deepest maps of the picture and of its lesion alone [N,C,H/32,W/32], and the lesion's logits [N,1,H/4,W/4]."""
        pyramid = self.backbone.pyramid(image)
        mask = self.unet(pyramid)
        return pyramid[-1], self.backbone_segmented.pyramid(lesion_only(image, mask))[-1], mask


def build(checkpoint: Path | None, backbone: str) -> DualNetwork:
    """The network of a checkpoint of `dual_train`, or with untrained heads on ImageNet's trunk where there is one; in eval mode."""
    model = DualNetwork(backbone, pretrained=checkpoint is None and bool(LITE.fullmatch(backbone)))
    if checkpoint is not None:
        model.load_state_dict(torch.load(checkpoint, weights_only=True)["ema"])
    return model.eval()
