"""Training of the multi-task backbone on the whole pool; may be killed at any moment.

Every step's randomness follows from (seed, stage, step, process), gradients and
batch-norm statistics are averaged over the processes at each step, and a
checkpoint holds the step it was taken at. So a run continued from any checkpoint
computes what one never stopped would have.
"""

import copy
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from .augment import augment_with_masks, lesion_only, mixup
from .backbone import LITE
from .cache import open_cache, open_masks
from .guidance import guidance
from .index import Index, complete, narrowed, read_index, require_apart, trainable, views
from .multitask import GUIDED, MultiTask, SharedTrunk, label_targets, losses, mask_targets, total
from .multitask_val import validate
from .prefix import FrozenPrefix
from .sampling import Sampler
from .teacher import blend
from .train import Ema, Plan, Stage, average_gradients, average_tensors, freeze, launch, rate_at, save
from .twins import without_twins

DATASETS = ("isic-binary", "isic2017", "ham10000", "isic2018-seg")
VAL_DATASETS = (*DATASETS, "ph2")
# Pictures of one diagnosis and dataset that an epoch's val looks at.
VAL_LIMIT = 200
SAVE_SECONDS = 600.0
LOG_SECONDS = 60.0
GRADIENT_NORM = 5.0
# Layers that start from noise need a higher rate than what is trained already: beside an ImageNet trunk, and beside a trained network.
FRESH_FACTOR, ADDED_FACTOR = 3.0, 5.0


@dataclass(frozen=True)
class Pool:
    """What a process trains and judges on; `index` has its labels completed across files of one picture."""

    index: Index
    cache: np.ndarray
    masks: np.ndarray
    groups: list[np.ndarray]


def open_pool(data: Path, work: Path) -> Pool:
    """Open the caches in `work` (building what is missing) and find what may be trained on."""
    table = read_index(data / "index.csv")
    cache, masks = open_cache(table, data, work), open_masks(table, data, work)
    index = complete(table)
    rows = without_twins(index, cache, trainable(index, DATASETS, None), work / "trained-on.json")
    require_apart(index, rows)
    return Pool(index, cache, masks, views(index, rows, DATASETS))


class Run:
    """One stage of one process: network, optimiser, EMA, and where it stands."""

    def __init__(self, plan: Plan, stage: Stage, start: Path | None, pool: Pool, rank: int):
        self.plan, self.stage, self.pool, self.rank = plan, stage, pool, rank
        self.folder = plan.work / stage.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.last = self.folder / "last.pt"
        torch.manual_seed(plan.seed)
        weights_needed = start is None and not self.last.exists()
        self.model = self._network(pretrained=weights_needed and bool(LITE.fullmatch(plan.backbone)))
        added = load_start(self.model, start) if start is not None else set()
        self.model = self.model.to(memory_format=torch.channels_last)
        trunk = list(self.model.backbone.parameters())
        above = {name: p for name, p in self.model.named_parameters() if not name.startswith("backbone.")}
        fused = [p for name, p in above.items() if name.startswith("asff.")]
        rest = [p for name, p in above.items() if not name.startswith("asff.")]
        groups = [(trunk, 1.0), (rest, FRESH_FACTOR if start is None else 1.0), (fused, ADDED_FACTOR if added else stage.head_factor)]
        self.optimiser = torch.optim.AdamW([{"params": params, "factor": factor} for params, factor in groups if params],
                                           lr=stage.rate, weight_decay=stage.weight_decay)
        self.parameters = trunk + rest + fused
        self.ema = Ema(self.model, stage.ema_decay)
        self.step = 0
        if self.last.exists():
            self._load()
        self.statistics = [b for name, b in self.model.named_buffers() if name.endswith(("running_mean", "running_var"))]
        self.taught = narrowed(pool.index) if stage.narrow else pool.index
        self.sampler = Sampler(pool.index, pool.groups, stage.mix, plan.seed, stage.balance)
        if stage.teacher_share and plan.teacher is None:
            raise ValueError(f"stage {stage.name} wants {stage.teacher_share} of a teacher's opinion: name its file")
        self.opinions = np.load(plan.teacher, mmap_mode="r") if stage.teacher_share else None
        self.order = (-1, np.empty(0, int))
        self.epoch_steps = len(self.sampler.epoch(0)) // (stage.batch * plan.processes)
        self.end = self.epoch_steps * (stage.stop or stage.epochs)
        self.after = stage.frozen_blocks or None
        self.prefix = FrozenPrefix(copy.deepcopy(self.model.backbone.prefix(self.after)), stage.size) if self.after else None

    def _network(self, pretrained: bool) -> MultiTask:
        return (SharedTrunk if self.stage.fusions else MultiTask)(self.plan.backbone, pretrained)

    def _load(self) -> None:
        state = torch.load(self.last, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.ema.state, self.ema.steps, self.step = state["ema"], state["ema_steps"], state["step"]

    def save(self) -> None:
        """All processes hold the same state between steps, so the first one's is everybody's."""
        if self.rank == 0:
            save({"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "ema": self.ema.state,
                  "ema_steps": self.ema.steps, "step": self.step}, self.last)

    def rows(self) -> np.ndarray:
        """This process's share of the current step's pictures."""
        epoch, within = divmod(self.step, self.epoch_steps)
        if self.order[0] != epoch:
            self.order = (epoch, self.sampler.epoch(epoch))
        at = (within * self.plan.processes + self.rank) * self.stage.batch
        return np.sort(self.order[1][at:at + self.stage.batch])

    def batch(self, rows: np.ndarray, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Augmented pictures, label targets, mask targets."""
        pool, stage = self.pool, self.stage
        images, masks = augment_with_masks(pool.cache[rows], pool.masks[rows], stage.size, rng, stage.strength)
        labels = label_targets(self.taught, rows, stage.label_smoothing)
        if self.opinions is not None:
            labels = blend(labels, self.opinions[rows], stage.teacher_share)
        outlined = torch.from_numpy(pool.index.mask[rows] != "")
        if stage.lesion_only:
            # Where the surroundings are blank the outline is given away: such a picture teaches no mask.
            outlined &= ~lesion_only(images, masks, outlined, rng, stage.lesion_only)
        batch = images, labels, mask_targets(masks, outlined)
        return mixup(batch, 0.3, rng) if torch.rand(1, generator=rng) < stage.mixup_share else batch

    def advance(self) -> dict[str, float]:
        """One step of all processes; returns this process's losses."""
        stage = self.stage
        key = [self.plan.seed, self.step, self.rank, sum(stage.name.encode())]
        seeds = np.random.SeedSequence(key).generate_state(2)
        torch.manual_seed(int(seeds[0]))
        rng = torch.Generator().manual_seed(int(seeds[1]))
        images, labels, masks = self.batch(self.rows(), rng)
        images = self.prefix(images) if self.prefix else images.contiguous(memory_format=torch.channels_last)
        rate = rate_at(stage, self.step, stage.epochs * self.epoch_steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        outputs, cams = self.model.with_evidence(images, self.after) if stage.guidance else (self.model(images, self.after), {})
        parts = losses(outputs, labels, masks)
        loss = total(parts, stage.emphasis)
        if stage.guidance:
            heads = tuple(head for head in GUIDED if head in cams and stage.emphasis.get(head, 1.0))
            parts["guidance"] = guidance(cams, labels, masks, heads)
            loss = loss + stage.guidance * parts["guidance"]
        self.optimiser.zero_grad(set_to_none=False)
        loss.backward()
        average_gradients(self.parameters, self.plan.processes)
        average_tensors(self.statistics, self.plan.processes)
        nn.utils.clip_grad_norm_(self.parameters, GRADIENT_NORM, error_if_nonfinite=True)
        self.optimiser.step()
        self.ema.update(self.model)
        self.step += 1
        return {"loss": loss.item(), **{task: part.item() for task, part in parts.items()}}

    def judge(self) -> None:
        """Val figures of the EMA weights at the end of an epoch, appended to `history.jsonl` once."""
        epoch, history = self.step // self.epoch_steps, self.folder / "history.jsonl"
        lines = history.read_text(encoding="utf-8").splitlines() if history.exists() else []
        if any(json.loads(line)["epoch"] == epoch for line in lines):
            return
        began = time.time()
        judged = self._network(pretrained=False)
        judged.load_state_dict(self.ema.state)
        pool = self.pool
        figures = validate(judged.to(memory_format=torch.channels_last), pool.index, pool.cache, pool.masks, self.stage.val,
                           self.stage.val_size, VAL_LIMIT, self.rank, self.plan.processes)
        if self.rank == 0:
            save({"ema": self.ema.state}, self.folder / f"epoch-{epoch}.pt")
            line = {"stage": self.stage.name, "epoch": epoch, "seconds": round(time.time() - began, 1), "val": figures}
            self.note(line, history)

    def note(self, line: dict, path: Path) -> None:
        text = json.dumps(line)
        print(text, flush=True)
        with open(path, "a", encoding="utf-8") as handle:
            handle.write(text + "\n")

    def train(self) -> None:
        """To the end of the stage."""
        if self.step and self.step % self.epoch_steps == 0:
            self.judge()
        saved = logged = time.time()
        interval: list[dict[str, float]] = []
        while self.step < self.end:
            self.model.train()
            freeze(self.model, self.stage.frozen_blocks)
            interval.append(self.advance())
            now = time.time()
            if self.rank == 0 and now - logged >= LOG_SECONDS:
                self.log(interval, now - logged)
                logged, interval = now, []
            if self.step % self.epoch_steps == 0:
                self.save()
                self.judge()
                saved = logged = time.time()
                interval = []
            elif now - saved >= SAVE_SECONDS:
                self.save()
                saved = time.time()

    def log(self, interval: list[dict[str, float]], seconds: float) -> None:
        """One line on the steps of an interval."""
        pictures = len(interval) * self.stage.batch * self.plan.processes
        means = {name: round(float(np.mean([step[name] for step in interval])), 4) for name in interval[0]}
        self.note({"time": time.strftime("%H:%M:%S"), "stage": self.stage.name, "step": self.step, "of": self.end,
                   "epoch": round(self.step / self.epoch_steps, 3), **means, "rate": self.optimiser.param_groups[0]["lr"],
                   "images_per_second": round(pictures / seconds, 2)}, self.folder / "log.jsonl")


def load_start(model: nn.Module, start: Path) -> set[str]:
    """Load a checkpoint's EMA; returns the names of system D's parameters where the checkpoint was trained without them."""
    found = model.load_state_dict(torch.load(start, weights_only=True)["ema"], strict=False)
    wrong = [*found.unexpected_keys, *(name for name in found.missing_keys if not name.startswith("asff."))]
    if wrong:
        raise ValueError(f"{start} does not fit this network: {len(wrong)} entries missing or left over, the first is {wrong[0]}")
    return set(found.missing_keys)


def run_stage(plan: Plan, stage: Stage, start: Path | None, pool: Pool, rank: int) -> Path:
    """Train one stage unless it is done; returns the checkpoint whose `ema` is the result."""
    final = plan.work / stage.name / "final.pt"
    if not final.exists():
        run = Run(plan, stage, start, pool, rank)
        run.train()
        if rank == 0:
            save({"ema": run.ema.state}, final)
        if plan.processes > 1:
            # The next stage starts from this file in every process.
            dist.barrier()
    return final


def _process(rank: int, plan: Plan) -> None:
    pool = open_pool(plan.data, plan.work.parent / "cache")
    start = plan.start
    for stage in plan.stages:
        start = run_stage(plan, stage, start, pool, rank)


def train_backbone(plan: Plan) -> Path:
    """Run all stages (finished ones are skipped); returns the last stage's checkpoint."""
    open_pool(plan.data, plan.work.parent / "cache")
    launch(_process, plan)
    return plan.work / plan.stages[-1].name / "final.pt"
