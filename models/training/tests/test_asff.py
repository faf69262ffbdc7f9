"""The fusion computes what the paper writes."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lentigo_training.asff_val import judge, predict
from lentigo_training.gradcam import autograd_cam
from lentigo_training.multitask import SharedTrunk
from lentigo_training.systems.asff import GATES, HEADS, Asff, Fusion, Gate, build, choose


@pytest.mark.parametrize("gate", ["softmax", "two_way"])
def test_convolving_before_the_resize_is_the_paper_s_order(gate):
    torch.manual_seed(0)
    fusion = Fusion(gate, (6, 10))
    f1, f2 = torch.randn(2, 6, 8, 8), torch.randn(2, 10, 4, 4)
    w = fusion.gate(torch.cat([f1.mean((2, 3)), f2.mean((2, 3))], 1))[:, :, None, None]
    resized_first = fusion.project(F.interpolate(f2, size=(8, 8), mode="bilinear", align_corners=False))
    torch.testing.assert_close(fusion(f1, f2), f1 * w + resized_first * (1 - w), rtol=1e-5, atol=1e-5)


def test_gate_forms():
    pooled = torch.randn(3, 16)
    torch.manual_seed(1)
    w = Gate("softmax", 16, 6)(pooled)
    torch.testing.assert_close(w.sum(1), torch.ones(3))
    torch.manual_seed(1)
    gate = Gate("two_way", 16, 6)
    score = gate.w2(F.relu(gate.w1(pooled)))
    pair = torch.softmax(torch.stack([score, torch.zeros_like(score)]), dim=0)[0]
    torch.testing.assert_close(gate(pooled), pair)
    with pytest.raises(ValueError):
        Gate("mean", 16, 6)


@pytest.fixture(scope="module")
def trunk():
    torch.manual_seed(5)
    return SharedTrunk("tf_efficientnet_lite0", pretrained=False).eval()


@pytest.mark.parametrize("gate", GATES)
def test_the_built_network_is_the_chosen_head(tmp_path, trunk, gate):
    torch.save({"ema": trunk.state_dict()}, tmp_path / "trunk.pt")
    choose(tmp_path / "trunk.pt", gate, tmp_path / "asff.pt")
    network = build(tmp_path / "asff.pt", "tf_efficientnet_lite0")
    image = torch.randn(1, 3, 64, 64)
    outputs, cams = trunk.with_evidence(image)
    built = network(image)
    torch.testing.assert_close(built["logits"], outputs[gate])
    torch.testing.assert_close(built["cam"], cams[gate])
    exact = Asff(network.backbone, network.fusion, network.head)
    logits, cam = autograd_cam(exact, image)
    torch.testing.assert_close(built["logits"], logits, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(built["cam"], cam, rtol=1e-4, atol=1e-6)
    assert built["pooled"].shape == (1, trunk.backbone.channels[0])


def test_only_a_gate_can_be_chosen(tmp_path):
    with pytest.raises(ValueError):
        choose(tmp_path / "trunk.pt", "plain", tmp_path / "asff.pt")


def test_scores_of_all_flips_do_not_depend_on_how_the_picture_was_held(trunk):
    rng = np.random.default_rng(1)
    cache = rng.integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
    masks = np.zeros((4, 64, 64), np.uint8)
    masks[:, 10:40, 20:60] = 1
    rows = np.arange(4)
    upright = predict(trunk, cache, masks, rows, 64, flips=True)
    mirrored = predict(trunk, cache[:, :, ::-1].copy(), masks[:, :, ::-1].copy(), rows, 64, flips=True)
    for head in HEADS:
        for one, other in zip(upright[head], mirrored[head]):
            np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    index = SimpleNamespace(malignant=np.array([0, 1, 0, 1]), mask=np.array(["m"] * 4), rows=lambda dataset, split: rows)
    report = judge(trunk, index, cache, masks, ("any",), 64, flips=False)["any"]
    assert report["images"] == 4 and report["malignant"] == 2
    value, low, high = report["two_way"]["roc_auc"]
    assert low <= value <= high
