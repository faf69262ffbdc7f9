"""Seeded pictures that stand in for photographs: smooth, coloured, with detail at every scale.

White noise would do neither for calibration nor for a comparison of engines:
its activations are far from what a network meets in use.
"""

import numpy as np

IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32)
# EfficientNet-Lite was trained on (x - 127) / 128 of bytes.
LITE_MEAN, LITE_STD = np.full(3, 127 / 255, np.float32), np.full(3, 128 / 255, np.float32)


def photograph(seed: int, size: int = 224) -> np.ndarray:
    """float32 [3,size,size] in 0..1: octaves of interpolated noise, each at half the strength of the one before."""
    random = np.random.default_rng(seed)
    picture = np.zeros((3, size, size), np.float32)
    strength, cells = 0.3, 2
    while cells < size:
        grid = random.standard_normal((3, cells + 1, cells + 1)).astype(np.float32)
        # Channels of a photograph move together: most of the detail is grey.
        grid = 0.7 * grid.mean(axis=0, keepdims=True) * np.sqrt(3) + 0.5 * grid
        picture += strength * _enlarged(grid, size)
        strength, cells = strength / 2, cells * 2
    shade = random.uniform(0.3, 0.7, (3, 1, 1)).astype(np.float32)
    return np.clip(picture + shade, 0.0, 1.0)


def size_of(name: str) -> int:
    """Side of the input of network `name` of the zoo, in pixels."""
    return {"inception-v3": 299, "mobilevit-xs": 256, "fastvit-t8": 256}.get(name, 224)


def input_of(name: str, seed: int) -> np.ndarray:
    """A photograph as network `name` of the zoo wants it, float32 [1,3,S,S]."""
    mean, std = (LITE_MEAN, LITE_STD) if "lite0" in name else (IMAGENET_MEAN, IMAGENET_STD)
    return ((photograph(seed, size_of(name)) - mean[:, None, None]) / std[:, None, None])[None]


def _enlarged(grid: np.ndarray, size: int) -> np.ndarray:
    """Bilinear interpolation of [C,n+1,n+1] to [C,size,size]."""
    at = np.linspace(0, grid.shape[1] - 1, size, endpoint=False, dtype=np.float32)
    low = at.astype(int)
    part = at - low
    rows = grid[:, low] * (1 - part)[None, :, None] + grid[:, low + 1] * part[None, :, None]
    return rows[:, :, low] * (1 - part) + rows[:, :, low + 1] * part
