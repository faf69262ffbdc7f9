"""The backbone's run: killed anywhere and continued, it ends with the weights of one that never was."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from lentigo_training import multitask_train
from lentigo_training.augment import lesion_only
from lentigo_training.multitask_train import Run, open_pool, run_stage
from lentigo_training.train import Plan, Stage

from .test_data import COLUMNS

STAGE = Stage("tiny", size=32, epochs=2, rate=1e-3, mix={"ham10000": 1.0}, batch=3, warmup_steps=1, mixup_share=0.5,
              frozen_blocks=2, val_size=32, val=("ham10000",))


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    root = tmp_path_factory.mktemp("pool")
    rng = np.random.default_rng(4)
    rows = [dict(file=f"{i}.png", mask=f"{i}m.png" if i % 3 else "", dataset="ham10000", split="val" if i < 4 else "train",
                 isic_id=f"I{i}", lesion_id=f"L{i}", dx="mel" if i % 2 else "nv", malignant=str(i % 2), melanoma=str(i % 2))
            for i in range(13)]
    with open(root / "index.csv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(root / row["file"])
        if row["mask"]:
            Image.fromarray(np.pad(np.full((20, 30), 255, np.uint8), ((20, 24), (10, 24)))).save(root / row["mask"])
    torch.set_num_threads(1)
    return root, open_pool(root, root / "cache")


def test_masks_fit_their_pictures(pool):
    _, opened = pool
    assert opened.masks.shape == (13, 224, 224) and set(np.unique(opened.masks)) == {0, 1}
    assert opened.masks[0].sum() == 0
    assert abs(opened.masks[1].mean() - 20 * 30 / 64**2) < 0.01


def test_some_pictures_lose_their_surroundings():
    images, masks = torch.ones(200, 3, 8, 8), torch.zeros(200, 1, 8, 8)
    masks[:, :, 2:6, 2:6] = 1
    known = torch.arange(200) % 2 == 0
    blanked = lesion_only(images, masks, known, torch.Generator().manual_seed(0), 0.5)
    assert 30 < blanked.sum() < 70 and not blanked[~known].any()
    assert (images[blanked] == masks[blanked]).all() and (images[~blanked] == 1).all()


def test_added_heads_learn_beside_a_trained_network(pool):
    root, opened = pool
    plan = Plan(root, root / "added", "tf_efficientnet_lite0", (STAGE,), processes=1)
    first = replace(STAGE, name="first", epochs=1)
    start = run_stage(plan, first, None, opened, 0)
    second = replace(STAGE, name="second", epochs=1, mixup_share=0.0, fusions=True, guidance=0.3, lesion_only=0.5)
    run = Run(plan, second, start, opened, 0)
    factors = [group["factor"] for group in run.optimiser.param_groups]
    added = {id(p) for p in run.model.asff.parameters()}
    assert factors == [1.0, 1.0, multitask_train.ADDED_FACTOR]
    assert {id(p) for p in run.optimiser.param_groups[-1]["params"]} == added
    result = torch.load(run_stage(plan, second, start, opened, 0), weights_only=True)["ema"]
    assert any(name.startswith("asff.fusion.two_way.") for name in result)
    (line,) = (root / "added" / "second" / "history.jsonl").read_text().splitlines()
    val = json.loads(line)["val"]["ham10000"]
    assert {"auc_two_way", "auc_plain", "energy_two_way", "energy_softmax"} <= set(val)
    # The next stage of the same network takes everything as it is.
    assert multitask_train.load_start(run.model, root / "added" / "second" / "final.pt") == set()
    with pytest.raises(ValueError):
        multitask_train.load_start(torch.nn.Linear(2, 2), start)


def test_continued_equals_uninterrupted(pool, monkeypatch):
    root, opened = pool

    def plan(name):
        return Plan(root, root / name, "tf_efficientnet_lite0", (STAGE,), processes=1)

    straight = run_stage(plan("straight"), STAGE, None, opened, 0)

    class Killed(Exception):
        pass

    advance = Run.advance

    def advance_until_killed(run):
        if run.step == 4:
            raise Killed
        return advance(run)

    # Saves after every step, and dies in the middle of the second epoch.
    monkeypatch.setattr(multitask_train, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(Run, "advance", advance_until_killed)
    with pytest.raises(Killed):
        run_stage(plan("killed"), STAGE, None, opened, 0)
    monkeypatch.setattr(Run, "advance", advance)
    continued = run_stage(plan("killed"), STAGE, None, opened, 0)

    expected, got = (torch.load(path, weights_only=True)["ema"] for path in (straight, continued))
    for key, value in expected.items():
        torch.testing.assert_close(got[key], value, rtol=0, atol=0)
    history = [json.loads(line) for line in (root / "killed" / "tiny" / "history.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in history] == [1, 2]
    assert {"auc_melanoma", "auc_malignant", "jaccard"} <= set(history[-1]["val"]["ham10000"])
