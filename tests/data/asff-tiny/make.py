"""Writes the graphs and answers of this folder; see README.md."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from lentigo_training.export import export
from lentigo_training.golden import phantom
from lentigo_training.gradcam import WithCam, autograd_cam
from lentigo_training.prepare import normalise
from lentigo_training.quantise import quantise
from lentigo_training.systems.asff import Asff, DenseHead, Fusion
from PIL import Image
from torch import nn

SIZE, C1, C2 = 96, 8, 12
HERE = Path(__file__).parent
# As in manifest.toml.
TEMPERATURE, BIAS = 1.5, 0.25


class Backbone(nn.Module):
    """Five strided convolutions: f1 at stride 16, f2 at stride 32."""

    def __init__(self):
        super().__init__()
        widths = (3, 6, 8, 8, C1, C2)
        self.steps = nn.ModuleList(
            nn.Sequential(nn.Conv2d(i, o, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU6())
            for i, o in zip(widths, widths[1:]))

    def forward(self, x):
        for step in self.steps[:4]:
            x = step(x)
        return x, self.steps[4](x)


torch.manual_seed(11)
model = Asff(Backbone(), Fusion("two_way", (C1, C2)), DenseHead(C1, 16, 2, 0.0)).eval()
for layer in model.modules():
    if isinstance(layer, nn.BatchNorm2d):
        # As after training: every map is neither dead nor saturated.
        nn.init.constant_(layer.weight, 6.0)
        nn.init.constant_(layer.bias, 0.5)
for layer in (model.head.w1, model.head.w2):
    nn.init.normal_(layer.weight, std=0.6)

pictures = np.stack([phantom(SIZE, seed) for seed in range(1, 9)])
golden = pictures[-1]
Image.fromarray(golden).save(HERE / "input.png", optimize=True)
export(WithCam(model), HERE / "float32.onnx", ("logits", "cam"), SIZE)
quantise(HERE / "float32.onnx", HERE / "int8.onnx", pictures[:-1], "minmax")

logits, exact = autograd_cam(model, torch.from_numpy(normalise(golden[None])))
for name in ("float32", "int8"):
    session = onnxruntime.InferenceSession(HERE / f"{name}.onnx", providers=["CPUExecutionProvider"])
    found, cam = session.run(["logits", "cam"], {"image": normalise(golden[None])})
    answer = {"engine": f"onnxruntime {onnxruntime.__version__}", "logits": found[0].tolist(), "cam": cam[0].tolist(),
              "probability": float(1 / (1 + np.exp(-(found[0, 1] - found[0, 0] + BIAS) / TEMPERATURE)))}
    if name == "float32":
        answer["autograd"] = {"engine": f"torch {torch.__version__}", "logits": logits[0].tolist(), "cam": exact[0].tolist()}
    (HERE / f"{name}.json").write_text(json.dumps(answer) + "\n", encoding="utf-8")
