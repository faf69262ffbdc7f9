"""A few lines of notation for small ONNX graphs with seeded weights."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """Collects nodes and weights; every method adds one operator and returns the name of its output."""

    def __init__(self, seed: int, shape: list, opset: int = 17):
        self.random, self.opset, self.shape = np.random.default_rng(seed), opset, shape
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.outputs: list[str] = []

    def op(self, kind: str, *inputs: str, **attributes) -> str:
        """Any operator with one output."""
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def split(self, x: str, parts: list[int], axis: int) -> list[str]:
        """Split along `axis` into pieces of the lengths `parts`."""
        name = f"split_{len(self.nodes)}"
        outputs = [f"{name}_{i}" for i in range(len(parts))]
        self.nodes.append(helper.make_node("Split", [x, self.constant(np.array(parts))], outputs, name=name, axis=axis))
        return outputs

    def constant(self, values: np.ndarray) -> str:
        """An initializer: int64 for indices, float32 otherwise."""
        name = f"w_{len(self.weights)}"
        values = np.asarray(values)
        self.weights.append(numpy_helper.from_array(values.astype(np.int64 if values.dtype.kind == "i" else np.float32), name))
        return name

    def normal(self, *shape: int, scale: float = 1.0) -> str:
        """Seeded weights. Each output channel has a size of its own, so that one scale for all of them is a poor fit."""
        spread = self.random.uniform(0.3, 1.5, (shape[0],) + (1,) * (len(shape) - 1))
        return self.constant((self.random.standard_normal(shape) * spread * scale).astype(np.float32))

    def conv(self, x: str, inputs: int, outputs: int, kernel: int, stride: int = 1, pads: list[int] | None = None,
             dilation: int = 1, group: int = 1, bias: bool = True) -> str:
        """Convolution, padded so that stride 1 keeps the size unless `pads` (top, left, bottom, right) says otherwise."""
        margin = dilation * (kernel - 1) // 2
        fan_in = inputs // group * kernel * kernel
        weights = [self.normal(outputs, inputs // group, kernel, kernel, scale=fan_in**-0.5)]
        if bias:
            weights.append(self.normal(outputs, scale=0.3))
        return self.op("Conv", x, *weights, kernel_shape=[kernel] * 2, strides=[stride] * 2, dilations=[dilation] * 2,
                       group=group, pads=pads or [margin] * 4)

    def depthwise(self, x: str, channels: int, kernel: int, **options) -> str:
        """Depthwise convolution."""
        return self.conv(x, channels, channels, kernel, group=channels, **options)

    def clip6(self, x: str) -> str:
        """ReLU6."""
        return self.op("Clip", x, self.constant(np.float32(0)), self.constant(np.float32(6)))

    def resize(self, x: str, factor: float, mode: str, coordinates: str, **attributes) -> str:
        """Enlarge height and width by `factor`."""
        return self.op("Resize", x, "", self.constant(np.array([1, 1, factor, factor], np.float32)), mode=mode,
                       coordinate_transformation_mode=coordinates, **attributes)

    def result(self, *names: str) -> None:
        """Make these tensors outputs of the graph."""
        self.outputs += names

    def model(self) -> onnx.ModelProto:
        """The checked model; its input is called `x`."""
        values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs]
        graph = helper.make_graph(self.nodes, "case", [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
                                  values, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        onnx.checker.check_model(model, full_check=True)
        return model
