"""Temperature scaling and operating points, fitted on val scores of the very graph that ships."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from .metrics import expected_calibration_error, sigmoid, threshold_at_sensitivity

SENSITIVITIES = (0.90, 0.95, 0.98)
# A bias costs a second fitted number; it must earn at least this much cross-validated ECE.
BIAS_MUST_GAIN = 0.005


@dataclass(frozen=True)
class Calibration:
    """p = sigmoid((logit1 - logit0 + bias) / temperature)."""

    temperature: float
    bias: float

    def probability(self, score: np.ndarray) -> np.ndarray:
        return sigmoid((np.asarray(score, dtype=np.float64) + self.bias) / self.temperature)


def _fit(label: np.ndarray, score: np.ndarray, with_bias: bool) -> Calibration:
    def nll(x: np.ndarray) -> float:
        z = (score + (x[1] if with_bias else 0.0)) / np.exp(x[0])
        return float(np.mean(np.logaddexp(0.0, z) - label * z))

    best = minimize(nll, np.zeros(2 if with_bias else 1), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9}).x
    return Calibration(float(np.exp(best[0])), float(best[1]) if with_bias else 0.0)


def cross_validated(label: np.ndarray, score: np.ndarray, with_bias: bool, folds: int = 5, repeats: int = 10) -> np.ndarray:
    """Probabilities of pictures the calibration was not fitted on, averaged over `repeats` partitions."""
    total = np.zeros(len(label))
    for seed in range(repeats):
        fold = np.random.default_rng(seed).permutation(len(label)) % folds
        for k in range(folds):
            out = fold == k
            total[out] += _fit(label[~out], score[~out], with_bias).probability(score[out])
    return total / repeats


def fit(label: np.ndarray, score: np.ndarray) -> tuple[Calibration, dict[str, float]]:
    """Minimise the negative log-likelihood; returns the calibration and the cross-validated ECE of both forms."""
    ece = {name: expected_calibration_error(label, cross_validated(label, score, bias))
           for name, bias in (("temperature", False), ("temperature+bias", True))}
    use_bias = ece["temperature"] - ece["temperature+bias"] > BIAS_MUST_GAIN
    return _fit(label, score, use_bias), ece


def operating_points(label: np.ndarray, probability: np.ndarray) -> dict[float, float]:
    """Largest threshold that reaches each sensitivity, by sensitivity.

    Rounded down to six decimals, so that the manifest's figure still admits the picture it was taken from.
    """
    return {s: float(np.floor(threshold_at_sensitivity(label, probability, s) * 1e6) / 1e6) for s in SENSITIVITIES}
