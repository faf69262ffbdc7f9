"""System C's network: its maps are Grad-CAM, its pooling follows the outline, its graph is static."""

import copy

import numpy as np
import onnx
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lentigo_training.export import export
from lentigo_training.multitask import MultiTask
from lentigo_training.session import open_graph
from lentigo_training.systems.multitask import CLASSES, OUTPUTS, JointNet, build

BACKBONE = "tf_efficientnet_lite0"


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(7)
    net = build(None)
    nn.init.normal_(net.head.weight, std=0.1)
    # An untrained outline is nearly flat.
    nn.init.normal_(net.decoder.logits.weight, std=2.0)
    return net


@pytest.fixture(scope="module")
def images():
    torch.manual_seed(8)
    return F.interpolate(torch.randn(3, 3, 8, 8), size=(96, 96), mode="nearest")


class Listed(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, image):
        outputs = self.net(image)
        return tuple(outputs[name] for name in OUTPUTS)


def fused(net, images):
    """The layer y, spelled out: [N,F,h,w] at stride 16."""
    pyramid = net.backbone.pyramid(images)
    enlarged = F.interpolate(pyramid[-1], scale_factor=2.0, mode="bilinear", align_corners=False)
    lesion = F.interpolate(torch.sigmoid(net.decoder(pyramid)), size=enlarged.shape[-2:], mode="bilinear", align_corners=False)
    weights = torch.softmax(net.sharpness * lesion.flatten(1), 1).reshape(lesion.shape)
    return enlarged * weights


def test_cam_is_gradcam_of_the_fused_layer(model, images):
    outputs = model(images)
    y = fused(model, images).detach().requires_grad_(True)
    logits = model.head(y.sum((2, 3)))
    torch.testing.assert_close(outputs["logits"], logits)
    torch.testing.assert_close(outputs["pooled"], y.sum((2, 3)))
    for number, score in enumerate((logits[:, 0], logits[:, 1], -logits.sum(1))):
        (gradient,) = torch.autograd.grad(score.sum(), y, retain_graph=True)
        torch.testing.assert_close(outputs["cam"][:, number], F.relu((gradient.mean((2, 3), keepdim=True) * y).sum(1)))


def test_shapes_and_signs(model, images):
    outputs = model(images)
    assert {name: tuple(outputs[name].shape) for name in OUTPUTS} == {
        "logits": (3, 2), "cam": (3, 3, 6, 6), "mask": (3, 1, 24, 24), "pooled": (3, 1280)}
    assert (outputs["cam"] >= 0).all()


@pytest.mark.parametrize("wanted", [0, 1, 2])
def test_the_chosen_class_has_evidence(model, images, wanted):
    net = copy.deepcopy(model)
    pooled = net(images)["pooled"].detach()
    goal = torch.full((len(CLASSES), 3), -0.02)
    goal[wanted:wanted + 1] = 0.02
    # The smallest change of the weights that makes the network choose the wanted class on every picture, by a little.
    net.head.weight.data += (goal - net.head(pooled).detach().T) @ torch.linalg.pinv(pooled).T
    outputs = net(images)
    chosen = torch.where((outputs["logits"] < 0).all(1), len(CLASSES), outputs["logits"].argmax(1))
    assert (chosen == wanted).all()
    assert (outputs["cam"][:, wanted].amax((1, 2)) > 0).all()


def test_no_outline_is_plain_average_pooling(model, images):
    weights = model.attention(torch.full((1, 1, 24, 24), -9.0), 6, 6)
    torch.testing.assert_close(weights, torch.full((1, 36), 1 / 36))
    drawn = torch.full((1, 1, 24, 24), -9.0)
    drawn[:, :, :8, :8] = 9.0
    ratio = model.attention(drawn, 6, 6)[0]
    assert abs(float(ratio[0] / ratio[-1]) / float(model.sharpness.exp()) - 1) < 0.01


def test_starts_from_the_trunk(tmp_path, images):
    torch.manual_seed(3)
    trunk = MultiTask(BACKBONE, pretrained=False).eval()
    net = JointNet(BACKBONE, pretrained=False).eval()
    net.load_trunk(trunk.state_dict())
    torch.testing.assert_close(net(images)["mask"], trunk(images)["mask"])
    torch.testing.assert_close(net.head.weight[1], trunk.heads["seborrheic_keratosis"].weight[0])
    with pytest.raises(KeyError):
        net.load_trunk({"backbone.conv_stem.weight": trunk.backbone.conv_stem.weight})
    torch.save({"ema": net.state_dict()}, tmp_path / "c.pt")
    torch.testing.assert_close(build(tmp_path / "c.pt", BACKBONE)(images)["logits"], net(images)["logits"])


def test_graph_equals_network(model, tmp_path, images):
    path = tmp_path / "graph.onnx"
    export(Listed(model), path, OUTPUTS, size=96)
    graph = onnx.load(path).graph
    assert not {"If", "Loop", "Where", "BatchNormalization", "Pad"} & {node.op_type for node in graph.node}
    assert not [node.name for node in graph.node if node.op_type == "Shape" and "/decoder/" not in node.name]
    found = open_graph(path).run(list(OUTPUTS), {"image": images[:1].numpy()})
    expected = model(images[:1])
    for name, value in zip(OUTPUTS, found):
        np.testing.assert_allclose(value, expected[name].detach().numpy(), rtol=1e-4, atol=1e-4)
