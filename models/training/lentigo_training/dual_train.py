"""System A from a backbone's checkpoint: Deep-UNet, maps, fusion with its ablation, one checkpoint.

Every step leaves a file and is skipped when that is there; nothing is trained on that any val split shows.
"""

import argparse
import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from .dual_ablation import save_table, table, train_cells
from .dual_val import answers, classes_figures, log_prior, mean_jaccard, shares
from .features import Basis, Extractor, TrainMaps, ValMaps, ham_rows
from .fusion_train import FusionSchedule
from .index import Index
from .multitask_train import Pool, open_pool
from .systems.dual import DualNetwork, Fusion
from .train import save
from .unet_train import UnetSchedule, train_unet


@dataclass(frozen=True)
class DualPlan:
    """Where everything lies and how much of it is done; `views` is about how many augmented pictures are cached."""

    data: Path
    cache: Path
    folder: Path
    start: Path
    backbone: str = "tf_efficientnet_lite0"
    unet: UnetSchedule = field(default_factory=lambda: UnetSchedule(steps=140, rate=1e-3, strength=0.5))
    fusion: FusionSchedule = field(default_factory=FusionSchedule)
    views: int = 15000
    seeds: int = 3
    val_limit: int | None = None


def starting(checkpoint: Path, backbone: str) -> DualNetwork:
    """Both trunks and the U-Net's layers from a multi-task checkpoint."""
    state = torch.load(checkpoint, weights_only=True)["ema"]
    network = DualNetwork(backbone)
    trunk = {name.removeprefix("backbone."): value for name, value in state.items() if name.startswith("backbone.")}
    network.backbone.load_state_dict(trunk)
    network.backbone_segmented.load_state_dict(trunk)
    network.unet.start_from({name.removeprefix("decoder."): value for name, value in state.items() if name.startswith("decoder.")})
    return network.eval()


def _note(folder: Path, line: str) -> None:
    line = f"{time.strftime('%H:%M:%S')} {line}"
    print(line, flush=True)
    with open(folder / "log.txt", "a", encoding="utf-8") as handle:
        handle.write(line + "\n")


def _with_unet(plan: DualPlan, pool: Pool) -> DualNetwork:
    network, done = starting(plan.start, plan.backbone), plan.folder / "unet.pt"
    if not done.exists():
        train_unet(network.unet, network.backbone, pool, plan.unet, lambda line: _note(plan.folder, line))
        save({"unet": network.unet.state_dict()}, done)
    network.unet.load_state_dict(torch.load(done, weights_only=True)["unet"])
    return network.eval()


def _maps(plan: DualPlan, pool: Pool, network: DualNetwork) -> tuple[TrainMaps, ValMaps, dict[str, Basis]]:
    done = plan.folder / "bases.pt"
    rows = pool.index.rows("ham10000", "val")[:plan.val_limit]
    if not done.exists():
        extractor = Extractor(network, pool)
        train_rows = ham_rows(pool)
        extractor.find_bases(train_rows)
        _note(plan.folder, "maps of val")
        extractor.val(rows, plan.folder / "val")
        extractor.train(train_rows, plan.views, plan.folder / "train", note=lambda line: _note(plan.folder, line))
        save({name: {"mean": basis.mean, "components": basis.components} for name, basis in extractor.bases.items()}, done)
    bases = {name: Basis(**parts) for name, parts in torch.load(done, weights_only=True).items()}

    def opened(split: str, names: tuple[str, ...]) -> dict[str, np.ndarray]:
        return {name: np.load(plan.folder / split / f"{name}.npy", mmap_mode="r") for name in names}

    return (TrainMaps(**opened("train", ("original", "segmented", "inside", "rows"))),
            ValMaps(**opened("val", ("original", "segmented", "mask", "inside", "rows"))), bases)


def install(network: DualNetwork, fusion: Fusion, bases: dict[str, Basis]) -> None:
    """Put a fusion trained on reduced maps into the network, the reduction folded into its first convolutions."""
    state = dict(fusion.state_dict())
    for name, basis in bases.items():
        weight, bias = basis.folded(state[f"project.{name}.weight"], state[f"project.{name}.bias"])
        state[f"project.{name}.weight"], state[f"project.{name}.bias"] = weight, bias
    network.fusion.load_state_dict(state)


def judge(fusion: Fusion, val: ValMaps, index: Index, masks: np.ndarray, prior: np.ndarray) -> dict:
    """Val figures of one fusion with and without metadata, and of the outline."""
    overlap = mean_jaccard(val, masks)
    result = {"pictures": len(val.rows), "jaccard": float(overlap.mean()), "jaccard_one_view": float(mean_jaccard(val, masks, 1).mean())}
    for name, told in (("with metadata", True), ("metadata hidden", False)):
        found = answers(fusion, val, index, told)
        inside = shares(found, val.inside)
        result[name] = {**classes_figures(index.dx[val.rows], found.logits, prior), "cam_inside": float(np.nanmean(inside)),
                        "cam_empty": int(np.isnan(inside).sum())}
    return result


def train_dual(plan: DualPlan) -> Path:
    """Run what is missing; returns the checkpoint for `systems.dual.build`."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    pool = open_pool(plan.data, plan.cache)
    network = _with_unet(plan, pool)
    train, val, bases = _maps(plan, pool, network)
    _note(plan.folder, f"jaccard {mean_jaccard(val, pool.masks).mean():.4f} of four views, {mean_jaccard(val, pool.masks, 1).mean():.4f} of one")
    # Read once into memory: sampling touches every page.
    train = replace(train, original=np.array(train.original), segmented=np.array(train.segmented), inside=np.array(train.inside))
    prior = log_prior(pool.index, train.rows)
    found, full = train_cells(train, val, pool.index, plan.fusion, plan.seeds, lambda line: _note(plan.folder, line))
    save_table(table(found, val, pool.index, prior), plan.folder / "ablation.json")
    scores = [classes_figures(pool.index.dx[val.rows], one.logits, prior) for one in found["both"]]
    best = int(np.argmax([score["balanced_accuracy"] + score["macro_auc"] for score in scores]))
    install(network, full[best], bases)
    target = plan.folder / "dual.pt"
    save({"ema": network.state_dict()}, target)
    save({"fusion": full[best].state_dict()}, plan.folder / "fusion.pt")
    judged = {"seed": best, **judge(full[best], val, pool.index, pool.masks, prior)}
    (plan.folder / "val.json").write_text(json.dumps(judged, indent=1), encoding="utf-8")
    _note(plan.folder, f"wrote {target}, seed {best}")
    return target


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """`dual`: train system A and its ablation."""
    parser = subparsers.add_parser("dual", help="train system A from a backbone's checkpoint, with its ablation")
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder: cache, checkpoints")
    parser.add_argument("--start", type=Path, required=True, help="checkpoint of `backbone`")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0")
    parser.add_argument("--views", type=int, default=15000, help="augmented pictures whose maps are cached")
    parser.add_argument("--seeds", type=int, default=3)
    parser.set_defaults(run=run_command)


def run_command(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    print(train_dual(DualPlan(options.data, options.work / "cache", options.work / "dual", options.start, options.backbone,
                              views=options.views, seeds=options.seeds)))
