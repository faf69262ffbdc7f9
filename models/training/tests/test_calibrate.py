"""Calibration, thresholds and metrics against cases with known answers."""

import numpy as np
import pytest

from lentigo_training.calibrate import (Calibration, Form, class_frequencies, ece_floor, fit, fit_form, forms, named,
                                        operating_points, referral_probability)
from lentigo_training.metrics import (bootstrap_lesions, expected_calibration_error, macro_auc, pr_auc, roc_auc, sigmoid,
                                      threshold_at_sensitivity, top_label_calibration_error)
from lentigo_training.systems import SYSTEMS

TWO, TWICE, SEVEN = SYSTEMS["asff"], SYSTEMS["multitask"], SYSTEMS["dual-network"]


def two_classes(n=6000, temperature=3.0, shift=0.0):
    rng = np.random.default_rng(0)
    z = rng.normal(0, 1.5, n)
    label = (rng.random(n) < sigmoid(z + shift)).astype(int)
    return label, np.stack([np.zeros(n), z * temperature], 1), np.arange(n).astype(str)


def test_temperature_is_recovered():
    label, scores, _ = two_classes()
    found = fit_form(TWO, Form(), label, scores)
    assert found.temperature[0] == found.temperature[1] and abs(found.temperature[0] - 3.0) < 0.2
    assert found.bias == (0.0, 0.0)


def test_a_shift_is_taken_back_by_a_bias_and_measured_on_other_pictures():
    label, scores, lesions = two_classes(2000, 1.0, -1.5)
    calibration, record = fit(TWO, label, label, scores, lesions)
    assert record["chosen"] == str(Form(False, "group"))
    assert record["forms"][str(Form())]["ece"] > 0.1 and record["cross_validated_ece"] < 0.03
    assert abs((calibration.bias[1] - calibration.bias[0]) + 1.5) < 0.3


def test_independent_classes_are_calibrated_each_on_what_is_known_of_it():
    label, scores, _ = two_classes(3000)
    both = np.stack([scores[:, 1], scores[:, 1] / 6.0], 1)
    truth = np.stack([label, label], 1)
    truth[::3, 1] = -1
    found = fit_form(TWICE, Form(True), truth, both)
    assert abs(found.temperature[0] - 3.0) < 0.3 and abs(found.temperature[1] - 0.5) < 0.1
    np.testing.assert_allclose(found.probabilities(both), sigmoid(both / np.array(found.temperature)))


def test_referral_probability_sums_what_excludes_and_takes_the_largest_of_what_does_not():
    p = np.full((1, 7), 1 / 7)
    assert referral_probability(SEVEN, p)[0] == pytest.approx(3 / 7)
    assert referral_probability(TWICE, np.array([[0.2, 0.9]]))[0] == 0.2


def test_equal_scores_at_a_temperature_of_their_own_give_the_bias_alone():
    calibration = Calibration((1.0, 2.0), (0.0, np.log(3.0)), "exclusive")
    np.testing.assert_allclose(calibration.probabilities(np.zeros((1, 2))), [[0.25, 0.75]])


def test_a_class_is_named_as_if_all_were_equally_common():
    truth = np.array([0] * 8 + [1] * 1 + [2] * 1 + [3, 4, 5, 6, -1])
    frequencies = class_frequencies(SEVEN, truth)
    assert frequencies[0] == pytest.approx(8 / 14) and sum(frequencies) == pytest.approx(1)
    p = np.array([[0.6, 0.2, 0.1, 0.025, 0.025, 0.025, 0.025]])
    assert p.argmax(1)[0] == 0 and named(p, frequencies).argmax(1)[0] == 1 and named(p, frequencies).sum() == pytest.approx(1)
    assert named(p, ()) is p and class_frequencies(TWO, np.array([0, 1])) == () == class_frequencies(TWICE, np.zeros((2, 2), int))


def test_every_system_has_a_form_that_leaves_the_order_of_its_answers_alone():
    for system in SYSTEMS.values():
        assert any(form.bias == "none" and form.balance == 0 for form in forms(system))


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
    sure = np.tile([1.0, 0.0], (100, 1))
    assert top_label_calibration_error(label, sure) == pytest.approx(0.5)


def test_even_a_perfect_forecast_of_few_pictures_shows_an_error():
    few, many = (ece_floor(np.random.default_rng(5).random(n), 50) for n in (150, 15000))
    assert few > 0.05 > 4 * many


def test_areas_agree_with_their_definitions_and_weights_with_repetition():
    rng = np.random.default_rng(2)
    label, score = rng.integers(0, 2, 200), rng.integers(0, 20, 200).astype(float)
    wins = [(a > b) + 0.5 * (a == b) for a in score[label == 1] for b in score[label == 0]]
    assert roc_auc(label, score) == pytest.approx(np.mean(wins))
    weight = rng.integers(0, 3, 200)
    assert roc_auc(label, score, weight) == pytest.approx(roc_auc(label.repeat(weight), score.repeat(weight)))
    assert pr_auc(label, score, weight) == pytest.approx(pr_auc(label.repeat(weight), score.repeat(weight)))
    assert pr_auc(np.array([1, 0, 1]), np.array([3.0, 2.0, 1.0])) == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert np.isnan(roc_auc(np.ones(3), np.arange(3.0)))
    assert macro_auc(label, np.stack([-score, score], 1)) == pytest.approx(roc_auc(label, score))


def test_bootstrap_brackets_the_value_and_draws_whole_lesions():
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, 300)
    score = label + rng.normal(0, 1, 300)
    lesions = np.arange(300).astype(str)
    value, low, high = bootstrap_lesions(lesions, lambda w: {"auc": roc_auc(label, score, w)}, rounds=200)["auc"]
    assert low < value < high
    together = bootstrap_lesions(np.array(["one"] * 300), lambda w: {"auc": roc_auc(label, score, w)}, rounds=20)["auc"]
    assert together[0] == pytest.approx(together[1]) and together[0] == pytest.approx(together[2])
