"""Static int8 quantisation after training: QDQ, u8 asymmetric activations, s8 per-channel weights.

Convolutions, residual sums and the ReLU6 between them become int8; the clip
disappears into the u8 range 0..6. The gate, the fusion, the dense head and the
CAM arithmetic stay float32: together they are under one per cent of the
multiply-adds, and a softmax over 112 channels needs more than eight bits.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantType
from onnxruntime.quantization.calibrate import CalibrationMethod, create_calibrator
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from .prepare import normalise

# name: (method, options). Percentiles clip the rare extremes of the linear bottlenecks.
METHODS = {
    "minmax": (CalibrationMethod.MinMax, {}),
    "percentile-99.99": (CalibrationMethod.Percentile, {"percentile": 99.99}),
    "percentile-99.999": (CalibrationMethod.Percentile, {"percentile": 99.999}),
    "entropy": (CalibrationMethod.Entropy, {}),
}
# Histogram methods keep every tensor of a chunk in memory: about 40 MB a picture.
CHUNK = 16


class Pictures(CalibrationDataReader):
    """Feeds uint8 pictures [N,S,S,3] one by one as the graph's normalised input."""

    def __init__(self, pixels: np.ndarray):
        self.pixels, self.next = pixels, 0

    def get_next(self) -> dict[str, np.ndarray] | None:
        if self.next >= len(self.pixels):
            return None
        self.next += 1
        return {"image": normalise(self.pixels[self.next - 1:self.next])}


def integer_nodes(model: onnx.ModelProto) -> list[str]:
    """Names of the nodes to compute in int8: every Conv, and Add and Clip inside the backbone."""
    return [node.name for node in model.graph.node
            if node.op_type == "Conv" or (node.op_type in ("Add", "Clip", "Relu", "MaxPool") and node.name.startswith("/backbone"))]


def quantise(source: Path, target: Path, pixels: np.ndarray, method: str) -> None:
    """Write the int8 twin of the fp32 graph `source`, ranges observed on `pixels` uint8 [N,S,S,3]."""
    model = onnx.load(source)
    nodes = integer_nodes(model)
    types = sorted({node.op_type for node in model.graph.node if node.name in set(nodes)})
    kind, options = METHODS[method]
    with tempfile.TemporaryDirectory() as scratch:
        calibrator = create_calibrator(source, types, augmented_model_path=str(Path(scratch) / "augmented.onnx"),
                                       calibrate_method=kind, extra_options=dict(options))
        for start in range(0, len(pixels), CHUNK):
            calibrator.collect_data(Pictures(pixels[start:start + CHUNK]))
        ranges = calibrator.compute_data()
    quantizer = QDQQuantizer(
        model, per_channel=True, reduce_range=False, weight_qType=QuantType.QInt8, activation_qType=QuantType.QUInt8,
        tensors_range=ranges, nodes_to_quantize=nodes, nodes_to_exclude=[], op_types_to_quantize=types,
        extra_options={"ActivationSymmetric": False, "WeightSymmetric": True})
    quantizer.quantize_model()
    quantizer.model.topological_sort()
    quantised = quantizer.model.model
    # Standard operators only: the quantiser registers Microsoft's domain even when nothing uses it.
    standard = [opset for opset in quantised.opset_import if opset.domain in ("", "ai.onnx")]
    del quantised.opset_import[:]
    quantised.opset_import.extend(standard)
    onnx.checker.check_model(quantised, full_check=True)
    partial = target.with_suffix(".partial")
    onnx.save(quantised, partial)
    os.replace(partial, target)
