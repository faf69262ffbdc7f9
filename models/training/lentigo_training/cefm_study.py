"""What alignment buys: system B's heads with it, without it, and in the paper's form, on the same features, several seeds.

Trains heads only; every figure is on pictures that taught neither heads nor probes.
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from .alignment import Heads, Schedule, fit_clinical, train_heads
from .cefm_raters import raters_figures
from .cefm_tables import of_cefm
from .cefm_train import CefmPlan, Material, add_paths, note_in, open_material, plan_of
from .cefm_val import EXTERNAL, UNION
from .index import UNKNOWN
from .measures import PAPER, Standard
from .metrics import draws, roc_auc

ROUNDS = 300
ALIGNED, WITHOUT, PAPERS = "aligned", "without alignment", "paper's form"


@dataclass(frozen=True)
class Cell:
    """One way to train heads: which measures the clinical head is told, whether the features see the lesion, the schedule."""

    names: tuple[str, ...]
    lesion: bool
    schedule: Schedule


def cells(plan: CefmPlan) -> dict[str, Cell]:
    """What is compared. Without alignment the clinical head learns afterwards to meet embeddings that stay as they are."""
    return {
        ALIGNED: Cell(plan.names, True, plan.heads),
        WITHOUT: Cell(plan.names, True, replace(plan.heads, align=0.0)),
        "aligned, plain mean features": Cell(plan.names, False, plan.heads),
        # Frozen plain features, five measures, tau 0.05, first the alignment, then the classifier, weight decay 1e-5.
        PAPERS: Cell(PAPER, False, replace(plan.heads, temperature=0.05, apart=True, weight_decay=1e-5, drop=0.0, opinion=0.0)),
    }


@dataclass(frozen=True)
class Outcome:
    """Of one trained set of heads on val: unit embeddings of the measured pictures of the union and of their criteria, log-odds of all;
    and embeddings of the rated training pictures and of PH2."""

    pictures: np.ndarray
    criteria: np.ndarray
    log_odds: np.ndarray
    rated: np.ndarray
    external: np.ndarray


def measured_union(material: Material) -> np.ndarray:
    """Positions in `val_rows` on which alignment is judged."""
    return np.flatnonzero(material.measures.known[material.val_rows] & (material.pool.index.dataset[material.val_rows] != EXTERNAL))


def run_cell(cell: Cell, material: Material, seed: int) -> tuple[Heads, Outcome]:
    """Train and read one cell."""
    train, val = (material.train, material.val) if cell.lesion else material.plain
    standard = material.standard(cell.names)
    examples = material.examples(standard, train)
    heads = train_heads(examples, replace(cell.schedule, seed=seed))
    if not cell.schedule.align:
        heads = fit_clinical(heads, examples, replace(cell.schedule, align=1.0, seed=seed))
    return heads, outcome(heads, standard, material, train, val)


def outcome(heads: Heads, standard: Standard, material: Material, train: np.ndarray, val: np.ndarray) -> Outcome:
    """What one set of heads says."""
    at = measured_union(material)
    external = np.flatnonzero(material.pool.index.dataset[material.val_rows] == EXTERNAL)
    return Outcome(heads.embed(val[at]), heads.embed_criteria(standard.of(material.measures, material.val_rows[at])), heads.classify(val),
                   heads.embed(train[material.rated][:, :1]), heads.embed(val[external]))


def _lesions(material: Material, rows: np.ndarray) -> np.ndarray:
    index = material.pool.index
    return np.array([index.lesion_id[row] or index.isic_id[row] or index.file[row] for row in rows])


def alignment_draws(one: Outcome, weights: list[np.ndarray]) -> dict[str, list[float]]:
    """The figures of `alignment_figures` under each weighting of the pictures; the crowd to find one's own among stays whole."""
    alike = one.pictures @ one.criteria.T
    own = np.diag(alike)
    rank = (alike >= own[:, None]).sum(1)
    found: dict[str, list[float]] = {"positive": [], "negative": [], "recall_1": [], "recall_10": []}
    for w in weights:
        found["positive"].append(float((w * own).sum() / w.sum()))
        found["negative"].append(float((w @ alike @ w - (w * w * own).sum()) / (w.sum() ** 2 - (w * w).sum())))
        for k in (1, 10):
            found[f"recall_{k}"].append(float((w * (rank <= k)).sum() / w.sum()))
    return found


def melanoma_draws(label: np.ndarray, log_odds: np.ndarray, weights: list[np.ndarray]) -> list[float]:
    """ROC AUC under each weighting."""
    return [roc_auc(label, log_odds, w) for w in weights]


def cell_figures(runs: list[Outcome], material: Material) -> dict[str, np.ndarray]:
    """Every figure by seed and resampling of lesions, [seeds, 1 + rounds]; column 0 is the figure itself."""
    index, rows = material.pool.index, material.val_rows
    at = measured_union(material)

    def weightings(of: np.ndarray) -> list[np.ndarray]:
        return [np.ones(len(of)), *(w.astype(float) for w in draws(_lesions(material, of), ROUNDS))]

    parts: dict[str, list[list[float]]] = {}
    sets = {"auc": np.flatnonzero(np.isin(index.dataset[rows], UNION) & (index.melanoma[rows] != UNKNOWN)),
            "auc_ph2": np.flatnonzero(index.dataset[rows] == EXTERNAL)}
    for one in runs:
        for name, values in alignment_draws(one, weightings(rows[at])).items():
            parts.setdefault(name, []).append(values)
        for name, chosen in sets.items():
            parts.setdefault(name, []).append(melanoma_draws(index.melanoma[rows[chosen]], one.log_odds[chosen], weightings(rows[chosen])))
    return {name: np.array(values) for name, values in parts.items()}


def interval(spread: np.ndarray) -> list[float]:
    """[value, low, high] of [1 + rounds]."""
    return [float(spread[0]), *(float(q) for q in np.nanpercentile(spread[1:], (2.5, 97.5)))]


def study(plan: CefmPlan) -> dict:
    """All of it, as `models/training/ablations/cefm.json` holds it."""
    note = note_in(plan.folder)
    _, material = open_material(plan, note)
    spreads, outcomes = {}, {}
    for name, cell in cells(plan).items():
        outcomes[name] = [run_cell(cell, material, seed)[1] for seed in range(plan.seeds)]
        spreads[name] = cell_figures(outcomes[name], material)
        note(f"{name}: " + json.dumps({figure: [round(float(x), 4) for x in values[:, 0]] for figure, values in spreads[name].items()}))
    table = {cell: {figure: {"value": interval(values.mean(0)), "seeds": values[:, 0].tolist(),
                             "minus_aligned": interval(values.mean(0) - spreads[ALIGNED][figure].mean(0))}
                    for figure, values in found.items()} for cell, found in spreads.items()}
    return {"seeds": plan.seeds, "pairs": len(measured_union(material)), "measures": list(plan.names), "cells": table,
            **raters_figures(material, {name: runs[0] for name, runs in outcomes.items()}, note)}


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """`cefm-study`: what alignment buys."""
    parser = subparsers.add_parser("cefm-study", help="system B's heads with and without alignment and in the paper's form, with intervals")
    add_paths(parser)
    parser.add_argument("--to", type=Path, required=True, help="JSON that receives the figures")
    parser.set_defaults(run=run_command)


def run_command(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    result = study(plan_of(options))
    options.to.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(of_cefm(result))
