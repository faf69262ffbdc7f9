"""System B: an embedding in which picture and measured criteria agree, and melanoma read from it (CEFM, arXiv 2512.06105).

    f2 = encoder(image), m = decoder(pyramid), a = softmax over positions of s * enlarge(sigmoid(m))       as in system C
    x  = [sum over positions of a f2; lesion encoder(image, m)]
    e  = unit(W2 ReLU(BN(W1 x)))                                                                           image head, 128 numbers
    logits = W4 ReLU(BN(W3 e))                                                                             classifier on the embedding
    criteria = V e                                                                                         the network's reading of A, B, C

The criteria measured on the same picture go through `ClinicalHead` into the same 128 dimensions; the cosine of both says how far they agree.
That head is a graph of its own: the measurements are made outside, from this graph's outline.

The paper pools a ViT's patches and gives the head nothing else. A clinical embedding can be met no better than the features tell what was
measured, so here the average is taken over the lesion and a small encoder sees its outline (`LesionEncoder`). Both are ours.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..backbone import LITE, build_backbone
from ..decoder import Decoder
from .cefm_heads import EMBEDDING, Classifier, ClinicalHead, ImageHead, evidence_gradient, unit
from .lesion_encoder import LesionEncoder
from .multitask import SHARPNESS, STRIDE_RATIO, enlargement

CLASSES = ("other", "melanoma")
# The network's own reading, on the raters' scales: 0 to 2, 0 to 8, 1 to 6.
CRITERIA = ("asymmetry", "border", "colour")
OUTPUTS = ("logits", "cam", "mask", "pooled", "embedding", "criteria")


class CefmNet(nn.Module):
    """Encoder, decoder, lesion encoder and heads; deployable as it is.

    Grad-CAM (Selvaraju et al. 2017) of y = a * enlarge(f2), whose sum over positions is the pooled part of x: the gradient of a class's
    log-odds is the same at every position, and `evidence_gradient` gives it without a backward pass. The map of class c is
    ReLU(sum_k g[c,k] y_k). Weights a and the lesion encoder count as given.
    """

    def __init__(self, backbone: str, pretrained: bool = False, drop_path: float = 0.0):
        super().__init__()
        self.backbone = build_backbone(backbone, pretrained, drop_path)
        self.decoder = Decoder(self.backbone.pyramid_channels)
        # A buffer: how much the outline counts is system C's and is not learnt again.
        self.register_buffer("sharpness", torch.tensor(SHARPNESS))
        self.lesion = LesionEncoder()
        self.image_head = ImageHead(self.features)
        self.classifier = Classifier()
        self.criteria = nn.Linear(EMBEDDING, len(CRITERIA))

    @property
    def channels(self) -> int:
        """Length of the pooled features."""
        return self.backbone.pyramid_channels[-1]

    @property
    def features(self) -> int:
        """Length of x, what the image head reads."""
        return self.channels + self.lesion.outputs

    def attention(self, mask: Tensor, height: int, width: int) -> Tensor:
        """Mask logits [N,1,H,W] to weights [N, height * width] that sum to one."""
        lesion = F.interpolate(torch.sigmoid(mask), scale_factor=height / int(mask.shape[2]), mode="bilinear", align_corners=False)
        return torch.softmax(self.sharpness * lesion.reshape(-1, height * width), dim=1)

    def pool(self, f2: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Deepest features [N,F,h,w] and lesion logits to the lesion's mean features [N,F] and the weights a [N,1,2h,2w]."""
        channels, height, width = (int(extent) for extent in f2.shape[1:])
        fine = (height * STRIDE_RATIO, width * STRIDE_RATIO)
        weights = self.attention(mask, *fine)
        # Enlarging is linear, so its transpose on the weights saves enlarging all channels.
        coarse = torch.matmul(weights, enlargement(height, width))
        pooled = torch.matmul(f2.reshape(-1, channels, height * width), coarse[:, :, None]).reshape(-1, channels)
        return pooled, weights.reshape(-1, 1, *fine)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """image [N,3,S,S], normalised, to

        - logits [N,2] of CLASSES (softmax outside);
        - cam [N,2,S/16,S/16]: Grad-CAM of each class's log-odds; not negative, not normalised; not in training;
        - mask [N,1,S/4,S/4]: lesion logits;
        - pooled [N,F]: the lesion's mean features;
        - features [N,F+128]: x, what the image head reads;
        - embedding [N,128], of length 1;
        - criteria [N,3]: CRITERIA as the raters would score them.
        """
        pyramid = self.backbone.pyramid(image)
        mask = self.decoder(pyramid)
        pooled, weights = self.pool(pyramid[-1], mask)
        features = torch.cat([pooled, self.lesion(image, mask)], 1)
        embedding = unit(self.image_head(features))
        found = {"logits": self.classifier(embedding), "mask": mask, "pooled": pooled, "features": features, "embedding": embedding,
                 "criteria": self.criteria(embedding)}
        return found if self.training else {**found, "cam": self.cam(pyramid[-1], weights, features)}

    def cam(self, f2: Tensor, weights: Tensor, features: Tensor) -> Tensor:
        """Grad-CAM of both classes [N,2,2h,2w] from f2 [N,F,h,w], the weights of `pool` and x."""
        channels, height, width = (int(extent) for extent in f2.shape[1:])
        gradient = evidence_gradient(self.image_head, self.classifier, features)[:, :, :channels]
        evidence = torch.matmul(gradient, f2.reshape(-1, channels, height * width)).reshape(-1, len(CLASSES), height, width)
        enlarged = F.interpolate(evidence, scale_factor=float(STRIDE_RATIO), mode="bilinear", align_corners=False)
        return F.relu(enlarged * weights)

    def load_trunk(self, state: dict[str, Tensor]) -> None:
        """Start encoder and decoder from the state of a `multitask.MultiTask` of the same backbone; the heads stay as they are."""
        own = {key: value for key, value in state.items() if key.startswith(("backbone.", "decoder."))}
        missing, unexpected = self.load_state_dict(own, strict=False)
        missing = [name for name in missing if name.startswith(("backbone.", "decoder."))]
        if unexpected or missing:
            raise ValueError(f"not the state of a trunk of this backbone: missing {missing}, unexpected {unexpected}")


def build(checkpoint: Path | None, backbone: str = "tf_efficientnet_lite0") -> CefmNet:
    """The network of a checkpoint of `cefm_train`, or with untrained heads on ImageNet's trunk where there is one; in eval mode."""
    model = CefmNet(backbone, pretrained=checkpoint is None and bool(LITE.fullmatch(backbone)))
    if checkpoint is not None:
        model.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["ema"])
    return model.eval()


def build_clinical(checkpoint: Path) -> tuple[ClinicalHead, dict]:
    """The clinical head of a checkpoint of `cefm_train`, in eval mode, and how its input is made.

    The second is {"measures": names of what `lentigo measure` gives, "mean", "deviation": one number each, "limit"}:
    the input is (measure - mean) / deviation, limited to [-limit, limit].
    """
    stored = torch.load(checkpoint, map_location="cpu", weights_only=True)
    head = ClinicalHead(len(stored["clinical_spec"]["measures"]))
    head.load_state_dict(stored["clinical"])
    return head.eval(), stored["clinical_spec"]
