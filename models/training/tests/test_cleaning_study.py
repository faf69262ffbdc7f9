"""The cleanings of lesions that were tried, on small grids of known truth."""

import numpy as np
import pytest

from lentigo_training.cleaning_study import CLEANINGS, PAIRS, compared, enlarged, guided, jaccard, largest, smoothed, two_colours, without_holes


def test_enlarging_is_that_of_the_device():
    found = enlarged(np.array([[0.0, 1.0], [2.0, 6.0]]), 2, 4)
    assert found.ravel().tolist() == [0.0, 0.25, 0.75, 1.0, 2.0, 3.0, 5.0, 6.0]


def test_the_part_in_the_middle_stays_and_holes_are_filled():
    grid = np.full((9, 9), 0.2)
    grid[0, :4], grid[3:6, 3:6], grid[4, 4] = 0.9, 0.8, 0.1
    found = largest(grid)
    assert (found[0] < 0.5).all() and (found[3:6, 3:6] >= 0.5).sum() == 8
    assert (without_holes(found)[3:6, 3:6] >= 0.5).all() and without_holes(found)[4, 4] == pytest.approx(0.9)


def test_cleanings_leave_a_picture_without_a_lesion_alone():
    grey = np.random.default_rng(1).random((32, 32))
    for name, cleaning in CLEANINGS.items():
        assert not (cleaning(np.full((8, 8), -5.0), grey) >= 0.5).any(), name


def test_an_outline_follows_an_edge_of_the_picture_nearby():
    grey = np.where(np.arange(32) < 17, 0.2, 0.8)[None].repeat(32, 0)
    grid = np.clip(0.5 + (15 - (np.arange(8) * 4 + 2)) / 16, 0, 1)[None].repeat(8, 0)
    expected = grey < 0.5
    before = jaccard(enlarged(grid, 32, 32) >= 0.5, expected)
    assert jaccard(guided(grid, grey, radius=4, edge=0.001) >= 0.5, expected) > before
    assert jaccard(two_colours(grid, grey, band=4, radius=6, weight=8.0) >= 0.5, expected) > before
    assert smoothed(grid).shape == grid.shape


def test_differences_are_paired():
    rng = np.random.default_rng(2)
    base = rng.random(40)
    found = {name: base + (0.01 if name == "log-odds" else 0.0) for name in CLEANINGS}
    differences = compared(found, np.arange(40).astype(str))
    assert len(differences) == len(PAIRS)
    assert differences["log-odds - none"] == pytest.approx([0.01] * 3) and differences["holes - none"] == [0.0] * 3
