"""Multiply-adds of a network, to set its time against what the machine could do at best.

    python arithmetic.py MODEL...

prints one JSON object, file to multiply-adds of one inference. Runs in the
peers' environment (it needs `onnx`). Counted from the float or the QDQ form:
the QOperator form has operators whose shapes ONNX cannot infer.
"""

import json
import math
import sys

import onnx


def multiply_adds(path: str) -> int | None:
    """Multiply-adds in convolutions and matrix products; None where a shape stays unknown."""
    model = onnx.shape_inference.infer_shapes(onnx.load(path), data_prop=True)
    graph = model.graph
    shapes = {i.name: list(i.dims) for i in graph.initializer}
    for value in [*graph.value_info, *graph.input, *graph.output]:
        if value.type.tensor_type.HasField("shape"):
            shapes.setdefault(value.name, [d.dim_value or 1 for d in value.type.tensor_type.shape.dim])
    total = 0
    for node in graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul"):
            continue
        out, right, left = shapes.get(node.output[0]), shapes.get(node.input[1]), shapes.get(node.input[0])
        if out is None or right is None or left is None:
            return None
        if node.op_type == "Conv":
            depth = math.prod(right[1:])
        else:
            transposed = any(a.name == "transA" and a.i for a in node.attribute)
            depth = left[0 if transposed else -1]
        total += math.prod(out) * depth
    return total or None


if __name__ == "__main__":
    json.dump({path: multiply_adds(path) for path in sys.argv[1:]}, sys.stdout)
