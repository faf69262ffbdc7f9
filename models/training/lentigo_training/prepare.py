"""Image geometry and normalisation, identical to the device's `[prepare]` step.

The device takes the centre square of the shorter side and resizes it with a
Pillow-compatible bilinear convolution (support scales with the reduction, so
it is antialiased). Pictures that are square already are only resized.
"""

from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 224
# How an oblong frame becomes a square: its middle (the device's way), all of it out of proportion, all of it between black bars.
GEOMETRIES = ("cropped", "squashed", "padded")
MEAN = 127.0
SCALE = 1.0 / 128.0


def centre_square(image: Image.Image) -> Image.Image:
    """Crop the largest centred square; an odd margin loses its extra pixel at the right or bottom."""
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return image.crop((left, top, left + side, top + side))


def square(image: Image.Image, geometry: str = "cropped") -> Image.Image:
    """Bring a frame to a square, or near enough to one for a resize to finish; `geometry` is one of GEOMETRIES."""
    if geometry == "cropped":
        return centre_square(image)
    if geometry == "squashed":
        return image
    if geometry != "padded":
        raise ValueError(f"geometry must be one of {GEOMETRIES}, not {geometry!r}")
    side = max(image.size)
    canvas = Image.new(image.mode, (side, side))
    canvas.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return canvas


def prepare(image: Image.Image, size: int = SIZE, geometry: str = "cropped") -> np.ndarray:
    """Return uint8 RGB pixels [size, size, 3]; with "cropped" as the device would hand them to the normaliser."""
    framed = square(image.convert("RGB"), geometry)
    # The device's resizer goes down first and then across, rounding in between; Pillow alone goes across first.
    for step in ((framed.width, size), (size, size)):
        if framed.size != step:
            framed = framed.resize(step, Image.Resampling.BILINEAR)
    return np.asarray(framed, dtype=np.uint8)


def load(path: Path, size: int = SIZE, geometry: str = "cropped") -> np.ndarray:
    """Decode one file and prepare it: uint8 [size, size, 3]."""
    with Image.open(path) as image:
        return prepare(image, size, geometry)


def load_mask(path: Path, size: int = SIZE) -> np.ndarray:
    """Decode one lesion mask in its picture's geometry: bool [size, size]."""
    with Image.open(path) as image:
        square = centre_square(image.convert("L"))
        if square.size != (size, size):
            square = square.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(square) > 127


def normalise(pixels: np.ndarray) -> np.ndarray:
    """uint8 [..., H, W, 3] to float32 [..., 3, H, W] with (x - 127) / 128."""
    scaled = (pixels.astype(np.float32) - MEAN) * np.float32(SCALE)
    return np.ascontiguousarray(np.moveaxis(scaled, -1, -3))
