"""`all` for system B: trunk, melanoma trunk, the runtime's measures, heads; each once."""

import argparse
from pathlib import Path

import pytest

from lentigo_training import assemble, cefm_device, cefm_train, chain, measures, melanoma_train
from lentigo_training.systems import SYSTEMS


@pytest.fixture()
def calls(monkeypatch):
    """Every step leaves its file and its name."""
    made = []

    def leave(name: str, path: Path) -> Path:
        made.append(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        return path

    monkeypatch.setattr(melanoma_train, "train_melanoma", lambda plan, target: leave(f"melanoma from {plan.start.name}", target))
    monkeypatch.setattr(measures, "run_measure", lambda data, bundle, to: leave(f"measures by {bundle.name}", to))
    monkeypatch.setattr(cefm_train, "train_cefm", lambda plan: leave(f"heads on {plan.start.name} and {plan.measures.name}", plan.folder / "cefm.pt"))
    monkeypatch.setattr(cefm_device, "fit_to_device", lambda plan, checkpoint: leave(f"fit to {plan.measures.name}", checkpoint.parent / "device" / "cefm.pt"))
    monkeypatch.setattr(assemble, "follow", lambda job, checkpoint, measures: made.append(f"{job.system.bundle} again, by {checkpoint.parent.name}"))
    return made


def options(work: Path, system: str) -> argparse.Namespace:
    return argparse.Namespace(system=system, data=work, work=work, out=work / "bundles", backbone="tf_efficientnet_lite0", seed=0, processes=1, outlines=chain.OUTLINES)


def test_system_b_is_trained_from_the_melanoma_trunk_and_the_runtimes_measures_once(tmp_path, calls):
    trained = chain.trained(options(tmp_path, "cefm"), tmp_path / "final.pt")
    assert trained == tmp_path / "cefm" / "cefm.pt"
    assert calls == ["melanoma from final.pt", "measures by multitask-edge", "heads on chosen.pt and measures.jsonl"]
    assert chain.trained(options(tmp_path, "cefm"), tmp_path / "final.pt") == trained and len(calls) == 3
    assert chain.measures(options(tmp_path, "cefm")) == tmp_path / "cefm" / "measures.jsonl" and len(calls) == 3


def test_only_system_b_needs_measures(tmp_path, calls):
    assert chain.measures(options(tmp_path, "multitask")) is None and calls == []
    assert (chain.OUTLINES / "manifest.toml").exists()


def test_system_bs_bundles_are_fitted_to_what_the_int8_one_measures(tmp_path, calls):
    given = options(tmp_path, "cefm")
    checkpoint = chain.trained(given, tmp_path / "final.pt")
    calls.clear()
    job = assemble.Job(SYSTEMS["cefm"], checkpoint, given.backbone, tmp_path, tmp_path, tmp_path, given.out, tmp_path, tmp_path)
    assert chain.fitted_to_device(given, tmp_path / "final.pt", job) == tmp_path / "cefm" / "device" / "cefm.pt"
    assert calls == ["measures by cefm-edge", "fit to measures-device.jsonl", "cefm-edge again, by device"]
