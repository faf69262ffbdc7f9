"""Paper scale: batch norms before convolutions, settled statistics, and a bundle from one command."""

import json
import tomllib

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from lentigo_training import paper
from lentigo_training.systems import SYSTEMS


def test_a_batch_norm_before_its_convolution_becomes_a_convolution_that_gives_the_same():
    random = np.random.default_rng(3)
    parameters = [random.uniform(0.5, 2, 6) * random.choice([-1, 1], 6), random.standard_normal(6), random.standard_normal(6), random.uniform(0.1, 4, 6)]
    names = ["gamma", "beta", "mean", "variance"]
    norm = helper.make_node("BatchNormalization", ["x", *names], ["y"], "norm", epsilon=1e-3)
    graph = helper.make_graph([norm], "norm", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 6, 5, 4])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 6, 5, 4])],
                              [numpy_helper.from_array(value.astype(np.float32), name) for value, name in zip(parameters, names)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    x = random.standard_normal((1, 6, 5, 4)).astype(np.float32)

    def output(model: onnx.ModelProto) -> np.ndarray:
        return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]

    before = output(model)
    after = paper.norms_as_convolutions(model)
    assert [node.op_type for node in after.graph.node] == ["Conv"]
    np.testing.assert_allclose(output(after), before, rtol=1e-5, atol=1e-5)


def test_settled_norms_give_every_layer_an_ordinary_range():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8))
    with torch.no_grad():
        network[0].weight.mul_(100)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    paper.settle(network, pixels)
    assert not any(module.training for module in network.modules())
    from lentigo_training.prepare import normalise
    with torch.no_grad():
        spread = network(torch.from_numpy(normalise(pixels))).std((0, 2, 3))
    assert ((spread > 0.9) & (spread < 1.1)).all()


def test_one_command_writes_a_bundle_that_says_that_it_is_untrained(tmp_path):
    torch.manual_seed(0)
    folder = paper.write(paper.Build(SYSTEMS["dual-network"], "resnet10t", tmp_path, pictures=2))
    assert [path.name for path in tmp_path.iterdir()] == [folder.name] == ["dual-network-resnet10t"]
    told = tomllib.loads((folder / "manifest.toml").read_text())
    assert told["name"] == folder.name and told["graph"]["precision"] == "int8" and "quality" in told
    assert [entry["name"] for entry in told["graph"]["inputs"]] == ["image", "metadata"]
    assert "Untrained" in (folder / "card.md").read_text()
    expected = json.loads((folder / "golden" / "expected.json").read_text())
    assert len(expected["logits"]) == 7 and np.isfinite(expected["logits"]).all()
    kinds = {node.op_type for node in onnx.load(folder / "graph.onnx").graph.node}
    assert "QuantizeLinear" in kinds and "BatchNormalization" not in kinds


def test_a_bundle_of_system_b_has_its_parts_beside_the_graph(tmp_path):
    torch.manual_seed(0)
    folder = paper.write(paper.Build(SYSTEMS["cefm"], "resnet10t", tmp_path, pictures=2))
    told = tomllib.loads((folder / "manifest.toml").read_text())
    assert {"criteria", "severity", "clinical", "prototypes"} <= set(told)
    clinical = onnx.load(folder / told["clinical"]["graph"]).graph
    assert clinical.input[0].type.tensor_type.shape.dim[1].dim_value == len(told["clinical"]["measures"])
    assert [entry["level"] for entry in json.loads((folder / told["prototypes"]["file"]).read_text())] == [1, 2, 3, 4, 5]
    expected = json.loads((folder / "golden" / "expected.json").read_text())
    assert len(expected["embedding"]) == 128 and len(expected["criteria"]) == 3 and len(expected["logits"]) == 2
