"""System B's training: InfoNCE is what it says, heads learn what the features tell, and what is held stays as it is."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lentigo_training.alignment import EncoderSchedule, Examples, Schedule, encode, info_nce, melanoma_target, train_heads, train_lesion_encoder
from lentigo_training.cefm_features import mild, opened_grid, stored_grid
from lentigo_training.cefm_val import alignment_figures, best_accuracy
from lentigo_training.index import UNKNOWN
from lentigo_training.systems.cefm_heads import unit

SMALL = Schedule(steps=120, batch=64, temperature=0.1, drop=0.0, opinion=0.0)


@pytest.fixture(scope="module")
def examples():
    """Pictures whose features tell their criteria, and a melanoma that neither of the two tells alone."""
    rng = np.random.default_rng(0)
    n = 500
    criteria = rng.normal(size=(n, 4)).astype(np.float32)
    features = np.concatenate([criteria @ rng.normal(size=(4, 20)), rng.normal(size=(n, 4))], 1)
    melanoma = (features[:, -1] > 0.5).astype(int)
    views = np.stack([features, features + 0.05 * rng.normal(size=features.shape)], 1).astype(np.float16)
    criteria[:20], melanoma[20:60] = np.nan, UNKNOWN
    return Examples(views, criteria, melanoma, np.where(features[:, -2:-1] > 0, 3.0, -3.0).repeat(2, 1))


def test_info_nce_of_perfect_and_of_shuffled_pairs():
    torch.manual_seed(0)
    e = unit(torch.randn(16, 128))
    alone = -torch.log_softmax(e @ e.T / 0.05, 1).diag().mean()
    assert float(info_nce(e, e, 0.05)) == pytest.approx(float(alone), rel=1e-5)
    assert float(info_nce(e, e, 0.05)) < 0.1 < 5 < float(info_nce(e, e.roll(1, 0), 0.05))


def test_figures_of_pairs_that_are_known():
    pictures = np.eye(4)
    criteria = np.eye(4)[[0, 1, 3, 2]]
    found = alignment_figures(pictures, criteria)
    assert found["positive"] == 0.5 and found["recall_1"] == 0.5 and found["recall_10"] == 1.0
    # Two ones of twelve lie beside the diagonal.
    assert found["negative"] == pytest.approx(2 / 12)


def test_a_tie_is_no_retrieval():
    assert alignment_figures(np.ones((3, 1)), np.ones((3, 1)))["recall_1"] == 0.0


def test_best_accuracy_is_of_the_best_threshold():
    assert best_accuracy(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4])) == 0.75


def test_heads_align_and_classify(examples):
    heads = train_heads(examples, SMALL)
    at = np.arange(60, 500)
    found = alignment_figures(heads.embed(examples.features[at]), heads.embed_criteria(examples.criteria[at]))
    assert found["positive"] > 0.7 and abs(found["negative"]) < 0.1 and found["recall_10"] > 0.6
    score = heads.classify(examples.features[at])
    assert ((score > 0) == (examples.melanoma[at] == 1)).mean() > 0.85
    assert np.linalg.norm(heads.embed(examples.features[:5]), axis=1) == pytest.approx(np.ones(5), abs=1e-5)


def test_the_classifier_can_follow_the_trunks_opinion(examples):
    told = train_heads(examples, replace(SMALL, align=0.0, opinion=1.0)).classify(examples.features[60:])
    assert ((told > 0) == (examples.opinion[60:, 0] > 0)).mean() > 0.85
    target = melanoma_target(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 0.0]), Schedule(opinion=0.5, smoothing=0.1))
    torch.testing.assert_close(target, torch.tensor([[0.275, 0.725], [0.725, 0.275]]))


def test_the_same_seed_gives_the_same_heads(examples):
    few = replace(SMALL, steps=4)
    a, b, c = (train_heads(examples, schedule).embed(examples.features[:3]) for schedule in (few, few, replace(few, seed=1)))
    assert (a == b).all() and (a != c).any()


def test_apart_the_classifier_does_not_move_the_embedding(examples):
    alone = train_heads(examples, replace(SMALL, steps=30, classify=0.0))
    apart = train_heads(examples, replace(SMALL, steps=30, apart=True))
    np.testing.assert_array_equal(alone.embed(examples.features[:5]), apart.embed(examples.features[:5]))
    assert (alone.classify(examples.features[:5]) != apart.classify(examples.features[:5])).any()


def test_the_lesion_encoder_learns_a_size_from_the_outline():
    rng = np.random.default_rng(1)
    n, radius = 160, rng.uniform(4, 24, 160)
    y, x = np.mgrid[:56, :56] - 28
    grids = rng.integers(90, 110, (n, 1, 4, 56, 56), dtype=np.uint8)
    grids[:, 0, 3] = np.where(np.hypot(x, y)[None] < radius[:, None, None], 255, 0)
    size = ((radius - radius.mean()) / radius.std()).astype(np.float32)[:, None]
    encoder = train_lesion_encoder(grids, size, EncoderSchedule(epochs=6, batch=32), note=lambda line: None)
    told = encode(encoder, grids)[:, 0].astype(np.float64)
    design = np.concatenate([told[:80], np.ones((80, 1))], 1)
    weights = np.linalg.solve(design.T @ design + np.eye(129), design.T @ size[:80, 0])
    read = np.concatenate([told[80:], np.ones((80, 1))], 1) @ weights
    assert np.corrcoef(read, size[80:, 0])[0, 1] > 0.9


def test_grids_survive_storage():
    torch.manual_seed(0)
    grid = torch.cat([torch.rand(2, 3, 8, 8) * 1.9 - 0.95, torch.rand(2, 1, 8, 8)], 1)
    assert (opened_grid(stored_grid(grid)) - grid).abs().max() < 0.5 / 127


def test_mild_views_keep_what_is_measured():
    picture = torch.zeros(1, 3, 16, 16)
    picture[:, :, 2:6, 3:5] = 0.9
    for seed in range(4):
        shown = mild(picture.clone(), torch.Generator().manual_seed(seed))
        assert int((shown[0, 0] > shown.mean()).sum()) == 8
