"""System D's choice among averaged weights and gates."""

from dataclasses import replace

import pytest
import torch

from lentigo_training import asff_train
from lentigo_training.asff_train import overlay, select, train_asff
from lentigo_training.average import average
from lentigo_training.multitask import SharedTrunk, load_network
from lentigo_training.systems.asff import GATES, AsffTrainer, build
from lentigo_training.train import Plan

from .test_multitask_train import pool  # noqa: F401

NAME = "tf_efficientnet_lite0"


def test_the_better_weights_and_gate_win(tmp_path, pool, monkeypatch):  # noqa: F811
    _, opened = pool
    torch.manual_seed(2)
    trunk = SharedTrunk(NAME, pretrained=False)
    torch.save({"ema": trunk.state_dict()}, tmp_path / "a.pt")
    torch.save({"ema": SharedTrunk(NAME, pretrained=False).state_dict()}, tmp_path / "b.pt")
    average([tmp_path / "a.pt", tmp_path / "b.pt"], [0.0, 1.0], tmp_path / "c.pt")
    for key, value in load_network(NAME, tmp_path / "b.pt").state_dict().items():
        torch.testing.assert_close(load_network(NAME, tmp_path / "c.pt").state_dict()[key], value)
    monkeypatch.setattr(asff_train, "HOME", "ham10000")
    name, gate, found = select({"a": tmp_path / "a.pt", "b": tmp_path / "b.pt"}, NAME, opened, 64)
    assert set(found) == {"a", "b"} and set(found["a"]) > set(GATES)
    # Untrained maps miss the lesion in one way or another: the energy decides only where some candidate has enough of it.
    enough = [pair for pair in ((n, g) for n in found for g in GATES) if found[pair[0]][pair[1]]["energy"] >= asff_train.ENERGY]
    among = enough or [(n, g) for n in found for g in GATES]
    assert found[name][gate]["auc"] == max(found[n][g]["auc"] for n, g in among) and (name, gate) in among


def test_system_d_ends_in_a_network_that_can_be_built(pool, monkeypatch):  # noqa: F811
    root, opened = pool
    (stage,) = asff_train.ASFF_STAGES
    tiny = replace(stage, size=32, val_size=32, epochs=1, batch=3, mix={"ham10000": 1.0}, val=("ham10000",))
    monkeypatch.setattr(asff_train, "ASFF_STAGES", (tiny,))
    monkeypatch.setattr(asff_train, "GUIDED_STAGES", (replace(tiny, name="guided"),))
    monkeypatch.setattr(asff_train, "HOME", "ham10000")
    monkeypatch.setattr(asff_train, "SHARES", (0.5,))
    plan = Plan(root, root / "asff", NAME, (), processes=1, start=root / "trunk.pt")
    own = root / "own.pt"
    with pytest.raises(FileNotFoundError):
        train_asff(plan, own, root / "asff.pt")
    torch.save({"ema": SharedTrunk(NAME, pretrained=False).state_dict()}, root / "trunk.pt")
    trained = AsffTrainer(NAME, pretrained=False).state_dict()
    torch.save({"ema": trained}, own)
    chosen = train_asff(plan, own, root / "asff.pt")
    assert chosen["gate"] in GATES and set(chosen["compared"]) == {"trunk", "trunk 0.5", "own", "own 0.5"}
    assert build(root / "asff.pt", NAME)(torch.zeros(1, 3, 64, 64))["logits"].shape == (1, 2)
    laid = torch.load(root / "asff" / "laid.pt", weights_only=True)["ema"]
    assert torch.equal(laid["asff.head.plain.w1.weight"], trained["head.plain.w1.weight"])
    with pytest.raises(ValueError):
        overlay(root / "trunk.pt", own, root / "wrong.pt")
