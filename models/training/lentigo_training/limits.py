"""The constants of a bundle from val (calibration, operating points, outline threshold, limits of abstention) and what they refuse."""

import numpy as np

from . import evaluate
from .bundle import Constants
from .calibrate import Calibration, class_frequencies, ece_floor, fit, identity, named, operating_points, referral_probability
from .evaluate import Judged, lesions_of
from .index import UNKNOWN
from .metrics import accuracy, expected_calibration_error, macro_recall, roc_auc
from .novelty import DISAGREEMENT_SHARE, NOVELTY_SHARE, limit, novelty
from .session import Outputs
from .sources import Sources
from .systems import EXCLUSIVE, System

THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)


def judge(system: System, sources: Sources, rows: np.ndarray, got: Outputs, constants: Constants) -> Judged:
    """A dataset's outputs under a bundle's constants."""
    index = sources.index
    probabilities = constants.calibration.probabilities(got.mean)
    known = index.mask[rows] != ""
    jaccard = inside = None
    if known.any():
        truth = np.stack([sources.masks[row] for row in rows])
        if got.mask is not None:
            jaccard = evaluate.outline_jaccard(got.mask, truth, known, constants.mask_threshold)
        chosen = evaluate.chosen_map(system, named(probabilities, constants.frequencies), referral_probability(system, probabilities)
                                     >= constants.points[0.95])
        inside = evaluate.energy_inside(got.cam, chosen, truth, known & (truth.any((1, 2))))
    return Judged(system, rows, system.truth(index, rows), system.referral(index, rows), lesions_of(index, rows), probabilities,
                  referral_probability(system, probabilities), named(probabilities, constants.frequencies), jaccard, inside)


def disagreement(system: System, calibration: Calibration, scores: np.ndarray) -> np.ndarray:
    """Standard deviation of the referral probability over the views of [N,V,K]: [N]."""
    return referral_probability(system, calibration.probabilities(scores)).std(1)


def choose_constants(system: System, flips: tuple[str, ...], sources: Sources, rows: np.ndarray, got: Outputs,
                     unlike: Outputs) -> tuple[Constants, dict]:
    """Calibration, operating points, outline threshold and abstention limits of one graph from home val.

    `unlike` is what the graph says about pictures that are not dermoscopic; it decides between distance and energy, not the limits.
    """
    index = sources.index
    truth, refer, lesions = system.truth(index, rows), system.referral(index, rows), lesions_of(index, rows)
    labelled = np.flatnonzero((truth.reshape(len(rows), -1) != UNKNOWN).all(1) & (refer != UNKNOWN))
    calibration, record = fit(system, truth[labelled], refer[labelled], got.mean[labelled], lesions[labelled])
    referral = referral_probability(system, calibration.probabilities(got.mean))
    record["uncalibrated_ece"] = expected_calibration_error(
        refer[labelled], referral_probability(system, identity(system).probabilities(got.mean[labelled])))
    record["ece_floor"] = ece_floor(referral[labelled])
    threshold = None
    if got.mask is not None:
        known = index.mask[rows] != ""
        masks = np.stack([sources.masks[row] for row in rows])
        scores = {t: float(np.nanmean(evaluate.outline_jaccard(got.mask, masks, known, t))) for t in THRESHOLDS}
        threshold = max(scores, key=scores.get)
        record["mask_thresholds"] = {f"{t:.2f}": value for t, value in scores.items()}
    kinds = ("energy",) if got.distances is None else ("distance", "energy")
    values = {kind: novelty(kind, got.scores, got.distances, system.relation) for kind in kinds}
    limits = {kind: limit(values[kind], NOVELTY_SHARE) for kind in kinds}
    refused = {kind: float((novelty(kind, unlike.scores, unlike.distances, system.relation) > limits[kind]).mean()) for kind in kinds}
    chosen = max(kinds, key=refused.get)
    spread = disagreement(system, calibration, got.scores)
    most = limit(spread, DISAGREEMENT_SHARE) if len(flips) > 1 else None
    record["novelty"] = {"chosen": chosen, "limits": limits, "strange_refused": refused,
                         "val_refused": {kind: float((values[kind] > limits[kind]).mean()) for kind in kinds},
                         "val_disagreement_refused": None if most is None else float((spread > most).mean())}
    return Constants(calibration, operating_points(refer[labelled], referral[labelled]), flips, threshold, chosen, limits[chosen], most,
                     class_frequencies(system, truth[labelled])), record


def refusals(system: System, constants: Constants, got: Outputs) -> tuple[np.ndarray, np.ndarray]:
    """Which pictures novelty refuses and which disagreement does, bool [N] each."""
    novel = novelty(constants.novelty, got.scores, got.distances, system.relation) > constants.novelty_max
    spread = disagreement(system, constants.calibration, got.scores)
    return novel, np.zeros(len(novel), bool) if constants.disagreement_max is None else spread > constants.disagreement_max


def abstention_report(system: System, constants: Constants, got: Outputs) -> dict[str, float]:
    """Shares of the pictures that each rule refuses."""
    novel, unsure = refusals(system, constants, got)
    return {"novelty": float(novel.mean()), "disagreement": float(unsure.mean()), "either": float((novel | unsure).mean())}


def by_kind(system: System, constants: Constants, got: Outputs, kind: np.ndarray) -> dict[str, dict]:
    """`abstention_report` of every kind of strange picture, with their number."""
    def part(member: np.ndarray) -> Outputs:
        return Outputs(got.scores[member], None if got.distances is None else got.distances[member], None, None)

    return {name: {"pictures": int((kind == name).sum()), **abstention_report(system, constants, part(kind == name))}
            for name in dict.fromkeys(kind.tolist())} | {"all": {"pictures": len(kind), **abstention_report(system, constants, got)}}


def kept_coverage(judged: Judged, refused: np.ndarray) -> dict[str, float]:
    """Accuracy (and balanced accuracy) on what the shipped limits let through."""
    part = judged.part(~refused)
    if judged.system.relation != EXCLUSIVE:
        known = part.refer != UNKNOWN
        return {"coverage": float((~refused).mean()), "roc_auc": roc_auc(part.refer[known], part.referral[known])}
    known = part.truth != UNKNOWN
    predicted = part.named[known].argmax(1)
    return {"coverage": float((~refused).mean()), "accuracy": accuracy(part.truth[known], predicted),
            "balanced_accuracy": macro_recall(part.truth[known], predicted)}
