"""Distances inside the graph, limits, and the pictures that are not dermoscopic."""

import csv
import importlib.util

import numpy as np
import pytest
import torch

from lentigo_training.export import Distances
from lentigo_training.nondermoscopic import strange
from lentigo_training.novelty import SHRINKAGE, Centres, energy, fit_centres, limit, novelty


@pytest.fixture(scope="module")
def features():
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, 900)
    spread = np.array([5.0, 2.0, 1.0, 0.5, 0.1, 0.01])
    return rng.normal(0, 1, (900, 6)) * spread + np.eye(6)[group] * 8, group


def test_distances_are_those_of_mahalanobis(features):
    pooled, group = features
    centres = fit_centres(pooled, group, dimensions=6)
    own = np.stack([pooled[group == k].mean(0) for k in range(3)])
    within = pooled - own[group]
    covariance = within.T @ within / (len(pooled) - 3)
    inverse = np.linalg.inv(covariance + SHRINKAGE * np.trace(covariance) / 6 * np.eye(6))
    offset = pooled[:5, None] - own[None]
    exact = np.einsum("nkf,fg,nkg->nk", offset, inverse, offset)
    np.testing.assert_allclose(centres.distances(pooled[:5]), exact, rtol=1e-6)
    assert np.median(centres.distances(pooled).min(1)) == pytest.approx(4.4, rel=0.2)


@pytest.mark.parametrize("remainder", [False, True])
def test_the_graph_computes_the_same_distances(features, tmp_path, remainder):
    pooled, group = features
    centres = fit_centres(pooled, group, 4, remainder)
    with torch.no_grad():
        got = Distances(centres)(torch.from_numpy(pooled).float()).numpy()
    np.testing.assert_allclose(got, centres.distances(pooled), rtol=2e-3, atol=0.05)
    centres.save(tmp_path / "centres.npz")
    np.testing.assert_array_equal(Centres.load(tmp_path / "centres.npz").distances(pooled), centres.distances(pooled))


def test_what_is_left_out_of_the_space_counts_if_asked(features):
    pooled, group = features
    strange = pooled + [0, 0, 0, 0, 0, 5.0]
    far = {remainder: fit_centres(pooled, group, 3, remainder).distances(strange).min(1) for remainder in (False, True)}
    near = {remainder: limit(fit_centres(pooled, group, 3, remainder).distances(pooled).min(1), 0.02) for remainder in (False, True)}
    assert (far[True] > near[True]).all() and not (far[False] > near[False]).all()


def test_what_is_far_from_every_group_is_novel(features):
    pooled, group = features
    centres = fit_centres(pooled, group, dimensions=6)
    known = limit(centres.distances(pooled).min(1), 0.02)
    assert (centres.distances(pooled).min(1) > known).mean() <= 0.02
    assert (centres.distances(pooled + [0, 0, 30, 0, 0, 0]).min(1) > known).all()


def test_energy_is_low_for_the_sure_and_follows_the_relation():
    scores = np.array([[8.0, -2.0], [0.1, 0.0]])
    assert energy(scores, "exclusive")[0] == pytest.approx(-np.log(np.exp(8.0) + np.exp(-2.0)))
    assert energy(scores, "independent")[1] == pytest.approx(-np.log1p(np.exp(0.1)) - np.log(2))
    assert novelty("energy", scores[:, None], None, "exclusive")[0] < novelty("energy", scores[:, None], None, "exclusive")[1]
    with pytest.raises(ValueError, match="distances"):
        novelty("distance", scores[:, None], None, "exclusive")


def test_the_limit_refuses_no_more_than_its_share():
    values = np.arange(1000) / 7
    for share in (0.0, 0.02, 0.03):
        assert (values > limit(values, share)).mean() == pytest.approx(share)


def test_strange_pictures_are_the_same_every_time_and_listed(tmp_path):
    if not all(importlib.util.find_spec(name) for name in ("skimage", "matplotlib")):
        pytest.skip("the packages that bring the photographs are not installed")
    one, two = strange(tmp_path / "a"), strange(tmp_path / "b")
    np.testing.assert_array_equal(one.pixels, two.pixels)
    with open(tmp_path / "a" / "index.csv", newline="", encoding="utf-8") as handle:
        listed = list(csv.DictReader(handle))
    assert [row["dataset"] for row in listed] == one.kind.tolist() and (tmp_path / "a" / listed[-1]["file"]).exists()
    assert {"faces", "text", "blank skin", "phantoms out of range"} <= set(one.kind)
