"""What lies over a lesion in dermoscopic pictures: hairs, a ruler's ticks, reflections of the lamp.

Hairs and ticks are drawn once into banks of opacity maps; a picture gets one of
them turned, mirrored and cropped at random. That costs a hundredth of drawing.
Only the picture changes, never its mask: the lesion goes on under a hair.
"""

import functools
import math

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

# Side of the stored maps; a crop of at least half of it is stretched to the picture.
BANK_SIDE = 320
BANK_HAIRS, BANK_RULERS = 64, 24


def _canvas() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Twice the side of a map, so that shrinking it smooths the lines."""
    image = Image.new("L", (2 * BANK_SIDE, 2 * BANK_SIDE))
    return image, ImageDraw.Draw(image)


def _map_of(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((BANK_SIDE, BANK_SIDE), Image.Resampling.BOX))


@functools.cache
def hair_bank() -> Tensor:
    """uint8 [BANK_HAIRS, side, side]: 2 to 25 bent strands of one person's thickness and main direction."""
    rng = np.random.default_rng(20)
    maps = []
    for _ in range(BANK_HAIRS):
        image, draw = _canvas()
        width, direction = int(rng.integers(2, 6)), rng.uniform(0, 2 * math.pi)
        for _ in range(int(rng.integers(2, 26))):
            angle, length = direction + rng.normal(0, 0.5), rng.uniform(0.3, 1.4) * 2 * BANK_SIDE
            start = rng.uniform(-0.1, 1.1, 2) * 2 * BANK_SIDE
            along = np.array([math.cos(angle), math.sin(angle)])
            bow = rng.normal(0, 0.2) * length * np.array([-along[1], along[0]])
            t = np.linspace(0, 1, 24)[:, None]
            points = start + along * length * t + bow * 4 * t * (1 - t)
            draw.line([tuple(p) for p in points], fill=int(rng.integers(150, 256)), width=width, joint="curve")
        maps.append(_map_of(image))
    return torch.from_numpy(np.stack(maps))


@functools.cache
def ruler_bank() -> Tensor:
    """uint8 [BANK_RULERS, side, side]: equally spaced ticks along the upper edge, every fifth or tenth longer."""
    rng = np.random.default_rng(21)
    maps = []
    for _ in range(BANK_RULERS):
        image, draw = _canvas()
        spacing, edge, width = rng.uniform(8, 60), rng.uniform(5, 90), int(rng.integers(2, 5))
        short, every = rng.uniform(10, 35), int(rng.choice([5, 10]))
        ink = int(rng.integers(140, 256))
        for k in range(int(2 * BANK_SIDE / spacing) + 1):
            reach = short * (1.8 if k % every == 0 else 1.0)
            draw.line([(k * spacing, edge), (k * spacing, edge + reach)], fill=ink, width=width)
        if rng.random() < 0.5:
            draw.line([(0, edge), (2 * BANK_SIDE, edge)], fill=ink, width=width)
        maps.append(_map_of(image))
    return torch.from_numpy(np.stack(maps))


def _chosen(n: int, probability: float, rng: torch.Generator) -> list[int]:
    return torch.nonzero(torch.rand(n, generator=rng) < probability).flatten().tolist()


def _between(low: float, high: float, rng: torch.Generator) -> float:
    return low + (high - low) * float(torch.rand(1, generator=rng))


def _drawn_from(bank: Tensor, size: int, crop: bool, rng: torch.Generator) -> Tensor:
    """One map of the bank as opacity [1,size,size] in 0..1."""
    opacity = bank[int(torch.randint(len(bank), (1,), generator=rng))]
    if crop:
        side = int(_between(0.5, 1.0, rng) * BANK_SIDE)
        top, left = (int(_between(0, BANK_SIDE - side, rng)) for _ in range(2))
        opacity = opacity[top:top + side, left:left + side]
    opacity = torch.rot90(opacity, int(torch.randint(4, (1,), generator=rng)))
    if torch.rand(1, generator=rng) < 0.5:
        opacity = opacity.flip(0)
    resized = torch.nn.functional.interpolate(opacity[None, None].float(), size=(size, size), mode="bilinear", align_corners=False)
    return resized[0] / 255.0


def hairs(images: Tensor, rng: torch.Generator, probability: float) -> Tensor:
    """Dark, now and then white, strands on square pictures [N,3,S,S] in 0..1."""
    for i in _chosen(len(images), probability, rng):
        opacity = _drawn_from(hair_bank(), images.shape[-1], True, rng) * _between(0.5, 1.0, rng)
        if torch.rand(1, generator=rng) < 0.15:
            tone = torch.full((3,), _between(0.75, 0.95, rng))
        else:
            tone = torch.tensor([1.0, 0.75, 0.55]) * _between(0.02, 0.3, rng)
        images[i] += (tone[:, None, None] - images[i]) * opacity
    return images


def rulers(images: Tensor, rng: torch.Generator, probability: float) -> Tensor:
    """Dark or bright ticks along one side."""
    for i in _chosen(len(images), probability, rng):
        opacity = _drawn_from(ruler_bank(), images.shape[-1], False, rng) * _between(0.5, 1.0, rng)
        tone = _between(0.0, 0.3, rng) if torch.rand(1, generator=rng) < 0.8 else _between(0.8, 1.0, rng)
        images[i] += (tone - images[i]) * opacity
    return images


def glare(images: Tensor, rng: torch.Generator, probability: float) -> Tensor:
    """One to three reflections: burnt-out ellipses with soft edges."""
    side = images.shape[-1]
    axis = torch.linspace(-1, 1, side)
    for i in _chosen(len(images), probability, rng):
        for _ in range(int(torch.randint(1, 4, (1,), generator=rng))):
            x, y = axis[None, :] - _between(-1, 1, rng), axis[:, None] - _between(-1, 1, rng)
            angle = _between(0, math.pi, rng)
            cos, sin = math.cos(angle), math.sin(angle)
            long, short = _between(0.05, 0.3, rng), _between(0.02, 0.1, rng)
            distance = ((x * cos + y * sin) / long) ** 2 + ((y * cos - x * sin) / short) ** 2
            images[i] += (1.0 - images[i]) * (torch.exp(-0.5 * distance) * _between(0.6, 1.8, rng)).clamp(max=1.0)
    return images
