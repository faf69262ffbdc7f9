"""System D's fine-tuning from two starts, weight averaging, and the choice among them and of the gate, which val alone makes."""

from dataclasses import replace
from pathlib import Path

import torch

from .asff_val import figures, predict
from .average import average
from .index import UNKNOWN
from .multitask import load_network
from .multitask_train import Pool, open_pool, train_backbone
from .recipe import ASFF_STAGES, AVERAGE, GUIDED_STAGES, STAGES
from .systems.asff import GATES, choose
from .train import Plan, save, train

HOME = "isic-binary"
# Shares of the fine-tuned weights, the rest being those that they started from.
SHARES = (1.0, 0.7, 0.5)
# Mean share of the Grad-CAM inside the lesion that a candidate needs, however high its AUC.
ENERGY = 0.70


def train_own(data: Path, folder: Path, backbone: str, seed: int = 0, processes: int = 2) -> Path:
    """System D's own weights: its heads alone on three sets of the pool, without outlines and guidance; returns the checkpoint in `folder`."""
    own = folder / "own.pt"
    if not own.exists():
        train(Plan(data, folder, backbone, STAGES, seed=seed, processes=processes))
        average([folder / stage / "final.pt" for stage in AVERAGE], list(AVERAGE.values()), own)
    return own


def overlay(own: Path, trunk: Path, target: Path) -> None:
    """Lay the weights that `train` gave system D over a finished trunk's; what they lack (outline, other tasks) stays the trunk's."""
    state = dict(torch.load(trunk, weights_only=True)["ema"])
    names = {"backbone": "backbone", "fusion": "asff.fusion", "head": "asff.head", "diagnosis": "heads.dx"}
    for name, value in torch.load(own, weights_only=True)["ema"].items():
        part, _, rest = name.partition(".")
        key = f"{names.get(part)}.{rest}"
        if key not in state or state[key].shape != value.shape:
            raise ValueError(f"{own} does not fit {trunk}: {name} has no place in it")
        state[key] = value
    target.parent.mkdir(parents=True, exist_ok=True)
    save({"ema": state}, target)


def select(candidates: dict[str, Path], backbone: str, pool: Pool, size: int) -> tuple[str, str, dict[str, dict[str, dict[str, float]]]]:
    """The checkpoint and gate of the largest ROC AUC on isic-binary val over four flips, and all that were compared.

    Those whose evidence does not lie inside the lesion (ENERGY) are only chosen where there is nothing else.
    """
    rows = pool.index.rows(HOME, "val")
    rows = rows[pool.index.malignant[rows] != UNKNOWN]
    label, outlined, found = pool.index.malignant[rows], pool.index.mask[rows] != "", {}
    for name, checkpoint in candidates.items():
        scored = predict(load_network(backbone, checkpoint), pool.cache, pool.masks, rows, size, flips=True)
        found[name] = {head: {"auc": figures(label, score)["roc_auc"], "energy": float(torch.tensor(energy[outlined]).nanmean())}
                       for head, (score, energy) in scored.items()}
    name, gate = max(((name, gate) for name in candidates for gate in GATES),
                     key=lambda pair: (found[pair[0]][pair[1]]["energy"] >= ENERGY, found[pair[0]][pair[1]]["auc"]))
    return name, gate, found


def train_asff(plan: Plan, own: Path, target: Path) -> dict:
    """Fine-tune from the trunk `plan.start` and, where they exist, from the weights `own` that `train` gave system D.

    Writes the chosen checkpoint for `systems.asff.build` to `target`, and says what was compared.
    """
    if plan.start is None or not plan.start.exists():
        raise FileNotFoundError(f"system D starts from a finished trunk, and {plan.start} does not exist: run `backbone` first")
    lines = {"trunk": (plan.start, ASFF_STAGES)}
    if own.exists():
        laid = plan.work / "laid.pt"
        overlay(own, plan.start, laid)
        lines["own"] = (laid, GUIDED_STAGES)
    candidates = {}
    for line, (start, stages) in lines.items():
        last = train_backbone(replace(plan, stages=stages, start=start))
        candidates[line] = start
        for share in SHARES:
            path = plan.work / f"{line}-{share}.pt"
            average([start, last], [1 - share, share], path)
            candidates[f"{line} {share}"] = path
    torch.set_num_threads(1)
    name, gate, found = select(candidates, plan.backbone, open_pool(plan.data, plan.work.parent / "cache"), size=224)
    choose(candidates[name], gate, target)
    return {"chosen": name, "gate": gate, "compared": found}
