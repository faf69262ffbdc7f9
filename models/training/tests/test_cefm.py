"""System B: its embedding has length 1, its Grad-CAM is autograd's, and the graphs compute what the modules do."""

import copy

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from lentigo_training.export import export
from lentigo_training.multitask import SharedTrunk
from lentigo_training.systems import SYSTEMS
from lentigo_training.systems.cefm import CLASSES, CRITERIA, CefmNet, build, build_clinical
from lentigo_training.systems.cefm_heads import Classifier, ClinicalHead, ImageHead, Perceptron, evidence_gradient, unit, unit_pull_back

LITE0 = "tf_efficientnet_lite0"


def lived_in(module):
    """Give batch norms statistics and biases a spread, as training would: folding must meet all of them, and ReLUs both states."""
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm1d):
            torch.nn.init.normal_(part.running_mean, std=0.2)
            torch.nn.init.uniform_(part.running_var, 0.5, 2.0)
            torch.nn.init.normal_(part.weight, 1.0, 0.2)
            torch.nn.init.normal_(part.bias, std=0.3)
    return module.eval()


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    model = lived_in(CefmNet(LITE0))
    torch.nn.init.normal_(model.backbone.bn2.weight, 4.0, 0.5)
    return model


@pytest.fixture(scope="module")
def image():
    torch.manual_seed(4)
    return torch.nn.functional.interpolate(torch.randn(1, 3, 14, 14), size=(224, 224), mode="nearest")


def test_the_registry_knows_the_system():
    system = SYSTEMS["cefm"]
    assert system.bundle == "cefm-edge" and system.classes == CLASSES and system.positions == [1]


@torch.no_grad()
def test_batch_norm_folds_into_the_layer_below():
    torch.manual_seed(0)
    head = lived_in(Perceptron(7, 5, 3))
    x = torch.randn(4, 7)
    torch.testing.assert_close(head.below(x), head.below.norm(head.below.linear(x)))


def test_the_gradient_of_the_log_odds_is_autograds():
    torch.manual_seed(1)
    head, classifier = lived_in(ImageHead(40)), lived_in(Classifier())
    x = torch.randn(5, 40, requires_grad=True)
    logits = classifier(unit(head(x)))
    (expected,) = torch.autograd.grad((logits[:, 1] - logits[:, 0]).sum(), x)
    found = evidence_gradient(head, classifier, x.detach())
    torch.testing.assert_close(found[:, 1], expected)
    torch.testing.assert_close(found[:, 0], -expected)


def test_a_step_along_the_projection_changes_no_embedding():
    torch.manual_seed(2)
    z = torch.randn(3, 128)
    # The gradient of anything read from a unit vector is at right angles to it.
    pulled = unit_pull_back(z, torch.randn(3, 2, 128))
    torch.testing.assert_close((pulled * z[:, None]).sum(2), torch.zeros(3, 2), atol=1e-5, rtol=0)


def test_cam_is_grad_cam_of_the_weighted_map(network, image):
    with torch.no_grad():
        found = network(image)
        f2 = network.backbone.pyramid(image)[-1]
        _, weights = network.pool(f2, found["mask"])
        y = torch.nn.functional.interpolate(f2, scale_factor=2.0, mode="bilinear", align_corners=False) * weights
        lesion = network.lesion(image, found["mask"])
    y.requires_grad_(True)
    pooled = y.sum((2, 3))
    torch.testing.assert_close(pooled, found["pooled"], rtol=1e-4, atol=1e-5)
    logits = network.classifier(unit(network.image_head(torch.cat([pooled, lesion], 1))))
    torch.testing.assert_close(logits, found["logits"], rtol=1e-4, atol=1e-4)
    for c, sign in enumerate((-1.0, 1.0)):
        (gradient,) = torch.autograd.grad(sign * (logits[0, 1] - logits[0, 0]), y, retain_graph=True)
        cam = torch.relu((gradient.mean((2, 3), keepdim=True) * y).sum(1))
        torch.testing.assert_close(found["cam"][0, c], cam[0], rtol=1e-3, atol=1e-7)
    assert found["cam"].max() > 0


@torch.no_grad()
def test_one_graph_gives_everything(tmp_path, network, image):
    class Everything(torch.nn.Module):
        names = ("logits", "cam", "mask", "embedding", "criteria")

        def __init__(self):
            super().__init__()
            self.network = copy.deepcopy(network)

        def forward(self, image):
            found = self.network(image)
            return tuple(found[name] for name in self.names)

    path = tmp_path / "cefm.onnx"
    export(Everything(), path, Everything.names)
    operators = {node.op_type for node in onnx.load(path).graph.node}
    assert not {"Pad", "Shape", "If", "Loop", "BatchNormalization", "Gather", "Einsum", "ReduceL2"} & operators
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found, expected = dict(zip(Everything.names, session.run(None, {"image": image.numpy()}))), network(image)
    shapes = {"logits": (1, 2), "cam": (1, 2, 14, 14), "mask": (1, 1, 56, 56), "embedding": (1, 128), "criteria": (1, len(CRITERIA))}
    assert {name: value.shape for name, value in found.items()} == shapes
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[name].numpy(), atol=1e-3, rtol=1e-3)
    assert np.linalg.norm(found["embedding"]) == pytest.approx(1.0, abs=1e-5)


@torch.no_grad()
def test_embeddings_have_length_one_even_of_nothing(network):
    head = lived_in(ClinicalHead(5))
    torch.testing.assert_close(head(torch.randn(6, 5)).norm(dim=1), torch.ones(6))
    assert torch.isfinite(unit(torch.zeros(1, 128))).all()


def test_a_checkpoint_brings_back_both_heads(tmp_path, network, image):
    clinical = lived_in(ClinicalHead(2))
    spec = {"measures": ["colour_lab_l", "score"], "mean": [1.0, 2.0], "deviation": [0.5, 1.0], "limit": 4.0}
    torch.save({"ema": network.state_dict(), "clinical": clinical.state_dict(), "clinical_spec": spec}, tmp_path / "cefm.pt")
    again, told = build_clinical(tmp_path / "cefm.pt")
    x = torch.randn(3, 2)
    with torch.no_grad():
        torch.testing.assert_close(again(x), clinical(x))
        torch.testing.assert_close(build(tmp_path / "cefm.pt", LITE0)(image)["embedding"], network(image)["embedding"])
    assert told == spec


def test_a_trunk_gives_encoder_and_decoder(network):
    trunk = SharedTrunk(LITE0, pretrained=False)
    own = CefmNet(LITE0)
    own.load_trunk(trunk.state_dict())
    torch.testing.assert_close(own.decoder.logits.weight, trunk.decoder.logits.weight)
    with pytest.raises(ValueError, match="not the state of a trunk"):
        own.load_trunk({key: value for key, value in trunk.state_dict().items() if "decoder.logits" not in key})
