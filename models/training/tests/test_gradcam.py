"""The CAM inside the exported graph is Grad-CAM, for any weights."""

import numpy as np
import onnx
import pytest
import torch

from lentigo_training.export import export, export_network
from lentigo_training.gradcam import WithCam, autograd_cam
from lentigo_training.prepare import normalise
from lentigo_training.quantise import Quantiser, Recipe, integer_nodes
from lentigo_training.session import open_graph, run_views
from lentigo_training.systems.asff import GATES, AsffTrainer, build


@pytest.fixture(scope="module")
def pixels():
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (14, 14, 3), dtype=np.uint8)
    return coarse.repeat(16, 0).repeat(16, 1)


def network(gate, resize="bilinear"):
    torch.manual_seed(11)
    model = AsffTrainer("tf_efficientnet_lite0", pretrained=False, resize=resize).single(gate).eval()
    # Untrained biases are tiny; spread them so that the ReLU of the head is open for some units and shut for others.
    torch.nn.init.normal_(model.head.w1.bias, std=0.02)
    return model


@pytest.mark.parametrize("resize", ["bilinear", "nearest"])
@pytest.mark.parametrize("gate", GATES)
def test_graph_cam_equals_autograd(tmp_path, pixels, gate, resize):
    model = network(gate, resize)
    export(WithCam(model), tmp_path / "graph.onnx", ("logits", "cam"))
    got = run_views(open_graph(tmp_path / "graph.onnx"), pixels)
    exact_logits, exact_cam = autograd_cam(model, torch.from_numpy(normalise(pixels[None])))
    assert got["cam"].shape == (1, 2, 14, 14) and (got["cam"] >= 0).all() and got["cam"].max() > 0
    np.testing.assert_allclose(got["logits"], exact_logits.numpy(), atol=1e-4)
    assert np.corrcoef(got["cam"].ravel(), exact_cam.numpy().ravel())[0, 1] > 0.999


def test_int8_graph_is_standard_and_clip_free(tmp_path, pixels):
    fp32, int8 = tmp_path / "fp32.onnx", tmp_path / "int8.onnx"
    torch.manual_seed(11)
    export_network(build(None, "tf_efficientnet_lite0"), fp32)
    assert not {"Pad", "Shape", "If", "Loop", "BatchNormalization"} & {n.op_type for n in onnx.load(fp32).graph.node}
    Quantiser(fp32, np.stack([pixels, 255 - pixels])).write(int8, Recipe("minmax", pictures=2))
    graph = onnx.load(int8)
    assert {o.domain for o in graph.opset_import} <= {"", "ai.onnx"}
    assert [o.version for o in graph.opset_import] == [17]
    assert "Clip" not in {n.op_type for n in graph.graph.node}
    dequantised = {n.output[0] for n in graph.graph.node if n.op_type == "DequantizeLinear"}
    for node in graph.graph.node:
        if node.op_type == "Conv":
            assert set(node.input) <= dequantised
    weights = {i.name: onnx.numpy_helper.to_array(i) for i in graph.graph.initializer}
    zero_points = [weights[n.input[2]] for n in graph.graph.node if n.op_type == "QuantizeLinear"]
    assert all(z.dtype == np.uint8 for z in zero_points)
    got = run_views(open_graph(int8), pixels)
    assert np.isfinite(got["logits"]).all() and (got["cam"] >= 0).all()


def test_every_convolution_is_quantised_and_no_gate_or_head(tmp_path):
    export_network(build(None, "tf_efficientnet_lite0"), tmp_path / "graph.onnx")
    model = onnx.load(tmp_path / "graph.onnx")
    chosen = set(integer_nodes(model))
    assert {n.name for n in model.graph.node if n.op_type == "Conv"} <= chosen
    assert not any(n.name in chosen for n in model.graph.node if n.op_type in ("Sigmoid", "Softmax", "Gemm", "MatMul"))
