"""Weight averaging of checkpoints along one trajectory.

Late checkpoints know the emphasised source best, early ones travel better to
sources never trained on; their weighted mean keeps most of both (Izmailov et
al. 2018; Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
"""

from pathlib import Path

import torch
from torch import Tensor

from .train import save


def average(checkpoints: list[Path], shares: list[float], target: Path) -> None:
    """Write the mean of the `ema` states, weighted by `shares` (any positive scale), as a checkpoint of its own."""
    total = sum(shares)
    states = [torch.load(path, weights_only=True)["ema"] for path in checkpoints]
    mean: dict[str, Tensor] = {}
    for key, value in states[-1].items():
        mean[key] = sum(s[key] * (w / total) for s, w in zip(states, shares, strict=True)) if value.is_floating_point() else value
    save({"ema": mean}, target)
