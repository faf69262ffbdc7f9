"""The small float graphs, one function a family. Sizes are odd and channel counts rarely a multiple of a vector."""

import numpy as np

from graph import Graph


def convolution() -> Graph:
    """Kernels 1, 3 and 5, strides, dilation, groups, padding that differs from side to side, with and without clamp."""
    g = Graph(1, [1, 8, 9, 9])
    narrow = g.op("Relu", g.conv("x", 8, 17, 1))
    g.result(narrow,
             g.clip6(g.conv("x", 8, 12, 3, stride=2, pads=[0, 0, 1, 1])),
             g.conv("x", 8, 9, 5, bias=False),
             g.conv("x", 8, 6, 5, stride=2, pads=[1, 2, 2, 1]),
             g.op("Relu", g.conv(narrow, 17, 8, 3, dilation=3)),
             g.conv("x", 8, 12, 3, group=4),
             g.conv("x", 8, 24, 1, stride=2, pads=[0, 0, 0, 0]))
    return g


def stem() -> Graph:
    """Three channels in and one channel in; a one-channel output; a map of a single row and of a single pixel."""
    g = Graph(2, [1, 3, 15, 9])
    x = g.op("Relu", g.conv("x", 3, 16, 3, stride=2))
    one = g.conv(x, 16, 1, 3)
    row = g.op("Relu", g.conv(x, 16, 10, 3, stride=5, pads=[0, 1, 0, 1]))
    g.result(x, one, g.conv(one, 1, 5, 3), row, g.conv(row, 10, 7, 3, stride=3))
    return g


def depthwise() -> Graph:
    """Depthwise kernels 3 and 5 in both strides, dilated, padded unequally, and with two outputs a channel."""
    g = Graph(3, [1, 11, 9, 7])
    g.result(g.clip6(g.depthwise("x", 11, 3)),
             g.depthwise("x", 11, 3, stride=2, pads=[0, 0, 1, 1]),
             g.op("Relu", g.depthwise("x", 11, 5)),
             g.depthwise("x", 11, 5, stride=2, pads=[1, 2, 2, 1]),
             g.depthwise("x", 11, 3, dilation=2),
             g.conv("x", 11, 22, 3, group=11))
    return g


def inverted_residual() -> Graph:
    """Two blocks as in MobileNetV2, one of them with its shortcut."""
    g = Graph(4, [1, 8, 11, 9])
    x = g.conv("x", 8, 8, 1)
    y = g.clip6(g.conv(x, 8, 24, 1))
    y = g.clip6(g.depthwise(y, 24, 3))
    x = g.op("Add", x, g.conv(y, 24, 8, 1))
    y = g.clip6(g.conv(x, 8, 24, 1))
    y = g.clip6(g.depthwise(y, 24, 5, stride=2, pads=[1, 1, 2, 2]))
    g.result(x, g.conv(y, 24, 12, 1))
    return g


def gate() -> Graph:
    """Squeeze and excite with each of the usual gates, and a gate over pixels."""
    g = Graph(5, [1, 20, 7, 9])
    x = g.op("Relu", g.conv("x", 20, 20, 1))
    pooled = g.op("GlobalAveragePool", x)
    hidden = g.op("Relu", g.conv(pooled, 20, 6, 1))
    hard = g.op("HardSigmoid", g.conv(hidden, 6, 20, 1), alpha=1 / 6, beta=0.5)
    soft = g.op("Sigmoid", g.conv(hidden, 6, 20, 1))
    pixels = g.op("Sigmoid", g.conv(x, 20, 1, 1))
    g.result(g.op("Mul", x, hard), g.op("Mul", soft, x), g.op("Mul", x, pixels))
    return g


def activations() -> Graph:
    """What stands behind convolutions besides a clamp."""
    g = Graph(6, [1, 8, 7, 9])
    x = g.conv("x", 8, 13, 1)
    silu = g.op("Mul", x, g.op("Sigmoid", x))
    tail = g.op("Div", x, g.constant(np.float32(np.sqrt(2))))
    tail = g.op("Add", g.op("Erf", tail), g.constant(np.float32(1)))
    gelu = g.op("Mul", g.op("Mul", x, tail), g.constant(np.float32(0.5)))
    hard_swish = g.op("Mul", x, g.op("HardSigmoid", x, alpha=1 / 6, beta=0.5))
    g.result(*(g.conv(y, 13, 5, 1) for y in (silu, gelu, hard_swish, g.op("HardSwish", x), g.op("LeakyRelu", x, alpha=0.1))),
             g.op("Softmax", g.conv(x, 13, 7, 1), axis=1))
    return g


def gelu_operator() -> Graph:
    """Gelu as an operator of its own, exact and by tanh (opset 20)."""
    g = Graph(7, [1, 8, 9, 7], opset=20)
    x = g.conv("x", 8, 12, 1)
    g.result(g.conv(g.op("Gelu", x), 12, 5, 1), g.conv(g.op("Gelu", x, approximate="tanh"), 12, 5, 1))
    return g


def pools() -> Graph:
    """Max, average and global pools with padding, ceiling and both ways to count the padding."""
    g = Graph(8, [1, 11, 11, 9])
    x = g.conv("x", 11, 11, 1)
    g.result(g.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
             g.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
             g.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2]),
             g.op("AveragePool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1], count_include_pad=0),
             g.op("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1),
             g.op("GlobalAveragePool", x),
             g.op("GlobalMaxPool", x),
             g.op("ReduceMean", x, axes=[2, 3], keepdims=1))
    return g


def resizes() -> Graph:
    """Enlarging by two as decoders do it."""
    g = Graph(9, [1, 6, 5, 7])
    x = g.op("Relu", g.conv("x", 6, 6, 3))
    g.result(g.resize(x, 2, "nearest", "asymmetric", nearest_mode="floor"),
             g.resize(x, 2, "linear", "half_pixel"),
             g.resize(x, 2, "linear", "align_corners"))
    return g


def joins() -> Graph:
    """Concat and Add of tensors with scales of their own, with broadcasting, a constant, and one tensor used twice."""
    g = Graph(10, [1, 8, 7, 9])
    a = g.op("Relu", g.conv("x", 8, 8, 1))
    b = g.conv("x", 8, 13, 3)
    c = g.clip6(g.conv("x", 8, 3, 1))
    d = g.conv("x", 8, 8, 3)
    g.result(g.op("Concat", a, b, c, axis=1),
             g.op("Concat", d, g.op("Concat", c, d, axis=1), axis=1),
             g.op("Add", a, d),
             g.op("Relu", g.op("Add", d, d)),
             g.op("Add", a, g.normal(1, 8, 1, 1)),
             g.op("Add", d, g.op("GlobalAveragePool", a)),
             g.op("Mul", a, d),
             g.op("Sub", d, a))
    return g


def shuffle() -> Graph:
    """Channel shuffle, splits and slices, as in ShuffleNetV2."""
    g = Graph(11, [1, 12, 7, 9])
    left, right = g.split(g.op("Relu", g.conv("x", 12, 12, 1)), [6, 6], axis=1)
    x = g.op("Concat", left, g.conv(right, 6, 6, 1), axis=1)
    x = g.op("Reshape", x, g.constant(np.array([1, 2, 6, 7, 9])))
    x = g.op("Reshape", g.op("Transpose", x, perm=[0, 2, 1, 3, 4]), g.constant(np.array([1, 12, 7, 9])))
    first = g.op("Slice", x, *(g.constant(np.array([v])) for v in (0, 5, 1)))
    odd = g.op("Slice", x, *(g.constant(np.array([v])) for v in (1, 12, 1, 2)))
    padded = g.op("Pad", x, g.constant(np.array([0, 0, 0, 0, 0, 0, 1, 1])))
    g.result(g.conv(first, 5, 8, 1), g.conv(odd, 6, 4, 3), g.conv(padded, 12, 6, 3, stride=2, pads=[0, 0, 0, 0]))
    return g


def aspp() -> Graph:
    """Atrous spatial pyramid pooling: dilated branches and the pooled picture side by side, then a decoder's enlargement."""
    g = Graph(12, [1, 16, 11, 9])
    branches = [g.op("Relu", g.conv("x", 16, 8, 1))]
    branches += [g.op("Relu", g.conv("x", 16, 8, 3, dilation=d)) for d in (2, 4, 6)]
    pooled = g.op("Relu", g.conv(g.op("GlobalAveragePool", "x"), 16, 8, 1))
    branches.append(g.op("Resize", pooled, "", "", g.constant(np.array([1, 8, 11, 9])), mode="linear",
                         coordinate_transformation_mode="half_pixel"))
    x = g.op("Relu", g.conv(g.op("Concat", *branches, axis=1), 40, 8, 1))
    g.result(g.conv(g.resize(x, 2, "linear", "half_pixel"), 8, 2, 1))
    return g


def dense() -> Graph:
    """Fully connected layers in the ways exporters write them."""
    g = Graph(13, [1, 8, 5, 5])
    x = g.op("Relu", g.conv("x", 8, 23, 3))
    flat = g.op("Flatten", g.op("GlobalAveragePool", x), axis=1)
    hidden = g.op("Relu", g.op("Gemm", flat, g.normal(17, 23, scale=0.3), g.normal(17, scale=0.3), transB=1))
    product = g.op("MatMul", hidden, g.constant(g.random.standard_normal((17, 10)) * 0.3))
    whole = g.op("Flatten", x, axis=1)
    g.result(g.op("Gemm", hidden, g.normal(7, 17, scale=0.3), g.normal(7), transB=1),
             product,
             g.op("Add", product, g.normal(10)),
             g.op("Gemm", hidden, g.constant(g.random.standard_normal((17, 3)) * 0.3), g.normal(3)),
             g.op("Gemm", whole, g.normal(4, 23 * 25, scale=0.05), transB=1))
    return g


def attention() -> Graph:
    """One transformer block: patches, LayerNormalization, three heads, softmax, and the multilayer perceptron."""
    width, heads, tokens = 24, 3, 15
    g = Graph(14, [1, 8, 5, 3])
    x = g.op("Reshape", g.conv("x", 8, width, 1), g.constant(np.array([1, width, tokens])))
    x = g.op("Add", g.op("Transpose", x, perm=[0, 2, 1]), g.constant(g.random.standard_normal((1, tokens, width)) * 0.3))

    def linear(y: str, inputs: int, outputs: int) -> str:
        weights = g.constant(g.random.standard_normal((inputs, outputs)) * inputs**-0.5)
        return g.op("Add", g.op("MatMul", y, weights), g.normal(outputs, scale=0.2))

    def normalised(y: str) -> str:
        return g.op("LayerNormalization", y, g.constant(g.random.uniform(0.5, 1.5, width)), g.normal(width, scale=0.2), epsilon=1e-6)

    joint = g.op("Reshape", linear(normalised(x), width, 3 * width), g.constant(np.array([1, tokens, 3, heads, width // heads])))
    query, key, value = (g.op("Squeeze", part, g.constant(np.array([0])))
                         for part in g.split(g.op("Transpose", joint, perm=[2, 0, 3, 1, 4]), [1, 1, 1], axis=0))
    scores = g.op("Mul", g.op("MatMul", query, g.op("Transpose", key, perm=[0, 1, 3, 2])),
                  g.constant(np.float32((width // heads) ** -0.5)))
    mixed = g.op("Transpose", g.op("MatMul", g.op("Softmax", scores, axis=-1), value), perm=[0, 2, 1, 3])
    x = g.op("Add", x, linear(g.op("Reshape", mixed, g.constant(np.array([1, tokens, width]))), width, width))
    hidden = g.op("Relu", linear(normalised(x), width, 36))
    x = g.op("Add", x, linear(hidden, 36, width))
    g.result(x, linear(g.op("ReduceMean", normalised(x), axes=[1], keepdims=0), width, 5))
    return g


def batch() -> Graph:
    """A graph that leaves its batch open."""
    g = Graph(15, ["batch", 5, 9, 7])
    x = g.op("Add", g.op("Relu", g.conv("x", 5, 12, 3)), g.conv("x", 5, 12, 1))
    g.result(g.op("Gemm", g.op("Flatten", g.op("GlobalAveragePool", x), axis=1), g.normal(6, 12), g.normal(6), transB=1))
    return g


def masked() -> Graph:
    """A picture that is multiplied with an outline drawn from itself, and read by a second stem; taps that only ever see padding."""
    g = Graph(16, [1, 3, 16, 24])
    x = g.op("Relu", g.conv("x", 3, 8, 3, stride=2))
    x = g.op("Relu", g.conv(x, 8, 10, 3, stride=2))
    outline = g.conv(x, 10, 1, 1)
    mask = g.resize(g.op("Sigmoid", outline), 4, "linear", "half_pixel")
    inside = g.op("Mul", "x", mask)
    g.result(outline,
             g.op("Relu", g.conv(inside, 3, 7, 3, stride=2)),
             g.conv(g.op("Mul", mask, "x"), 3, 5, 1),
             g.conv(x, 10, 6, 3, dilation=5),
             g.depthwise(x, 10, 3, dilation=12),
             g.op("Expand", g.op("GlobalAveragePool", x), g.constant(np.array([1, 10, 4, 6]))))
    return g


def in_float() -> Graph:
    """Operators that quantisers leave alone, between tensors that are not quantised (opset 20)."""
    g = Graph(17, [1, 6, 5, 7], opset=20)
    y = g.op("Sub", g.op("Relu", g.conv("x", 6, 8, 1)), g.constant(np.full((1, 8, 1, 1), 0.7)))
    size = g.op("Abs", y)
    first, second = g.split(y, [3, 5], axis=1)
    axes = [g.constant(np.array(axes)) for axes in ([2, 3], [1])]
    g.result(first, second,
             g.op("Expand", g.op("ReduceMax", y, axes[0], keepdims=1), g.constant(np.array([1, 8, 5, 7]))),
             g.op("ReduceMin", y, axes[1], keepdims=0), g.op("ReduceSum", y, axes[1], keepdims=1),
             g.op("Div", y, g.op("Add", size, g.constant(np.float32(1)))),
             g.op("Tanh", y), g.op("Erf", y), g.op("Gelu", y), g.op("Sqrt", size), g.op("Neg", y),
             g.op("Reciprocal", g.op("Add", size, g.constant(np.float32(0.5)))),
             g.op("Max", y, g.op("Sigmoid", y)), g.op("Min", y, g.op("Sigmoid", y)),
             g.op("Pow", y, g.constant(np.float32(2))), g.op("Pow", size, g.constant(np.float32(0.5))))
    return g


def heads() -> Graph:
    """Heads on a pooled vector, none of them quantised: a projection brought to length 1, a classifier on it, class maps as a product with
    constants on the left, an attended mean as a product with one column."""
    g = Graph(18, [1, 6, 5, 7])
    x = g.op("Relu", g.conv("x", 6, 8, 1))
    cells = g.op("Reshape", x, g.constant(np.array([1, 8, 35])))
    hidden = g.op("Relu", g.op("Gemm", g.op("ReduceMean", x, axes=[2, 3], keepdims=0), g.normal(8, 12), g.normal(12)))
    projected = g.op("Gemm", hidden, g.normal(12, 16), g.normal(16))
    squares = g.op("ReduceSum", g.op("Mul", projected, projected), g.constant(np.array([1])), keepdims=1)
    embedding = g.op("Div", projected, g.op("Sqrt", g.op("Add", squares, g.constant(np.float32(1e-6)))))
    share = g.op("Softmax", g.op("MatMul", g.normal(1, 8), cells), axis=-1)
    g.result(embedding, g.op("Gemm", embedding, g.normal(16, 2), g.normal(2)),
             g.op("Relu", g.op("MatMul", g.normal(3, 8), cells)),
             g.op("MatMul", cells, g.op("Transpose", share, perm=[0, 2, 1])))
    return g


CASES = {f.__name__.replace("_", "-"): f for f in (
    convolution, stem, depthwise, inverted_residual, gate, activations, gelu_operator, pools, resizes, joins, shuffle, aspp, dense,
    attention, batch, masked, in_float, heads)}
