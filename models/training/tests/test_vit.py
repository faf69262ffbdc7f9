"""The tiny transformer: shapes, exactness of its maps, export to int8, and a run that may be killed."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from lentigo_training import vit_train
from lentigo_training.export import export_network
from lentigo_training.golden import phantom
from lentigo_training.multitask import SharedTrunk
from lentigo_training.paper import settle
from lentigo_training.prepare import normalise
from lentigo_training.quantise import Quantiser, Recipe, integer_share
from lentigo_training.train import Stage, save
from lentigo_training.vit import VitTiny, build
from lentigo_training.vit_train import VitPlan, VitRun

from .test_multitask_train import pool  # noqa: F401

STAGE = Stage("tiny", size=32, epochs=2, rate=1e-3, mix={"ham10000": 1.0}, batch=3, warmup_steps=1, mixup_share=0.0, val_size=32)


def test_maps_and_heads_agree():
    torch.manual_seed(0)
    model = VitTiny(depth=1).eval()
    with torch.no_grad():
        out = model(torch.randn(2, 3, 96, 64))
        assert out["mask"].shape == (2, 1, 24, 16) and out["cam"].shape == (2, 2, 6, 4) and out["pooled"].shape == (2, 192)
        torch.testing.assert_close(out["logits"], model.melanoma(out["pooled"]))
        # Each position's 4 x 4 logits lie where it lies.
        tokens = model.maps(torch.ones(1, 3, 32, 32)).flatten(2).transpose(1, 2)[0]
        fine = model.lesion(tokens).reshape(2, 2, 4, 4)
        mask = model(torch.ones(1, 3, 32, 32))["mask"][0, 0]
        torch.testing.assert_close(mask[4:, :4], fine[1, 0])
        torch.testing.assert_close(mask[:4, 4:], fine[0, 1])


def test_pictures_of_a_batch_do_not_meet():
    model = build(None, depth=2)
    pictures = torch.randn(3, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(model(pictures)["pooled"][1:2], model(pictures[1:2])["pooled"], rtol=1e-4, atol=1e-5)


def test_int8_twin_says_the_same(tmp_path):
    torch.manual_seed(1)
    model = build(None, depth=1)
    pixels = np.stack([phantom(seed=seed) for seed in range(3)])
    settle(model, pixels)
    export_network(model, tmp_path / "fp32.onnx")
    Quantiser(tmp_path / "fp32.onnx", pixels).write(tmp_path / "int8.onnx", Recipe(pictures=3))
    assert integer_share(tmp_path / "int8.onnx") > 0.8
    image = {"image": normalise(pixels[:1])}
    exact, rounded = (onnxruntime.InferenceSession(tmp_path / f"{name}.onnx").run(["logits", "mask"], image) for name in ("fp32", "int8"))
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(exact[0]), model(torch.from_numpy(image["image"]))["logits"], rtol=1e-3, atol=1e-4)
    assert np.abs(exact[0] - rounded[0]).max() < 0.1 and np.corrcoef(exact[1].ravel(), rounded[1].ravel())[0, 1] > 0.98
    # Erf would stay in float32 between two integer products.
    assert not {"Erf", "Gelu"} & {node.op_type for node in onnx.load(tmp_path / "int8.onnx").graph.node}


def test_continued_equals_uninterrupted(pool, tmp_path, monkeypatch):  # noqa: F811
    _, opened = pool
    torch.manual_seed(2)
    teacher = tmp_path / "teacher.pt"
    save({"ema": SharedTrunk("tf_efficientnet_lite0", pretrained=False).state_dict()}, teacher)
    plan = VitPlan(STAGE, teacher, tmp_path / "whole", depth=1)
    whole = torch.load(VitRun(plan, opened).train(), weights_only=True)["ema"]

    def stopped(run: VitRun) -> dict[str, float]:
        if run.step == 3:
            raise KeyboardInterrupt
        return advance(run)

    broken = replace(plan, folder=tmp_path / "broken")
    advance = VitRun.advance
    monkeypatch.setattr(vit_train, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(VitRun, "advance", stopped)
    with pytest.raises(KeyboardInterrupt):
        VitRun(broken, opened).train()
    monkeypatch.undo()
    result = torch.load(VitRun(broken, opened).train(), weights_only=True)["ema"]
    assert all(torch.equal(whole[name], result[name]) for name in whole)
    start = VitTiny(1).state_dict()
    assert not torch.equal(start["dx.weight"], whole["dx.weight"])
