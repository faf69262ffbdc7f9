"""Asymmetry, border and colour: what the raters said, what is measured, and what can be read from the network, side by side.

Probes are ridge regressions. On isic2017 train each picture is read by a probe that saw no picture of its fold (5 folds over lesions, strength chosen
inside the others); on PH2 by a probe on all rated training pictures. The raters' own agreement stands beside everything.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from .cefm_val import EXTERNAL
from .measures import KEYS, SCORE
from .metrics import roc_auc
from .ratings import CRITERIA, agreement, chosen_strength, follows, nested_read, ridge, spearman
from .severity import choose

if TYPE_CHECKING:
    from .cefm_study import Outcome
    from .cefm_train import Material

POINTS = {criterion: f"{criterion}_points" for criterion in CRITERIA}


def raters_figures(material: "Material", outcomes: dict[str, "Outcome"], note: Callable[[str], None]) -> dict:
    """{"raters": by criterion, "ph2": the expert's criteria, "severity": what stands for each}; every reading with `follows`' figures."""
    rows = material.train_rows[material.rated]
    lesions = np.flatnonzero(np.isin(material.pool.index.dataset[material.train_rows], ("isic2017", "ham10000")))
    severity = choose(material.measures, material.ratings, rows, material.train_rows[lesions])
    # `Outcome.external` holds all of PH2.
    everyone = np.flatnonzero(material.pool.index.dataset[material.val_rows] == EXTERNAL)
    measured = material.measures.known[material.val_rows[everyone]]
    external = everyone[measured]
    external_rows = material.val_rows[external]
    probed = {"plain mean features": (material.plain[0][material.rated, 0], material.plain[1][external].mean(1)),
              "lesion features": (material.train[material.rated, 0], material.val[external].astype(np.float32).mean(1)),
              "all measures": tuple(material.standard(KEYS).of(material.measures, some) for some in (rows, external_rows)),
              **{f"embedding, {cell}": (one.rated, one.external[measured]) for cell, one in outcomes.items()}}
    result: dict = {"severity": severity, "raters": {}, "ph2": {}}
    readings: dict[str, dict[str, np.ndarray]] = {}
    for number, criterion in enumerate(CRITERIA):
        scores, theirs = material.ratings.scores[rows, number], material.ratings.scores[external_rows, number]
        y = scores.mean(1)
        entry: dict = {"pictures": len(rows), "agreement": agreement(scores), "ph2_agreement": agreement(theirs), "readings": {}}
        readings[criterion] = {}
        for name in dict.fromkeys((severity[criterion]["measure"], POINTS[criterion])):
            here, there = (material.measures.columns((name,))[some, 0] for some in (rows, external_rows))
            entry["readings"][f"measured: {name}"] = {"isic2017": follows(here, scores), "ph2": follows(there, theirs)}
            readings[criterion][f"measured: {name}"] = there
        for name, (here, there) in probed.items():
            x = here.astype(np.float64)
            read = nested_read(x, y, material.lesions[material.rated])
            whole = ridge(x, y, chosen_strength(x, y, material.lesions[material.rated])).of(there.astype(np.float64))
            entry["readings"][f"read from {name}"] = {"isic2017": follows(read, scores), "ph2": follows(whole, theirs)}
            readings[criterion][f"read from {name}"] = whole
        result["raters"][criterion] = entry
        note(f"{criterion}: " + ", ".join(f"{name} {found['isic2017']['mean']:.3f}" for name, found in entry["readings"].items()))
    for name in (*(key for key in material.measures.names if key.startswith("asymmetry_")), SCORE):
        readings["asymmetry"][f"measured: {name}"] = material.measures.columns((name,))[external_rows, 0]
    result["ph2"] = expert_figures(material.ratings.ph2_asymmetry[external_rows], material.ratings.ph2_colours[external_rows], readings)
    return result


def expert_figures(asymmetry: np.ndarray, colours: np.ndarray, readings: dict[str, dict[str, np.ndarray]]) -> dict:
    """PH2's expert: ROC AUC of fully asymmetric (2) against symmetric (0), rank correlation with all three grades, and with the number of colours."""
    apart = np.isin(asymmetry, (0, 2))
    label = (asymmetry[apart] == 2).astype(int)
    counted = np.isfinite(colours)
    return {"symmetric": int((label == 0).sum()), "asymmetric": int(label.sum()),
            "asymmetry": {name: {"auc_0_2": roc_auc(label, read[apart]), "spearman": spearman(read, asymmetry)}
                          for name, read in readings["asymmetry"].items()},
            "colours": {name: {"spearman": spearman(read[counted], colours[counted])} for name, read in readings["colour"].items()}}
