"""ONNX export (opset 17, static shapes) with batch norm and padding folded into the convolutions.

`Exported` gives a deployable network's dict in the graph's fixed order and turns pooled features into distances.
"""

import copy
import os
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator
from timm.layers import Conv2dSame
from torch import Tensor, nn

from .novelty import Centres
from .prepare import SIZE

OPSET = 17
# Order of a graph's outputs; which of them a network has depends on the system.
OUTPUTS = ("logits", "cam", "mask", "embedding", "criteria")


class Distances(nn.Module):
    """Squared Mahalanobis distances of pooled features [1,F] to K centres, [1,K], spelt as Gemm, Mul, Gemm, Gemm, Add.

    In the whitened space the distance is Euclidean, and |z - c|^2 = z^2 . 1 - 2 z . c + |c|^2. What the space leaves of the
    offset o is r (|o|^2 - |scale z|^2): two more weights on squares that are there or nearly free.
    """

    def __init__(self, centres: Centres):
        super().__init__()
        features, dimensions = centres.whitening.shape
        count, weight = len(centres.centres), float(centres.remainder)
        self.whiten = nn.Linear(features, dimensions)
        self.square = nn.Linear(dimensions, count)
        self.cross = nn.Linear(dimensions, count, bias=False)
        self.rest = nn.Linear(features, count, bias=False) if weight else None
        self.register_buffer("mean", torch.from_numpy(centres.mean).float()[None])
        with torch.no_grad():
            self.whiten.weight.copy_(torch.from_numpy(centres.whitening.T))
            self.whiten.bias.zero_()
            self.square.weight.copy_(torch.from_numpy(1.0 - weight * centres.scale ** 2).expand(count, dimensions))
            self.square.bias.copy_(torch.from_numpy((centres.centres ** 2).sum(1)))
            self.cross.weight.copy_(torch.from_numpy(-2.0 * centres.centres))
            if self.rest is not None:
                self.rest.weight.fill_(weight)

    def forward(self, pooled: Tensor) -> Tensor:
        offset = pooled - self.mean
        z = self.whiten(offset)
        distances = self.square(z * z) + self.cross(z)
        return distances if self.rest is None else distances + self.rest(offset * offset)


class Exported(nn.Module):
    """A deployable network's dict as a tuple in the order of `names`.

    With `centres` the last output is `distances`; with `features` it is `pooled` itself, which is how centres are fitted.
    """

    def __init__(self, network: nn.Module, centres: Centres | None = None, features: bool = False):
        super().__init__()
        self.network = network
        self.distances = Distances(centres) if centres else None
        self.features = features
        with torch.no_grad():
            there = network(*example(network))
        self.names = (*(name for name in OUTPUTS if name in there),
                      *(("distances",) if centres else ()), *(("pooled",) if features else ()))

    def forward(self, image: Tensor, *metadata: Tensor) -> tuple[Tensor, ...]:
        out = dict(self.network(image, *metadata))
        if self.distances is not None:
            out["distances"] = self.distances(out["pooled"])
        return tuple(out[name] for name in self.names)


def metadata_width(network: nn.Module) -> int:
    """Entries of the `metadata` input; 0 where the network takes none."""
    return len(getattr(network, "encoding", ()))


def example(network: nn.Module, size: int = SIZE) -> tuple[Tensor, ...]:
    """All-zero inputs of the right shapes."""
    width = metadata_width(network)
    return (torch.zeros(1, 3, size, size), *((torch.zeros(1, width),) if width else ()))


def export_network(network: nn.Module, path: Path, centres: Centres | None = None, features: bool = False, size: int = SIZE) -> None:
    """Write the deployable `network` with every output it has as fp32 ONNX; atomic."""
    wrapped = Exported(network.eval(), centres, features).eval()
    export(wrapped, path, wrapped.names, size, example(network, size))


def export_clinical(head: nn.Module, path: Path) -> None:
    """Write a clinical head (`systems.cefm.build_clinical`) as fp32 ONNX: `criteria` [1,N] to `embedding` [1,E] of length 1."""
    width = next(layer.in_features for layer in head.modules() if isinstance(layer, nn.Linear))
    export(head.eval(), path, ("embedding",), inputs=(torch.zeros(1, width),), names=("criteria",))


def export(model: nn.Module, path: Path, outputs: tuple[str, ...], size: int = SIZE, inputs: tuple[Tensor, ...] | None = None,
           names: tuple[str, ...] = ("image", "metadata")) -> None:
    """Write `model` as fp32 ONNX, from `inputs` called `names` (image float32 [1,3,size,size] without any) to `outputs`; atomic."""
    inputs = inputs or (torch.zeros(1, 3, size, size),)
    model = static_padding(copy.deepcopy(model).eval().to(memory_format=torch.contiguous_format), inputs)
    partial = path.with_suffix(".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        torch.onnx.export(model, inputs, str(partial), input_names=list(names[:len(inputs)]),
                          output_names=list(outputs), opset_version=OPSET, dynamo=False, do_constant_folding=True)
    graph = shape_inference.infer_shapes(fold_padding(fold_shapes(fold_constants(onnx.load(partial)))), strict_mode=True, data_prop=True)
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, partial)
    os.replace(partial, path)


def static_padding(model: nn.Module, example_inputs: tuple[Tensor, ...]) -> nn.Module:
    """Replace timm's Conv2dSame, which works its padding out at run time, by a fixed pad and a convolution."""
    inputs: dict[str, tuple[int, int]] = {}
    hooks = [module.register_forward_pre_hook(lambda _, args, name=name: inputs.__setitem__(name, tuple(args[0].shape[2:])))
             for name, module in model.named_modules() if isinstance(module, Conv2dSame)]
    with torch.no_grad():
        model(*example_inputs)
    for hook in hooks:
        hook.remove()
    for name, extents in inputs.items():
        same = model.get_submodule(name)
        margins = []
        for extent, kernel, stride, dilation in zip(extents, same.kernel_size, same.stride, same.dilation):
            total = max((-(-extent // stride) - 1) * stride + (kernel - 1) * dilation + 1 - extent, 0)
            margins.append((total // 2, total - total // 2))
        plain = nn.Conv2d(same.in_channels, same.out_channels, same.kernel_size, same.stride, 0, same.dilation,
                          same.groups, bias=same.bias is not None)
        plain.load_state_dict(same.state_dict())
        model.set_submodule(name, nn.Sequential(nn.ZeroPad2d((*margins[1], *margins[0])), plain))
    return model


def fold_constants(model: onnx.ModelProto) -> onnx.ModelProto:
    """Evaluate every node whose inputs are all constant and keep its value as an initializer.

    torch spells a fixed pad out as arithmetic on lists; and initializers are the
    one form of constant that every consumer folds.
    """
    graph = model.graph
    values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    kept = []
    for node in graph.node:
        if any(name and name not in values for name in node.input):
            kept.append(node)
            continue
        alone = onnx.helper.make_graph([node], "constant", [], [onnx.ValueInfoProto(name=name) for name in node.output],
                                       [numpy_helper.from_array(values[name], name) for name in node.input if name])
        evaluator = ReferenceEvaluator(onnx.helper.make_model(alone, opset_imports=model.opset_import))
        for name, value in zip(node.output, evaluator.run(None, {})):
            values[name] = np.asarray(value)
            graph.initializer.append(numpy_helper.from_array(values[name], name))
    del graph.node[:]
    graph.node.extend(kept)
    return _prune(model)


def fold_shapes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace every Shape of a tensor whose extents are known by them, and evaluate what that makes constant.

    torch asks for the extents of a map before it enlarges another to them; the device's graphs have no shapes to work out.
    """
    while True:
        inferred = shape_inference.infer_shapes(model, data_prop=True).graph
        known = {value.name: [extent.dim_value for extent in value.type.tensor_type.shape.dim]
                 for value in (*inferred.value_info, *inferred.input, *inferred.output)}
        asked = [node for node in model.graph.node if node.op_type == "Shape" and known.get(node.input[0]) and all(known[node.input[0]])]
        if not asked:
            return model
        for node in asked:
            limits = {attribute.name: attribute.i for attribute in node.attribute}
            extents = known[node.input[0]][limits.get("start", 0):limits.get("end")]
            model.graph.initializer.append(numpy_helper.from_array(np.array(extents, np.int64), node.output[0]))
            model.graph.node.remove(node)
        model = fold_constants(model)


def fold_padding(model: onnx.ModelProto) -> onnx.ModelProto:
    """Move each constant zero Pad into the `pads` of the convolution that reads it.

    TensorFlow's SAME padding is asymmetric at stride 2; torch can only export it
    as a separate Pad, which would cost a copy of the largest maps and stand
    between a quantised tensor and its convolution.
    """
    graph = model.graph
    constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    removed = []
    for node in graph.node:
        if node.op_type != "Pad" or node.input[1] not in constants:
            continue
        pads = constants[node.input[1]].astype(int).tolist()
        fill = constants.get(node.input[2], np.zeros(1)) if len(node.input) > 2 and node.input[2] else np.zeros(1)
        users = readers.get(node.output[0], [])
        spatial_only = pads[:2] == [0, 0] and pads[4:6] == [0, 0]
        if len(pads) != 8 or not spatial_only or float(fill.ravel()[0]) != 0 or any(u.op_type != "Conv" for u in users):
            continue
        for conv in users:
            attribute = next(a for a in conv.attribute if a.name == "pads")
            own = list(attribute.ints)
            attribute.ints[:] = [own[0] + pads[2], own[1] + pads[3], own[2] + pads[6], own[3] + pads[7]]
            conv.input[0] = node.input[0]
        removed.append(node)
    for node in removed:
        graph.node.remove(node)
    return _prune(model)


def _prune(model: onnx.ModelProto) -> onnx.ModelProto:
    """Drop initializers nobody reads any more."""
    graph = model.graph
    used = {name for node in graph.node for name in node.input} | {o.name for o in graph.output}
    for initializer in [i for i in graph.initializer if i.name not in used]:
        graph.initializer.remove(initializer)
    return model
