"""System B's trunk: the dermoscopic trunk fine-tuned for melanoma against nevus, and the choice of its weights, which val alone makes."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from .augment import plain
from .average import average
from .index import DX_CLASSES, UNKNOWN, Index
from .metrics import roc_auc
from .multitask import MultiTask, load_network
from .multitask_train import Pool, open_pool, train_backbone
from .recipe import MELANOMA_SHARES, MELANOMA_STAGES
from .teacher import VIEWS
from .train import Plan, save

NEVUS, MELANOMA, KERATOSIS = (DX_CLASSES.index(name) for name in ("nv", "mel", "bkl"))
# Among the pictures asked about one in nine non-nevi is a keratosis, in the pool far more are: its log-odds are lowered by that.
RARITY = 2.0
BATCH = 32


def asked(index: Index) -> np.ndarray:
    """Val rows of the question: isic2017 whole, ham10000's nevi and melanomas."""
    ham = index.rows("ham10000", "val")
    isic = index.rows("isic2017", "val")
    return np.concatenate([isic[index.melanoma[isic] != UNKNOWN], ham[np.isin(index.dx[ham], (NEVUS, MELANOMA))]])


def log_odds(dx: np.ndarray) -> np.ndarray:
    """Melanoma against nevus or keratosis from diagnosis logits [N,7]."""
    return dx[:, MELANOMA] - np.logaddexp(dx[:, NEVUS], dx[:, KERATOSIS] - RARITY)


@torch.no_grad()
def scores(model: MultiTask, cache: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    """`log_odds` of the mean logits over the four flips."""
    model.eval()
    result = []
    for start in range(0, len(rows), BATCH):
        images = plain(cache[rows[start:start + BATCH]], size)
        views = [model((images.flip(axes) if axes else images).contiguous(memory_format=torch.channels_last))["dx"] for axes in VIEWS]
        result.append(log_odds(torch.stack(views).mean(0).numpy()))
    return np.concatenate(result)


def figures(index: Index, rows: np.ndarray, score: np.ndarray) -> dict[str, float]:
    """ROC AUC and best accuracy of melanoma over `rows` together, and the AUC of each set."""
    label = index.melanoma[rows]
    ranked = label[np.argsort(-score)]
    right = np.concatenate([[0], np.cumsum(2 * ranked - 1)]).max() + (1 - label).sum()
    result = {"auc": roc_auc(label, score), "accuracy": float(right / len(label))}
    for dataset in np.unique(index.dataset[rows]):
        some = index.dataset[rows] == dataset
        if len(np.unique(label[some])) == 2:
            result[f"auc_{dataset}"] = roc_auc(label[some], score[some])
    return result


def candidates(plan: Plan, last: Path) -> dict[str, Path]:
    """The start, the end, and blends of both (Wortsman et al. 2022), by name."""
    found = {"trunk": plan.start, "last": last}
    for share in MELANOMA_SHARES:
        found[f"share {share}"] = plan.work / f"share-{share}.pt"
        average([plan.start, last], [1 - share, share], found[f"share {share}"])
    return found


def train_melanoma(plan: Plan, target: Path, size: int = 224) -> dict:
    """Fine-tune from the trunk `plan.start`, write the chosen checkpoint to `target`, and say what was compared."""
    if plan.start is None or not plan.start.exists():
        raise FileNotFoundError(f"the melanoma trunk starts from a finished trunk, and {plan.start} does not exist: run `backbone` first")
    found = candidates(plan, train_backbone(replace(plan, stages=MELANOMA_STAGES)))
    torch.set_num_threads(1)
    pool = open_pool(plan.data, plan.work.parent / "cache")
    compared = compare(found, plan.backbone, pool, size)
    chosen = max(compared, key=lambda name: compared[name]["auc"])
    target.parent.mkdir(parents=True, exist_ok=True)
    save(torch.load(found[chosen], weights_only=True), target)
    return {"chosen": chosen, "compared": compared}


def compare(found: dict[str, Path], backbone: str, pool: Pool, size: int) -> dict[str, dict[str, float]]:
    """`figures` of every checkpoint on val."""
    rows = asked(pool.index)
    return {name: {key: round(value, 4) for key, value in figures(pool.index, rows, scores(load_network(backbone, path), pool.cache, rows, size)).items()}
            for name, path in found.items()}


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `melanoma-train`; its `run` default does the work."""
    parser = subparsers.add_parser("melanoma-train", help="fine-tune the trunk for melanoma (system B), or continue where a run was stopped")
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder, holds the caches")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0")
    parser.add_argument("--start", type=Path, help="the trunk's checkpoint; without it the one that `backbone` left in WORK")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2, help="single-threaded training processes")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    start = options.start or options.work / f"backbone-{options.backbone}" / "finish-192" / "final.pt"
    plan = Plan(options.data, options.work / "melanoma", options.backbone, (), seed=options.seed, processes=options.processes, start=start)
    print(json.dumps(train_melanoma(plan, options.to), indent=1))
