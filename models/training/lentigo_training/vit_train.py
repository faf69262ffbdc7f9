"""Distillation of the tiny vision transformer from a trained convolutional trunk; may be killed at any moment.

Both see the same augmented picture (Beyer et al. 2021, "a good teacher is patient and consistent"), so every step gives the
student a fresh opinion about a view that neither has seen. It learns the teacher's opinions blended with the labels, the
teacher's outline, and through a linear map that is thrown away afterwards the teacher's pooled features, each scaled to unit
variance: a few thousand labels alone do not teach a transformer to see.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .augment import augment_with_masks, plain
from .metrics import roc_auc
from .multitask import COLUMNS, MultiTask, label_targets, load_network, mask_loss
from .multitask_train import GRADIENT_NORM, LOG_SECONDS, SAVE_SECONDS, Pool, open_pool
from .multitask_val import jaccard
from .recipe import VIT_STAGE, VIT_TEACHER_SHARE
from .sampling import Sampler
from .teacher import probabilities
from .train import Ema, Stage, rate_at, save
from .vit import DEPTH, VitTiny

# Shares of the loss: opinions and labels weigh one each for dx and melanoma.
FEATURES, OUTLINE = 1.0, 0.3
BATCH = 32


@dataclass(frozen=True)
class VitPlan:
    """Everything that decides a run."""

    stage: Stage
    teacher: Path
    folder: Path
    backbone: str = "tf_efficientnet_lite0"
    teacher_share: float = VIT_TEACHER_SHARE
    depth: int = DEPTH
    seed: int = 0


class Student(nn.Module):
    """The transformer, the map from its pooled features to the teacher's, and the statistics of the teacher's."""

    def __init__(self, depth: int, features: int):
        super().__init__()
        self.vit = VitTiny(depth)
        self.likeness = nn.Linear(self.vit.width, features)
        self.scale = nn.BatchNorm1d(features, affine=False)


@torch.no_grad()
def teach(teacher: MultiTask, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of the teacher: probabilities [N, WIDTH] in the layout of the label targets, pooled features [N,F], lesion probability [N,1,h,w]."""
    pyramid = teacher.backbone.pyramid(images)
    outputs = MultiTask.read(teacher, pyramid)
    return probabilities(outputs), pyramid[-1].mean((2, 3)), torch.sigmoid(outputs["mask"])


def losses(student: Student, images: Tensor, taught: tuple[Tensor, Tensor, Tensor], labels: Tensor, share: float) -> dict[str, Tensor]:
    """Losses of one batch, unweighted; `labels` as of `label_targets`, `share` of the teacher's opinion."""
    opinions, features, outline = taught
    outputs = {name: value.float() for name, value in student.vit(images).items()}
    targets = labels * (1 - share) + opinions * share
    result = {}
    for task, logits in (("dx", outputs["dx"]), ("melanoma", outputs["logits"])):
        target = targets[:, COLUMNS[task]]
        result[task] = -(target * F.log_softmax(logits, 1)).sum() / target.sum()
    result["features"] = F.mse_loss(student.likeness(outputs["pooled"]).float(), student.scale(features))
    result["outline"] = mask_loss(outputs["mask"], torch.cat([1 - outline, outline], 1))
    return result


@torch.no_grad()
def judge(model: VitTiny, pool: Pool, size: int) -> dict[str, float]:
    """Val, one view: AUC of melanoma on isic2017 and on ham10000's nevi and melanomas, Jaccard index of isic2017."""
    model.eval()
    index, result = pool.index, {}
    for dataset in ("isic2017", "ham10000"):
        rows = index.rows(dataset, "val")
        rows = rows[index.melanoma[rows] >= 0] if dataset == "isic2017" else rows[np.isin(index.dx[rows], (0, 1))]
        if len(np.unique(index.melanoma[rows])) < 2:
            continue
        scores, overlaps = [], []
        for start in range(0, len(rows), BATCH):
            some = rows[start:start + BATCH]
            outputs = model(plain(pool.cache[some], size))
            scores.append((outputs["logits"][:, 1] - outputs["logits"][:, 0]).numpy())
            outline = F.interpolate(outputs["mask"], size=pool.masks.shape[1:], mode="bilinear", align_corners=False)[:, 0] > 0
            overlaps.append(jaccard(outline.numpy(), pool.masks[some] > 0))
        result[f"auc_{dataset}"] = roc_auc(index.melanoma[rows], np.concatenate(scores))
        result[f"jaccard_{dataset}"] = float(np.concatenate(overlaps)[index.mask[rows] != ""].mean())
    return {name: round(value, 4) for name, value in result.items()}


class VitRun:
    """One run: student, optimiser, EMA, and where it stands."""

    def __init__(self, plan: VitPlan, pool: Pool):
        self.plan, self.pool = plan, pool
        plan.folder.mkdir(parents=True, exist_ok=True)
        self.last = plan.folder / "last.pt"
        torch.manual_seed(plan.seed)
        self.teacher = load_network(plan.backbone, plan.teacher).requires_grad_(False)
        self.student = Student(plan.depth, self.teacher.backbone.pyramid_channels[-1])
        decayed = [p for p in self.student.parameters() if p.ndim == 2]
        rest = [p for p in self.student.parameters() if p.ndim != 2]
        self.optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": plan.stage.weight_decay},
                                            {"params": rest, "weight_decay": 0.0}], lr=plan.stage.rate)
        self.ema, self.step = Ema(self.student.vit, plan.stage.ema_decay), 0
        if self.last.exists():
            state = torch.load(self.last, weights_only=True)
            self.student.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.ema.state, self.ema.steps, self.step = state["ema"], state["ema_steps"], state["step"]
        self.sampler = Sampler(pool.index, pool.groups, plan.stage.mix, plan.seed, plan.stage.balance)
        self.order = (-1, np.empty(0, int))
        self.epoch_steps = len(self.sampler.epoch(0)) // plan.stage.batch

    def save(self) -> None:
        save({"model": self.student.state_dict(), "optimiser": self.optimiser.state_dict(), "ema": self.ema.state,
              "ema_steps": self.ema.steps, "step": self.step}, self.last)

    def advance(self) -> dict[str, float]:
        """One step; returns its losses. Its randomness follows from (seed, stage, step) alone."""
        stage, pool = self.plan.stage, self.pool
        epoch, within = divmod(self.step, self.epoch_steps)
        if self.order[0] != epoch:
            self.order = (epoch, self.sampler.epoch(epoch))
        rows = np.sort(self.order[1][within * stage.batch:(within + 1) * stage.batch])
        seed = np.random.SeedSequence([self.plan.seed, self.step, sum(stage.name.encode())]).generate_state(1)[0]
        images, _ = augment_with_masks(pool.cache[rows], pool.masks[rows], stage.size, torch.Generator().manual_seed(int(seed)), stage.strength)
        taught = teach(self.teacher, images.contiguous(memory_format=torch.channels_last))
        self.student.train()
        labels = label_targets(pool.index, rows, stage.label_smoothing)
        # Products in bfloat16 double the speed of this network; sums, norms and losses stay in float32.
        with torch.autocast("cpu", torch.bfloat16):
            parts = losses(self.student, images, taught, labels, self.plan.teacher_share)
        rate = rate_at(stage, self.step, stage.epochs * self.epoch_steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        (parts["dx"] + parts["melanoma"] + FEATURES * parts["features"] + OUTLINE * parts["outline"]).backward()
        nn.utils.clip_grad_norm_(self.student.parameters(), GRADIENT_NORM, error_if_nonfinite=True)
        self.optimiser.step()
        self.ema.update(self.student.vit)
        self.step += 1
        return {name: part.item() for name, part in parts.items()}

    def note(self, line: dict, name: str) -> None:
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
        while self.step < last * self.epoch_steps:
            interval.append(self.advance())
            now, done = time.time(), self.step % self.epoch_steps == 0
            if now - logged >= LOG_SECONDS:
                means = {name: round(float(np.mean([step[name] for step in interval])), 4) for name in interval[0]}
                self.note({"time": time.strftime("%H:%M:%S"), "step": self.step, "epoch": round(self.step / self.epoch_steps, 3), **means,
                           "images_per_second": round(len(interval) * stage.batch / (now - logged), 2)}, "log.jsonl")
                logged, interval = now, []
            if done:
                model = VitTiny(self.plan.depth)
                model.load_state_dict(self.ema.state)
                epoch = self.step // self.epoch_steps
                self.note({"epoch": epoch, "val": judge(model, self.pool, stage.val_size)}, "history.jsonl")
                save({"ema": self.ema.state}, self.plan.folder / f"epoch-{epoch}.pt")
            if done or now - saved >= SAVE_SECONDS:
                self.save()
                saved = time.time()
        return self.plan.folder / f"epoch-{last}.pt"


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `vit-train`; its `run` default does the work."""
    parser = subparsers.add_parser("vit-train", help="distil the tiny vision transformer from a trunk, or continue where a run was stopped")
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder, holds the caches")
    parser.add_argument("--teacher", type=Path, required=True, help="checkpoint of a multi-task trunk")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0", help="of the teacher")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    plan = VitPlan(VIT_STAGE, options.teacher, options.work / "vit" / VIT_STAGE.name, options.backbone, seed=options.seed)
    print(VitRun(plan, open_pool(options.data, options.work / "cache")).train())
