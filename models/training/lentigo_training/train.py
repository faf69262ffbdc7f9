"""Training: stages of epochs over the pool, EMA weights, atomic checkpoints, one or more processes.

Two single-threaded processes that average gradients beat two OpenMP threads
on a machine that is shared: spinning threads wait for each other at every
operator, processes only once per step.
"""

import copy
import ctypes
import json
import math
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

from .augment import augment, mixup, plain
from .cache import open_cache
from .index import UNKNOWN, Index, read_index, trainable, views
from .metrics import roc_auc
from .prefix import FrozenPrefix
from .prepare import SIZE
from .sampling import Sampler
from .systems.asff import AsffTrainer
from .twins import without_twins

DATASETS = ("isic-binary", "ham10000", "isic2017")
# How long a process waits for the other: one of idle priority on a busy machine may not run for a long while.
PATIENCE = timedelta(hours=12)
# Whose label and geometry lead when datasets share a picture.
HOME_ORDER = ("isic-binary", "isic2017", "ham10000")


@dataclass(frozen=True)
class Stage:
    """One schedule: every epoch shows `mix` of the pool at `size` pixels; the rate warms up, then falls as a cosine.

    Val is judged at `val_size`. Random zoom enlarges lesions in training by about
    1.15, so training at 192 shows them at the size that 224 does without zoom
    (Touvron et al. 2019, "Fixing the train-test resolution discrepancy"). `stop`
    ends the stage after so many epochs, before its rate is down, where a
    following stage anneals anyway.

    Of the multi-task run only: `fusions` adds system D's heads, `guidance` is the
    weight of the loss that asks evidence to lie inside the lesion, `lesion_only`
    the share of pictures shown without their surroundings, `emphasis` replaces
    some of the tasks' weights (a head without weight is not guided either),
    `head_factor` multiplies the rate of system D's heads, and `narrow` asks for
    melanoma as system B's figures do (`index.narrowed`).
    """

    name: str
    size: int
    epochs: int
    rate: float
    mix: dict[str, float]
    balance: float = 0.0
    teacher_share: float = 0.0
    warmup_steps: int = 60
    batch: int = 32
    strength: float = 1.0
    mixup_share: float = 0.25
    frozen_blocks: int = 0
    ema_decay: float = 0.995
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    val_size: int = SIZE
    stop: int | None = None
    val: tuple[str, ...] = ("isic-binary", "isic2017")
    fusions: bool = False
    guidance: float = 0.0
    lesion_only: float = 0.0
    head_factor: float = 1.0
    narrow: bool = False
    emphasis: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.guidance and self.mixup_share:
            raise ValueError(f"stage {self.name} asks for guidance and mixup; a blend of two pictures has no one lesion to look at")


@dataclass(frozen=True)
class Plan:
    """Everything that decides a training run."""

    data: Path
    work: Path
    backbone: str
    stages: tuple[Stage, ...]
    seed: int = 0
    processes: int = 2
    resize: str = "bilinear"
    start: Path | None = None
    teacher: Path | None = None
    heads: tuple[str, ...] = field(default=("softmax", "two_way", "plain"))


class Ema:
    """Exponential moving average of every floating-point entry of a module's state.

    The decay ramps up as (1 + t) / (10 + t) so that early averages forget the start.
    """

    def __init__(self, model: nn.Module, decay: float):
        self.decay, self.steps = decay, 0
        self.state = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        current = model.state_dict()
        floats = [k for k, v in self.state.items() if v.is_floating_point()]
        torch._foreach_lerp_([self.state[k] for k in floats], [current[k] for k in floats], 1 - decay)


def rate_at(stage: Stage, step: int, steps: int) -> float:
    if step < stage.warmup_steps:
        return stage.rate * (step + 1) / stage.warmup_steps
    done = (step - stage.warmup_steps) / max(1, steps - stage.warmup_steps)
    return stage.rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))


def soft_targets(label: np.ndarray, smoothing: float) -> Tensor:
    """[N] of 0/1 to [N,2] with label smoothing."""
    hot = F.one_hot(torch.from_numpy(label).long(), 2).float()
    return hot * (1 - smoothing) + smoothing / 2


def loss_of(outputs: dict[str, Tensor], targets: Tensor, dx: Tensor) -> Tensor:
    """Sum of the heads' cross-entropies plus half the diagnosis head's where the diagnosis is known."""
    total = sum(-(targets * F.log_softmax(outputs[name], 1)).sum(1).mean() for name in outputs if name != "diagnosis")
    # A sum over known rows stays in the graph when there are none, so that all processes have the same gradients.
    known = max(1, int((dx != UNKNOWN).sum()))
    return total + 0.5 * F.cross_entropy(outputs["diagnosis"], dx, ignore_index=UNKNOWN, reduction="sum") / known


def average_tensors(tensors: list[Tensor], processes: int) -> None:
    """Mean over the processes, in place, by one all-reduce of all tensors laid end to end."""
    if processes == 1:
        return
    flat = torch.cat([t.reshape(-1) for t in tensors])
    dist.all_reduce(flat)
    flat /= processes
    for tensor, piece in zip(tensors, flat.split([t.numel() for t in tensors])):
        tensor.copy_(piece.view_as(tensor))


def average_gradients(parameters: list[nn.Parameter], processes: int) -> None:
    average_tensors([p.grad for p in parameters if p.grad is not None], processes)


def share_statistics(state: dict[str, Tensor], processes: int) -> None:
    """Average the batch-norm statistics, which each process gathered on its own half of the batches."""
    if processes == 1:
        return
    for key in sorted(state):
        if key.endswith(("running_mean", "running_var")):
            dist.all_reduce(state[key])
            state[key] /= processes


def freeze(model: AsffTrainer, blocks: int) -> None:
    """Hold the stem and the first `blocks` stages of a Lite trunk at their weights and statistics.

    They work at the highest resolution and so cost most of the backward pass,
    and after the first stage they hardly change.
    """
    if blocks == 0:
        return
    model.backbone.prefix(blocks).eval().requires_grad_(False)


@torch.no_grad()
def predict(model: nn.Module, cache: np.ndarray, rows: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """Logit difference malignant - benign by head, one per row."""
    model.eval()
    scores: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(rows), 32):
        images = plain(cache[rows[start:start + 32]], size).contiguous(memory_format=torch.channels_last)
        for name, logits in model(images).items():
            if name != "diagnosis":
                scores.setdefault(name, []).append((logits[:, 1] - logits[:, 0]).numpy())
    return {name: np.concatenate(parts) for name, parts in scores.items()}


def validate(model: nn.Module, index: Index, cache: np.ndarray, datasets: tuple[str, ...], size: int,
             rank: int = 0, processes: int = 1) -> dict[str, dict[str, float]]:
    """ROC AUC by dataset and head; the rows are dealt out to the processes."""
    result = {}
    for dataset in datasets:
        rows = index.rows(dataset, "val")
        mine = rows[rank::processes]
        part = (mine, predict(model, cache, mine, size))
        parts = [part]
        if processes > 1:
            parts = [None] * processes
            dist.all_gather_object(parts, part)
        label = np.concatenate([index.malignant[p[0]] for p in parts])
        result[dataset] = {name: roc_auc(label, np.concatenate([p[1][name] for p in parts])) for name in part[1]}
    return result


def save(state: dict, path: Path) -> None:
    """Write beside and rename: a stop in the middle, or a power cut, leaves the previous checkpoint whole."""
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as handle:
        torch.save(state, handle)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(partial, path)


def run_stage(plan: Plan, stage: Stage, start: Path | None, rank: int, index: Index, cache: np.ndarray) -> Path:
    """Train one stage to its end; returns the checkpoint whose `ema` is the result.

    All randomness of an epoch follows from (seed, epoch, process), so that a run
    resumed from the end of any epoch continues exactly as one never stopped.
    """
    folder = plan.work / stage.name
    folder.mkdir(parents=True, exist_ok=True)
    final, last = folder / "final.pt", folder / "last.pt"
    if final.exists():
        return final
    torch.manual_seed(plan.seed)
    model = AsffTrainer(plan.backbone, pretrained=start is None, resize=plan.resize, heads=plan.heads)
    if start is not None:
        model.load_state_dict(torch.load(start, weights_only=True)["ema"])
    model = model.to(memory_format=torch.channels_last)
    ema = Ema(model, stage.ema_decay)
    fresh = [p for name, p in model.named_parameters() if not name.startswith("backbone.")]
    trunk = [p for name, p in model.named_parameters() if name.startswith("backbone.")]
    # New layers start from noise and need a higher rate than the pretrained trunk, but only in the first stage.
    boost = 3.0 if start is None else 1.0
    optimiser = torch.optim.AdamW([{"params": trunk, "factor": 1.0}, {"params": fresh, "factor": boost}],
                                  lr=stage.rate, weight_decay=stage.weight_decay)
    groups = views(index, without_twins(index, cache, trainable(index, DATASETS, index.malignant)), HOME_ORDER)
    sampler = Sampler(index, groups, stage.mix, plan.seed)
    steps_per_epoch = len(sampler.epoch(0)) // (stage.batch * plan.processes)
    first = 0
    if last.exists():
        state = torch.load(last, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        ema.state, ema.steps, first = state["ema"], state["ema_steps"], state["epoch"]
    parameters = trunk + fresh
    after = stage.frozen_blocks or None
    prefix = FrozenPrefix(copy.deepcopy(model.backbone.prefix(after)), stage.size) if after else None
    for epoch in range(first, stage.stop or stage.epochs):
        began = time.time()
        model.train()
        freeze(model, stage.frozen_blocks)
        key = [plan.seed, epoch, rank, sum(stage.name.encode())]
        seeds = np.random.SeedSequence(key).generate_state(2)
        torch.manual_seed(int(seeds[0]))
        rng = torch.Generator().manual_seed(int(seeds[1]))
        order = sampler.epoch(epoch)
        running = 0.0
        for step in range(steps_per_epoch):
            at = (step * plan.processes + rank) * stage.batch
            rows = order[at:at + stage.batch]
            images = augment(cache[np.sort(rows)], stage.size, rng, stage.strength)
            rows = np.sort(rows)
            targets = soft_targets(index.malignant[rows], stage.label_smoothing)
            dx = torch.from_numpy(index.dx[rows])
            if torch.rand(1, generator=rng) < stage.mixup_share:
                images, targets = mixup((images, targets), 0.3, rng)
                dx = torch.full_like(dx, UNKNOWN)
            rate = rate_at(stage, epoch * steps_per_epoch + step, stage.epochs * steps_per_epoch)
            for group in optimiser.param_groups:
                group["lr"] = rate * group["factor"]
            images = prefix(images) if prefix else images.contiguous(memory_format=torch.channels_last)
            loss = loss_of(model(images, after), targets, dx)
            optimiser.zero_grad(set_to_none=False)
            loss.backward()
            average_gradients(parameters, plan.processes)
            optimiser.step()
            ema.update(model)
            running += loss.item()
            if rank == 0 and step % 10 == 9:
                done = (step + 1) * stage.batch * plan.processes / (time.time() - began)
                print(f"{time.strftime('%H:%M:%S')} {stage.name} {epoch + 1}/{stage.epochs} step {step + 1}/{steps_per_epoch} "
                      f"loss {running / (step + 1):.4f} {done:.1f} images/s", flush=True)
        share_statistics(model.state_dict(), plan.processes)
        share_statistics(ema.state, plan.processes)
        judged = AsffTrainer(plan.backbone, pretrained=False, resize=plan.resize, heads=plan.heads)
        judged.load_state_dict(ema.state)
        judged = judged.to(memory_format=torch.channels_last)
        figures = validate(judged, index, cache, stage.val, stage.val_size, rank, plan.processes)
        if rank == 0:
            line = {"stage": stage.name, "epoch": epoch + 1, "loss": running / max(1, steps_per_epoch),
                    "seconds": time.time() - began, "val": figures}
            print(json.dumps(line), flush=True)
            with open(folder / "history.jsonl", "a", encoding="utf-8") as handle:
                handle.write(json.dumps(line) + "\n")
            save({"ema": ema.state}, folder / f"epoch-{epoch + 1}.pt")
            save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "ema": ema.state,
                  "ema_steps": ema.steps, "epoch": epoch + 1}, last)
    if rank == 0:
        save({"ema": ema.state}, final)
    if plan.processes > 1:
        dist.barrier()
    return final


def _process(rank: int, plan: Plan) -> None:
    index = read_index(plan.data / "index.csv")
    cache = open_cache(index, plan.data, plan.work.parent / "cache")
    start = plan.start
    for stage in plan.stages:
        start = run_stage(plan, stage, start, rank, index, cache)


PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent` ends, however it ends (prctl(2)); ends at once when it is gone already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)


def _joined(rank: int, work: Callable[[int, Plan], None], plan: Plan, port: int, parent: int) -> None:
    die_with_parent(parent)
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=plan.processes, timeout=PATIENCE)
    work(rank, plan)
    dist.barrier()
    dist.destroy_process_group()


def launch(work: Callable[[int, Plan], None], plan: Plan) -> None:
    """Call `work(rank, plan)` in as many single-threaded processes as the plan wants, or here if it wants one.

    The processes end with this one: left alone, they would train on beside a resumed run and write over its checkpoints.
    """
    if plan.processes == 1:
        work(0, plan)
    else:
        torch.multiprocessing.spawn(_joined, (work, plan, 29500 + os.getpid() % 1000, os.getpid()), nprocs=plan.processes)


def train(plan: Plan) -> Path:
    """Run all stages (finished ones are skipped); returns the last stage's checkpoint."""
    open_cache(read_index(plan.data / "index.csv"), plan.data, plan.work.parent / "cache")
    launch(_process, plan)
    return plan.work / plan.stages[-1].name / "final.pt"
