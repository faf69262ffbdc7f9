"""Pixels of the trainer and of the device, and the three ways from a frame to a square."""

import csv
import os
import subprocess

import numpy as np
import pytest
import torch
from PIL import Image

from lentigo_training.geometry_val import compare, oblong_rows, paired_difference
from lentigo_training.index import read_index
from lentigo_training.prepare import GEOMETRIES, load, load_mask, prepare

from .test_data import COLUMNS

# The pool's files, cameras' frames, and one that divides by nothing.
SHAPES = ((200, 150), (256, 256), (512, 384), (640, 480), (1280, 720), (224, 224), (97, 131))


def smooth(width: int, height: int, seed: int) -> Image.Image:
    """Blobs of every colour under noise of 32 grey levels."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    return Image.fromarray((np.asarray(coarse) // 8 * 7 + rng.integers(0, 32, (height, width, 3))).astype(np.uint8))


def write_pool(root, pictures: dict[str, Image.Image], **labels) -> None:
    with open(root / "index.csv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        for number, name in enumerate(pictures):
            row = {column: values[number] for column, values in labels.items()}
            writer.writerow({"file": name, "dataset": "ham10000", "split": "val", "isic_id": f"I{number}", **row})
    for name, picture in pictures.items():
        picture.save(root / name)


@pytest.mark.skipif("LENTIGO" not in os.environ, reason="LENTIGO does not name the runtime's binary")
def test_device_sees_what_the_trainer_sees(tmp_path):
    write_pool(tmp_path, {f"{i}.png": smooth(*shape, seed=i) for i, shape in enumerate(SHAPES)})
    out = tmp_path / "squares.raw"
    subprocess.run([os.environ["LENTIGO"], "prepare", "--index", tmp_path / "index.csv", "--size", "224", "--out", out], check=True)
    device = np.fromfile(out, np.uint8).reshape(-1, 224, 224, 3).astype(int)
    trainer = np.stack([load(tmp_path / f"{i}.png") for i in range(len(SHAPES))]).astype(int)
    apart = np.abs(device - trainer)
    assert (apart == 0).mean() > 0.99
    assert apart[:, 1:-1, 1:-1].max() <= 1
    # In the outermost corner both passes weigh a filter that is cut off, and their roundings may add up.
    assert apart.max() <= 2


def test_three_ways_to_a_square():
    frame = np.zeros((60, 120, 3), np.uint8)
    frame[:, 30:90] = 200
    cropped, squashed, padded = (prepare(Image.fromarray(frame), 60, geometry) for geometry in GEOMETRIES)
    assert (cropped == 200).all()
    assert (squashed[:, 18:42] == 200).all() and squashed[:, :12].max() == 0
    assert padded[:12].max() == 0 and padded[48:].max() == 0 and (padded[20:40, 20:40] == 200).all()
    with pytest.raises(ValueError, match="stretched"):
        prepare(Image.fromarray(frame), 60, "stretched")


def test_masks_are_cropped_as_pictures_are(tmp_path):
    mask = np.zeros((100, 200), np.uint8)
    mask[25:75, 75:125] = 255
    Image.fromarray(mask).convert("1").save(tmp_path / "m.png")
    found = load_mask(tmp_path / "m.png", 40)
    assert found.sum() == 20 * 20 and found[10:30, 10:30].all()


def test_a_network_that_looks_at_the_middle_minds_no_geometry(tmp_path):
    label = [0, 1, 0, 1, 1, 0]
    pictures = {f"{i}.png": Image.new("RGB", (40, 30) if i < 5 else (30, 30), (100 + 20 * positive + i, 90, 80))
                for i, positive in enumerate(label)}
    write_pool(tmp_path, pictures, melanoma=label, malignant=label)
    index = read_index(tmp_path / "index.csv")
    assert oblong_rows(index, tmp_path).tolist() == [0, 1, 2, 3, 4]

    class Redness(torch.nn.Module):
        def forward(self, image):
            red = image[:, :1, 112, 112]
            return {"melanoma": red, "malignant": -red}

    result = compare(Redness(), index, tmp_path)
    assert result["melanoma"]["auc"] == dict.fromkeys(GEOMETRIES, 1.0)
    assert result["malignant"]["auc"] == dict.fromkeys(GEOMETRIES, 0.0)
    assert result["melanoma"]["images"] == 5 and result["melanoma"]["difference"]["padded"] == (0.0, 0.0, 0.0)


def test_a_paired_difference_has_its_sign_and_interval():
    rng = np.random.default_rng(7)
    label = np.arange(200) % 2
    good, bad = label + rng.normal(0, 0.7, 200), label + rng.normal(0, 3.0, 200)
    value, low, high = paired_difference(label, good, bad, rounds=200)
    assert 0 < low < value < high
