"""Static int8 quantisation after training: QDQ, u8 asymmetric activations, s8 per-channel weights.

Convolutions, their residual sums, the clips between them and products of many rows with constant weights become int8; a
clip disappears into the u8 range 0..6. Gates, fusion, normalisations, softmax, attention, heads on pooled vectors and the
CAM arithmetic stay float32: they are a small share of the multiply-adds, and a softmax needs more than eight bits.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.calibrate import CalibrationMethod, TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from .equalise import correct_bias, equalise
from .ranges import METHODS, Statistics, observe

# A product with fewer rows or columns than this is a head on a pooled vector, a weighted mean or a CAM: not worth a rounding.
FEWEST = 16
# Followed where what they read is integer already.
SINGLE = ("Clip", "Relu", "MaxPool", "AveragePool", "Sigmoid", "Resize", "Reshape", "Transpose")
SEVERAL = ("Add", "Mul", "Concat")
# Worth nothing between an integer and a float neighbour.
BETWEEN = ("Sigmoid", "Resize", "Reshape", "Transpose", "Mul", "Concat")


@dataclass(frozen=True)
class Recipe:
    """How to quantise: a range method, whether to equalise first, whether to correct biases, on how many pictures."""

    method: str = "minmax"
    equalised: bool = False
    bias_corrected: bool = False
    pictures: int = 256

    def __str__(self) -> str:
        extras = [text for text, on in (("equalised", self.equalised), ("bias-corrected", self.bias_corrected)) if on]
        return ", ".join([self.method, *extras, f"{self.pictures} pictures"])


def integer_nodes(model: onnx.ModelProto) -> list[str]:
    """Names of the nodes to compute in int8."""
    graph = model.graph
    shapes = {value.name: [extent.dim_value for extent in value.type.tensor_type.shape.dim]
              for value in (*graph.value_info, *graph.input, *graph.output)}
    constants = {initializer.name for initializer in graph.initializer}
    integer: set[str] = {"image"}
    chosen = {}
    for node in graph.node:
        if _is_integer(node, integer, constants, shapes):
            chosen[node.name] = node
            integer.update(node.output)
    outputs = {output.name for output in graph.output}
    while True:
        read = {name for node in chosen.values() for name in node.input}
        idle = [name for name, node in chosen.items() if node.op_type in BETWEEN and not set(node.output) & read]
        idle += [name for name, node in chosen.items() if node.op_type in BETWEEN and set(node.output) & outputs and name not in idle]
        if not idle:
            return list(chosen)
        for name in idle:
            del chosen[name]


def _is_integer(node: onnx.NodeProto, integer: set[str], constants: set[str], shapes: dict[str, list[int]]) -> bool:
    """Whether a node would be computed in int8 if somebody reads it so."""
    if node.op_type == "Conv":
        return True
    if node.op_type in ("MatMul", "Gemm"):
        rows, columns = shapes.get(node.input[0], [])[-2:-1], shapes.get(node.output[0], [])[-1:]
        many = bool(rows and columns) and min(rows[0], columns[0]) >= FEWEST
        return many and (node.input[1] in constants or bool({node.input[0], node.input[1]} & integer))
    if node.op_type in SINGLE:
        return node.input[0] in integer
    if node.op_type in SEVERAL:
        return all(name in integer for name in node.input) and len(shapes.get(node.output[0], [])) == 4
    return False


def observed_tensors(model: onnx.ModelProto, nodes: list[str]) -> set[str]:
    """Tensors whose range the quantiser wants: all that integer nodes read or write and that are not constant."""
    wanted, constants = set(nodes), {initializer.name for initializer in model.graph.initializer}
    return {name for node in model.graph.node if node.name in wanted for name in (*node.input, *node.output)
            if name and name not in constants}


def name_nodes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give nameless nodes a name; quantisation refers to nodes by name."""
    for number, node in enumerate(model.graph.node):
        if not node.name:
            node.name = f"{node.op_type}_{number}"
    return model


@dataclass
class Quantiser:
    """One fp32 graph and its calibration pictures; statistics are gathered once for every recipe that shares them."""

    source: Path
    pixels: np.ndarray
    metadata: np.ndarray | None = None

    def __post_init__(self) -> None:
        self._prepared: dict[tuple[bool, int], tuple[bytes, Statistics]] = {}

    def _prepare(self, equalised: bool, pictures: int) -> tuple[onnx.ModelProto, Statistics]:
        """The graph to quantise and what the first `pictures` showed of it."""
        key = (equalised, min(pictures, len(self.pixels)))
        if key not in self._prepared:
            part = self.pixels[:key[1]]
            metadata = None if self.metadata is None else self.metadata[:key[1]]
            if equalised:
                model, statistics = self._prepare(False, pictures)
                model = equalise(model, statistics)
            else:
                model = name_nodes(onnx.load(self.source))
            scratch = self.source.with_name(f".{self.source.stem}-{os.getpid()}.onnx")
            onnx.save(model, scratch)
            try:
                statistics = observe(scratch, observed_tensors(model, integer_nodes(model)), part, metadata)
            finally:
                scratch.unlink()
            self._prepared[key] = (model.SerializeToString(), statistics)
        serialised, statistics = self._prepared[key]
        return onnx.load_from_string(serialised), statistics

    def write(self, target: Path, recipe: Recipe) -> None:
        """Write the int8 twin of the source by `recipe`; atomic."""
        if recipe.method not in METHODS:
            raise ValueError(f"range method must be one of {METHODS}, not {recipe.method!r}")
        model, statistics = self._prepare(recipe.equalised, recipe.pictures)
        nodes = integer_nodes(model)
        if recipe.bias_corrected:
            model = correct_bias(model, statistics, set(nodes))
        save_quantised(model, nodes, statistics.ranges(recipe.method), target)


def save_quantised(model: onnx.ModelProto, nodes: list[str], ranges: dict[str, tuple[float, float]], target: Path) -> None:
    """Insert QDQ around `nodes` with `ranges` and save."""
    types = sorted({node.op_type for node in model.graph.node if node.name in set(nodes)})
    data = TensorsData(CalibrationMethod.MinMax, {
        name: (np.array(low, np.float32), np.array(high, np.float32)) for name, (low, high) in ranges.items()})
    quantizer = QDQQuantizer(
        model, per_channel=True, reduce_range=False, weight_qType=QuantType.QInt8, activation_qType=QuantType.QUInt8,
        tensors_range=data, nodes_to_quantize=nodes, nodes_to_exclude=[], op_types_to_quantize=types,
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


def integer_share(path: Path) -> float:
    """Share of a quantised graph's weight elements that are s8, to see that the heavy ones are."""
    model = onnx.load(path)
    sizes = [(numpy_helper.to_array(i).size, i.data_type == onnx.TensorProto.INT8) for i in model.graph.initializer]
    return sum(size for size, integer in sizes if integer) / max(sum(size for size, _ in sizes), 1)
