"""The Deep-UNet on a frozen encoder: masks of the whole pool, the encoder run by ONNX Runtime."""

import math
import time
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .augment import augment_with_masks
from .backbone import LiteBackbone
from .frozen import Frozen
from .index import Index
from .multitask import mask_loss, mask_targets
from .multitask_train import Pool
from .prepare import SIZE
from .systems.deep_unet import DeepUnet
from .train import Ema

# Shares of a batch. ham10000's outlines are the figure that counts; isic2017's were drawn by other hands.
MIX = {"ham10000": 0.7, "isic2018-seg": 0.15, "isic2017": 0.15}


@dataclass(frozen=True)
class UnetSchedule:
    """One cosine from `rate`; `strength` of the augmentation."""

    steps: int
    batch: int = 32
    rate: float = 2e-3
    strength: float = 0.6
    weight_decay: float = 0.01
    seed: int = 0


def warm_cosine(optimiser: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LambdaLR:
    """A tenth of the steps up to the optimiser's rate, then down to nearly nothing as a cosine."""
    warm = max(1, steps // 10)
    return torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * max(0, step - warm) / max(1, steps - warm)))))


class Pyramid(nn.Module):
    """A backbone's features at strides 4 to 32 as a module's output."""

    def __init__(self, backbone: nn.Module):
        super().__init__()
        self.backbone = backbone

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        return self.backbone.pyramid(image)


def outlined_rows(index: Index, groups: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Rows that may be trained on and have a mask, by dataset."""
    rows = np.concatenate(groups)
    rows = rows[index.mask[rows] != ""]
    return {dataset: rows[index.dataset[rows] == dataset] for dataset in MIX}


def outline_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """`multitask.mask_loss` at the picture's resolution, where the Jaccard index is counted: logits [N,1,h,w], masks [N,1,H,W]."""
    enlarged = F.interpolate(logits, size=masks.shape[-2:], mode="bilinear", align_corners=False)
    return mask_loss(enlarged, mask_targets(masks, torch.ones(len(masks))))


def train_unet(unet: DeepUnet, backbone: LiteBackbone, pool: Pool, schedule: UnetSchedule, note=print) -> DeepUnet:
    """Train in place; the result has the moving average of the weights."""
    rows = outlined_rows(pool.index, pool.groups)
    shares = np.array([MIX[dataset] if len(rows[dataset]) else 0.0 for dataset in MIX])
    encoder = Frozen(Pyramid(backbone), SIZE, 4)
    unet.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(unet.parameters(), lr=schedule.rate, weight_decay=schedule.weight_decay)
    ahead = warm_cosine(optimiser, schedule.steps)
    ema = Ema(unet, 0.99)
    rng, generator = np.random.default_rng(schedule.seed), torch.Generator().manual_seed(schedule.seed)
    began, losses = time.time(), []
    for step in range(schedule.steps):
        dataset = rng.choice(len(MIX), schedule.batch, p=shares / shares.sum())
        drawn = np.sort([rng.choice(rows[list(MIX)[d]]) for d in dataset])
        images, masks = augment_with_masks(pool.cache[drawn], pool.masks[drawn], SIZE, generator, schedule.strength)
        unet.train()
        loss = outline_loss(unet(tuple(x.contiguous(memory_format=torch.channels_last) for x in encoder(images))), masks)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(unet.parameters(), 5.0, error_if_nonfinite=True)
        optimiser.step()
        ahead.step()
        ema.update(unet)
        losses.append(loss.item())
        if step % 50 == 49:
            note(f"{time.strftime('%H:%M:%S')} unet step {step + 1}/{schedule.steps} loss {np.mean(losses[-50:]):.4f} "
                 f"{(step + 1) * schedule.batch / (time.time() - began):.1f} images/s")
    unet.load_state_dict(ema.state)
    return unet.eval()
