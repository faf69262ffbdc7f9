"""Which pictures the assembly of a bundle looks at: training pictures for ranges and centres, val pictures to judge by."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cache import open_cache, open_masks
from .index import UNKNOWN, Index, complete, read_index, require_apart, trainable
from .systems import POOL, System
from .twins import without_twins

SMALLEST_GROUP = 25


@dataclass(frozen=True)
class Sources:
    """The pool as the steps need it; `index` has its labels completed across files of one picture."""

    index: Index
    pixels: np.ndarray
    masks: np.ndarray
    trainable: np.ndarray


def open_sources(data: Path, work: Path) -> Sources:
    """Open the caches in `work` (building what is missing) and find what may be trained on."""
    table = read_index(data / "index.csv")
    pixels, masks = open_cache(table, data, work), open_masks(table, data, work)
    index = complete(table)
    rows = without_twins(index, pixels, trainable(index, POOL, None), work / "trained-on.json")
    require_apart(index, rows)
    return Sources(index, pixels, masks, rows)


def groups_of(index: Index, rows: np.ndarray) -> np.ndarray:
    """What a training picture shows, as a name: its diagnosis, else malignant or not; rare ones together."""
    name = np.where(index.dx[rows] != UNKNOWN, np.char.add("dx", index.dx[rows].astype(str)),
                    np.char.add("malignant", index.malignant[rows].astype(str)))
    names, count = np.unique(name, return_counts=True)
    return np.where(np.isin(name, names[count >= SMALLEST_GROUP]), name, "rest")


def stratified(system: System, sources: Sources, count: int, seed: int = 0) -> np.ndarray:
    """`count` training rows: half from the system's home sets, diagnoses evened out by the square root of their number; shuffled."""
    rng = np.random.default_rng(seed)
    rows = sources.trainable
    at_home = np.isin(sources.index.dataset[rows], system.home)
    picked = []
    for members, wanted in ((rows[at_home], count // 2), (rows[~at_home], count - count // 2)):
        group = np.char.add(sources.index.dataset[members], groups_of(sources.index, members))
        _, inverse, number = np.unique(group, return_inverse=True, return_counts=True)
        weight = 1.0 / np.sqrt(number[inverse])
        picked.append(rng.choice(members, min(wanted, len(members)), replace=False, p=weight / weight.sum()))
    return rng.permutation(np.concatenate(picked))


def evenly(rows: np.ndarray, count: int | None) -> np.ndarray:
    """At most `count` of the rows, evenly picked."""
    return rows if count is None else rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int)]


def other_datasets(system: System, index: Index, count: int) -> dict[str, np.ndarray]:
    """Val rows of the sets that are not home, at most `count` each, evenly picked."""
    result = {}
    for dataset in ("isic-binary", "ham10000", "isic2017", "isic2018-seg", "ph2"):
        rows = index.rows(dataset, "val")
        labelled = rows if system.has_mask else system.rows(index, dataset)
        if dataset not in system.home and len(labelled):
            result[dataset] = evenly(labelled, count)
    return result
