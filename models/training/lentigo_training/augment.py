"""Augmentation of one batch, vectorised so that it costs a few per cent of a training step.

The geometric part is a single grid_sample, in which a mask rides along as a
fourth channel; colour is arithmetic on the batch; only JPEG recompression runs
per picture. Everything is a function of the generator alone.
"""

import io
import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from .artefacts import glare, hairs, rulers
from .prepare import MEAN, SCALE


def _uniform(n: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    return torch.rand(n, generator=rng) * (high - low) + low


def _happens(n: int, probability: float, rng: torch.Generator) -> Tensor:
    return torch.rand(n, generator=rng) < probability


def geometry(images: Tensor, size: int, rng: torch.Generator, strength: float) -> Tensor:
    """Flip, quarter turns, free rotation, zoom, stretch, shift: [N,C,S,S] to [N,C,size,size].

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
    grid = F.affine_grid(theta, [n, images.shape[1], size, size], align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def letterbox(images: Tensor, rng: torch.Generator, probability: float) -> Tensor:
    """Bars of black or of the picture's mean on two opposite sides, as of a padded 4:3 or 16:9 frame; no lesion (channel 3) under them."""
    n, channels, height, width = images.shape
    for i in torch.nonzero(_happens(n, probability, rng)).flatten().tolist():
        picture = images[i] if torch.rand(1, generator=rng) < 0.5 else images[i].transpose(1, 2)
        bar = int(_uniform(1, 0.04, 0.22, rng) * picture.shape[1])
        fill = picture[:3].mean((1, 2)) if torch.rand(1, generator=rng) < 0.3 else torch.zeros(3)
        fill = torch.cat([fill, torch.zeros(channels - 3)])[:, None, None]
        picture[:, :bar], picture[:, picture.shape[1] - bar:] = fill, fill
    return images


def colour(images: Tensor, rng: torch.Generator, strength: float) -> Tensor:
    """Lamp and camera: gain, temperature, tint, contrast, saturation, gamma on [N,3,H,W] in 0..1."""
    n = len(images)
    temperature = torch.exp(_uniform(n, -0.09, 0.09, rng) * strength)
    tint = torch.exp(_uniform(n, -0.05, 0.05, rng) * strength)
    gain = torch.exp(_uniform(n, -0.18, 0.18, rng) * strength)
    channel = torch.stack([gain * temperature, gain * tint, gain / temperature], 1)[:, :, None, None]
    x = images * channel
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * torch.exp(_uniform(n, -0.25, 0.25, rng) * strength)[:, None, None, None] + mean
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * torch.exp(_uniform(n, -0.22, 0.22, rng) * strength)[:, None, None, None] + grey
    x = x.clamp(1e-4, 1.0)
    curved = torch.nonzero(_happens(n, 0.5, rng)).flatten()
    gamma = torch.exp(_uniform(len(curved), -0.25, 0.25, rng) * strength)
    x[curved] = x[curved] ** gamma[:, None, None, None]
    return x


def optics(images: Tensor, rng: torch.Generator, strength: float) -> Tensor:
    """Defocus, vignette and sensor noise on [N,3,H,W] in 0..1."""
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
    noisy = torch.nonzero(_happens(n, 0.15 * strength, rng)).flatten()
    if len(noisy):
        sigma = _uniform(len(noisy), 0.005, 0.03, rng)[:, None, None, None]
        noise = torch.randn((len(noisy), 3, height, width), generator=rng)
        images[noisy] = (images[noisy] + noise * sigma).clamp(0.0, 1.0)
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


def _appearance(images: Tensor, rng: torch.Generator, strength: float) -> Tensor:
    """All that changes colours only: [N,3,H,W] in 0..1 to normalised."""
    images = hairs(images, rng, 0.2 * strength)
    images = rulers(images, rng, 0.1 * strength)
    images = colour(images, rng, strength)
    images = glare(images, rng, 0.12 * strength)
    images = optics(images, rng, strength)
    images = recompress(images, rng, 0.3 * strength)
    return (images * 255.0 - MEAN) * SCALE


def augment(pixels: np.ndarray, size: int, rng: torch.Generator, strength: float = 1.0) -> Tensor:
    """uint8 [N,S,S,3] to a normalised float32 batch [N,3,size,size]; strength 0 only resizes."""
    if strength <= 0:
        return plain(pixels, size)
    images = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() / 255.0
    images = letterbox(geometry(images, size, rng, strength), rng, 0.08 * strength)
    return cutout(_appearance(images, rng, strength), rng, 0.25 * strength)


def augment_with_masks(pixels: np.ndarray, masks: np.ndarray, size: int, rng: torch.Generator,
                       strength: float = 1.0) -> tuple[Tensor, Tensor]:
    """As `augment`, and uint8 masks [N,S,S] of 0 and 1 to float32 [N,1,size,size] in 0..1, moved alike.

    No rectangles are hidden: a mask under one could only be guessed.
    """
    images = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2)
    regions = torch.from_numpy(np.array(masks))[:, None]
    if strength <= 0:
        return plain(pixels, size), F.interpolate(regions.float(), size=(size, size), mode="area")
    joined = torch.cat([images.float() / 255.0, regions.float()], 1)
    joined = letterbox(geometry(joined, size, rng, strength), rng, 0.08 * strength)
    return _appearance(joined[:, :3].contiguous(), rng, strength), joined[:, 3:].contiguous()


def lesion_only(images: Tensor, masks: Tensor, known: Tensor, rng: torch.Generator, share: float) -> Tensor:
    """Blank a share of the pictures with known masks to the normalisation's zero outside the lesion, in place; returns which, bool [N].

    images [N,3,H,W] normalised, masks [N,1,H,W] in 0..1, known bool [N].
    """
    chosen = _happens(len(images), share, rng) & known & (masks.mean((1, 2, 3)) > 0.01)
    images[chosen] *= (masks[chosen] > 0.5).float()
    return chosen


def plain(pixels: np.ndarray, size: int) -> Tensor:
    """uint8 [N,S,S,3] to a normalised float32 batch [N,3,size,size] without augmentation."""
    images = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float()
    if images.shape[-1] != size:
        images = F.interpolate(images, size=(size, size), mode="bilinear", align_corners=False, antialias=True)
    return (images - MEAN) * SCALE


def mixup(batch: tuple[Tensor, ...], alpha: float, rng: torch.Generator) -> tuple[Tensor, ...]:
    """Blend each picture, and whatever belongs to it along the first axis, with another of the batch (Zhang et al. 2018)."""
    seed = int(torch.randint(2**31, (1,), generator=rng))
    blend = float(np.random.default_rng(seed).beta(alpha, alpha))
    blend = max(blend, 1.0 - blend)
    order = torch.randperm(len(batch[0]), generator=rng)
    return tuple(part * blend + part[order] * (1 - blend) for part in batch)
