"""Changes to the fp32 graph before quantisation that leave its function as it is, or undo a known mean error.

Cross-layer equalisation (Nagel et al. 2019, "Data-free quantization through weight equalization and bias correction",
4.1): channels of a linear bottleneck that hardly use the tensor's common range are scaled up where they are produced and
down where they are read. The tensors between a clip and a convolution are left alone: ReLU6 is not homogeneous.
Bias correction (4.2 there): rounding a weight shifts the mean of what it computes; the bias takes the shift back.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper

from .ranges import Statistics

# How far a channel is moved: 0 not at all, 1 until every channel spans the range. Full strength would only move the
# trouble into the reading weights.
STRENGTH = 0.5
LARGEST = 8.0


@dataclass(frozen=True)
class Group:
    """Tensors that a residual sum ties to one scale, the convolutions that produce and those that read them."""

    tensors: frozenset[str]
    producers: tuple[str, ...]
    readers: tuple[str, ...]


def _weights(model: onnx.ModelProto) -> dict[str, onnx.TensorProto]:
    return {initializer.name: initializer for initializer in model.graph.initializer}


def bottleneck_groups(model: onnx.ModelProto) -> list[Group]:
    """Groups that only convolutions and their residual sums touch, so that scaling their channels is free."""
    graph = model.graph
    makers = {name: node for node in graph.node for name in node.output}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    outputs = {output.name for output in graph.output}
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for node in graph.node:
        if node.op_type == "Add":
            for name in node.input:
                parent[root(name)] = root(node.output[0])
        elif node.op_type == "Conv":
            root(node.output[0])
    tied: dict[str, set[str]] = {}
    for name in list(parent):
        tied.setdefault(root(name), set()).add(name)
    weights = _weights(model)
    used: dict[str, int] = {}
    for node in graph.node:
        for name in node.input:
            used[name] = used.get(name, 0) + 1
    groups = []
    for tensors in tied.values():
        made = [makers.get(name) for name in tensors]
        read = [node for name in tensors for node in readers.get(name, [])]
        plain = (all(node is not None and node.op_type in ("Conv", "Add") for node in made) and not tensors & outputs
                 and all(node.op_type in ("Conv", "Add") for node in read))
        producers = [node for node in made if node is not None and node.op_type == "Conv"]
        consumers = [node for node in read if node.op_type == "Conv"]
        own = all(node.input[1] in weights and used[node.input[1]] == 1 for node in producers + consumers)
        if plain and own and producers and consumers:
            groups.append(Group(frozenset(tensors), tuple(node.name for node in producers), tuple(sorted({node.name for node in consumers}))))
    return groups


def _grouping(node: onnx.NodeProto) -> int:
    return next((attribute.i for attribute in node.attribute if attribute.name == "group"), 1)


def equalise(model: onnx.ModelProto, statistics: Statistics) -> onnx.ModelProto:
    """Scale the channels of every bottleneck group towards its widest channel, as `statistics` saw them; changes `model`."""
    nodes, weights = {node.name: node for node in model.graph.node}, _weights(model)

    def multiply(name: str, factor: np.ndarray) -> None:
        value = numpy_helper.to_array(weights[name])
        weights[name].CopyFrom(numpy_helper.from_array((value * factor).astype(value.dtype), name))

    for group in bottleneck_groups(model):
        seen = [statistics.channel_extremes[name] for name in group.tensors if name in statistics.channel_extremes]
        if not seen:
            continue
        span = np.maximum(np.max(seen, axis=0), 1e-6)
        scale = np.minimum((span.max() / span) ** STRENGTH, LARGEST)
        for name in group.producers:
            node = nodes[name]
            multiply(node.input[1], scale[:, None, None, None])
            if len(node.input) > 2:
                multiply(node.input[2], scale)
        for name in group.readers:
            node = nodes[name]
            depthwise = _grouping(node) > 1
            multiply(node.input[1], 1.0 / (scale[:, None, None, None] if depthwise else scale[None, :, None, None]))
    return model


def correct_bias(model: onnx.ModelProto, statistics: Statistics, nodes: set[str]) -> onnx.ModelProto:
    """Add to the bias of each convolution of `nodes` the mean that rounding its weights to s8 takes away; changes `model`."""
    weights = _weights(model)
    for node in model.graph.node:
        if node.op_type != "Conv" or node.name not in nodes or len(node.input) < 3 or node.input[0] not in statistics.channel_means:
            continue
        weight = numpy_helper.to_array(weights[node.input[1]]).astype(np.float64)
        step = np.maximum(np.abs(weight).max((1, 2, 3), keepdims=True), 1e-12) / 127
        lost = (weight - np.round(weight / step) * step).sum((2, 3))
        mean = statistics.channel_means[node.input[0]]
        groups = _grouping(node)
        # Output channel o of group g reads the channels of group g alone.
        read = mean.reshape(groups, -1)[np.repeat(np.arange(groups), len(weight) // groups)]
        bias = numpy_helper.to_array(weights[node.input[2]])
        weights[node.input[2]].CopyFrom(numpy_helper.from_array((bias + (lost * read).sum(1)).astype(bias.dtype), node.input[2]))
    return model
