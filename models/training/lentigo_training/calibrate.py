"""Vector scaling and operating points, fitted on val scores of the very graph that ships, averaged over its views.

z_k = s_k / T_k + b_k (Guo et al. 2017, 4.2); one class of several: p = softmax(z); each class on its own: p_k = sigmoid(z_k).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from .index import UNKNOWN
from .metrics import expected_calibration_error, macro_recall, sigmoid, threshold_at_sensitivity
from .systems import EXCLUSIVE, System

SENSITIVITIES = (0.90, 0.95, 0.98)
# Pull of each fitted number towards "change nothing", per picture: it keeps a class of ten pictures from being explained away.
RIDGE = 2e-3
FOLDS, REPEATS = 5, 4
# Calibration that is good enough; among forms that reach it, other merits decide.
ECE_AIM = 0.03
# Negative log-likelihood that a form may lose against the best one and still be chosen.
NLL_SLACK = 0.01


@dataclass(frozen=True)
class Calibration:
    """One temperature and one bias a class."""

    temperature: tuple[float, ...]
    bias: tuple[float, ...]
    relation: str

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Scores [..., K] to probabilities [..., K]."""
        z = np.asarray(scores, np.float64) / np.array(self.temperature) + np.array(self.bias)
        if self.relation != EXCLUSIVE:
            return sigmoid(z)
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)


def identity(system: System) -> Calibration:
    """Changes nothing."""
    return Calibration((1.0,) * len(system.classes), (0.0,) * len(system.classes), system.relation)


def referral_probability(system: System, probabilities: np.ndarray) -> np.ndarray:
    """[..., K] to [...]: sum of the positive classes that exclude each other, largest of those that do not."""
    positive = probabilities[..., system.positions]
    return positive.sum(-1) if system.relation == EXCLUSIVE else positive.max(-1)


def named(probabilities: np.ndarray, frequencies: tuple[float, ...]) -> np.ndarray:
    """[N,K] to the probabilities [N,K] by which a class is named: if all were equally common, where it is known how common they are."""
    if not frequencies:
        return probabilities
    weighed = probabilities / np.array(frequencies)
    return weighed / weighed.sum(-1, keepdims=True)


@dataclass(frozen=True)
class Form:
    """Which numbers are fitted: a temperature for all or one a class; biases for none, for the positive classes together, or
    one a class; and how far rare classes count as much as common ones (0: as often as they come, 1: equally)."""

    per_class_temperature: bool = False
    bias: str = "none"
    balance: float = 0.0

    def __str__(self) -> str:
        text = "a temperature a class" if self.per_class_temperature else "one temperature"
        text += {"none": "", "group": " and one bias for the positive classes", "class": " and a bias a class"}[self.bias]
        return text + (f", classes weighted by frequency to the power {-self.balance:g}" if self.balance else "")


def forms(system: System) -> tuple[Form, ...]:
    """What is tried for a system."""
    if system.relation != EXCLUSIVE:
        return Form(True), Form(True, "class")
    if len(system.classes) == 2:
        return Form(), Form(False, "group")
    return (Form(), Form(False, "group"), Form(False, "class"), Form(True, "class"), Form(False, "class", 0.5), Form(False, "class", 1.0),
            Form(False, "group", 0.5))


def _layout(system: System, form: Form) -> tuple[np.ndarray, np.ndarray]:
    """Matrices that spread the fitted numbers over the classes' log temperatures and biases."""
    count = len(system.classes)
    temperature = np.eye(count) if form.per_class_temperature else np.ones((count, 1))
    bias = {"none": np.zeros((count, 0)), "class": np.eye(count),
            "group": np.isin(np.arange(count), system.positions).astype(float)[:, None]}[form.bias]
    return temperature, bias


def fit_form(system: System, form: Form, truth: np.ndarray, scores: np.ndarray) -> Calibration:
    """Minimise the mean negative log-likelihood of known labels plus the ridge."""
    temperature, bias = _layout(system, form)
    split = temperature.shape[1]
    weight = np.ones(len(truth))
    if system.relation == EXCLUSIVE:
        counts = np.bincount(truth, minlength=len(system.classes))
        weight = (1.0 / np.maximum(counts, 1)[truth]) ** form.balance
    weight = weight / weight.sum()

    def loss(x: np.ndarray) -> float:
        z = scores * np.exp(-(temperature @ x[:split])) + bias @ x[split:]
        if system.relation == EXCLUSIVE:
            nll = np.logaddexp.reduce(z, axis=1) - z[np.arange(len(z)), truth]
            found = (weight * nll).sum()
        else:
            known = truth != UNKNOWN
            found = ((np.logaddexp(0.0, z) - truth * z) * known).sum() / known.sum()
        return float(found + RIDGE * (x ** 2).sum())

    best = minimize(loss, np.zeros(split + bias.shape[1]), method="L-BFGS-B").x
    return Calibration(tuple(np.exp(temperature @ best[:split]).tolist()), tuple((bias @ best[split:] + 0.0).tolist()), system.relation)


def nll(system: System, truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean negative log-likelihood of what is known."""
    p = np.clip(probabilities, 1e-9, 1 - 1e-9)
    if system.relation == EXCLUSIVE:
        return float(-np.log(p[np.arange(len(p)), truth]).mean())
    known = truth != UNKNOWN
    return float((-np.where(truth == 1, np.log(p), np.log(1 - p)))[known].mean())


def cross_validated(system: System, form: Form, truth: np.ndarray, scores: np.ndarray, lesions: np.ndarray) -> np.ndarray:
    """Probabilities of pictures whose lesion the calibration was not fitted on: [REPEATS, N, K]."""
    names, cluster = np.unique(lesions, return_inverse=True)
    result = np.empty((REPEATS, *scores.shape))
    for repeat in range(REPEATS):
        fold = (np.random.default_rng(repeat).permutation(len(names)) % FOLDS)[cluster]
        for k in range(FOLDS):
            out = fold == k
            result[repeat, out] = fit_form(system, form, truth[~out], scores[~out]).probabilities(scores[out])
    return result


def fit(system: System, truth: np.ndarray, refer: np.ndarray, scores: np.ndarray, lesions: np.ndarray) -> tuple[Calibration, dict]:
    """The calibration that ships and what was measured of every form, cross-validated.

    Forms that reach the aimed ECE of the referral probability, or else those whose negative log-likelihood is close to the best,
    compete: the simplest of nearly the best likelihood among the former, the least ECE among the latter. Which class is named does not decide (see `named`).
    """
    table = {}
    frequencies = class_frequencies(system, truth)
    for form in forms(system):
        held_out = cross_validated(system, form, truth, scores, lesions)
        known = refer != UNKNOWN
        p = [referral_probability(system, repeat) for repeat in held_out]
        table[form] = {"nll": float(np.mean([nll(system, truth, repeat) for repeat in held_out])),
                       "ece": float(np.mean([expected_calibration_error(refer[known], q[known]) for q in p]))}
        if system.relation == EXCLUSIVE:
            table[form]["balanced_accuracy"] = float(np.mean([macro_recall(truth, named(repeat, frequencies).argmax(1)) for repeat in held_out]))
    least = min(entry["nll"] for entry in table.values())
    reached = [form for form, entry in table.items() if entry["ece"] <= ECE_AIM]
    if reached:
        # Forms come with the fewest numbers first: more of them must earn their keep.
        least = min(table[form]["nll"] for form in reached)
        chosen = next(form for form in reached if table[form]["nll"] <= least + NLL_SLACK)
    else:
        chosen = min((form for form, entry in table.items() if entry["nll"] <= least + NLL_SLACK), key=lambda form: table[form]["ece"])
    record = {"chosen": str(chosen), "forms": {str(form): entry for form, entry in table.items()},
              "cross_validated_ece": table[chosen]["ece"]}
    return fit_form(system, chosen, truth, scores), record


def class_frequencies(system: System, truth: np.ndarray) -> tuple[float, ...]:
    """Share of each class among labelled pictures, where several exclude each other; of two a threshold decides, not a name."""
    if system.relation != EXCLUSIVE or len(system.classes) == 2:
        return ()
    counts = np.bincount(truth[truth != UNKNOWN], minlength=len(system.classes))
    return tuple((counts / counts.sum()).tolist())


def ece_floor(probability: np.ndarray, rounds: int = 500, seed: int = 0) -> float:
    """Mean ECE of a perfect forecast that gives these probabilities: what so few pictures show even without any error."""
    rng = np.random.default_rng(seed)
    return float(np.mean([expected_calibration_error((rng.random(len(probability)) < probability).astype(int), probability)
                          for _ in range(rounds)]))


def operating_points(label: np.ndarray, probability: np.ndarray) -> dict[float, float]:
    """Largest threshold that reaches each sensitivity, by sensitivity.

    Rounded down to six decimals, so that the manifest's figure still admits the picture it was taken from.
    """
    return {s: float(np.floor(threshold_at_sensitivity(label, probability, s) * 1e6) / 1e6) for s in SENSITIVITIES}
