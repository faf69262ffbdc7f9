"""Training of system A's fusion, metadata transformer and head on cached maps."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .features import TrainMaps, gathering
from .index import DX_CLASSES, Index
from .metadata import Encoding
from .systems.dual import WIDTH, Fusion
from .train import Ema
from .unet_train import warm_cosine


@dataclass(frozen=True)
class FusionSchedule:
    """One cosine from `rate`. `guidance` weighs -ln(share of the true class's Grad-CAM energy inside the mask)."""

    # More overfits: the trunk has seen these pictures, so their maps are better than those of any other.
    steps: int = 250
    batch: int = 96
    rate: float = 1e-3
    weight_decay: float = 0.05
    smoothing: float = 0.05
    guidance: float = 0.3
    # A diagnosis of n pictures is drawn in proportion to n ** power.
    power: float = 0.5
    seed: int = 0


def class_shares(dx: np.ndarray, power: float) -> np.ndarray:
    """How often each diagnosis is drawn, [7], from the diagnoses of the different pictures."""
    counts = np.bincount(dx, minlength=len(DX_CLASSES)).astype(float)
    shares = np.where(counts > 0, np.maximum(counts, 1) ** power, 0.0)
    return shares / shares.sum()


def share_inside(cam: Tensor, inside: Tensor) -> Tensor:
    """Share of the energy of maps [N,h,w] inside masks gathered to [N,h*w], as on the enlarged map; NaN for a map of zeros."""
    n, grid = len(cam), cam.shape[-1]
    along = torch.from_numpy(gathering(grid).sum(0))
    everywhere = (along[:, None] * along[None]).reshape(1, -1)
    flat = cam.reshape(n, -1)
    return (flat * inside).sum(1) / (flat * everywhere).sum(1)


def fusion_loss(outputs: dict[str, Tensor], dx: Tensor, inside: Tensor, log_share: Tensor, schedule: FusionSchedule) -> Tensor:
    """Balanced softmax (Ren et al. 2020): the shares a diagnosis is drawn with are added to its score while learning, so that
    the scores themselves favour none; plus the guidance."""
    loss = F.cross_entropy(outputs["logits"] + log_share, dx, label_smoothing=schedule.smoothing)
    if schedule.guidance:
        cam = outputs["cam"][torch.arange(len(dx)), dx]
        seen = cam.detach().flatten(1).sum(1) > 1e-6
        if seen.any():
            loss = loss - schedule.guidance * torch.log(share_inside(cam[seen], inside[seen]).clamp(min=1e-4)).mean()
    return loss


def as_map(tokens: np.ndarray) -> Tensor:
    """float16 [N,49,256] to float32 maps [N,256,7,7]."""
    return torch.from_numpy(np.asarray(tokens, np.float32)).reshape(len(tokens), 7, 7, WIDTH).permute(0, 3, 1, 2)


def train_fusion(maps: TrainMaps, index: Index, schedule: FusionSchedule, branch: bool = True, metadata: bool = True,
                 encoding: Encoding = Encoding()) -> Fusion:
    """One network from scratch; the result has the moving average of the weights."""
    torch.manual_seed(schedule.seed)
    rng = np.random.default_rng(schedule.seed)
    fusion = Fusion(WIDTH, branch, metadata, encoding)
    rows = np.unique(maps.rows)
    shares = class_shares(index.dx[rows], schedule.power)
    log_share = torch.log(torch.from_numpy(shares).float().clamp(min=1e-6))
    views = [np.flatnonzero(index.dx[maps.rows] == dx) for dx in range(len(DX_CLASSES))]
    told = encoding.of(index, maps.rows)
    optimiser = torch.optim.AdamW(fusion.parameters(), lr=schedule.rate, weight_decay=schedule.weight_decay)
    ahead = warm_cosine(optimiser, schedule.steps)
    ema = Ema(fusion, 0.98)
    fusion.train()
    for _ in range(schedule.steps):
        dx = rng.choice(len(DX_CLASSES), schedule.batch, p=shares)
        drawn = np.array([rng.choice(views[c]) for c in dx])
        vectors = torch.from_numpy(encoding.hide(told[drawn], rng))
        # Half the time of float32 on a processor with bfloat16 products.
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = fusion(as_map(maps.original[drawn]), as_map(maps.segmented[drawn]), vectors)
        exact = {name: value.float() for name, value in outputs.items()}
        loss = fusion_loss(exact, torch.from_numpy(dx), torch.from_numpy(maps.inside[drawn]), log_share, schedule)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(fusion.parameters(), 1.0, error_if_nonfinite=True)
        optimiser.step()
        ahead.step()
        ema.update(fusion)
    fusion.load_state_dict(ema.state)
    return fusion.eval()
