"""Figures, maps and outlines against cases with known answers; EVALUATION.md from made-up summaries."""

import json

import numpy as np
import pytest

from lentigo_training.evaluate import (Judged, chosen_map, confidence, coverage, energy_inside, enlarge, figures, outline_jaccard,
                                       with_intervals)
from lentigo_training.ablation_tables import render
from lentigo_training.evaluation_doc import aim_reached, at, write
from lentigo_training.systems import SYSTEMS

ASFF, JOINT, DUAL = SYSTEMS["asff"], SYSTEMS["multitask"], SYSTEMS["dual-network"]


def judged(n=200):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, n)
    p = np.clip(0.5 + 0.3 * (2 * truth - 1) + rng.normal(0, 0.2, n), 0.01, 0.99)
    return Judged(ASFF, np.arange(n), truth, truth, (np.arange(n) // 2).astype(str), np.stack([1 - p, p], 1), p, np.stack([1 - p, p], 1))


def test_figures_of_two_classes():
    found = figures(judged(), 0.5)
    assert found["accuracy"] > 0.9 and found["roc_auc"] > 0.95 and found["accuracy"] == pytest.approx(
        (found["sensitivity"] * judged().truth.mean() + found["specificity"] * (1 - judged().truth.mean())))
    value, low, high = with_intervals(judged(), 0.5, 50)["accuracy"]
    assert low < value < high


def test_a_system_whose_paper_states_precision_is_judged_by_it():
    two = judged()
    found = figures(Judged(SYSTEMS["cefm"], *(getattr(two, name) for name in ("rows", "truth", "refer", "lesions", "probabilities", "referral", "named"))), 0.5)
    called = two.named.argmax(1) == 1
    assert found["precision"] == pytest.approx(two.truth[called].mean())
    assert found["specificity_named"] == pytest.approx((~called)[two.truth == 0].mean()) and "precision" not in figures(two, 0.5)


def test_unknown_labels_count_nowhere():
    known = judged()
    hidden = Judged(ASFF, known.rows, known.truth.copy(), known.refer.copy(), known.lesions, known.probabilities, known.referral,
                    known.named)
    hidden.truth[100:], hidden.refer[100:] = -1, -1
    assert figures(hidden, 0.5) == figures(known.part(np.arange(200) < 100), 0.5)


def test_independent_classes_are_judged_each_on_its_own():
    truth = np.array([[1, 0], [0, 1], [0, -1], [0, 0]])
    p = np.array([[0.9, 0.2], [0.1, 0.8], [0.2, 0.1], [0.3, 0.7]])
    found = figures(Judged(JOINT, np.arange(4), truth, truth[:, 0], np.arange(4).astype(str), p, p[:, 0], p), 0.5)
    assert found["roc_auc"] == 1.0 and found["roc_auc seborrheic_keratosis"] == 1.0 and "accuracy" not in found
    np.testing.assert_allclose(confidence(Judged(JOINT, np.arange(4), truth, truth[:, 0], truth[:, 0], p, p[:, 0], p)), [0.8, 0.8, 0.8, 0.7])


def test_the_surest_answers_are_the_more_accurate():
    steps = coverage(judged(), 0.5)
    assert [step["pictures"] for step in steps][0] == 200 and steps[-1]["accuracy"] >= steps[0]["accuracy"]


def test_maps_are_chosen_as_the_device_chooses():
    p = np.array([[0.5, 0.1, 0.1, 0.2, 0.05, 0.03, 0.02], [0.9, 0.02, 0.05, 0.01, 0.01, 0.005, 0.005]])
    assert chosen_map(DUAL, p, p[:, [1, 3, 4]].sum(1) >= 0.3).tolist() == [3, 0]
    assert chosen_map(JOINT, np.array([[0.6, 0.9], [0.1, 0.9], [0.1, 0.2]]), np.array([True, False, False])).tolist() == [0, 1, 2]


def test_energy_and_outline_on_maps_whose_share_is_known():
    cam = np.zeros((1, 2, 4, 4), np.float32)
    cam[0, 1, :, :2] = 1.0
    truth = np.zeros((1, 224, 224), np.uint8)
    truth[0, :, :112] = 1
    inside = energy_inside(cam, np.array([1]), truth, np.array([True]))[0]
    exact = enlarge(cam[:, 1], 224)[0]
    assert inside == pytest.approx(exact[:, :112].sum() / exact.sum(), rel=1e-6) and inside > 0.85
    assert np.isnan(energy_inside(cam, np.array([0]), truth, np.array([True]))[0])
    mask = np.where(truth[:, ::4, ::4] > 0, 5.0, -5.0)
    assert outline_jaccard(mask, truth, np.array([True]), 0.5)[0] > 0.98
    assert np.isnan(outline_jaccard(mask, truth, np.array([False]), 0.5)[0])


def test_aims_are_read_as_they_are_written():
    assert aim_reached("0.94", 0.94) and not aim_reached("0.94", 0.9399)
    assert aim_reached("<= 0.03", 0.02) and not aim_reached("<= 0.03", 0.031) and aim_reached(">= 0.70", 0.7)


def figure(value):
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def summary():
    part = {"n": 10, "labelled": 10, "positives": 4, "accuracy": figure(0.9), "roc_auc": "too few", "sensitivity": "too few",
            "specificity": figure(0.8)}
    return {
        "n": 269, "positives": 115, "engine": "int8", "median_latency_ms": 3.0, "p95_latency_ms": 4.0, "accuracy": figure(0.93),
        "roc_auc": figure(0.975), "pr_auc": figure(0.97), "balanced_accuracy": figure(0.92), "sensitivity": figure(0.95),
        "specificity": figure(0.8), "ece": figure(0.04), "cam_in_lesion": {"n": 9, **figure(0.75), "lesion_share": figure(0.3)}, "mask": None,
        "operating_point": {"name": "sensitivity-95", "threshold": 0.2}, "gate": {"refused_share": 0.02},
        "groups": {"age": [{"group": "<30", **part}], "sex": [], "site": [], "dataset": []},
        "abstention": {"coverage": 0.95, "answered": part, "curves": {"referral": [{"coverage": 1.0, **part}]}},
        "against": {"mean_distance": 0.01, "largest_distance": 0.1, "same_decision": 0.99,
                    "differences": {"roc_auc": {"here": 0.975, "there": 0.9795, **figure(-0.0045)}}}}


def test_the_document_holds_the_figures_and_names_what_was_missed(tmp_path):
    (tmp_path / "bundles" / "asff-edge").mkdir(parents=True)
    home = tmp_path / "reports" / "asff-edge" / "isic-binary"
    home.mkdir(parents=True)
    (home / "summary.json").write_text(json.dumps(summary()))
    (home / "roc.svg").write_text("<svg/>")
    (tmp_path / "table.md").write_text("| a table |\n")
    write(tmp_path / "bundles", tmp_path / "reports", tmp_path / "EVALUATION.md",
          {"Of the gate": tmp_path / "table.md", "Of metadata": tmp_path / "none.md"}, None)
    text = (tmp_path / "EVALUATION.md").read_text()
    assert "| ROC AUC (malignant) | 0.9717 | 0.980 | 0.9795 | 0.9750 (0.9650 to 0.9850) | -0.0045" in text
    assert "Lesions cover 30.0% of these views" in text and "| a table |" in text and "Not measured." in text
    missed = text.partition("## Not reached")[2]
    assert "accuracy" in missed and "int8 loses 0.0045 of roc_auc" in missed and "Grad-CAM" not in missed
    assert (tmp_path / "evaluation" / "asff-edge" / "roc.svg").exists()
    assert at(summary(), "mask.jaccard") is None and at(summary(), "cam_in_lesion")["value"] == 0.75


def test_reports_without_a_bundle_are_refused(tmp_path):
    with pytest.raises(SystemExit, match="evaluate.sh"):
        write(tmp_path, tmp_path, tmp_path / "EVALUATION.md", {}, None)


def test_every_ablation_has_its_table(tmp_path):
    value = [0.9, 0.85, 0.95]
    results = {
        "heads": {"isic-binary": {"images": 269, "malignant": 115, "two_way": {"roc_auc": value, "energy": 0.981}, "plain": {"roc_auc": value, "energy": None}}},
        "dual": {"both": {"macro_auc": {"value": value, "seeds": [0.9, 0.91], "minus_both": [0.0, 0.0, 0.0]}}, "hidden minus no metadata": {"macro_auc": value}},
        "joint": {"seeds": 2, "datasets": {"isic2017": {"jaccard": {"pictures": 144, "joint": value, "single": value, "difference": [-0.01, -0.02, 0.0]}}}},
        "judge": {"isic2017": {"jaccard": 0.78}, "ph2": {"jaccard": 0.85, "auc_melanoma": 0.9}},
        "paper": [{"system": "asff", "megabytes": 24.25, "note": None}]}
    expected = {"heads": "| isic-binary | 269 | two way | 0.9000 (0.8500 to 0.9500) | - | - | 0.981 |",
                "dual": "| both | macro auc | 0.9000 (0.8500 to 0.9500) | +0.0000 (+0.0000 to +0.0000) | 0.900, 0.910 |",
                "joint": "| -0.0100 (-0.0200 to +0.0000) |", "paper": "| asff | 24.25 | - |",
                "judge": "| auc melanoma | - | 0.9000 |"}
    for name, result in results.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(result))
        assert expected[name] in render(tmp_path / f"{name}.json")
    (tmp_path / "strange.json").write_text('{"a": 1}')
    with pytest.raises(ValueError, match="none of the ablations"):
        render(tmp_path / "strange.json")
