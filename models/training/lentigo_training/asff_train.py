"""System D from the finished trunk: fine-tuning, weight averaging and the choice of the gate, the last two by val alone."""

from dataclasses import replace
from pathlib import Path

import torch

from .asff_val import figures, predict
from .average import average
from .index import UNKNOWN
from .multitask import load_network
from .multitask_train import Pool, open_pool, train_backbone
from .recipe import ASFF_STAGES
from .systems.asff import GATES, choose
from .train import Plan

HOME = "isic-binary"
# Shares of the fine-tuned weights, the rest being the trunk's it started from.
SHARES = (1.0, 0.7, 0.5)


def select(candidates: dict[str, Path], backbone: str, pool: Pool, size: int) -> tuple[str, str, dict[str, dict[str, float]]]:
    """The checkpoint and gate of the largest ROC AUC on isic-binary val over four flips, and all that were compared."""
    rows = pool.index.rows(HOME, "val")
    rows = rows[pool.index.malignant[rows] != UNKNOWN]
    label, found = pool.index.malignant[rows], {}
    for name, checkpoint in candidates.items():
        scored = predict(load_network(backbone, checkpoint), pool.cache, pool.masks, rows, size, flips=True)
        found[name] = {head: figures(label, score)["roc_auc"] for head, (score, _) in scored.items()}
    name, gate = max(((name, gate) for name in candidates for gate in GATES), key=lambda pair: found[pair[0]][pair[1]])
    return name, gate, found


def train_asff(plan: Plan, target: Path) -> dict:
    """Run the stages from `plan.start`, write the chosen checkpoint for `systems.asff.build` to `target`, and say what was chosen."""
    if plan.start is None or not plan.start.exists():
        raise FileNotFoundError(f"system D starts from a finished trunk, and {plan.start} does not exist: run `backbone` first")
    last = train_backbone(replace(plan, stages=ASFF_STAGES))
    candidates = {"start": plan.start}
    for share in SHARES:
        path = plan.work / f"share-{share}.pt"
        average([plan.start, last], [1 - share, share], path)
        candidates[f"share {share}"] = path
    torch.set_num_threads(1)
    name, gate, found = select(candidates, plan.backbone, open_pool(plan.data, plan.work.parent / "cache"), size=224)
    choose(candidates[name], gate, target)
    return {"chosen": name, "gate": gate, "compared": found}
