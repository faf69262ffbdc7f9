"""What alignment buys: on made-up features the study finds what was put in, and its tables name it."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lentigo_training.ablation_tables import render
from lentigo_training.alignment import Schedule
from lentigo_training.cefm_raters import expert_figures, raters_figures
from lentigo_training.cefm_study import ALIGNED, ROUNDS, WITHOUT, Cell, cell_figures, cells, run_cell
from lentigo_training.cefm_train import CefmPlan, Material, asked, judge, reading_of_criteria, sections, trunk_opinion
from lentigo_training.cefm_val import union_rows
from lentigo_training.index import UNKNOWN
from lentigo_training.measures import KEYS, SCORE, Measures
from lentigo_training.ratings import Ratings

SHORT = Schedule(steps=150, batch=64, drop=0.0, opinion=0.0)


@pytest.fixture(scope="module")
def material():
    """240 training and 80 val pictures (20 of PH2) whose features hold their measures in noise; raters see the first."""
    rng = np.random.default_rng(0)
    n, trained = 320, 240
    values = rng.normal(size=(n, len(KEYS) + 1))
    values[5] = np.nan
    features = np.nan_to_num(values) @ rng.normal(size=(len(KEYS) + 1, 48)) * 0.5 + 0.1 * rng.normal(size=(n, 48))
    dataset = np.array(["isic2017"] * 200 + ["ham10000"] * 40 + ["isic2017"] * 30 + ["ham10000"] * 30 + ["ph2"] * 20)
    melanoma = (np.nan_to_num(values[:, 3]) > 0.6).astype(int)
    blank = np.array([""] * n)
    index = SimpleNamespace(dataset=dataset, melanoma=melanoma, dx=melanoma, lesion_id=blank, isic_id=blank, file=np.arange(n).astype(str))
    told = np.nan_to_num(values[:, [KEYS.index(f"{name}") for name in ("asymmetry_shape_minor", "border_radial", "colour_lab_l")]])
    scores = told[:, :, None] + 0.7 * rng.normal(size=(n, 3, 3))
    expert = np.where(np.arange(n) >= 300, np.digitize(told[:, 0], (-0.3, 0.3)), np.nan)
    ratings = Ratings(scores, expert.astype(float), np.where(np.arange(n) >= 300, np.round(told[:, 2] + 3), np.nan))
    views = features[:, None].repeat(2, 1).astype(np.float16)
    poor = (features[:, None, :8] + rng.normal(size=(n, 2, 8))).astype(np.float16)
    rows = np.arange(n)
    return Material(SimpleNamespace(index=index), Measures((*KEYS, SCORE), values), ratings, rows[:trained], rows[trained:], views[:trained],
                    views[trained:], (poor[:trained], poor[trained:]), np.zeros((trained, 2), np.float32))


def test_alignment_is_found_where_it_was_trained(material):
    found = {}
    for name, schedule in ((ALIGNED, SHORT), (WITHOUT, replace(SHORT, align=0.0))):
        _, one = run_cell(Cell(KEYS, True, schedule), material, 0)
        found[name] = cell_figures([one], material)
    assert found[ALIGNED]["positive"].shape == (1, 1 + ROUNDS)
    assert found[ALIGNED]["positive"][0, 0] > found[WITHOUT]["positive"][0, 0] + 0.1
    assert found[ALIGNED]["recall_1"][0, 0] > 0.5 and abs(found[ALIGNED]["negative"][0, 0]) < 0.15
    assert found[ALIGNED]["auc"][0, 0] > 0.8


def test_the_same_figures_as_when_heads_are_chosen(material):
    heads, one = run_cell(Cell(KEYS, True, SHORT), material, 0)
    judged, drawn = judge(heads, material.standard(KEYS), material), cell_figures([one], material)
    for name in ("positive", "negative", "recall_1", "recall_10", "auc", "auc_ph2"):
        assert judged[name] == pytest.approx(drawn[name][0, 0], abs=1e-6)


def test_the_study_becomes_tables(tmp_path, material):
    _, one = run_cell(Cell(KEYS, True, replace(SHORT, steps=20)), material, 0)
    figures = {name: {"value": [0.5, 0.4, 0.6], "seeds": [0.5], "minus_aligned": [0.0, 0.0, 0.0]}
               for name in ("positive", "negative", "recall_1", "recall_10", "auc", "auc_ph2")}
    result = {"seeds": 1, "pairs": 60, "measures": list(KEYS), "cells": {ALIGNED: figures}, **raters_figures(material, {ALIGNED: one}, lambda line: None)}
    assert result["severity"]["asymmetry"]["measure"] == "asymmetry_shape_minor"
    named = result["raters"]["asymmetry"]["readings"]
    assert named["measured: asymmetry_shape_minor"]["isic2017"]["ratio"] > 1
    assert named["read from lesion features"]["isic2017"]["mean"] > 0.5
    assert result["ph2"]["asymmetry"]["measured: asymmetry_shape_minor"]["auc_0_2"] == 1.0
    (tmp_path / "cefm.json").write_text(json.dumps(result))
    text = render(tmp_path / "cefm.json")
    assert "raters among themselves" in text and "positive cosine" in text and "AUC of 2 against 0" in text


def test_expert_figures_count_what_they_compare():
    found = expert_figures(np.array([0, 0, 1, 2.0]), np.array([1, 2, 3, np.nan]),
                           {"asymmetry": {"x": np.array([1, 3, 5, 2.0])}, "colour": {"x": np.array([1, 2, 3, 0.0])}})
    assert (found["symmetric"], found["asymmetric"]) == (2, 1)
    assert found["asymmetry"]["x"]["auc_0_2"] == 0.5 and found["colours"]["x"]["spearman"] == pytest.approx(1.0)


def test_what_the_manifest_is_told(material):
    heads, _ = run_cell(Cell(KEYS, True, SHORT), material, 0)
    found = sections(material, heads, material.standard(KEYS))
    assert set(found["severity"]) == {"asymmetry", "border", "colour", "overall"} and found["severity"]["overall"]["measure"] in (*KEYS, SCORE)
    assert len(found["clinical"]["mean"]) == len(KEYS) and 0 < found["clinical"]["agreement_min"] < 1
    assert [np.linalg.norm(one["embedding"]) for one in found["prototypes"]] == pytest.approx([1.0] * 5, abs=1e-4)
    told = reading_of_criteria(material, heads)["asymmetry"].of(heads.embed(material.val).astype(float))
    assert np.corrcoef(told, material.ratings.mean("asymmetry")[material.val_rows])[0, 1] > 0.5


def test_only_what_is_asked_is_taught():
    index = SimpleNamespace(dataset=np.array(["isic2017", "ham10000", "ham10000"]), dx=np.array([2, 2, 1]), melanoma=np.array([0, 0, 1]))
    assert asked(index, np.arange(3)).tolist() == [0, UNKNOWN, 1]
    rows = union_rows(SimpleNamespace(**vars(index), rows=lambda name, split: np.flatnonzero(index.dataset == name)))
    assert rows.tolist() == [0, 2]


def test_the_trunks_opinion_is_its_own_log_odds():
    import torch

    state = {"heads.dx.weight": torch.eye(7), "heads.dx.bias": torch.zeros(7), "heads.melanoma.weight": torch.ones(1, 7), "heads.melanoma.bias": torch.ones(1)}
    mean = np.array([[[0.0, 2.0, -50, 0, 0, 0, 0]]])
    assert trunk_opinion(state, "dx", mean)[0, 0] == pytest.approx(2.0)
    assert trunk_opinion(state, "melanoma", mean)[0, 0] == pytest.approx(-47.0)


def test_every_cell_has_its_own_way():
    found = cells(CefmPlan(*(Path("x"),) * 5))
    assert found[WITHOUT].schedule.align == 0 and found["paper's form"].schedule.apart and len(found["paper's form"].names) == 5
