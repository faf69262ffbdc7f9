"""System C's losses, its run (killed and continued), and the comparison with single-task networks, on made-up pictures."""

import csv
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from lentigo_training import joint_ablation, joint_recipe, joint_train, joint_val
from lentigo_training.backbone import build_backbone
from lentigo_training.index import UNKNOWN
from lentigo_training.joint_ablation import NETWORKS, Schedule, compare, markdown, run_all, table
from lentigo_training.joint_choose import candidates, intervals, worth
from lentigo_training.joint_features import STRIDES, FrozenTaps, open_features, pyramid
from lentigo_training.joint_loss import evidence_outside, joint_losses, soft_jaccard, yes_no
from lentigo_training.joint_train import JointPlan, JointRun
from lentigo_training.multitask import WIDTH, MultiTask, mask_targets
from lentigo_training.multitask_train import open_pool
from lentigo_training.systems.multitask import build

from .test_data import COLUMNS

BACKBONE = "tf_efficientnet_lite0"


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    root = tmp_path_factory.mktemp("pool")
    rng = np.random.default_rng(6)
    rows = []
    for dataset, count in (("isic2017", 14), ("isic2018-seg", 6), ("ham10000", 8)):
        for i in range(count):
            name = f"{dataset}-{i}"
            keratosis = {"isic2017": str(int(i % 3 == 0))}.get(dataset, "")
            rows.append(dict(file=f"{name}.png", mask=f"{name}-m.png", dataset=dataset, split="val" if i < 6 and i != 5 else "train",
                             isic_id=name, lesion_id=name, dx="mel" if i % 2 else "nv", malignant=str(i % 2), melanoma=str(i % 2),
                             seborrheic_keratosis=keratosis))
    with open(root / "index.csv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(root / row["file"])
        Image.fromarray(np.pad(np.full((20, 30), 255, np.uint8), ((20, 24), (10, 24)))).save(root / row["mask"])
    torch.set_num_threads(1)
    return root, open_pool(root, root / "cache")


def square(n=1):
    masks = torch.zeros(n, 1, 32, 32)
    masks[:, :, 8:24, 8:24] = 1
    return masks


def test_soft_jaccard_is_the_jaccard_distance_of_certain_outlines():
    target = mask_targets(square(2), torch.tensor([True, True]))
    right = (square(2)[:, :, ::4, ::4] * 2 - 1) * 30
    half = right.clone()
    half[:, :, :4] = -30
    assert soft_jaccard(right, target) < 1e-4
    # 8 of 16 cells found: 1 - (8 + 1) / (16 + 1), the ones keep empty masks finite.
    torch.testing.assert_close(soft_jaccard(half, target), torch.tensor(1 - 9 / 17), atol=1e-4, rtol=0)


def test_what_is_unknown_teaches_nothing():
    z = torch.randn(4, 1, 8, 8, requires_grad=True)
    soft_jaccard(z, mask_targets(square(4), torch.tensor([True, False, True, True]))).backward()
    assert z.grad[1].abs().sum() == 0 and z.grad[0].abs().sum() > 0
    logits = torch.zeros(4, requires_grad=True)
    targets = torch.tensor([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    loss = yes_no(logits, targets)
    torch.testing.assert_close(loss.detach(), torch.tensor(2.0).log())
    loss.backward()
    assert logits.grad[1] == 0 and logits.grad[0] < 0 < logits.grad[2]


def test_evidence_inside_costs_nothing():
    inside, outside = torch.zeros(2, 1, 1, 8, 8)
    inside[..., 3:5, 3:5] = 1.0
    outside[..., 0, 0] = 1.0
    target = mask_targets(square(), torch.ones(1))
    assert evidence_outside(inside, target) < 0.05
    assert evidence_outside(outside, target) > 4.0
    # An empty map claims nothing, a picture without mask tells nothing.
    assert evidence_outside(torch.zeros(1, 3, 8, 8), target) == 0
    assert evidence_outside(outside, mask_targets(square(), torch.zeros(1))) == 0


def test_losses_have_a_part_for_each_task():
    outputs = {"logits": torch.randn(3, 2), "mask": torch.randn(3, 1, 8, 8)}
    parts = joint_losses(outputs, torch.zeros(3, WIDTH), mask_targets(square(3), torch.zeros(3)))
    assert list(parts) == ["mask", "melanoma", "seborrheic_keratosis"]
    assert all(part == 0 for part in parts.values())


def test_views_are_turned_back():
    def corner(images):
        return {"logits": images[:, :2, 0, 0], "cam": images, "mask": images[:, :1]}

    images = torch.randn(2, 3, 4, 4)
    mean = joint_val.mean_of_views(corner, images, tuple(joint_val.FLIPS))
    torch.testing.assert_close(mean["cam"], images)
    torch.testing.assert_close(mean["mask"], images[:, :1])
    corners = images[:, :2][:, :, [0, 0, -1, -1], [0, -1, 0, -1]].mean(2)
    torch.testing.assert_close(mean["logits"], corners)


def test_the_shown_map_is_the_chosen_class():
    logits = np.array([[1.0, 2.0], [0.5, -1.0], [-0.1, -2.0]])
    assert joint_val.chosen_class(logits).tolist() == [1, 0, 2]


def test_frozen_taps_are_the_pyramid():
    torch.manual_seed(1)
    backbone = build_backbone(BACKBONE, pretrained=False).eval()
    images = torch.randn(2, 3, 64, 64)
    for found, expected in zip(pyramid(backbone, FrozenTaps(backbone, 64)(images)), backbone.pyramid(images), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_cached_features_are_kept(pool, monkeypatch):
    root, opened = pool
    torch.manual_seed(1)
    backbone = build_backbone(BACKBONE, pretrained=False).eval()
    rows = opened.index.rows("isic2017", "train")
    first = open_features(root / "features", backbone, opened, rows, 32, 0)
    monkeypatch.setattr("lentigo_training.joint_features._compute", None)
    again = open_features(root / "features", backbone, opened, rows, 32, 0)
    taps, masks = again.batch(np.arange(3))
    assert [tap.shape[-1] for tap in taps] == [32 // stride for stride in STRIDES]
    assert masks.shape == (3, 2, 8, 8) and 0.02 < float(masks[:, 1].mean()) < 0.6
    np.testing.assert_array_equal(first.taps[2], again.taps[2])


def test_continued_equals_uninterrupted(pool, tmp_path, monkeypatch):
    root, opened = pool
    torch.manual_seed(2)
    start = tmp_path / "trunk.pt"
    torch.save({"ema": MultiTask(BACKBONE, pretrained=False).state_dict()}, start)
    stage = replace(joint_recipe.STAGE, size=32, epochs=2, batch=4, warmup_steps=1, val_size=32, rate=1e-3,
                    mix={"isic2017": 1.0, "isic2018-seg": 1.0, "ham10000": 1.0})

    def run(name):
        return JointRun(JointPlan(stage, start, tmp_path / name), opened)

    straight = run("straight").train()
    monkeypatch.setattr(joint_train, "SAVE_SECONDS", 0.0)

    class Killed(Exception):
        pass

    advance, steps = JointRun.advance, run("straight").epoch_steps

    def advance_until_killed(self):
        if self.step == steps + 1:
            raise Killed
        return advance(self)

    monkeypatch.setattr(JointRun, "advance", advance_until_killed)
    with pytest.raises(Killed):
        run("killed").train()
    monkeypatch.setattr(JointRun, "advance", advance)
    continued = run("killed").train()
    expected, got = (torch.load(path, weights_only=True)["ema"] for path in (straight, continued))
    for key, value in expected.items():
        torch.testing.assert_close(got[key], value, rtol=0, atol=0)
    trunk = torch.load(start, weights_only=True)["ema"]
    assert torch.equal(got["backbone.blocks.4.0.conv_pw.weight"], trunk["backbone.blocks.4.0.conv_pw.weight"])
    assert not torch.equal(got["backbone.blocks.5.0.conv_pw.weight"], trunk["backbone.blocks.5.0.conv_pw.weight"])
    assert build(continued, BACKBONE)(torch.zeros(1, 3, 64, 64))["logits"].shape == (1, 2)
    history = [json.loads(line) for line in (tmp_path / "killed" / "history.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in history] == [0, 1, 2]
    assert {"auc_melanoma", "jaccard", "inside", "threshold"} <= set(history[-1]["val"]["isic2017"])


def test_starts_from_a_trunk_or_from_itself(pool, tmp_path):
    _, opened = pool
    torch.manual_seed(4)
    torch.save({"ema": build(None, BACKBONE).state_dict()}, tmp_path / "c.pt")
    run = JointRun(JointPlan(replace(joint_recipe.STAGE, size=32), tmp_path / "c.pt", tmp_path / "again"), opened)
    torch.testing.assert_close(run.model.head.weight, torch.load(tmp_path / "c.pt", weights_only=True)["ema"]["head.weight"])


def test_chooses_by_val_and_never_for_dark_maps(pool, tmp_path):
    figures = {"jaccard_there": 0.78, "auc_melanoma": 0.9, "auc_seborrheic_keratosis": 0.97, "inside": 0.8}
    assert worth(figures) == pytest.approx(2.65)
    assert worth(figures | {"inside": 0.6}) == pytest.approx(2.55)
    for epoch in range(3):
        torch.manual_seed(epoch)
        torch.save({"ema": build(None, BACKBONE).state_dict()}, tmp_path / f"epoch-{epoch}.pt")
    found = candidates(tmp_path, 2)
    weights = [torch.load(tmp_path / f"epoch-{epoch}.pt", weights_only=True)["ema"]["head.weight"] for epoch in range(3)]
    blended = torch.load(found["share 0.5"], weights_only=True)["ema"]["head.weight"]
    torch.testing.assert_close(blended, 0.5 * weights[0] + 0.25 * (weights[1] + weights[2]))
    assert found["last"] == tmp_path / "epoch-2.pt"


def test_intervals_hold_their_value():
    rng = np.random.default_rng(1)
    index = SimpleNamespace(melanoma=np.tile([0, 1], 20), seborrheic_keratosis=np.full(40, UNKNOWN), mask=np.array(["m.png"] * 30 + [""] * 10))
    predicted = {"logits": rng.normal(0, 1, (40, 2)), "jaccard": rng.random((40, 1)), "inside": rng.random(40)}
    predicted["jaccard"][30:], predicted["inside"][0] = -9.0, np.nan
    result = intervals(index, np.arange(40), predicted, 0)
    assert set(result) == {"auc_melanoma", "jaccard", "inside"}
    assert all(0 < low < value < high < 1 for value, low, high in result.values())


def test_ablation_goes_on_and_tabulates(pool, tmp_path, monkeypatch):
    root, opened = pool
    schedule = Schedule(size=32, val_size=32, epochs=1, batch=4)
    run_all(schedule, opened, tmp_path, seeds=1)
    assert {f"{network}-0.npz" for network in NETWORKS} <= {path.name for path in tmp_path.iterdir()}
    monkeypatch.setattr(joint_ablation, "train_network", None)
    run_all(schedule, opened, tmp_path, seeds=1)
    result = table(opened, tmp_path, rounds=10)
    assert result["seeds"] == 1
    assert set(result["datasets"]["isic2017"]) == {"jaccard", "auc_melanoma", "auc_seborrheic_keratosis"}
    # No seborrheic keratosis is known there.
    assert set(result["datasets"]["isic2018-seg"]) == {"jaccard", "auc_melanoma"}
    assert "| isic2018-seg | jaccard |" in markdown(result)


def test_comparison_finds_a_difference_that_is_there():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 60)
    weak = rng.normal(0, 1, (3, 120)) + 0.5 * labels
    strong = rng.normal(0, 1, (3, 120)) + 3.0 * labels
    result = compare("melanoma", labels, strong, weak, rounds=200)
    assert result["difference"][1] > 0.1
    assert result["joint"][1] < result["joint"][0] < result["joint"][2]
    same = compare("mask", np.zeros(120, int), weak, weak, rounds=50)
    assert same["difference"] == [0.0, 0.0, 0.0]
