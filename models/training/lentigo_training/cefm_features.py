"""What system B's heads read of every picture, computed once: the lesion's mean features, the plain mean, and the lesion encoder's grid.

Heads train on these in seconds, so that choices can be made with several seeds. Views are flips, quarter turns and mild changes of the lamp: what
is measured on a lesion does not depend on how the picture was turned, and hardly on those.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .augment import colour, plain
from .frozen import Frozen
from .joint_val import FLIPS
from .multitask_train import Pool
from .prepare import MEAN, SCALE, SIZE
from .systems.cefm import CefmNet
from .systems.lesion_encoder import STRIDE, LesionEncoder

BATCH = 24
# Strength of `augment.colour`: about a tenth of gain, a twentieth of temperature.
LAMP = 0.4
GRID = SIZE // STRIDE
ARRAYS = ("pooled", "mean", "grid")


class TrunkReading(nn.Module):
    """Picture to the lesion's mean features [N,F], the plain mean [N,F], and what the lesion encoder reads [N,4,h,w]."""

    any_batch = True

    def __init__(self, network: CefmNet):
        super().__init__()
        self.network, self.channels = network, network.channels

    def fingerprint(self) -> bytes:
        """Of the weights that decide the features."""
        return fingerprint(self.network.state_dict(), ("backbone.", "decoder.", "sharpness"))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        pyramid = self.network.backbone.pyramid(image)
        mask = self.network.decoder(pyramid)
        pooled, _ = self.network.pool(pyramid[-1], mask)
        return pooled, pyramid[-1].mean((2, 3)), LesionEncoder.grid(image, mask)


def fingerprint(state: dict[str, Tensor], prefixes: tuple[str, ...] = ("",)) -> bytes:
    """Digest of the entries of a state whose names start so."""
    read = hashlib.sha256()
    for name, value in state.items():
        if name.startswith(prefixes):
            read.update(value.numpy().tobytes())
    return read.digest()


@dataclass(frozen=True)
class Views:
    """`rows` [N] of the pool's table; `pooled`, `mean` float16 [N,V,F]; `grid` uint8 [N,V,4,56,56]: grey levels, and membership times 255."""

    rows: np.ndarray
    pooled: np.ndarray
    mean: np.ndarray
    grid: np.ndarray

    def of(self, rows: np.ndarray) -> "Views":
        """The same of some of the rows, in their order."""
        at = {int(row): i for i, row in enumerate(self.rows)}
        chosen = np.array([at[int(row)] for row in rows], int)
        return Views(rows, self.pooled[chosen], self.mean[chosen], self.grid[chosen])


def stored_grid(grid: Tensor) -> np.ndarray:
    """[N,4,h,w] as of `LesionEncoder.grid` to bytes."""
    grey = grid[:, :3] / SCALE + MEAN
    return torch.cat([grey, grid[:, 3:] * 255.0], 1).round().clamp(0, 255).to(torch.uint8).numpy()


def opened_grid(stored: np.ndarray) -> Tensor:
    """The inverse of `stored_grid`, up to half a grey level."""
    x = torch.from_numpy(np.ascontiguousarray(stored)).float()
    return torch.cat([(x[:, :3] - MEAN) * SCALE, x[:, 3:] / 255.0], 1)


def mild(images: Tensor, rng: torch.Generator) -> Tensor:
    """Normalised pictures [N,3,S,S] each flipped, turned by quarters and seen under another lamp."""
    turned = []
    for picture in images:
        flip, quarters = (int(torch.randint(n, (1,), generator=rng)) for n in (2, 4))
        turned.append(torch.rot90(picture.flip(2) if flip else picture, quarters, (1, 2)))
    shown = colour((torch.stack(turned) / SCALE + MEAN) / 255.0, rng, LAMP)
    return (shown * 255.0 - MEAN) * SCALE


class Reader:
    """Evaluates a frozen reading (`TrunkReading` or the like): `__call__` gives the arrays of ARRAYS for a batch.

    By ONNX Runtime, unless the reading says by `any_batch` that its graph would hold for one size of batch only.
    """

    def __init__(self, reading: nn.Module):
        self.channels = reading.channels
        self.run = Frozen(reading, SIZE, len(ARRAYS)) if reading.any_batch else torch.no_grad()(reading.eval())

    def __call__(self, images: Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        pooled, mean, grid = self.run(images)
        return pooled.half().numpy(), mean.half().numpy(), stored_grid(grid)


def _views(images: Tensor, number: int, flips: bool, rng: torch.Generator) -> Tensor:
    """View `number` of a batch: flip `number`, or the picture itself and then mild changes."""
    if flips:
        axes = list(FLIPS.values())[number]
        return images.flip(axes) if axes else images
    return mild(images, rng) if number else images


def read_views(reading: nn.Module, pool: Pool, rows: np.ndarray, views: int, flips: bool, folder: Path, seed: int = 0, note=print) -> Views:
    """`views` views of `rows`, from `folder` or computed and kept there; `flips`: the device's four views instead of random ones."""
    asked = hashlib.sha256(repr((rows.tolist(), views, flips, seed)).encode() + reading.fingerprint()).hexdigest()
    stamp = folder / "asked.json"
    if not (stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")) == asked):
        _compute(reading, pool, rows, views, flips, folder, seed, note)
        stamp.write_text(json.dumps(asked), encoding="utf-8")
    return Views(rows, *(np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS))


def _compute(reading: nn.Module, pool: Pool, rows: np.ndarray, views: int, flips: bool, folder: Path, seed: int, note) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "asked.json").unlink(missing_ok=True)
    reader = Reader(reading)
    shapes = {"pooled": (reader.channels,), "mean": (reader.channels,), "grid": (4, GRID, GRID)}
    types = {"pooled": np.float16, "mean": np.float16, "grid": np.uint8}
    arrays = {name: np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=types[name], shape=(len(rows), views, *shapes[name]))
              for name in ARRAYS}
    rng = torch.Generator().manual_seed(seed)
    for start in range(0, len(rows), BATCH):
        some = rows[start:start + BATCH]
        images = plain(pool.cache[some], SIZE)
        for number in range(views):
            for name, value in zip(ARRAYS, reader(_views(images, number, flips, rng))):
                arrays[name][start:start + len(some), number] = value
        if start % (BATCH * 50) == 0:
            note(f"{os.path.basename(folder)}: {start + len(some)} of {len(rows)} pictures")
    for array in arrays.values():
        array.flush()
