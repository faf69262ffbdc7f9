"""What an epoch shows: small datasets and rare diagnoses are not drowned, and nothing depends on what ran before."""

from types import SimpleNamespace

import numpy as np

from lentigo_training.sampling import Sampler

# 90 common and 10 rare pictures of a large set, 8 of a small one.
INDEX = SimpleNamespace(dataset=np.array(["large"] * 100 + ["small"] * 8), dx=np.array([0] * 90 + [1] * 10 + [0] * 8))
GROUPS = [np.array([row]) for row in range(108)]


def shown(balance: float) -> np.ndarray:
    sampler = Sampler(INDEX, GROUPS, {"large": 0.5, "small": 2.0}, seed=3, balance=balance)
    return np.concatenate([sampler.epoch(number) for number in range(20)])


def test_shares_hold_at_every_balance():
    for balance in (0.0, 0.5, 1.0):
        rows = shown(balance)
        assert (rows < 100).sum() == 20 * 50 and (rows >= 100).sum() == 20 * 16


def test_balance_lifts_the_rare_diagnosis():
    rare = [np.isin(shown(balance), range(90, 100)).sum() / (20 * 50) for balance in (0.0, 0.5, 1.0)]
    assert abs(rare[0] - 0.1) < 0.04
    assert abs(rare[1] - 0.25) < 0.02
    assert abs(rare[2] - 0.5) < 0.02


def test_an_epoch_is_a_function_of_its_number():
    sampler = Sampler(INDEX, GROUPS, {"large": 0.5, "small": 2.0}, seed=3, balance=0.5)
    assert (sampler.epoch(7) == sampler.epoch(7)).all()
    assert sorted(sampler.epoch(7)) != sorted(sampler.epoch(8))
