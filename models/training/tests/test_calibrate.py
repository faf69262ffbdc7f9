"""Calibration, thresholds and metrics against cases with known answers; the manifest against its keys."""

import tomllib

import numpy as np

from lentigo_training.bundle import manifest
from lentigo_training.calibrate import Calibration, fit, operating_points
from lentigo_training.metrics import bootstrap, expected_calibration_error, roc_auc, sigmoid, threshold_at_sensitivity


def test_temperature_is_recovered():
    rng = np.random.default_rng(0)
    true = rng.normal(0, 1.5, 20000)
    label = (rng.random(20000) < sigmoid(true)).astype(int)
    calibration, ece = fit(label, true * 3.0)
    assert abs(calibration.temperature - 3.0) < 0.15 and calibration.bias == 0.0
    assert ece["temperature"] < 0.02


def test_threshold_reaches_its_sensitivity_and_no_larger_one_does():
    label = np.array([1] * 20 + [0] * 5)
    probability = np.concatenate([np.linspace(0.05, 1.0, 20), np.zeros(5)])
    threshold = threshold_at_sensitivity(label, probability, 0.95)
    assert (probability[:20] >= threshold).mean() == 0.95
    assert (probability[:20] >= threshold + 1e-9).mean() < 0.95
    assert (probability[:20] >= operating_points(label, probability)[0.95]).mean() == 0.95


def test_ece_of_a_perfect_and_of_an_overconfident_forecast():
    label = np.array([0, 1] * 50)
    assert expected_calibration_error(label, np.full(100, 0.5)) == 0
    assert abs(expected_calibration_error(label, np.ones(100)) - 0.5) < 1e-12


def test_bootstrap_brackets_the_value():
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, 300)
    score = label + rng.normal(0, 1, 300)
    value, low, high = bootstrap(label, score, lambda y, s: {"auc": roc_auc(y, s)}, rounds=200)["auc"]
    assert low < value < high


def test_manifest_parses():
    text = manifest("asff-edge", "int8", "one line", ("isic-binary",), Calibration(1.5, 0.0),
                    {0.9: 0.4, 0.95: 0.3, 0.98: 0.1}, (14, 14), "[quality]\nfocus = 1.0")
    parsed = tomllib.loads(text)
    assert parsed["graph"]["outputs"][1]["shape"] == [1, 2, 14, 14]
    assert parsed["decision"]["operating_point"] in [p["name"] for p in parsed["operating_points"]]
    assert parsed["prepare"]["scale"] == [1 / 128] * 3
    assert parsed["quality"] == {"focus": 1.0}
