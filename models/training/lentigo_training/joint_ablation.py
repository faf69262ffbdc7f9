"""Does one network for three tasks beat three networks for one task each? (system C, after arXiv 1703.01025)

All four networks are the same (`JointNet`: encoder, decoder, heads), start from
the same ImageNet weights and see the same augmented pictures in the same order
under the same schedule; they differ in nothing but which terms of the loss they
learn. ImageNet and not the dermoscopic trunk: the trunk was trained on all three
tasks, so each single-task network would inherit what it is to do without. The
first five of seven stages (a fifth of the weights) stay at ImageNet's, which
makes their outputs cacheable and a run cost minutes. No guidance loss: it would show the mask to a
network that must not know it.
"""

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from . import joint_features, joint_val
from .index import UNKNOWN, trainable
from .joint_loss import TASKS, joint_losses
from .metrics import roc_auc
from .multitask import label_targets
from .multitask_train import GRADIENT_NORM, Pool, open_pool
from .systems.multitask import CLASSES, JointNet
from .train import Ema, Stage, rate_at

DATASET = "isic2017"
# Also judged, never trained on here: the same archive in another geometry, more pictures.
VAL_DATASETS = (DATASET, "isic2018-seg")
JOINT = "joint"
NETWORKS = (JOINT, *TASKS)
ROUNDS = 2000


@dataclass(frozen=True)
class Schedule:
    """What every run of the comparison has in common; an epoch shows every picture once, in one of the cached augmentations."""

    backbone: str = "tf_efficientnet_lite0"
    size: int = 128
    val_size: int = 160
    epochs: int = 5
    augmentations: int = 3
    batch: int = 32
    rate: float = 1e-3
    # Layers that start from noise need a higher rate than the pretrained ones.
    fresh_factor: float = 3.0
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    ema_decay: float = 0.98


def train_network(schedule: Schedule, pool: Pool, rows: np.ndarray, folder: Path, learns: tuple[str, ...], seed: int) -> JointNet:
    """One network that learns the tasks `learns`; the pictures and their order follow from `seed` alone."""
    torch.manual_seed(seed)
    model = JointNet(schedule.backbone, pretrained=True).to(memory_format=torch.channels_last)
    stage = Stage("ablation", schedule.size, schedule.epochs, schedule.rate, {}, warmup_steps=30)
    trunk = [p for name, p in model.named_parameters() if name.startswith("backbone.")]
    fresh = [p for name, p in model.named_parameters() if not name.startswith("backbone.")]
    optimiser = torch.optim.AdamW([{"params": trunk, "factor": 1.0}, {"params": fresh, "factor": schedule.fresh_factor}],
                                  lr=schedule.rate, weight_decay=schedule.weight_decay)
    ema = Ema(model, schedule.ema_decay)
    steps = len(rows) // schedule.batch
    for epoch in range(schedule.epochs):
        features = joint_features.open_features(folder, model.backbone, pool, rows, schedule.size, epoch % schedule.augmentations)
        order = np.random.default_rng([seed, epoch]).permutation(len(rows))
        model.train()
        joint_features.freeze(model.backbone)
        for step in range(steps):
            chosen = np.sort(order[step * schedule.batch:(step + 1) * schedule.batch])
            taps, masks = features.batch(chosen)
            parts = joint_losses(model.read(joint_features.pyramid(model.backbone, taps)),
                                 label_targets(pool.index, rows[chosen], schedule.label_smoothing), masks)
            for group in optimiser.param_groups:
                group["lr"] = rate_at(stage, epoch * steps + step, schedule.epochs * steps) * group["factor"]
            optimiser.zero_grad(set_to_none=True)
            sum(parts[task] for task in learns).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM, error_if_nonfinite=True)
            optimiser.step()
            ema.update(model)
    model.load_state_dict(ema.state)
    return model.eval()


def _store(path: Path, arrays: dict[str, np.ndarray]) -> None:
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as handle:
        np.savez(handle, **arrays)
    os.replace(partial, path)


def run_all(schedule: Schedule, pool: Pool, folder: Path, seeds: int) -> None:
    """Train and judge every network that has no result in `folder` yet; seed by seed, so that what exists is comparable."""
    rows = trainable(pool.index, (DATASET,), None)
    rows = rows[np.isin(rows, np.concatenate(pool.groups))]
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(seeds):
        for network in NETWORKS:
            path = folder / f"{network}-{seed}.npz"
            if path.exists():
                continue
            began = time.process_time()
            model = train_network(schedule, pool, rows, folder, TASKS if network == JOINT else (network,), seed)
            result: dict[str, np.ndarray] = {}
            for dataset in VAL_DATASETS:
                val = pool.index.rows(dataset, "val")
                predicted = joint_val.predict(model, pool.cache, pool.masks, val, schedule.val_size, flips=("none",))
                result |= {f"{dataset}/logits": predicted["logits"], f"{dataset}/jaccard": predicted["jaccard"][:, 0]}
                print(json.dumps({"network": network, "seed": seed, "dataset": dataset, "pictures": len(rows),
                                  "cpu_seconds": round(time.process_time() - began),
                                  **joint_val.figures(pool.index, val, predicted)}), flush=True)
            _store(path, result)


def _figure(task: str, labels: np.ndarray, scores: np.ndarray) -> float:
    """Mean Jaccard index, or ROC AUC."""
    return float(scores.mean()) if task == "mask" else roc_auc(labels, scores)


def compare(task: str, labels: np.ndarray, joint: np.ndarray, single: np.ndarray, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Figure of both kinds, and their difference, each as [mean over seeds, low, high] (95 %).

    labels [N] (all zero for the mask task); joint and single [seeds, N]: per picture the Jaccard index or the score.
    A bootstrap round draws pictures within each class and seeds, the same ones for both kinds.
    """
    rng = np.random.default_rng(0)
    seeds, _ = joint.shape
    classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]

    def means(chosen: np.ndarray, pick: np.ndarray) -> tuple[float, float]:
        return tuple(float(np.mean([_figure(task, labels[pick], scores[seed][pick]) for seed in chosen])) for scores in (joint, single))

    at = means(np.arange(seeds), np.arange(len(labels)))
    draws = np.array([means(rng.integers(0, seeds, seeds), np.concatenate([rng.choice(c, len(c)) for c in classes]))
                      for _ in range(rounds)])
    columns = {"joint": (at[0], draws[:, 0]), "single": (at[1], draws[:, 1]), "difference": (at[0] - at[1], draws[:, 0] - draws[:, 1])}
    return {name: [value, *(float(q) for q in np.percentile(spread, (2.5, 97.5)))] for name, (value, spread) in columns.items()}


def table(pool: Pool, folder: Path, rounds: int = ROUNDS) -> dict:
    """Comparison by dataset and task over the seeds of which all four networks are there."""
    seeds = [seed for seed in range(100) if all((folder / f"{network}-{seed}.npz").exists() for network in NETWORKS)]
    result: dict = {"seeds": len(seeds), "datasets": {}}
    for dataset in VAL_DATASETS if seeds else ():
        val = pool.index.rows(dataset, "val")
        lines = {}
        for task in TASKS:
            label = np.zeros(len(val), int) if task == "mask" else getattr(pool.index, task)[val]
            known = (pool.index.mask[val] != "") if task == "mask" else (label != UNKNOWN)
            if task != "mask" and len(np.unique(label[known])) < 2:
                continue

            def scores(network: str) -> np.ndarray:
                runs = [np.load(folder / f"{network}-{seed}.npz") for seed in seeds]
                if task == "mask":
                    return np.stack([run[f"{dataset}/jaccard"][known] for run in runs])
                return np.stack([run[f"{dataset}/logits"][known, CLASSES.index(task)] for run in runs])

            lines["jaccard" if task == "mask" else f"auc_{task}"] = {
                "pictures": int(known.sum()), **compare(task, label[known], scores(JOINT), scores(task), rounds)}
        result["datasets"][dataset] = lines
    return result


def markdown(result: dict) -> str:
    """The comparison as a table of text."""
    def cell(figure: list[float], sign: str = "") -> str:
        return f"{figure[0]:{sign}.3f} ({figure[1]:{sign}.3f} to {figure[2]:{sign}.3f})"

    lines = [f"Seeds: {result['seeds']}. Mean over seeds (95 % bootstrap interval over pictures and seeds).", "",
             "| val of | figure | pictures | joint | single task | difference |", "|---|---|---|---|---|---|"]
    for dataset, figures in result["datasets"].items():
        lines += [f"| {dataset} | {name} | {f['pictures']} | {cell(f['joint'])} | {cell(f['single'])} | {cell(f['difference'], '+')} |"
                  for name, f in figures.items()]
    return "\n".join(lines) + "\n"


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `joint-ablation`; its `run` default does the work."""
    parser = subparsers.add_parser("joint-ablation", help="system C against three single-task networks, or go on where it stopped")
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder, holds the caches")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only-table", action="store_true", help="train nothing, tabulate what there is")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    pool = open_pool(options.data, options.work / "cache")
    folder = options.work / "joint" / "ablation"
    if not options.only_table:
        run_all(Schedule(), pool, folder, options.seeds)
    result = table(pool, folder)
    (folder / "table.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    (folder / "table.md").write_text(markdown(result), encoding="utf-8")
    print(markdown(result))
