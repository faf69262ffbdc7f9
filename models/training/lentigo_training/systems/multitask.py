"""System C: lesion outline, melanoma and seborrheic keratosis from one pass (arXiv 1703.01025).

    f2 = encoder(image), m = decoder(pyramid)                    U-Net on a shared encoder
    a  = softmax over positions of s * resize(sigmoid(m))        where to look, from the outline
    y  = a * enlarge(f2), pooled = sum of y over positions       the bottleneck, at stride 16
    logits = W pooled                                            one yes/no each, sigmoid outside

The paper pools globally and evenly. Lesions of its pictures cover 8 per cent of
the frame in the median and 7 x 7 positions are too coarse for them, so the
average is weighted by the outline that the network draws at the same time. Where
it draws none, `a` is even and this is plain average pooling. The choice is ours.

The heads have no bias: calibration adds one, and without it a positive logit has
positive evidence somewhere, so the map of the chosen class is never empty.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..backbone import build_backbone
from ..decoder import Decoder

CLASSES = ("melanoma", "seborrheic_keratosis")
OUTPUTS = ("logits", "cam", "mask", "pooled")
# exp(s) is how much more a position inside the outline weighs than one outside.
SHARPNESS = 3.5
STRIDE_RATIO = 2


def enlargement(height: int, width: int) -> Tensor:
    """[4 h w, h w]: bilinear enlargement by two of an h x w map, as a matrix on flattened maps."""
    unit = torch.eye(height * width).reshape(-1, 1, height, width)
    enlarged = F.interpolate(unit, scale_factor=float(STRIDE_RATIO), mode="bilinear", align_corners=False)
    return enlarged.flatten(1).T.contiguous()


class JointNet(nn.Module):
    """Shared encoder, decoder, and the two heads on outline-weighted features; deployable as it is.

    Grad-CAM (Selvaraju et al. 2017) of the layer y is computed forwards: logits
    are linear in y with the same weight at every position, so the gradient is W
    itself and the map of class c is ReLU(sum_k W[c,k] y_k). The last map is that
    of minus the sum of both logits: evidence for neither.
    """

    def __init__(self, backbone: str, pretrained: bool, drop_path: float = 0.1, dropout: float = 0.2):
        super().__init__()
        self.backbone = build_backbone(backbone, pretrained, drop_path)
        self.decoder = Decoder(self.backbone.pyramid_channels)
        self.head = nn.Linear(self.backbone.pyramid_channels[-1], len(CLASSES), bias=False)
        self.dropout = nn.Dropout(dropout)
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS))

    def attention(self, mask: Tensor, height: int, width: int) -> Tensor:
        """Mask logits [N,1,H,W] to weights [N, height * width] that sum to one."""
        lesion = F.interpolate(torch.sigmoid(mask), scale_factor=height / int(mask.shape[2]), mode="bilinear", align_corners=False)
        return torch.softmax(self.sharpness * lesion.reshape(-1, height * width), dim=1)

    def forward(self, image: Tensor, after: int | None = None) -> dict[str, Tensor]:
        """image [N,3,S,S], or the output of the encoder's first `after` stages, to

        - logits [N,2]: log-odds of melanoma and of seborrheic keratosis, each against the rest;
        - cam [N,3,S/16,S/16]: Grad-CAM of melanoma, seborrheic keratosis, neither; not negative, not normalised;
        - mask [N,1,S/4,S/4]: lesion logits;
        - pooled [N,F]: the features that the heads read.
        """
        return self.read(self.backbone.pyramid(image, after))

    def read(self, pyramid: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """`forward` of a picture whose features at strides 4, 8, 16 and 32 are known."""
        f2, mask = pyramid[-1], self.decoder(pyramid)
        channels, height, width = (int(extent) for extent in f2.shape[1:])
        fine = (height * STRIDE_RATIO, width * STRIDE_RATIO)
        weights = self.attention(mask, *fine)
        # Enlarging is linear, so its transpose on the weights saves enlarging 1280 channels.
        coarse = torch.matmul(weights, enlargement(height, width))
        positions = f2.reshape(-1, channels, height * width)
        pooled = torch.matmul(positions, coarse[:, :, None]).reshape(-1, channels)
        evidence = torch.matmul(positions.transpose(1, 2), self.map_weights()).transpose(1, 2).reshape(-1, len(CLASSES) + 1, height, width)
        enlarged = F.interpolate(evidence, scale_factor=float(STRIDE_RATIO), mode="bilinear", align_corners=False)
        cam = F.relu(enlarged * weights.reshape(-1, 1, *fine))
        return {"logits": self.head(self.dropout(pooled)), "cam": cam, "mask": mask, "pooled": pooled}

    def map_weights(self) -> Tensor:
        """[F,3]: gradient of melanoma's logit, of seborrheic keratosis's, and of minus their sum."""
        weight = self.head.weight
        return torch.cat([weight, -weight.sum(0, keepdim=True)]).T

    def load_trunk(self, state: dict[str, Tensor]) -> None:
        """Start from the state of a `multitask.MultiTask` of the same backbone: encoder, decoder, and its heads of the two classes."""
        own = {key: value for key, value in state.items() if key.startswith(("backbone.", "decoder."))}
        own["head.weight"] = torch.cat([state[f"heads.{name}.weight"] for name in CLASSES])
        missing, unexpected = self.load_state_dict(own, strict=False)
        if unexpected or missing != ["sharpness"]:
            raise ValueError(f"not the state of a trunk of this backbone: missing {missing}, unexpected {unexpected}")


def build(checkpoint: Path | None, backbone: str = "tf_efficientnet_lite0") -> JointNet:
    """The deployable network, ready to evaluate; without a checkpoint its weights are untrained.

    `checkpoint` holds {"ema": state}, as `joint_train` writes it.
    """
    model = JointNet(backbone, pretrained=False)
    if checkpoint is not None:
        model.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["ema"])
    return model.eval()
