"""Cached maps, fusion, figures and ablation of system A on made-up arrays."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lentigo_training.dual_ablation import CELLS, HIDDEN, table, train_cells
from lentigo_training.dual_train import install, starting
from lentigo_training.dual_val import answers, classes_figures, mean_jaccard, outlines, resamples, shares
from lentigo_training.features import Basis, TrainMaps, ValMaps, gathered, views_by_row
from lentigo_training.fusion_train import FusionSchedule, as_map, class_shares, fusion_loss, share_inside, train_fusion
from lentigo_training.metadata import Encoding
from lentigo_training.metrics import roc_auc
from lentigo_training.multitask import MultiTask
from lentigo_training.systems.dual import DualNetwork, Fusion

LITE0 = "tf_efficientnet_lite0"


@pytest.fixture(scope="module")
def pool():
    """70 lesions of two pictures; the diagnosis shows in a channel of the maps and, weakly, in the age."""
    rng = np.random.default_rng(0)
    n = 140
    dx = np.arange(n) // 2 % 7
    index = SimpleNamespace(dx=dx, age=20.0 + 8 * dx + rng.normal(0, 6, n), sex=np.array(["female", "male"] * (n // 2)),
                            site=np.array(["back"] * n), lesion_id=np.array([f"l{i // 2}" for i in range(n)]))
    maps = rng.normal(0, 1, (n, 4, 49, 256)).astype(np.float16)
    maps[np.arange(n), :, 10:20, dx] += 3
    inside = np.zeros((n, 49), np.float32)
    inside[:, 10:20] = 1024.0
    mask = np.full((n, 4, 56, 56), -5.0, np.float16)
    rows = np.arange(n)
    train = TrainMaps(maps[:, 0], maps[:, 1], inside, rows)
    return index, train, ValMaps(maps, maps[:, ::-1], mask, inside, rows)


def test_a_map_gathers_of_a_mask_what_its_enlargement_covers():
    torch.manual_seed(1)
    cam, masks = torch.rand(2, 7, 7), torch.rand(2, 224, 224) > 0.6
    enlarged = F.interpolate(cam[:, None], size=(224, 224), mode="bilinear", align_corners=False)[:, 0]
    inside = torch.from_numpy(gathered(masks.numpy(), 7).reshape(2, 49))
    torch.testing.assert_close((cam.flatten(1) * inside).sum(1), (enlarged * masks).sum((1, 2)))
    torch.testing.assert_close(share_inside(cam, inside), (enlarged * masks).sum((1, 2)) / enlarged.sum((1, 2)))
    assert torch.isnan(share_inside(torch.zeros(1, 7, 7), inside[:1])).all()


def test_basis_keeps_what_varies_and_folds_into_the_convolution():
    torch.manual_seed(2)
    samples = torch.randn(3000, 300) * torch.cat([torch.full((250,), 2.0), torch.full((50,), 0.01)]) + 5
    basis = Basis.of(samples)
    maps = samples[:98].reshape(2, 49, 300).transpose(1, 2).reshape(2, 300, 7, 7)
    reduced = basis.reduce(maps)
    assert reduced.shape == (2, 49, 256) and 0.5 < reduced.var() < 2
    weight, bias = torch.randn(8, 256, 1, 1), torch.randn(8)
    expected = F.conv2d(as_map(reduced.numpy()), weight, bias)
    torch.testing.assert_close(F.conv2d(maps, *basis.folded(weight, bias)), expected, atol=2e-2, rtol=1e-2)


def test_rare_diagnoses_get_more_views_but_not_as_many():
    dx = np.array([0] * 6400 + [1] * 100)
    times = views_by_row(dx, 9000, np.random.default_rng(0))
    common, rare = times[dx == 0].sum(), times[dx == 1].sum()
    assert abs(common - 8000) < 150 and abs(rare - 1000) < 60
    np.testing.assert_allclose(class_shares(dx, 0.5)[:2], [8 / 9, 1 / 9])
    assert class_shares(dx, 0.0)[:2].tolist() == [0.5, 0.5] and class_shares(dx, 0.0)[2:].sum() == 0


def test_fusion_learns_from_maps_and_metadata(pool):
    index, train, val = pool
    fusion = train_fusion(train, index, FusionSchedule(steps=40, batch=64, guidance=0.5))
    found = answers(fusion, val, index, told=True)
    assert classes_figures(index.dx, found.logits)["macro_auc"] > 0.9
    assert np.nanmean(shares(found, val.inside)) > 0.35
    hidden = answers(fusion, val, index, told=False)
    assert not np.allclose(found.logits, hidden.logits)


def test_guidance_draws_the_map_inside():
    torch.manual_seed(3)
    fusion, dx = Fusion(8), torch.tensor([1, 2])
    maps, told = torch.randn(2, 8, 7, 7), torch.from_numpy(Encoding().unknown(2))
    inside = torch.zeros(2, 49)
    inside[:, 20:30] = 1024
    schedule = FusionSchedule(guidance=10.0)
    optimiser = torch.optim.Adam(fusion.parameters(), 1e-3)
    fusion.eval()

    def share():
        return share_inside(fusion(maps, maps, told)["cam"][torch.arange(2), dx], inside).nanmean()

    before = share().item()
    for _ in range(20):
        optimiser.zero_grad()
        fusion_loss(fusion(maps, maps, told), dx, inside, torch.zeros(7), schedule).backward()
        optimiser.step()
    assert share().item() > before + 0.1


def test_macro_auc_is_the_mean_of_roc_aucs():
    rng = np.random.default_rng(4)
    truth, logits = np.arange(90) % 7, rng.normal(0, 1, (90, 7)).round(1)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = np.mean([roc_auc((truth == c).astype(int), p[:, c]) for c in range(7)])
    assert classes_figures(truth, logits)["macro_auc"] == pytest.approx(expected, abs=1e-9)
    prior = np.log(np.array([0.7, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]))
    assert classes_figures(truth, logits, prior)["macro_auc"] == classes_figures(truth, logits + prior)["macro_auc"]
    assert classes_figures(truth, logits, prior)["accuracy"] == classes_figures(truth, logits)["accuracy"]


def test_resamples_draw_whole_lesions_and_keep_every_diagnosis(pool):
    index, _, val = pool
    for draw in resamples(index, val.rows, 5):
        assert len(draw) == 140 and set(index.dx[draw]) == set(range(7))
        counts = np.bincount(draw, minlength=140)
        assert (counts[0::2] == counts[1::2]).all() and counts.max() > 1


def test_outline_is_counted_as_the_device_draws_it(pool):
    _, _, val = pool
    masks = np.zeros((140, 224, 224), np.uint8)
    assert mean_jaccard(val, masks).tolist() == [1.0] * 140
    logits = np.full((1, 56, 56), -5.0, np.float32)
    logits[:, 14:42, 14:42] = 5.0
    drawn = outlines(logits, 224)
    # A corner pixel lies 5/8 of the way in on both axes: 25/64 of the lesion, which is less than half.
    assert drawn.sum() == 112 * 112 - 4 and drawn[0, 56:168, 57:167].all() and not drawn[0, 56, 56]


def test_ablation_compares_every_cell_on_the_same_lesions(pool):
    index, train, val = pool
    lines = []
    found, full = train_cells(train, val, index, FusionSchedule(steps=2, batch=8), 2, lines.append)
    assert len(full) == 2 and len(lines) == 2 * len(CELLS) and all(len(runs) == 2 for runs in found.values())
    result = table(found, val, index, np.zeros(7))
    low, high = result["both"]["macro_auc"]["value"][1:]
    assert low <= high and result["both"]["macro_auc"]["minus_both"] == [0.0, 0.0, 0.0]
    difference = result[HIDDEN]["accuracy"]["value"][0] - result["no metadata"]["accuracy"]["value"][0]
    assert result["hidden minus no metadata"]["accuracy"][0] == pytest.approx(difference)


@torch.no_grad()
def test_installed_fusion_answers_as_it_did_on_cached_maps():
    torch.manual_seed(6)
    network, fusion = DualNetwork(LITE0).eval(), Fusion(256).eval()
    maps = {name: torch.rand(1, 1280, 7, 7) * 6 for name in ("original", "segmented")}
    bases = {name: Basis.of(torch.rand(2000, 1280) * 6) for name in maps}
    install(network, fusion, bases)
    told = torch.from_numpy(Encoding().unknown())
    cached = fusion(*(as_map(bases[name].reduce(maps[name]).numpy()) for name in maps), told)
    whole = network.fusion(*maps.values(), told)
    torch.testing.assert_close(whole["logits"], cached["logits"], atol=1e-3, rtol=1e-3)


@torch.no_grad()
def test_starts_with_both_trunks_from_one_checkpoint(tmp_path):
    start = MultiTask(LITE0, pretrained=False)
    torch.save({"ema": start.state_dict()}, tmp_path / "start.pt")
    network = starting(tmp_path / "start.pt", LITE0)
    for trunk in (network.backbone, network.backbone_segmented):
        torch.testing.assert_close(trunk.conv_head.weight, start.backbone.conv_head.weight)
    torch.testing.assert_close(network.unet.logits.weight, start.decoder.logits.weight)
