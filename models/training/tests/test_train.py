"""A run that was stopped and continued ends with the weights of one that was not."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image

from lentigo_training import train
from lentigo_training.cache import open_cache
from lentigo_training.index import read_index

from .test_data import COLUMNS


@pytest.fixture
def pool(tmp_path):
    rng = np.random.default_rng(4)
    rows = [dict(file=f"{i}.png", dataset="isic-binary", split="val" if i < 4 else "train", isic_id=f"I{i}", lesion_id=f"L{i}",
                 dx="nv" if i % 2 else "", malignant=str(i % 2)) for i in range(14)]
    with open(tmp_path / "index.csv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        Image.fromarray(rng.integers(0, 256, (224, 224, 3), dtype=np.uint8)).save(tmp_path / row["file"])
    index = read_index(tmp_path / "index.csv")
    return tmp_path, index, open_cache(index, tmp_path, tmp_path / "cache", processes=1)


class Stopped(Exception):
    pass


def test_resumed_equals_uninterrupted(pool, monkeypatch):
    torch.set_num_threads(1)
    root, index, cache = pool
    stage = train.Stage("tiny", size=64, epochs=2, rate=1e-3, mix={"isic-binary": 1.0}, batch=5, warmup_steps=1,
                        frozen_blocks=2, val_size=64, val=("isic-binary",))

    def plan(name):
        return train.Plan(root, root / name, "tf_efficientnet_lite0", (stage,), processes=1)

    straight = train.run_stage(plan("straight"), stage, None, 0, index, cache)

    calls, validate = [], train.validate

    def stop_in_the_second_epoch(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise Stopped
        return validate(*args, **kwargs)

    monkeypatch.setattr(train, "validate", stop_in_the_second_epoch)
    with pytest.raises(Stopped):
        train.run_stage(plan("stopped"), stage, None, 0, index, cache)
    resumed = train.run_stage(plan("stopped"), stage, None, 0, index, cache)

    expected, got = (torch.load(path, weights_only=True)["ema"] for path in (straight, resumed))
    for key, value in expected.items():
        torch.testing.assert_close(got[key], value, rtol=1e-4, atol=1e-5)


def test_rate_warms_up_then_falls():
    stage = train.Stage("s", size=64, epochs=1, rate=1.0, mix={}, warmup_steps=10)
    rates = [train.rate_at(stage, step, 100) for step in range(100)]
    assert rates[0] == 0.1 and max(rates) == rates[10] == 1.0
    assert all(a >= b for a, b in zip(rates[10:], rates[11:])) and rates[-1] < 0.03
    assert all(type(rate) is float for rate in rates)
