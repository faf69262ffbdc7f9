"""System A with and without its segmented branch and its metadata: same maps, same schedule, several seeds."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from .dual_val import Answers, answers, classes_figures, log_prior, resamples, shares
from .features import TrainMaps, ValMaps
from .fusion_train import FusionSchedule, train_fusion
from .index import Index
from .systems.dual import Fusion

# name: (segmented branch, metadata).
CELLS = {"both": (True, True), "no metadata": (True, False), "no mask branch": (False, True), "neither": (False, False)}
HIDDEN = "both, metadata hidden"
ROUNDS = 500
FIGURES = ("balanced_accuracy", "macro_auc", "accuracy")


def train_cells(train: TrainMaps, val: ValMaps, index: Index, schedule: FusionSchedule, seeds: int, note=print,
                ) -> tuple[dict[str, list[Answers]], list[Fusion]]:
    """Val answers of every cell and seed, and the full networks, one a seed."""
    found: dict[str, list[Answers]] = {name: [] for name in (*CELLS, HIDDEN)}
    full, prior = [], log_prior(index, train.rows)
    for seed in range(seeds):
        for name, (branch, metadata) in CELLS.items():
            fusion = train_fusion(train, index, replace(schedule, seed=seed), branch, metadata)
            found[name].append(answers(fusion, val, index, told=True))
            if name == "both":
                full.append(fusion)
                found[HIDDEN].append(answers(fusion, val, index, told=False))
            figures = classes_figures(index.dx[val.rows], found[name][-1].logits, prior)
            note(f"seed {seed} {name}: {json.dumps({k: round(v, 4) for k, v in figures.items()})} "
                 f"inside {np.nanmean(shares(found[name][-1], val.inside)):.4f}")
    return found, full


def _figures(runs: list[Answers], insides: list[np.ndarray], truth: np.ndarray, prior: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Each of FIGURES and the share inside, by seed: [seeds, figures]."""
    rows = []
    for one, inside in zip(runs, insides):
        classes = classes_figures(truth[at], one.logits[at], prior)
        rows.append([*(classes[key] for key in FIGURES), float(np.nanmean(inside[at]))])
    return np.array(rows)


def _entry(value: float, draws: np.ndarray) -> list[float]:
    return [value, *(float(q) for q in np.percentile(draws, (2.5, 97.5)))]


def table(found: dict[str, list[Answers]], val: ValMaps, index: Index, prior: np.ndarray) -> dict[str, dict]:
    """Every figure by cell: its mean over seeds with the 95 % interval over lesions, its value by seed, and its difference from "both"
    on the same lesions; and what hidden metadata cost against never having had any."""
    truth, everything = index.dx[val.rows], np.arange(len(val.rows))
    draws = resamples(index, val.rows, ROUNDS)
    names = (*FIGURES, "cam_inside")
    values, drawn, result = {}, {}, {}
    for cell, runs in found.items():
        insides = [shares(one, val.inside) for one in runs]
        values[cell] = _figures(runs, insides, truth, prior, everything)
        drawn[cell] = np.stack([_figures(runs, insides, truth, prior, at).mean(0) for at in draws])

    def difference(a: str, b: str, k: int) -> list[float]:
        return _entry(float((values[a] - values[b]).mean(0)[k]), drawn[a][:, k] - drawn[b][:, k])

    for cell in found:
        result[cell] = {key: {"value": _entry(float(values[cell].mean(0)[k]), drawn[cell][:, k]), "seeds": values[cell][:, k].tolist(),
                              "minus_both": difference(cell, "both", k)} for k, key in enumerate(names)}
    result["hidden minus no metadata"] = {key: difference(HIDDEN, "no metadata", k) for k, key in enumerate(names)}
    return result


def save_table(result: dict[str, dict], path: Path) -> None:
    path.write_text(json.dumps(result, indent=1), encoding="utf-8")
