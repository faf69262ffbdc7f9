"""The tiny transformer under system B's heads: its features in place of the convolutional trunk's, for comparison. Nothing here ships.

Same pooling by its own outline, same lesion encoder (given that outline), same heads, measures and schedule.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .alignment import encode
from .cefm_features import Views, fingerprint, read_views
from .cefm_study import Cell, cell_figures, interval, run_cell
from .cefm_train import CefmPlan, Material, add_paths, note_in, open_material, plan_of
from .systems.lesion_encoder import LesionEncoder
from .systems.multitask import SHARPNESS
from .vit import FINE, VitTiny, build


class VitReading(nn.Module):
    """As `TrunkReading`, of a transformer whose maps have stride 16."""

    # Its tokens are rows of one matrix, whose height a graph would hold for good.
    any_batch = False

    def __init__(self, vit: VitTiny):
        super().__init__()
        self.vit, self.channels = vit, vit.width

    def fingerprint(self) -> bytes:
        """Of all weights."""
        return fingerprint(self.vit.state_dict())

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps = self.vit.maps(image)
        channels, height, width = (int(extent) for extent in maps.shape[1:])
        fine = self.vit.lesion(maps.flatten(2).transpose(1, 2).reshape(-1, channels))
        mask = fine.reshape(-1, width, FINE, FINE).transpose(1, 2).reshape(-1, 1, height * FINE, width * FINE)
        weights = torch.softmax(SHARPNESS * F.avg_pool2d(torch.sigmoid(mask), FINE).reshape(-1, height * width), 1)
        pooled = torch.matmul(maps.flatten(2), weights[:, :, None])[:, :, 0]
        return pooled, maps.mean((2, 3)), LesionEncoder.grid(image, mask)


def vit_material(plan: CefmPlan, checkpoint: Path, note) -> Material:
    """The same pictures, measures and lesion encoder as `open_material`, with the transformer's features; the trunk's opinion stays the classifier's teacher."""
    network, material = open_material(plan, note)
    reading, folder = VitReading(build(checkpoint)), plan.folder / "vit"

    def features(rows: np.ndarray, views: int, flips: bool, name: str) -> tuple[np.ndarray, Views]:
        seen = read_views(reading, material.pool, rows, views, flips, folder / name, note=note)
        return np.concatenate([np.asarray(seen.pooled), encode(network.lesion, seen.grid)], 2), seen

    val, val_views = features(material.val_rows, 4, True, "val")
    train, train_views = features(material.train_rows, plan.views, False, "train")
    return replace(material, train=train, val=val, plain=(np.asarray(train_views.mean), np.asarray(val_views.mean)))


def compare(plan: CefmPlan, checkpoint: Path) -> dict:
    """Figures of both backbones' features under the same heads: {backbone: {figure: {"value": [mean, low, high], "seeds"}}}."""
    note = note_in(plan.folder)
    found = {}
    for name, material in ((plan.backbone, open_material(plan, note)[1]), ("vit-tiny", vit_material(plan, checkpoint, note))):
        runs = [run_cell(Cell(plan.names, True, plan.heads), material, seed)[1] for seed in range(plan.seeds)]
        spreads = cell_figures(runs, material)
        found[name] = {figure: {"value": interval(values.mean(0)), "seeds": values[:, 0].tolist()} for figure, values in spreads.items()}
        note(f"{name}: " + json.dumps({figure: [round(x, 4) for x in entry["seeds"]] for figure, entry in found[name].items()}))
    return found


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """`cefm-vit`: the tiny transformer under the same heads."""
    parser = subparsers.add_parser("cefm-vit", help="the tiny transformer's features under system B's heads, beside the trunk's")
    add_paths(parser)
    parser.add_argument("--vit", type=Path, required=True, help="checkpoint of the transformer")
    parser.add_argument("--to", type=Path, required=True, help="JSON of `cefm-study` that receives the figures as its entry `backbones`")
    parser.set_defaults(run=run_command)


def run_command(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    found = compare(plan_of(options), options.vit)
    result = json.loads(options.to.read_text(encoding="utf-8")) if options.to.exists() else {}
    options.to.write_text(json.dumps({**result, "backbones": found}, indent=1) + "\n", encoding="utf-8")
