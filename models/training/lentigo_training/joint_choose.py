"""Which of a run's weights ship as system C: averages of its late epochs, alone and drawn back towards the trunk, by val alone."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from . import joint_val
from .average import average
from .index import UNKNOWN, Index
from .joint_recipe import LATE, SHARES
from .joint_train import judge
from .metrics import bootstrap, roc_auc
from .multitask_train import open_pool
from .systems.multitask import CLASSES, build
from .train import save

HOME = "isic2017"
# Below this the maps do not show what the network looks at, whatever the other figures.
INSIDE = 0.70


def worth(figures: dict[str, float]) -> float:
    """What a candidate is chosen by: its Jaccard index and both AUCs weigh the same; too little evidence inside costs its shortfall."""
    return figures["jaccard_there"] + sum(figures[f"auc_{name}"] for name in CLASSES) - max(0.0, INSIDE - figures["inside"])


def candidates(folder: Path, epochs: int) -> dict[str, Path]:
    """Checkpoints to choose from: the last epoch, the mean of the last LATE, and that mean blended with the start (`epoch-0.pt`)."""
    late = [folder / f"epoch-{epoch}.pt" for epoch in range(max(1, epochs - LATE + 1), epochs + 1)]
    found = {"last": late[-1], "mean": folder / "mean.pt"}
    average(late, [1.0] * len(late), found["mean"])
    for share in SHARES:
        found[f"share {share}"] = folder / f"share-{share}.pt"
        average([folder / "epoch-0.pt", found["mean"]], [1 - share, share], found[f"share {share}"])
    return found


def intervals(index: Index, rows: np.ndarray, predicted: dict[str, np.ndarray], column: int) -> dict[str, list[float]]:
    """[value, low, high] (95 %, bootstrap over pictures): both AUCs, Jaccard index at threshold `column`, evidence inside."""
    result = {}
    for number, name in enumerate(CLASSES):
        label = getattr(index, name)[rows]
        known = label != UNKNOWN
        if len(np.unique(label[known])) < 2:
            continue
        drawn = bootstrap(label[known], predicted["logits"][known, number], lambda y, s: {"auc": roc_auc(y, s)})
        result[f"auc_{name}"] = list(drawn["auc"])
    rng = np.random.default_rng(0)
    outlined = index.mask[rows] != ""
    for name, value in (("jaccard", predicted["jaccard"][:, column]), ("inside", predicted["inside"])):
        value = value[outlined & ~np.isnan(value)]
        means = value[rng.integers(0, len(value), (2000, len(value)))].mean(1)
        result[name] = [float(value.mean()), *(float(q) for q in np.percentile(means, (2.5, 97.5)))]
    return result


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `joint-choose`; its `run` default does the work."""
    parser = subparsers.add_parser("joint-choose", help="choose system C's shipped weights among a run's, and report their val figures")
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder, holds the caches")
    parser.add_argument("--run-folder", type=Path, required=True, help="folder of a finished `joint-train`")
    parser.add_argument("--epochs", type=int, required=True, help="how many epochs the run had")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--to", type=Path, required=True, help="checkpoint for `systems.multitask.build`")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    pool = open_pool(options.data, options.work / "cache")
    found = candidates(options.run_folder, options.epochs)
    compared = {name: judge(build(path, options.backbone), pool, options.size, 0)[HOME] for name, path in found.items()}
    chosen = max(compared, key=lambda name: worth(compared[name]))
    save(torch.load(found[chosen], weights_only=True), options.to)
    threshold = compared[chosen]["threshold"]
    report: dict = {"chosen": chosen, "mask_threshold": threshold, "compared": compared, "val": {}}
    for dataset in (HOME, "isic2018-seg", "ham10000"):
        rows = pool.index.rows(dataset, "val")
        model = build(options.to, options.backbone)
        predicted = joint_val.predict(model, pool.cache, pool.masks, rows, options.size, thresholds=(threshold,))
        report["val"][dataset] = {"pictures": len(rows), **intervals(pool.index, rows, predicted, 0)}
    options.to.with_suffix(".json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    print(json.dumps(report, indent=1))
