"""Fine-tuning of system C from the dermoscopic trunk: one process, may be killed at any moment.

Every step's randomness follows from (seed, step), and `last.pt` holds the step it
was taken at: a run that is continued computes what one never stopped would have.
"""

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import joint_recipe, joint_val
from .augment import augment_with_masks
from .index import views
from .joint_features import FrozenTaps, freeze, pyramid
from .joint_loss import evidence_outside, joint_losses
from .multitask import label_targets, mask_targets
from .multitask_train import GRADIENT_NORM, Pool, open_pool
from .multitask_val import val_rows
from .sampling import Sampler
from .systems.multitask import JointNet
from .train import Ema, Stage, rate_at, save

SAVE_SECONDS = 300.0
LOG_SECONDS = 60.0


@dataclass(frozen=True)
class JointPlan:
    """What decides a run; `start` is the checkpoint of a trunk or of an earlier such run."""

    stage: Stage
    start: Path
    folder: Path
    backbone: str = "tf_efficientnet_lite0"
    guidance: float = joint_recipe.GUIDANCE
    seed: int = 0


class JointRun:
    """The network, its optimiser and average, and where the run stands."""

    def __init__(self, plan: JointPlan, pool: Pool):
        self.plan, self.pool, stage = plan, pool, plan.stage
        plan.folder.mkdir(parents=True, exist_ok=True)
        self.last = plan.folder / "last.pt"
        self.model = JointNet(plan.backbone, pretrained=False)
        start = torch.load(plan.start, weights_only=True)["ema"]
        if "head.weight" in start:
            self.model.load_state_dict(start)
        else:
            self.model.load_trunk(start)
        self.model = self.model.to(memory_format=torch.channels_last)
        factors = {"head.weight": joint_recipe.HEAD_FACTOR, "sharpness": joint_recipe.SHARPNESS_FACTOR}
        groups = [{"params": [p for name, p in self.model.named_parameters() if name not in factors], "factor": 1.0}]
        groups += [{"params": [self.model.get_parameter(name)], "factor": factor,
                    **({"weight_decay": 0.0} if name == "sharpness" else {})} for name, factor in factors.items()]
        self.optimiser = torch.optim.AdamW(groups, lr=stage.rate, weight_decay=stage.weight_decay)
        self.ema, self.step = Ema(self.model, stage.ema_decay), 0
        if self.last.exists():
            state = torch.load(self.last, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.ema.state, self.ema.steps, self.step = state["ema"], state["ema_steps"], state["step"]
        rows = np.concatenate(pool.groups)
        rows = np.sort(rows[np.isin(pool.index.dataset[rows], joint_recipe.DATASETS)])
        self.sampler = Sampler(pool.index, views(pool.index, rows, joint_recipe.DATASETS), stage.mix, plan.seed, stage.balance)
        self.order = (-1, np.empty(0, int))
        self.epoch_steps = len(self.sampler.epoch(0)) // stage.batch
        self.frozen = FrozenTaps(self.model.backbone, stage.size)

    def save(self) -> None:
        save({"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "ema": self.ema.state,
              "ema_steps": self.ema.steps, "step": self.step}, self.last)

    def batch(self, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Augmented pictures, label targets and mask targets of the current step."""
        epoch, within = divmod(self.step, self.epoch_steps)
        if self.order[0] != epoch:
            self.order = (epoch, self.sampler.epoch(epoch))
        stage, pool = self.plan.stage, self.pool
        rows = np.sort(self.order[1][within * stage.batch:(within + 1) * stage.batch])
        images, masks = augment_with_masks(pool.cache[rows], pool.masks[rows], stage.size, rng, stage.strength)
        return (images, label_targets(pool.index, rows, stage.label_smoothing),
                mask_targets(masks, torch.from_numpy(pool.index.mask[rows] != "")))

    def advance(self) -> dict[str, float]:
        """One step; returns its losses."""
        stage = self.plan.stage
        seeds = np.random.SeedSequence([self.plan.seed, self.step, sum(stage.name.encode())]).generate_state(2)
        torch.manual_seed(int(seeds[0]))
        images, labels, masks = self.batch(torch.Generator().manual_seed(int(seeds[1])))
        outputs = self.model.read(pyramid(self.model.backbone, self.frozen(images)))
        parts = joint_losses(outputs, labels, masks)
        loss = sum(parts.values())
        if self.plan.guidance:
            parts["guidance"] = evidence_outside(outputs["cam"], masks)
            loss = loss + self.plan.guidance * parts["guidance"]
        rate = rate_at(stage, self.step, stage.epochs * self.epoch_steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        self.optimiser.zero_grad(set_to_none=False)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), GRADIENT_NORM, error_if_nonfinite=True)
        self.optimiser.step()
        self.ema.update(self.model)
        self.step += 1
        return {name: part.item() for name, part in parts.items()}

    def judge(self) -> None:
        """Val figures of the averaged weights, appended to `history.jsonl`, and the weights as `epoch-N.pt`; epoch 0 is the start."""
        epoch, began = self.step // self.epoch_steps, time.time()
        path = self.plan.folder / f"epoch-{epoch}.pt"
        if path.exists():
            return
        model = JointNet(self.plan.backbone, pretrained=False)
        model.load_state_dict(self.ema.state)
        figures = judge(model.to(memory_format=torch.channels_last), self.pool, self.plan.stage.val_size, joint_recipe.HAM_VAL)
        self._note({"epoch": epoch, "seconds": round(time.time() - began, 1), "sharpness": round(float(model.sharpness.detach()), 3),
                    "val": figures}, "history.jsonl")
        save({"ema": self.ema.state}, path)

    def _note(self, line: dict, name: str) -> None:
        text = json.dumps(line)
        print(text, flush=True)
        with open(self.plan.folder / name, "a", encoding="utf-8") as handle:
            handle.write(text + "\n")

    def train(self) -> Path:
        """To the end of the stage; returns the last epoch's checkpoint."""
        stage = self.plan.stage
        last = stage.stop or stage.epochs
        saved = logged = time.time()
        interval: list[dict[str, float]] = []
        if self.step % self.epoch_steps == 0:
            self.judge()
        while self.step < last * self.epoch_steps:
            self.model.train()
            freeze(self.model.backbone)
            interval.append(self.advance())
            now = time.time()
            if now - logged >= LOG_SECONDS:
                means = {name: round(float(np.mean([step[name] for step in interval])), 4) for name in interval[0]}
                self._note({"time": time.strftime("%H:%M:%S"), "step": self.step, "epoch": round(self.step / self.epoch_steps, 3), **means,
                            "images_per_second": round(len(interval) * stage.batch / (now - logged), 2)}, "log.jsonl")
                logged, interval = now, []
            done = self.step % self.epoch_steps == 0
            if done or now - saved >= SAVE_SECONDS:
                self.save()
                saved = time.time()
            if done:
                self.judge()
                logged, interval = time.time(), []
        return self.plan.folder / f"epoch-{last}.pt"


def judge(model: nn.Module, pool: Pool, size: int, ham_limit: int) -> dict[str, dict[str, float]]:
    """Figures on the whole val of isic2017 under all flips, with the best mask threshold, and of at most `ham_limit`
    pictures of ham10000's val as they lie."""
    rows = pool.index.rows("isic2017", "val")
    predicted = joint_val.predict(model, pool.cache, pool.masks, rows, size, thresholds=(0.5, *joint_val.THRESHOLDS))
    threshold, best = joint_val.best_threshold(predicted, (0.5, *joint_val.THRESHOLDS))
    result = {"isic2017": {**joint_val.figures(pool.index, rows, predicted), "threshold": threshold, "jaccard_there": best}}
    rows = pool.index.rows("ham10000", "val")
    rows = rows[np.linspace(0, len(rows) - 1, min(ham_limit, len(rows))).round().astype(int)]
    if len(rows):
        predicted = joint_val.predict(model, pool.cache, pool.masks, rows, size, flips=("none",))
        result["ham10000"] = joint_val.figures(pool.index, rows, predicted)
    return {dataset: {name: round(value, 4) for name, value in line.items()} for dataset, line in result.items()}


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `joint-train` and `joint-judge`; their `run` default does the work."""
    training = subparsers.add_parser("joint-train", help="fine-tune system C from the trunk, or continue where a run was stopped")
    training.add_argument("--start", type=Path, required=True, help="checkpoint of the trunk, or of an earlier run")
    training.add_argument("--name", default=joint_recipe.STAGE.name, help="folder of this run, below WORK/joint")
    training.add_argument("--epochs", type=int, default=joint_recipe.STAGE.epochs)
    training.add_argument("--size", type=int, default=joint_recipe.STAGE.size)
    training.add_argument("--rate", type=float, default=joint_recipe.STAGE.rate)
    training.add_argument("--guidance", type=float, default=joint_recipe.GUIDANCE)
    training.add_argument("--seed", type=int, default=0)
    judging = subparsers.add_parser("joint-judge", help="figures of system C's checkpoints on val")
    judging.add_argument("checkpoints", type=Path, nargs="+")
    for parser in (training, judging):
        parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
        parser.add_argument("--work", type=Path, required=True, help="scratch folder, holds the caches")
        parser.add_argument("--backbone", default="tf_efficientnet_lite0")
    training.set_defaults(run=_train)
    judging.set_defaults(run=_judge)


def _train(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    stage = replace(joint_recipe.STAGE, epochs=options.epochs, size=options.size, rate=options.rate)
    plan = JointPlan(stage, options.start, options.work / "joint" / options.name, options.backbone, options.guidance, options.seed)
    print(JointRun(plan, open_pool(options.data, options.work / "cache")).train())


def _judge(options: argparse.Namespace) -> None:
    from .systems.multitask import build

    torch.set_num_threads(1)
    pool = open_pool(options.data, options.work / "cache")
    for checkpoint in options.checkpoints:
        model = build(checkpoint, options.backbone).to(memory_format=torch.channels_last)
        print(json.dumps({"checkpoint": str(checkpoint), **judge(model, pool, joint_recipe.STAGE.val_size, len(pool.index))}), flush=True)
