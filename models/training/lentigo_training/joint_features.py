"""The encoder up to stride 16, frozen: run by ONNX Runtime, and kept on disk where many small runs share its outputs.

Four fifths of the weights lie behind it, most of the time and memory of a
training step before it. The decoder also reads the outputs at strides 4 and 8.
"""

import copy
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .augment import augment_with_masks
from .backbone import LiteBackbone
from .multitask_train import Pool
from .prefix import FrozenPrefix

# Stem and stages 0 to 4; all but the last of the pyramid's features.
STAGES = 5
BATCH = 32
STRIDES = (4, 8, 16)


class _Taps(nn.Module):
    """Picture to its features at STRIDES, laid end to end as [N,K,1,1], so that one graph with one output gives all."""

    def __init__(self, backbone: LiteBackbone):
        super().__init__()
        self.parts = nn.ModuleList()
        before = 0
        for tap in backbone.TAPS:
            stages = backbone.blocks[before:tap + 1]
            self.parts.append(nn.Sequential(backbone.conv_stem, backbone.bn1, *stages) if before == 0 else nn.Sequential(*stages))
            before = tap + 1

    def forward(self, x: Tensor) -> Tensor:
        found = []
        for part in self.parts:
            x = part(x)
            found.append(x.flatten(1))
        return torch.cat(found, 1)[:, :, None, None]


class FrozenTaps:
    """Evaluates the first STAGES stages as they are at construction: normalised [N,3,size,size] to features at STRIDES, any N."""

    def __init__(self, backbone: LiteBackbone, size: int):
        self.shapes = [(channels, size // stride, size // stride) for channels, stride in zip(backbone.pyramid_channels, STRIDES)]
        self.compute = FrozenPrefix(copy.deepcopy(_Taps(backbone)), size)

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        parts = self.compute(images).flatten(1).split([int(np.prod(shape)) for shape in self.shapes], 1)
        return tuple(part.reshape(-1, *shape).contiguous(memory_format=torch.channels_last) for part, shape in zip(parts, self.shapes))


@dataclass(frozen=True)
class Features:
    """One augmentation of all pictures: `taps` [N,C,h,w] float16 at STRIDES, `lesion` [N,h,w] uint8 (255 = all lesion) at stride 4."""

    taps: tuple[np.ndarray, ...]
    lesion: np.ndarray

    def batch(self, chosen: np.ndarray) -> tuple[tuple[Tensor, ...], Tensor]:
        """Features in float32, and masks [n,2,h,w] as of `multitask.mask_targets`."""
        inside = torch.from_numpy(self.lesion[chosen])[:, None].float() / 255.0
        taps = tuple(torch.from_numpy(tap[chosen]).float().contiguous(memory_format=torch.channels_last) for tap in self.taps)
        return taps, torch.cat([1 - inside, inside], 1)


def pyramid(backbone: LiteBackbone, taps: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The encoder's features at strides 4, 8, 16 and 32 from those at STRIDES."""
    x = taps[-1]
    for stage in backbone.blocks[STAGES:]:
        x = stage(x)
    return *taps, backbone.bn2(backbone.conv_head(x))


def freeze(backbone: LiteBackbone) -> None:
    """Hold the weights and statistics of the first STAGES stages."""
    backbone.prefix(STAGES).eval().requires_grad_(False)


def _compute(backbone: LiteBackbone, pool: Pool, rows: np.ndarray, size: int, seed: int) -> Features:
    compute = FrozenTaps(backbone, size)
    rng = torch.Generator().manual_seed(seed)
    batches = []
    for start in range(0, len(rows), BATCH):
        some = rows[start:start + BATCH]
        images, masks = augment_with_masks(pool.cache[some], pool.masks[some], size, rng)
        lesion = F.adaptive_avg_pool2d(masks, (size // STRIDES[0], size // STRIDES[0]))[:, 0]
        # Float16 keeps three significant digits, more than the activations' spread between two augmentations.
        batches.append((*(tap.half().contiguous().numpy() for tap in compute(images)), (lesion * 255 + 0.5).to(torch.uint8).numpy()))
    *taps, lesion = (np.concatenate(column) for column in zip(*batches))
    return Features(tuple(taps), lesion)


def open_features(folder: Path, backbone: LiteBackbone, pool: Pool, rows: np.ndarray, size: int, number: int) -> Features:
    """Augmentation `number` of `rows`, from `folder` or computed and kept there; `backbone` must be the same every time."""
    path = folder / f"augmentation-{size}-{number}.npz"
    try:
        with np.load(path) as stored:
            if np.array_equal(stored["rows"], rows):
                return Features(tuple(stored[f"stride{stride}"] for stride in STRIDES), stored["lesion"])
    except (FileNotFoundError, zipfile.BadZipFile):
        pass
    found = _compute(backbone, pool, rows, size, number)
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    with open(partial, "wb") as handle:
        np.savez(handle, rows=rows, lesion=found.lesion, **{f"stride{stride}": tap for stride, tap in zip(STRIDES, found.taps)})
    os.replace(partial, path)
    return found
