"""Ranges, equalisation, bias correction and the choice of integer nodes, on small graphs with known answers."""

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from lentigo_training.equalise import bottleneck_groups, correct_bias, equalise
from lentigo_training.export import export
from lentigo_training.quantise import Quantiser, Recipe, integer_nodes, integer_share, name_nodes, observed_tensors
from lentigo_training.ranges import BINS, METHODS, observe, read_range
from lentigo_training.session import open_graph, run_views

SIDE = 32


class Bottlenecks(nn.Module):
    """Two linear bottlenecks with a residual sum, channels of very unequal range, and a head; `attend` adds products of many rows."""

    def __init__(self, attend=False):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU6())
        self.down = nn.Conv2d(8, 4, 1)
        self.expand = nn.Sequential(nn.Conv2d(4, 12, 1), nn.ReLU6(), nn.Conv2d(12, 12, 3, 1, 1, groups=12), nn.ReLU6(), nn.Conv2d(12, 4, 1))
        self.last = nn.Sequential(nn.Conv2d(4, 16, 1), nn.ReLU6())
        self.tokens = nn.Linear(16, 16) if attend else None
        self.head = nn.Linear(16, 2)
        with torch.no_grad():
            scale = torch.tensor([1.0, 0.1, 0.02, 0.5])
            for conv in (self.down, self.expand[4]):
                conv.weight.mul_(scale[:, None, None, None])
                conv.bias.mul_(scale)
            for conv in (self.expand[0], self.last[0]):
                conv.weight.div_(scale[None, :, None, None])

    def forward(self, image):
        x = self.down(self.stem(image))
        x = self.last(x + self.expand(x))
        if self.tokens is not None:
            x = torch.sigmoid(self.tokens(x.flatten(2).transpose(1, 2)[0])).mean(0, keepdim=True)
        else:
            x = x.mean((2, 3))
        return self.head(x)


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(0).integers(0, 256, (6, SIDE, SIDE, 3), dtype=np.uint8)


@pytest.fixture
def graph(tmp_path):
    torch.manual_seed(4)
    export(Bottlenecks(), tmp_path / "graph.onnx", ("logits",), SIDE)
    return tmp_path / "graph.onnx"


def logits(path, pixels):
    session = open_graph(path)
    return np.concatenate([run_views(session, picture)["logits"] for picture in pixels])


def test_ranges_hold_zero_and_clip_what_their_method_says():
    values = np.concatenate([np.random.default_rng(1).normal(0, 1, 100000), [40.0]])
    histogram, edges = np.histogram(values, BINS)
    ranges = {method: read_range(histogram, edges[0], edges[-1], method) for method in METHODS}
    assert ranges["minmax"] == (edges[0], edges[-1])
    for method in METHODS:
        low, high = ranges[method]
        assert low <= 0 <= high <= edges[-1]
    assert ranges["percentile-99.9"][1] < 5 < ranges["mse"][1] < edges[-1] and ranges["entropy"][1] < edges[-1]
    assert ranges["percentile-99.9"][1] <= ranges["percentile-99.99"][1]
    assert read_range(np.bincount([5], minlength=BINS), 0.0, 6.0, "mse")[0] == 0.0


def test_observation_sees_what_the_graph_computes(graph, pixels):
    model = name_nodes(onnx.load(graph))
    tensors = observed_tensors(model, integer_nodes(model))
    seen = observe(graph, tensors, pixels)
    low, high = seen.extremes["image"]
    assert low == pytest.approx((int(pixels.min()) - 127) / 128) and high == pytest.approx((int(pixels.max()) - 127) / 128)
    assert seen.histograms["image"].sum() == pixels.size
    np.testing.assert_allclose(seen.channel_means["image"], ((pixels.reshape(-1, 3) - 127.0) / 128).mean(0), atol=1e-5)


def test_equalisation_keeps_the_function_and_evens_the_channels(graph, pixels, tmp_path):
    model = name_nodes(onnx.load(graph))
    (group,) = bottleneck_groups(model)
    assert len(group.tensors) == 3 and len(group.producers) == 2 and len(group.readers) == 2
    tensors = observed_tensors(model, integer_nodes(model))
    before = observe(graph, tensors, pixels)
    onnx.save(equalise(model, before), tmp_path / "even.onnx")
    np.testing.assert_allclose(logits(tmp_path / "even.onnx", pixels), logits(graph, pixels), atol=1e-4)
    after = observe(tmp_path / "even.onnx", tensors, pixels)
    spread = [max(max(s.channel_extremes[t]) / min(s.channel_extremes[t]) for t in group.tensors) for s in (before, after)]
    assert spread[1] < spread[0] / 2


def test_a_graph_with_unequal_channels_gains_from_equalisation(graph, pixels, tmp_path):
    exact = logits(graph, pixels)
    quantiser = Quantiser(graph, pixels)
    errors = {}
    for equalised in (False, True):
        quantiser.write(tmp_path / "int8.onnx", Recipe("minmax", equalised, False, len(pixels)))
        errors[equalised] = np.abs(logits(tmp_path / "int8.onnx", pixels) - exact).mean()
    assert errors[True] < errors[False]


def test_bias_correction_takes_back_the_mean_that_rounding_loses():
    weight = np.array([[[[0.30]], [[1.27]]]], np.float32)
    nodes = [onnx.helper.make_node("Conv", ["x", "w", "b"], ["y"], "conv")]
    model = onnx.helper.make_model(onnx.helper.make_graph(nodes, "one", [], [], [
        onnx.numpy_helper.from_array(weight + np.float32(0.004), "w"), onnx.numpy_helper.from_array(np.zeros(1, np.float32), "b")]))

    class Seen:
        channel_means = {"x": np.array([10.0, 0.0])}

    correct_bias(model, Seen, {"conv"})
    bias = onnx.numpy_helper.to_array(model.graph.initializer[1])[0]
    step = 1.274 / 127
    assert bias == pytest.approx(10 * (0.304 - round(0.304 / step) * step), abs=1e-5) and abs(bias) > 1e-3


def test_tokens_become_integer_and_heads_do_not(tmp_path, pixels):
    export(Bottlenecks(attend=True), tmp_path / "graph.onnx", ("logits",), SIDE)
    model = onnx.load(tmp_path / "graph.onnx")
    chosen = set(integer_nodes(name_nodes(model)))
    gemms = [node for node in model.graph.node if node.op_type in ("Gemm", "MatMul")]
    assert [node.name in chosen for node in gemms] == [True, False]
    assert not any(node.name in chosen for node in model.graph.node if node.op_type == "Sigmoid")
    Quantiser(tmp_path / "graph.onnx", pixels).write(tmp_path / "int8.onnx", Recipe(pictures=6))
    assert 0.7 < integer_share(tmp_path / "int8.onnx") < 1.0
    assert np.abs(logits(tmp_path / "int8.onnx", pixels) - logits(tmp_path / "graph.onnx", pixels)).max() < 0.1


def test_an_unknown_method_is_refused(graph, pixels, tmp_path):
    with pytest.raises(ValueError, match="range method"):
        Quantiser(graph, pixels).write(tmp_path / "int8.onnx", Recipe("guess"))
