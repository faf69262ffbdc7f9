"""A run that was stopped and continued ends with the weights of one that was not."""

import csv
import os
import signal
import subprocess
import sys
import time

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


PARENT = """
import os, time
from pathlib import Path
from lentigo_training.train import Plan, launch

def work(rank, plan):
    (plan.work / str(rank)).write_text(str(os.getpid()))
    time.sleep(120)

if __name__ == "__main__":
    launch(work, Plan(Path("."), Path("."), "tf_efficientnet_lite0", ()))
"""


def alive(pid):
    """Whether a process runs; one that has ended but whom nobody has waited for does not."""
    try:
        with open(f"/proc/{pid}/stat") as handle:
            return handle.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux's")
def test_a_killed_run_takes_its_processes_with_it(tmp_path):
    (tmp_path / "parent.py").write_text(PARENT)
    package = os.path.dirname(os.path.dirname(train.__file__))
    parent = subprocess.Popen([sys.executable, "parent.py"], cwd=tmp_path, env={**os.environ, "PYTHONPATH": package})
    children = []
    try:
        deadline = time.time() + 120
        while len(children) < 2 and time.time() < deadline:
            children = [int(text) for text in ((tmp_path / r).read_text() for r in "01" if (tmp_path / r).exists()) if text]
            time.sleep(0.1)
        assert len(children) == 2 and all(alive(pid) for pid in children)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        deadline = time.time() + 10
        while any(alive(pid) for pid in children) and time.time() < deadline:
            time.sleep(0.1)
        assert not any(alive(pid) for pid in children)
    finally:
        parent.kill()
        for pid in filter(alive, children):
            os.kill(pid, signal.SIGKILL)
