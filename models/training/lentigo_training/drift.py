"""Empirical bias correction: what int8 shifts each convolution's mean by, measured and taken back.

Rounding of activations and clipped ranges shift means as well, and shifts add up over the layers; `equalise.correct_bias`
only knows the weights' share. Here the int8 graph runs beside the fp32 one (Nagel et al. 2019, section 4.2, "empirical").
"""

import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from .prepare import normalise
from .session import open_graph

# Shifts of early layers are part of those of later ones, so only half of what is seen is taken back at a time.
DAMPING = 0.5


def after_activation(model: onnx.ModelProto, nodes: set[str]) -> dict[str, str]:
    """By name of each convolution of `nodes` with a bias: the tensor that leaves it, behind its clip where it has one."""
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    found = {}
    for node in model.graph.node:
        if node.op_type == "Conv" and node.name in nodes and len(node.input) > 2:
            following = readers.get(node.output[0], [])
            clipped = len(following) == 1 and following[0].op_type in ("Clip", "Relu") and following[0].name in nodes
            found[node.name] = following[0].output[0] if clipped else node.output[0]
    return found


def channel_means(graph: onnx.ModelProto, tensors: list[str], pixels: np.ndarray, metadata: np.ndarray | None) -> dict[str, np.ndarray]:
    """Mean of each channel of NCHW `tensors` over `pixels` uint8 [N,S,S,3]."""
    model = onnx.ModelProto()
    model.CopyFrom(graph)
    have = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in tensors if name not in have)
    total = {name: 0.0 for name in tensors}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "observed.onnx"
        onnx.save(model, path)
        session = open_graph(path, exact=False)
        for i in range(len(pixels)):
            given = {} if metadata is None else {"metadata": metadata[i:i + 1].astype(np.float32)}
            for name, value in zip(tensors, session.run(tensors, {"image": normalise(pixels[i:i + 1]), **given})):
                total[name] = total[name] + value.mean((0, 2, 3)) / len(pixels)
    return total


def correct_drift(model: onnx.ModelProto, wanted: dict[str, np.ndarray], int8: onnx.ModelProto, leaving: dict[str, str],
                  pixels: np.ndarray, metadata: np.ndarray | None) -> onnx.ModelProto:
    """Move the fp32 `model`'s biases by half of what its twin `int8` lacks of the means `wanted` (by tensor); changes `model`."""
    made = {name for node in int8.graph.node for name in node.output}
    seen = {conv: f"{tensor}_DequantizeLinear_Output" for conv, tensor in leaving.items()}
    seen = {conv: name for conv, name in seen.items() if name in made}
    means = channel_means(int8, sorted(set(seen.values())), pixels, metadata)
    weights = {initializer.name: initializer for initializer in model.graph.initializer}
    for node in model.graph.node:
        if node.name in seen:
            bias = numpy_helper.to_array(weights[node.input[2]])
            shift = wanted[leaving[node.name]] - means[seen[node.name]]
            weights[node.input[2]].CopyFrom(numpy_helper.from_array((bias + DAMPING * shift).astype(bias.dtype), node.input[2]))
    return model
