"""Which cleaning of a network's lesion brings outlines nearer to experts': every step that was tried, on val, paired with its absence.

The steps that help run on the device (`explain/lesion/clean` in Rust, `cleaning` under `[mask]` in a manifest); this file also keeps those that
do not, so that they are known to have been tried. Constants were chosen on `--split train`.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from .cache import open_cache
from .index import Index, read_index
from .markdown import figure, table
from .metrics import bootstrap_lesions, sigmoid
from .prepare import SIZE
from .session import ALL_FLIPS, open_graph, run_views

SETS = ("ham10000", "isic2017", "isic2018-seg")
# Never tuned on: a check from elsewhere, and in no mean.
EXTERNAL = "ph2"
# Device's: clean::FLATTENING, and the nearness of clean::largest.
FLATTENING, NEARNESS = 4.0, 0.3
# Log-odds of a grid and the picture that it lies over (grey, 0 to 1) to membership, on a grid of any size.
Cleaning = Callable[[np.ndarray, np.ndarray], np.ndarray]


def enlarged(grid: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear with half-pixel centres, as the device's surface."""
    def between(cells: int, pixels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        at = np.clip((np.arange(pixels) + 0.5) * cells / pixels - 0.5, 0, cells - 1)
        lower = np.floor(at).astype(int)
        return lower, np.minimum(lower + 1, cells - 1), at - lower

    lower, upper, share = between(grid.shape[0], height)
    rows = grid[lower] * (1 - share)[:, None] + grid[upper] * share[:, None]
    lower, upper, share = between(grid.shape[1], width)
    return rows[:, lower] * (1 - share) + rows[:, upper] * share


def jaccard(one: np.ndarray, other: np.ndarray) -> float:
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0


def largest(membership: np.ndarray) -> np.ndarray:
    """Only the part with the greatest area, weighted by nearness to the middle; cells join over edges."""
    parts, count = ndimage.label(membership >= 0.5)
    if count < 2:
        return membership
    off = [((2 * np.arange(cells) + 1 - cells) / (2 * cells)) ** 2 for cells in membership.shape]
    near = np.exp(-(off[0][:, None] + off[1]) / (2 * NEARNESS**2))
    weight = np.bincount(parts.ravel(), near.ravel())[1:]
    return np.where((parts > 0) & (parts != 1 + weight.argmax()), 0.0, membership)


def without_holes(membership: np.ndarray) -> np.ndarray:
    """Holes become as surely lesion as they were not."""
    lesion = membership >= 0.5
    return np.where(ndimage.binary_fill_holes(lesion) & ~lesion, 1 - membership, membership)


def smoothed(membership: np.ndarray) -> np.ndarray:
    """Weights 1/4, 1/2, 1/4 along both axes."""
    along = ndimage.convolve1d(membership, [0.25, 0.5, 0.25], axis=0, mode="nearest")
    return ndimage.convolve1d(along, [0.25, 0.5, 0.25], axis=1, mode="nearest")


def guided(membership: np.ndarray, grey: np.ndarray, radius: int = 2, edge: float = 0.01) -> np.ndarray:
    """Guided filter (He, Sun and Tang 2013) at the picture's size, its luminance as guide."""
    def mean(plane: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(plane, 2 * radius + 1, mode="nearest")

    wide = enlarged(membership, *grey.shape)
    slope = (mean(grey * wide) - mean(grey) * mean(wide)) / (mean(grey * grey) - mean(grey) ** 2 + edge)
    return mean(slope) * grey + mean(mean(wide) - slope * mean(grey))


def two_colours(membership: np.ndarray, grey: np.ndarray, band: int = 4, radius: int = 12, weight: float = 1.0) -> np.ndarray:
    """Within `band` pixels of the outline, log-odds moved towards whichever side's local mean is nearer (Lankton and Tannenbaum 2008)."""
    wide = np.clip(enlarged(membership, *grey.shape), 1e-4, 1 - 1e-4)

    def mean(plane: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(plane, 2 * radius + 1, mode="nearest")

    inside, outside = (mean(grey * share) / (mean(share) + 1e-3) for share in (wide, 1 - wide))
    nearer = (grey - outside) ** 2 - (grey - inside) ** 2
    moved = np.log(wide / (1 - wide)) + weight * nearer / ((grey - outside) ** 2 + (grey - inside) ** 2 + 1e-3)
    lesion = wide >= 0.5
    if lesion.all() or not lesion.any():
        return wide
    distance = np.where(lesion, ndimage.distance_transform_edt(lesion), ndimage.distance_transform_edt(~lesion))
    return np.where(distance <= band, sigmoid(moved), wide)


def flat(log_odds: np.ndarray) -> np.ndarray:
    return sigmoid(log_odds / FLATTENING)


CLEANINGS: dict[str, Cleaning] = {
    "none": lambda log_odds, _: sigmoid(log_odds),
    "largest": lambda log_odds, _: largest(sigmoid(log_odds)),
    "log-odds": lambda log_odds, _: flat(log_odds),
    "largest, log-odds": lambda log_odds, _: flat(np.where(largest(sigmoid(log_odds)) > 0, log_odds, -np.inf)),
    "holes": lambda log_odds, _: without_holes(sigmoid(log_odds)),
    "smoothing": lambda log_odds, _: smoothed(sigmoid(log_odds)),
    "guided": lambda log_odds, grey: guided(sigmoid(log_odds), grey),
    "log-odds, guided": lambda log_odds, grey: guided(flat(log_odds), grey),
    "two colours": lambda log_odds, grey: two_colours(sigmoid(log_odds), grey),
}
# Each cleaning and what it is paired with.
PAIRS = (("largest", "none"), ("log-odds", "none"), ("largest, log-odds", "none"), ("largest, log-odds", "log-odds"), ("holes", "none"),
         ("smoothing", "none"), ("guided", "none"), ("guided", "log-odds"), ("log-odds, guided", "log-odds"), ("two colours", "none"))


def truth(path: Path) -> np.ndarray:
    """The part of a mask file that the network saw: its centred square, at its own resolution."""
    with Image.open(path) as image:
        mask = np.asarray(image.convert("L")) >= 128
    side = min(mask.shape)
    top, left = ((length - side) // 2 for length in mask.shape)
    return mask[top:top + side, left:left + side]


def overlaps(graph: Path, index: Index, root: Path, pixels: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Jaccard index of every row by cleaning."""
    session = open_graph(graph, exact=False)
    asked = {entry.name: entry.shape for entry in session.get_inputs()}
    # No lesion depends on what is known of the patient.
    unknown = np.zeros(asked["metadata"][1]) if "metadata" in asked else None
    found: dict[str, list[float]] = {name: [] for name in CLEANINGS}
    for row in rows:
        picture = np.asarray(pixels[row])
        log_odds = run_views(session, picture, ALL_FLIPS, unknown, ("mask",))["mask"].mean(0)[0].astype(np.float64)
        expected, grey = truth(root / index.mask[row]), picture @ np.array([0.299, 0.587, 0.114]) / 255
        for name, cleaning in CLEANINGS.items():
            found[name].append(jaccard(enlarged(cleaning(log_odds, grey), *expected.shape) >= 0.5, expected))
    return {name: np.array(values) for name, values in found.items()}


def compared(found: dict[str, np.ndarray], lesions: np.ndarray) -> dict[str, list[float]]:
    """Mean difference of each pair with its 95 % interval, drawn by lesion."""
    def figures(weight: np.ndarray | None) -> dict[str, float]:
        return {f"{one} - {other}": float(np.average(found[one] - found[other], weights=weight)) for one, other in PAIRS}

    return {name: list(values) for name, values in bootstrap_lesions(lesions, figures).items()}


def study(graph: Path, index: Index, root: Path, pixels: np.ndarray, split: str) -> dict[str, dict]:
    """Means and paired differences by set, and over all sets but the external one."""
    chosen = (index.mask != "") & (((index.split == split) & np.isin(index.dataset, SETS)) | ((index.dataset == EXTERNAL) & (split == "val")))
    rows = np.flatnonzero(chosen)
    found = overlaps(graph, index, root, pixels, rows)
    lesions = np.where(index.lesion_id[rows] != "", index.lesion_id[rows], index.isic_id[rows])
    lesions = np.where(lesions != "", lesions, index.file[rows])
    sets = {"all": index.dataset[rows] != EXTERNAL, **{name: index.dataset[rows] == name for name in (*SETS, EXTERNAL)}}
    result = {}
    for name, here in sets.items():
        if here.any():
            part = {cleaning: values[here] for cleaning, values in found.items()}
            result[name] = {"n": int(here.sum()), "jaccard": {cleaning: float(values.mean()) for cleaning, values in part.items()},
                            "differences": compared(part, lesions[here])}
    return result


def of_study(result: dict[str, dict]) -> str:
    """The differences as a table."""
    head = ["difference of mean Jaccard", *(f"{name} (n {found['n']})" for name, found in result.items())]
    pairs = next(iter(result.values()))["differences"]
    return table(head, [[pair, *(figure(found["differences"][pair], "+") for found in result.values())] for pair in pairs])


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """`cleaning`: which steps help."""
    parser = subparsers.add_parser("cleaning", help="what each cleaning of a network's lesion does to its Jaccard index, paired, with intervals")
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder, holds the decoded pool")
    parser.add_argument("--graph", type=Path, required=True, help="graph.onnx of a bundle with an output mask")
    parser.add_argument("--split", choices=("train", "val"), default="val")
    parser.add_argument("--to", type=Path, help="JSON that receives the figures")
    parser.set_defaults(run=run_command)


def run_command(options: argparse.Namespace) -> None:
    index = read_index(options.data / "index.csv")
    result = study(options.graph, index, options.data, open_cache(index, options.data, options.work / "cache", SIZE), options.split)
    if options.to:
        options.to.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(of_study(result))
