"""System B's trunk: what val asks, how it scores, and that the best weights of those compared are the ones written."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lentigo_training import melanoma_train
from lentigo_training.index import UNKNOWN, narrowed
from lentigo_training.melanoma_train import asked, figures, log_odds, train_melanoma
from lentigo_training.train import Plan, save

INDEX = SimpleNamespace(
    dataset=np.array(["ham10000"] * 4 + ["isic2017"] * 3), dx=np.array([0, 1, 2, 0, -1, 1, 2]), melanoma=np.array([0, 1, 0, 0, -1, 1, 0]),
    rows=lambda dataset, split: np.flatnonzero(INDEX.dataset == dataset))


def test_val_asks_for_nevi_and_melanomas_of_one_set_and_all_of_the_other():
    assert asked(INDEX).tolist() == [5, 6, 0, 1, 3]


def test_figures_of_a_score_that_is_wrong_once():
    rows = asked(INDEX)
    found = figures(INDEX, rows, np.array([0.9, 0.1, 0.2, 0.5, 0.6]))
    assert found["auc"] == pytest.approx(5 / 6) and found["accuracy"] == pytest.approx(4 / 5)
    assert found["auc_isic2017"] == 1.0 and found["auc_ham10000"] == 0.5


def test_log_odds_ignore_what_is_not_asked():
    dx = np.zeros((2, 7))
    dx[1, 3:] = 9.0
    assert log_odds(dx)[0] == log_odds(dx)[1]
    dx[1, 2] = 1.0
    assert log_odds(dx)[1] < log_odds(dx)[0]


def test_the_best_on_val_is_written(tmp_path, monkeypatch):
    start, last = tmp_path / "start.pt", tmp_path / "last.pt"
    for value, path in ((0.0, start), (1.0, last)):
        save({"ema": {"w": torch.tensor([value])}}, path)
    monkeypatch.setattr(melanoma_train, "train_backbone", lambda plan: last)
    monkeypatch.setattr(melanoma_train, "open_pool", lambda data, work: None)
    monkeypatch.setattr(melanoma_train, "compare", lambda found, *rest: {
        name: {"auc": 1 - abs(float(torch.load(path, weights_only=True)["ema"]["w"]) - 0.5)} for name, path in found.items()})
    plan = Plan(tmp_path, tmp_path / "work", "tf_efficientnet_lite0", (), start=start)
    plan.work.mkdir()
    assert train_melanoma(plan, tmp_path / "to" / "trunk.pt")["chosen"] == "share 0.5"
    assert torch.load(tmp_path / "to" / "trunk.pt", weights_only=True)["ema"]["w"].item() == pytest.approx(0.5)
    with pytest.raises(FileNotFoundError):
        train_melanoma(Plan(tmp_path, tmp_path, "x", (), start=tmp_path / "absent.pt"), tmp_path / "to.pt")


@dataclass(frozen=True)
class Labels:
    dataset: np.ndarray
    dx: np.ndarray
    melanoma: np.ndarray


def test_melanoma_is_not_asked_of_other_lesions_of_one_set():
    labels = narrowed(Labels(INDEX.dataset, INDEX.dx, np.where(INDEX.melanoma == UNKNOWN, 0, INDEX.melanoma)))
    assert labels.melanoma.tolist() == [0, 1, UNKNOWN, 0, 0, 1, 0]
