"""Writes the graphs and answers of this folder; see README.md."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from PIL import Image

HERE = Path(__file__).parent
SIZE, CELLS, CHANNELS = 96, 8, 6
AGES = [0, 40, 80]
SEXES = ["female", "male"]
ANSWERED = ["embedding", "criteria"]
SITES = ["abdomen", "back", "chest", "face", "scalp", "trunk"]
DIMENSIONS = 128
MEASURES = 5
METADATA = len(AGES) + len(SEXES) + len(SITES) + 3


class Graph:
    """A very small network: means over 12x12 pixels, and what the systems make of them."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights, self.outputs = [], [], []
        self.inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIZE, SIZE])]

    def op(self, kind: str, *inputs: str, name: str | None = None, **attributes) -> str:
        """One operator; returns the name of its output."""
        name = name or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, values) -> str:
        """An initializer."""
        values, name = np.asarray(values), f"w_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values.astype(np.int64 if values.dtype.kind == "i" else np.float32), name))
        return name

    def normal(self, *shape: int, scale: float = 1.0) -> str:
        """Seeded weights."""
        return self.constant(self.random.standard_normal(shape) * scale)

    def conv(self, x: str, inputs: int, outputs: int, name: str | None = None) -> str:
        """1x1 convolution: it treats every cell alike, so that its maps turn with the picture."""
        return self.op("Conv", x, self.normal(outputs, inputs, 1, 1), self.normal(outputs, scale=0.2), name=name, kernel_shape=[1, 1])

    def output(self, name: str, shape: list[int]) -> None:
        """Makes `name` an output."""
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def features(self) -> str:
        """Channels made of means over squares: a kernel that is the same everywhere turns with the picture too."""
        side = SIZE // CELLS
        weights = self.random.standard_normal((CHANNELS, 3, 1, 1)) * 2 / side**2 * np.ones((1, 1, side, side))
        bias = self.normal(CHANNELS, scale=0.2)
        return self.op("Relu", self.op("Conv", "image", self.constant(weights), bias, kernel_shape=[side, side], strides=[side, side]))

    def save(self, path: Path) -> None:
        """Writes the graph."""
        graph = helper.make_graph(self.nodes, "g", self.inputs, self.outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)


def multitask(path: Path) -> None:
    """System C. Its maps turn with the picture; its scores do not: they weigh what is left and above more than what is right and below."""
    graph = Graph(5)
    features = graph.features()
    graph.op("Relu", graph.conv(features, CHANNELS, 3), name="cam")
    graph.conv(features, CHANNELS, 1, name="mask")
    ramp = np.linspace(1.5, 0.5, CELLS)
    weighed = graph.op("Mul", features, graph.constant((ramp[:, None] * ramp)[None, None]))
    pooled = graph.op("ReduceMean", weighed, axes=[2, 3], keepdims=0)
    graph.op("Gemm", pooled, graph.normal(CHANNELS, 2, scale=0.5), graph.constant([0.3, -0.4]), name="logits")
    apart = graph.op("Sub", pooled, graph.constant(np.abs(graph.random.standard_normal((3, CHANNELS)))))
    squares = graph.op("ReduceSum", graph.op("Mul", apart, apart), graph.constant([1]), keepdims=0)
    graph.op("Reshape", squares, graph.constant([1, 3]), name="distances")
    for name, shape in [("distances", [1, 3]), ("logits", [1, 2]), ("cam", [1, 3, CELLS, CELLS]), ("mask", [1, 1, CELLS, CELLS])]:
        graph.output(name, shape)
    graph.save(path)


def dual_network(path: Path) -> None:
    """System A: the picture, the part of it inside its mask, and the patient."""
    graph = Graph(8)
    graph.inputs.insert(0, helper.make_tensor_value_info("metadata", TensorProto.FLOAT, [1, METADATA]))
    patient = graph.op("Relu", graph.op("Gemm", "metadata", graph.normal(METADATA, CHANNELS), graph.normal(CHANNELS, scale=0.2)))
    features = graph.features()
    mask = graph.conv(features, CHANNELS, 1, name="mask")
    inside = graph.op("Mul", features, graph.op("Sigmoid", mask))
    joined = graph.op("Relu", graph.conv(graph.op("Concat", features, inside, axis=1), 2 * CHANNELS, CHANNELS))
    graph.op("Relu", graph.conv(joined, CHANNELS, 4), name="cam")
    pooled = graph.op("Flatten", graph.op("GlobalAveragePool", joined))
    graph.op("Gemm", graph.op("Add", pooled, patient), graph.normal(CHANNELS, 4), graph.normal(4, scale=0.2), name="logits")
    for name, shape in [("cam", [1, 4, CELLS, CELLS]), ("mask", [1, 1, CELLS, CELLS]), ("logits", [1, 4])]:
        graph.output(name, shape)
    graph.save(path)


def unit(graph: Graph, x: str, name: str) -> str:
    """Brings a vector to length 1."""
    squares = graph.op("ReduceMean", graph.op("Mul", x, x), axes=[1], keepdims=1)
    length = graph.op("Sqrt", graph.op("Add", graph.op("Mul", squares, graph.constant([float(DIMENSIONS)])), graph.constant([1e-12])))
    return graph.op("Div", x, length, name=name)


def cefm(path: Path) -> None:
    """System B: an embedding that differs between views, a classifier on it, and a mask that finds what is darker than skin."""
    graph = Graph(13)
    features = graph.features()
    graph.op("Relu", graph.conv(features, CHANNELS, 2), name="cam")
    side = SIZE // CELLS
    darkness = graph.constant(np.full((1, 3, side, side), -20 / (3 * side**2)))
    graph.op("Conv", "image", darkness, graph.constant([0.5]), name="mask", kernel_shape=[side, side], strides=[side, side])
    ramp = np.linspace(3, -2, CELLS)
    weighed = graph.op("Mul", features, graph.constant((ramp[:, None] * ramp)[None, None]))
    pooled = graph.op("ReduceMean", weighed, axes=[2, 3], keepdims=0)
    projected = graph.op("Gemm", pooled, graph.normal(CHANNELS, DIMENSIONS), graph.normal(DIMENSIONS, scale=0.1))
    embedding = unit(graph, projected, "embedding")
    graph.op("Gemm", embedding, graph.normal(DIMENSIONS, 2, scale=2.0), graph.constant([-0.3, 0.3]), name="logits")
    graph.op("Gemm", pooled, graph.normal(CHANNELS, 3, scale=0.5), graph.constant([1.0, 4.0, 3.0]), name="criteria")
    shapes = {"criteria": [1, 3], "embedding": [1, DIMENSIONS], "mask": [1, 1, CELLS, CELLS], "logits": [1, 2], "cam": [1, 2, CELLS, CELLS]}
    for name, shape in shapes.items():
        graph.output(name, shape)
    graph.save(path)


def clinical_head(path: Path) -> None:
    """System B's other side: from measured criteria to the same space."""
    graph = Graph(21)
    graph.inputs = [helper.make_tensor_value_info("criteria", TensorProto.FLOAT, [1, MEASURES])]
    hidden = graph.op("Relu", graph.op("Gemm", "criteria", graph.normal(MEASURES, 8), graph.normal(8, scale=0.5)))
    unit(graph, graph.op("Gemm", hidden, graph.normal(8, DIMENSIONS), graph.normal(DIMENSIONS, scale=0.2)), "embedding")
    graph.output("embedding", [1, DIMENSIONS])
    graph.save(path)


def write_prototypes(path: Path) -> None:
    """Directions of no meaning, one a level and a second one of the highest."""
    directions = np.random.default_rng(34).standard_normal((6, DIMENSIONS))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    levels = [1, 2, 3, 4, 5, 5]
    list_of = [{"level": level, "embedding": [round(float(x), 5) for x in row]} for level, row in zip(levels, directions, strict=True)]
    path.write_text(json.dumps(list_of) + "\n", encoding="utf-8")


def unknown() -> np.ndarray:
    """A patient of whom nothing is known."""
    vector = np.zeros((1, METADATA), np.float32)
    vector[0, [len(AGES), len(AGES) + 1 + len(SEXES), METADATA - 1]] = 1
    return vector


def known(random: np.random.Generator) -> np.ndarray:
    """Any patient."""
    vector = np.zeros((1, METADATA), np.float32)
    for first, count in [(0, len(AGES) + 1), (len(AGES) + 1, len(SEXES) + 1), (len(AGES) + len(SEXES) + 2, len(SITES) + 1)]:
        vector[0, first + random.integers(count)] = 1
    return vector


def normalise(picture: np.ndarray) -> np.ndarray:
    """As [prepare] in the manifests."""
    return ((picture.astype(np.float32) - 127) / 128).transpose(2, 0, 1)[None]


class Pictures(CalibrationDataReader):
    """Noise over slopes, with any patients."""

    def __init__(self):
        self.random, self.left = np.random.default_rng(1), 40

    def get_next(self):
        if self.left == 0:
            return None
        self.left -= 1
        slope = np.linspace(0, 1, SIZE)[:, None, None] * self.random.uniform(0, 150, 3) + self.random.uniform(0, 100, 3)
        picture = np.clip(slope + self.random.normal(0, 20, (SIZE, SIZE, 3)), 0, 255)
        return {"image": normalise(picture), "metadata": known(self.random)}


def write_answer(folder: Path, flips: list[str], probability) -> None:
    """What ONNX Runtime says to the picture of the folder beside, the mean over the views; of embeddings their sum, brought to length 1."""
    pixels = np.asarray(Image.open(HERE.parent / "asff-tiny" / "input.png").convert("RGB"))
    session = onnxruntime.InferenceSession(folder / "graph.onnx", providers=["CPUExecutionProvider"])
    turned = {"none": pixels, "horizontal": pixels[:, ::-1], "vertical": pixels[::-1], "both": pixels[::-1, ::-1]}
    scores, others = [], {name: [] for name in ANSWERED if name in [output.name for output in session.get_outputs()]}
    for flip in flips:
        given = {"image": normalise(turned[flip]), "metadata": unknown()}
        scores.append(session.run(["logits"], {i.name: given[i.name] for i in session.get_inputs()})[0][0])
        for name, found in others.items():
            found.append(session.run([name], {i.name: given[i.name] for i in session.get_inputs()})[0][0])
    logits = np.mean(scores, axis=0)
    answer = {"engine": f"onnxruntime {onnxruntime.__version__}", "logits": logits.tolist(), "probability": float(probability(logits)),
              "views": np.asarray(scores).tolist()}
    means = {name: np.mean(found, axis=0) for name, found in others.items()}
    if "embedding" in means:
        means["embedding"] = means["embedding"] / np.linalg.norm(means["embedding"])
    answer |= {name: mean.tolist() for name, mean in means.items()}
    (folder / "expected.json").write_text(json.dumps(answer) + "\n", encoding="utf-8")


multitask(HERE / "multitask" / "graph.onnx")
write_answer(HERE / "multitask", ["none", "horizontal", "vertical", "both"], lambda s: 1 / (1 + np.exp(-(s[0] / 1.25 - 0.5))))

dual, floats = HERE / "dual-network", HERE / "dual-network" / "float32.onnx"
dual_network(floats)
quantize_static(floats, dual / "graph.onnx", Pictures(), quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8)
floats.unlink()


def referral(scores: np.ndarray) -> float:
    """As classes and calibration of the manifest say."""
    z = np.exp(scores / np.array([1.0, 1.5, 1.25, 0.8]) + np.array([0.0, 0.5, -0.25, 0.0]))
    return (z[1] + z[3]) / z.sum()


write_answer(dual, ["none", "horizontal"], referral)

cefm(HERE / "cefm" / "graph.onnx")
clinical_head(HERE / "cefm" / "clinical.onnx")
write_prototypes(HERE / "cefm" / "prototypes.json")


def melanoma(scores: np.ndarray) -> float:
    """As classes and calibration of the manifest say."""
    z = np.exp(scores / 1.5 + np.array([0.0, 0.25]))
    return z[1] / z.sum()


write_answer(HERE / "cefm", ["none", "horizontal"], melanoma)
