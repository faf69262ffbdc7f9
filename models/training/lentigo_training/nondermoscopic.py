"""Pictures that are not dermoscopic, to see what share of them the device refuses.

Photographs come with the packages scikit-image, scikit-learn and matplotlib; blank skin, gradients and noise are made here.
They are looked at, never trained on, and no limit is placed by them.
"""

import csv
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from .golden import phantom
from .prepare import prepare

# Kind: (package, path inside it).
PHOTOGRAPHS = {
    "faces": [("skimage", "data/astronaut.png"), ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")],
    "text": [("skimage", "data/page.png"), ("skimage", "data/text.png"), ("skimage", "data/clock_motion.png")],
    "rooms and things": [("skimage", "data/coffee.png"), ("skimage", "data/motorcycle_left.png"), ("skimage", "data/camera.png"),
                         ("skimage", "data/rocket.jpg"), ("skimage", "data/coins.png"), ("sklearn", "datasets/images/china.jpg"),
                         ("sklearn", "datasets/images/flower.jpg"), ("skimage", "data/chelsea.png"), ("skimage", "data/color.png")],
    "textures": [("skimage", "data/brick.png"), ("skimage", "data/grass.png"), ("skimage", "data/gravel.png"),
                 ("skimage", "data/moon.png"), ("skimage", "data/hubble_deep_field.jpg")],
    "other medical": [("skimage", "data/retina.jpg"), ("skimage", "data/ihc.png"), ("skimage", "data/cell.png")],
}
# Fair to dark, sRGB.
SKIN = ((240, 213, 196), (224, 188, 164), (198, 152, 120), (160, 112, 82), (115, 76, 56), (72, 48, 38))
CROPS = 3
SIDE = 448


@dataclass(frozen=True)
class Strange:
    """Pictures uint8 [N,S,S,3] in the device's geometry, and what each shows."""

    pixels: np.ndarray
    kind: np.ndarray


def _find(package: str, path: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {package} is not installed; it holds the picture {path} (see requirements.txt)")
    return Path(spec.submodule_search_locations[0]) / path


def _photographs(rng: np.random.Generator) -> list[tuple[str, Image.Image]]:
    frames = []
    for kind, places in PHOTOGRAPHS.items():
        for package, path in places:
            with Image.open(_find(package, path)) as picture:
                whole = picture.convert("RGB")
            frames.append((kind, whole))
            shorter = min(whole.size)
            for _ in range(CROPS):
                side = int(shorter * rng.uniform(0.4, 0.8))
                left, top = int(rng.integers(whole.width - side + 1)), int(rng.integers(whole.height - side + 1))
                frames.append((kind, whole.crop((left, top, left + side, top + side))))
    return frames


def _field(rng: np.random.Generator, smoothness: float) -> np.ndarray:
    """Smooth random field [SIDE,SIDE] of unit deviation."""
    field = gaussian_filter(rng.standard_normal((SIDE, SIDE)), smoothness, mode="wrap")
    return field / field.std()


def _made(rng: np.random.Generator) -> list[tuple[str, np.ndarray]]:
    frames = []
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    for tone in np.array(SKIN, float):
        frames.append(("blank skin", tone + rng.normal(0, 2, (SIDE, SIDE, 1))))
        frames.append(("blank skin", tone * (1 + 0.05 * _field(rng, 40))[..., None] + rng.normal(0, 3, (SIDE, SIDE, 3))))
        frames.append(("blank skin", tone * (0.8 + 0.3 * x)[..., None] + 3 * _field(rng, 2)[..., None]))
    for _ in range(6):
        a, b, angle = rng.uniform(0, 255, 3), rng.uniform(0, 255, 3), rng.uniform(0, 2 * np.pi)
        along = np.clip(0.5 + (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle), 0, 1)[..., None]
        frames.append(("gradients and noise", a + (b - a) * along))
    frames += [("gradients and noise", np.full((SIDE, SIDE, 3), level)) for level in (0.0, 128.0, 255.0)]
    frames += [("gradients and noise", rng.uniform(0, 255, (SIDE, SIDE, 3))),
               ("gradients and noise", 128 + 40 * np.stack([_field(rng, 12) for _ in range(3)], -1))]
    drawn = phantom(SIDE).astype(float)
    tone = drawn.mean((0, 1))
    frames += [("phantoms out of range", drawn[..., ::-1]), ("phantoms out of range", drawn[..., [1, 0, 2]]),
               ("phantoms out of range", 255 - drawn), ("phantoms out of range", tone + 4 * (drawn - tone)),
               ("phantoms out of range", drawn * [0.4, 0.4, 1.3]), ("phantoms out of range", drawn * 0.12),
               ("phantoms out of range", np.tile(drawn[::4, ::4], (4, 4, 1)))]
    return [(kind, np.clip(frame, 0, 255).round().astype(np.uint8)) for kind, frame in frames]


def strange(folder: Path, seed: int = 0) -> Strange:
    """All pictures; also writes them with an `index.csv` into `folder`, so that `lentigo gate` and `lentigo evaluate` can judge them."""
    rng = np.random.default_rng(seed)
    frames = [(kind, Image.fromarray(frame) if isinstance(frame, np.ndarray) else frame) for kind, frame in (*_photographs(rng), *_made(rng))]
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "index.csv", "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["file", "dataset", "split", "malignant", "melanoma", "seborrheic_keratosis"])
        for number, (kind, frame) in enumerate(frames):
            name = f"{number:03}.png"
            frame.save(folder / name)
            # A label of 0 stands for "nothing to refer": the table's reader wants every row labelled.
            writer.writerow([name, kind, "strange", 0, 0, 0])
    return Strange(np.stack([prepare(frame) for _, frame in frames]), np.array([kind for kind, _ in frames]))
