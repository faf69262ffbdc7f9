"""Writes the references for the resize test: centre squares of a synthetic pattern, resized by Pillow.

    python3 make.py        (Pillow; any version since 2.7 convolves alike)
"""

from pathlib import Path

from PIL import Image


def pattern(width: int, height: int) -> Image.Image:
    picture = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            chequer = 200 if (x // 3 + y // 5) % 2 == 0 else 30
            dx, dy = x * 2 - width, y * 2 - height
            disc = 15 if dx * dx + dy * dy < height * height // 4 else 240
            picture.putpixel((x, y), (x * 255 // width, chequer, disc))
    return picture


for width, height in ((601, 450), (97, 131), (40, 50)):
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    square = pattern(width, height).crop((left, top, left + side, top + side))
    square.resize((64, 64), Image.Resampling.BILINEAR).save(Path(__file__).parent / f"{width}x{height}-to-64.png", optimize=True)
