"""Augmentation of one batch, vectorised so that it costs a few per cent of a training step.

The geometric part is a single grid_sample; colour is arithmetic on the batch;
only JPEG recompression runs per picture.
"""

import io
import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from .prepare import MEAN, SCALE


def _uniform(n: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    return torch.rand(n, generator=rng) * (high - low) + low


def _happens(n: int, probability: float, rng: torch.Generator) -> Tensor:
    return torch.rand(n, generator=rng) < probability


def geometry(images: Tensor, size: int, rng: torch.Generator, strength: float) -> Tensor:
    """Flip, quarter turns, free rotation, zoom, stretch, shift: [N,3,S,S] to [N,3,size,size].

    The stretch covers 4:3 squashed to a square (1.33), so that squashed and
    cropped pictures of one lesion look alike to the network.
    """
    n = len(images)
    turn = _uniform(n, -180.0, 180.0, rng)
    turn = torch.where(_happens(n, 0.5, rng), torch.round(turn / 90.0) * 90.0, turn) * (math.pi / 180.0)
    # Sampling extent: below 1 zooms in, above 1 shows the reflected surroundings.
    zoom = _uniform(n, 1.0 - 0.35 * strength, 1.0 + 0.1 * strength, rng)
    stretch = torch.exp(_uniform(n, -0.29, 0.29, rng) * strength)
    stretch = torch.where(_happens(n, 0.7, rng), stretch, torch.ones(n)).sqrt()
    flip = torch.where(_happens(n, 0.5, rng), -1.0, 1.0)
    sx, sy = zoom * stretch * flip, zoom / stretch
    cos, sin = torch.cos(turn), torch.sin(turn)
    shift = 0.12 * strength
    theta = torch.stack([
        torch.stack([cos * sx, -sin * sy, _uniform(n, -shift, shift, rng)], 1),
        torch.stack([sin * sx, cos * sy, _uniform(n, -shift, shift, rng)], 1)], 1)
    grid = F.affine_grid(theta, [n, 3, size, size], align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def colour(images: Tensor, rng: torch.Generator, strength: float) -> Tensor:
    """Lamp and camera: gain, temperature, tint, contrast, saturation, gamma on [N,3,H,W] in 0..1."""
    n = len(images)
    one = torch.ones(n)
    temperature = torch.exp(_uniform(n, -0.09, 0.09, rng) * strength)
    tint = torch.exp(_uniform(n, -0.05, 0.05, rng) * strength)
    gain = torch.exp(_uniform(n, -0.18, 0.18, rng) * strength)
    channel = torch.stack([gain * temperature, gain * tint, gain / temperature], 1)[:, :, None, None]
    x = images * channel
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * torch.exp(_uniform(n, -0.25, 0.25, rng) * strength)[:, None, None, None] + mean
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * torch.exp(_uniform(n, -0.22, 0.22, rng) * strength)[:, None, None, None] + grey
    gamma = torch.where(_happens(n, 0.5, rng), torch.exp(_uniform(n, -0.25, 0.25, rng) * strength), one)
    return x.clamp(1e-4, 1.0) ** gamma[:, None, None, None]


def optics(images: Tensor, rng: torch.Generator, strength: float) -> Tensor:
    """Defocus and vignette on [N,3,H,W] in 0..1."""
    n, _, height, width = images.shape
    blurred = torch.nonzero(_happens(n, 0.25 * strength, rng)).flatten()
    if len(blurred):
        sigma = _uniform(len(blurred), 0.3, 1.4, rng)
        taps = torch.arange(-3, 4).float()
        kernel = torch.exp(-0.5 * (taps[None] / sigma[:, None]) ** 2)
        kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(3, 0)
        channels = images[blurred].reshape(1, -1, height, width)
        channels = F.conv2d(F.pad(channels, (3, 3, 0, 0), mode="reflect"), kernel[:, None, None, :], groups=len(kernel))
        channels = F.conv2d(F.pad(channels, (0, 0, 3, 3), mode="reflect"), kernel[:, None, :, None], groups=len(kernel))
        images[blurred] = channels.reshape(-1, 3, height, width)
    dark = torch.nonzero(_happens(n, 0.2 * strength, rng)).flatten()
    if len(dark):
        y = torch.linspace(-1, 1, height)[None, :, None] - _uniform(len(dark), -0.15, 0.15, rng)[:, None, None]
        x = torch.linspace(-1, 1, width)[None, None, :] - _uniform(len(dark), -0.15, 0.15, rng)[:, None, None]
        radius = torch.sqrt(x * x + y * y)
        edge = _uniform(len(dark), 0.95, 1.3, rng)[:, None, None]
        soft = _uniform(len(dark), 0.03, 0.4, rng)[:, None, None]
        images[dark] = images[dark] * torch.sigmoid((edge - radius) / soft * 4)[:, None]
    return images


def recompress(images: Tensor, rng: torch.Generator, probability: float) -> Tensor:
    """JPEG at quality 35..95: the pool's sources were compressed differently, and that must not tell the class."""
    for i in torch.nonzero(_happens(len(images), probability, rng)).flatten().tolist():
        quality = int(_uniform(1, 35, 96, rng))
        pixels = (images[i].permute(1, 2, 0) * 255.0 + 0.5).to(torch.uint8).numpy()
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
        decoded = np.asarray(Image.open(buffer), dtype=np.float32)
        images[i] = torch.from_numpy(decoded).permute(2, 0, 1) / 255.0
    return images


def cutout(images: Tensor, rng: torch.Generator, probability: float) -> Tensor:
    """Hide one rectangle of up to 0.35 of each side behind the picture's mean colour."""
    n, _, height, width = images.shape
    for i in torch.nonzero(_happens(n, probability, rng)).flatten().tolist():
        h, w = (int(v * s) for v, s in zip(_uniform(2, 0.1, 0.35, rng), (height, width)))
        top, left = (int(v * s) for v, s in zip(torch.rand(2, generator=rng), (height - h, width - w)))
        images[i, :, top:top + h, left:left + w] = images[i].mean((1, 2), keepdim=True)
    return images


def augment(pixels: np.ndarray, size: int, rng: torch.Generator, strength: float = 1.0) -> Tensor:
    """uint8 [N,S,S,3] to a normalised float32 batch [N,3,size,size]; strength 0 only resizes."""
    if strength <= 0:
        return plain(pixels, size)
    images = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() / 255.0
    images = geometry(images, size, rng, strength)
    images = colour(images, rng, strength)
    images = optics(images, rng, strength)
    images = recompress(images, rng, 0.3 * strength)
    images = cutout(images, rng, 0.25 * strength)
    return (images * 255.0 - MEAN) * SCALE


def plain(pixels: np.ndarray, size: int) -> Tensor:
    """uint8 [N,S,S,3] to a normalised float32 batch [N,3,size,size] without augmentation."""
    images = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float()
    if images.shape[-1] != size:
        images = F.interpolate(images, size=(size, size), mode="bilinear", align_corners=False, antialias=True)
    return (images - MEAN) * SCALE


def mixup(images: Tensor, targets: Tensor, alpha: float, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Blend each picture and its soft target [N,K] with another of the batch (Zhang et al. 2018)."""
    seed = int(torch.randint(2**31, (1,), generator=rng))
    blend = float(np.random.default_rng(seed).beta(alpha, alpha))
    blend = max(blend, 1.0 - blend)
    order = torch.randperm(len(images), generator=rng)
    return images * blend + images[order] * (1 - blend), targets * blend + targets[order] * (1 - blend)
