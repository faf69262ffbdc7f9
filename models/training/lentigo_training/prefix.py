"""The frozen first layers, run by ONNX Runtime during training.

They need no gradient, and ONNX Runtime computes them four times faster than
torch (fused batch norm and clip): 2.8 against 13 ms a picture at 192 px for
the stem and two stages of Lite0, about a fifth of a training step.
"""

import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn


class FrozenPrefix:
    """Evaluates `layers` as they are at construction: [N,3,H,W] to [N,C,H',W'], any N."""

    def __init__(self, layers: nn.Sequential, size: int):
        layers = layers.eval()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
            path = str(Path(scratch) / "prefix.onnx")
            torch.onnx.export(layers, (torch.zeros(1, 3, size, size),), path, input_names=["x"], output_names=["y"],
                              dynamic_axes={"x": {0: "n"}, "y": {0: "n"}}, opset_version=17, dynamo=False)
            self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def __call__(self, images: Tensor) -> Tensor:
        (features,) = self.session.run(None, {"x": np.ascontiguousarray(images.numpy())})
        return torch.from_numpy(features).contiguous(memory_format=torch.channels_last)
