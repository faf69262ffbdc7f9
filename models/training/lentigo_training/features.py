"""Both encoders' deepest maps of the pool, kept on disk, so that everything after them trains in minutes.

A map's 1280 channels are reduced to 256 by principal components, which fold into the 1x1 convolution that reads them on the device.
Masks are kept as what a coarse map's enlargement would gather of them: the share of a map's energy inside the mask is then a ratio of
two inner products, exactly as on the enlarged map.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .augment import augment_with_masks, plain
from .frozen import Frozen
from .index import DX_CLASSES
from .multitask_train import Pool
from .prepare import SIZE
from .systems.dual import WIDTH, DualNetwork, lesion_only

FLIPS = {"none": (), "horizontal": (-1,), "vertical": (-2,), "both": (-2, -1)}
BATCH = 16


class DeepMaps(nn.Module):
    """A picture's deepest maps, of itself and of its lesion alone, and the lesion's logits."""

    def __init__(self, network: DualNetwork):
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.network.deep_maps(image)


def gathering(grid: int, size: int = SIZE) -> np.ndarray:
    """Bilinear enlargement (half-pixel centres) of one axis as a matrix [size, grid]."""
    return F.interpolate(torch.eye(grid)[None], size=size, mode="linear", align_corners=False)[0].T.numpy()


def gathered(masks: np.ndarray, grid: int) -> np.ndarray:
    """Masks [N,S,S] to [N,grid,grid] such that sum(enlarge(map) * mask) = sum(map * gathered)."""
    u = gathering(grid, masks.shape[1])
    return np.einsum("yi,nyx,xj->nij", u, masks.astype(np.float32), u, optimize=True)


@dataclass(frozen=True)
class Basis:
    """Principal components of a map's channels: (f - mean) @ components, [C] and [C, 256].

    Each component is divided by the fourth root of its variance: between keeping the variances, in which the first few
    drown the others, and whitening, which raises noise to their height.
    """

    mean: Tensor
    components: Tensor

    @staticmethod
    def of(samples: Tensor) -> "Basis":
        """From samples [N, C]."""
        mean = samples.mean(0)
        covariance = torch.cov((samples - mean).T.double())
        variance, vectors = torch.linalg.eigh(covariance)
        variance, vectors = variance[-WIDTH:].flip(0), vectors[:, -WIDTH:].flip(1)
        scale = variance.clamp(min=1e-6) ** -0.25
        return Basis(mean, (vectors * scale / (variance * scale**2).mean().sqrt()).float())

    def reduce(self, maps: Tensor) -> Tensor:
        """[N,C,h,w] to [N, h*w, 256]."""
        return (maps.flatten(2).transpose(1, 2) - self.mean) @ self.components

    def folded(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """A 1x1 convolution on reduced maps as one on the maps themselves: weight [O,256,1,1] and bias [O] to [O,C,1,1] and [O]."""
        whole = weight[:, :, 0, 0] @ self.components.T
        return whole[:, :, None, None], bias - whole @ self.mean


def views_by_row(dx: np.ndarray, total: int, rng: np.random.Generator) -> np.ndarray:
    """How many augmented views each picture of diagnosis `dx` [N] gets: in all about `total`, a diagnosis of n pictures in proportion to sqrt(n)."""
    counts = {c: int((dx == c).sum()) for c in np.unique(dx)}
    roots = sum(n**0.5 for n in counts.values())
    wanted = np.array([total / roots / counts[c] ** 0.5 for c in dx])
    return (wanted + rng.random(len(dx))).astype(int)


@dataclass(frozen=True)
class TrainMaps:
    """`original`, `segmented` float16 [V,49,256]; `inside` float32 [V,49] as of `gathered`; `rows` [V] of the pool's table."""

    original: np.ndarray
    segmented: np.ndarray
    inside: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True)
class ValMaps:
    """As `TrainMaps` with an axis of the four flips: [N,4,49,256]; `mask` float16 [N,4,h,w] logits, turned back; `inside` [N,49] of the unflipped."""

    original: np.ndarray
    segmented: np.ndarray
    mask: np.ndarray
    inside: np.ndarray
    rows: np.ndarray


def _memory(folder: Path, name: str, shape: tuple[int, ...], dtype: type = np.float16) -> np.ndarray:
    folder.mkdir(parents=True, exist_ok=True)
    return np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=dtype, shape=shape)


class Extractor:
    """Computes and stores the maps of one network; `bases` are found on the way."""

    def __init__(self, network: DualNetwork, pool: Pool, seed: int = 0):
        self.pool, self.seed = pool, seed
        self.maps = Frozen(DeepMaps(network), SIZE, 3)
        self.bases: dict[str, Basis] = {}

    def find_bases(self, rows: np.ndarray, pictures: int = 512) -> None:
        rng, generator = np.random.default_rng(self.seed), torch.Generator().manual_seed(self.seed)
        chosen = np.sort(rng.choice(rows, min(pictures, len(rows)), replace=False))
        samples: dict[str, list[Tensor]] = {"original": [], "segmented": []}
        for start in range(0, len(chosen), BATCH):
            some = chosen[start:start + BATCH]
            images, _ = augment_with_masks(self.pool.cache[some], self.pool.masks[some], SIZE, generator, 0.6)
            original, segmented, _ = self.maps(images)
            for name, maps in (("original", original), ("segmented", segmented)):
                samples[name].append(maps.flatten(2).transpose(1, 2).flatten(0, 1))
        self.bases = {name: Basis.of(torch.cat(parts)) for name, parts in samples.items()}

    def train(self, rows: np.ndarray, total: int, folder: Path, strength: float = 0.7, note=print) -> TrainMaps:
        """Augmented views of training pictures that have masks."""
        rng = np.random.default_rng(self.seed)
        views = rng.permutation(np.repeat(rows, views_by_row(self.pool.index.dx[rows], total, rng)))
        generator = torch.Generator().manual_seed(self.seed)
        original, segmented = (_memory(folder, name, (len(views), 49, WIDTH)) for name in ("original", "segmented"))
        inside = _memory(folder, "inside", (len(views), 49), np.float32)
        for start in range(0, len(views), BATCH):
            some = views[start:start + BATCH]
            images, masks = augment_with_masks(self.pool.cache[some], self.pool.masks[some], SIZE, generator, strength)
            a, b, _ = self.maps(images)
            part = slice(start, start + len(some))
            original[part], segmented[part] = self.bases["original"].reduce(a).numpy(), self.bases["segmented"].reduce(b).numpy()
            inside[part] = gathered(masks[:, 0].numpy(), 7).reshape(-1, 49)
            if start % (BATCH * 100) == 0:
                note(f"maps of {start + len(some)} of {len(views)} views")
        np.save(folder / "rows.npy", views)
        return TrainMaps(original, segmented, inside, views)

    def val(self, rows: np.ndarray, folder: Path) -> ValMaps:
        """All four flips of unaugmented pictures."""
        n, flips = len(rows), len(FLIPS)
        original, segmented = (_memory(folder, name, (n, flips, 49, WIDTH)) for name in ("original", "segmented"))
        mask = _memory(folder, "mask", (n, flips, SIZE // 4, SIZE // 4))
        for start in range(0, n, BATCH):
            some = rows[start:start + BATCH]
            part = slice(start, start + len(some))
            for view, axes in enumerate(FLIPS.values()):
                images = plain(self.pool.cache[some], SIZE)
                a, b, z = self.maps(images.flip(axes) if axes else images)
                original[part, view], segmented[part, view] = self.bases["original"].reduce(a).numpy(), self.bases["segmented"].reduce(b).numpy()
                mask[part, view] = (z.flip(axes) if axes else z)[:, 0].numpy()
        inside = gathered(self.pool.masks[rows], 7).reshape(n, 49)
        np.save(folder / "inside.npy", inside)
        np.save(folder / "rows.npy", rows)
        return ValMaps(original, segmented, mask, inside, rows)


def ham_rows(pool: Pool) -> np.ndarray:
    """Training rows of ham10000 (the views of a picture that are its own), all of which have a diagnosis and a mask."""
    rows = np.concatenate(pool.groups)
    return rows[(pool.index.dataset[rows] == "ham10000") & (pool.index.dx[rows] >= 0) & (pool.index.dx[rows] < len(DX_CLASSES))]
