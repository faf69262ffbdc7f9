"""Splits, views and geometry, on a table and pictures made up here."""

import csv

import numpy as np
import pytest
from PIL import Image

from lentigo_training.augment import augment, plain
from lentigo_training.cache import open_cache
from lentigo_training.index import UNKNOWN, complete, read_index, require_apart, trainable, views
from lentigo_training.prepare import normalise, prepare
from lentigo_training.sampling import Sampler
from lentigo_training.twins import without_twins

COLUMNS = ("file,mask,dataset,split,geometry,isic_id,lesion_id,dx,malignant,melanoma,seborrheic_keratosis,age,sex,site,"
           "abc_asymmetry,abc_border,abc_colour,ph2_asymmetry,ph2_colours,dermoscopic").split(",")
ROWS = [
    dict(file="a.png", dataset="isic-binary", split="train", isic_id="I1", lesion_id="L1", dx="nv", malignant="0", age="40.0"),
    dict(file="b.png", dataset="ham10000", split="train", isic_id="I1", lesion_id="L1", dx="nv", malignant="0"),
    dict(file="c.png", dataset="ham10000", split="train", isic_id="I2", lesion_id="L2", dx="mel", malignant="1"),
    dict(file="d.png", dataset="isic-binary", split="val", isic_id="I3", lesion_id="L2", dx="mel", malignant="1"),
    dict(file="e.png", dataset="isic2017", split="train", isic_id="I3", malignant="1"),
    dict(file="f.png", dataset="isic-binary", split="train", malignant="1", abc_border="1|2|6"),
    dict(file="g.png", dataset="isic-binary", split="train", malignant="1"),
    dict(file="h.png", dataset="ham10000", split="train", isic_id="I9", lesion_id="L9"),
]
DATASETS = ("isic-binary", "ham10000", "isic2017")


@pytest.fixture
def pool(tmp_path):
    with open(tmp_path / "index.csv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(ROWS)
    rng = np.random.default_rng(0)
    pictures = {row["file"]: rng.integers(0, 256, (150, 200, 3), dtype=np.uint8).repeat(2, 0).repeat(2, 1) for row in ROWS}
    pictures["g.png"] = np.clip(pictures["d.png"].astype(int) + 3, 0, 255).astype(np.uint8)
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(tmp_path / name)
    return tmp_path, read_index(tmp_path / "index.csv")


def test_columns(pool):
    _, index = pool
    assert index.malignant.tolist() == [0, 0, 1, 1, 1, 1, 1, UNKNOWN]
    assert index.age[0] == 40 and np.isnan(index.age[1])
    assert index.abc_border[5] == 3 and np.isnan(index.abc_border[0])


def test_val_images_and_lesions_never_train(pool):
    _, index = pool
    rows = trainable(index, DATASETS, index.malignant)
    assert index.file[rows].tolist() == ["a.png", "b.png", "f.png", "g.png"]


def test_val_of_one_set_never_trains_in_another(pool):
    """c.png shows the lesion of isic-binary's val, e.png is its very picture in another set: neither may train."""
    _, index = pool
    rows = trainable(index, DATASETS, None)
    require_apart(index, rows)
    for leak in ("c.png", "d.png", "e.png"):
        with pytest.raises(ValueError, match=leak):
            require_apart(index, np.append(rows, index.file.tolist().index(leak)))


def test_labels_are_completed_from_the_same_picture(pool):
    _, index = pool
    whole = complete(index)
    files = index.file.tolist()
    # e.png is I3 as d.png is: its diagnosis and lesion follow; f.png has no id and learns nothing.
    assert whole.dx[files.index("e.png")] == index.dx[files.index("d.png")]
    assert whole.lesion_id[files.index("e.png")] == "L2"
    assert whole.dx[files.index("f.png")] == UNKNOWN and whole.lesion_id[files.index("f.png")] == ""
    assert whole.malignant[files.index("h.png")] == UNKNOWN


def test_one_picture_is_one_sample(pool):
    _, index = pool
    groups = views(index, trainable(index, DATASETS, index.malignant), DATASETS)
    assert [g.tolist() for g in groups] == [[0, 1], [5], [6]]
    sampler = Sampler(index, groups, {"isic-binary": 2.0}, seed=5)
    assert len(sampler.epoch(0)) == 6
    assert (sampler.epoch(3) == sampler.epoch(3)).all()


def test_unidentified_twins_of_val_are_left_out(pool):
    root, index = pool
    cache = open_cache(index, root, root / "work", processes=1)
    assert cache.shape == (8, 224, 224, 3)
    rows = trainable(index, DATASETS, index.malignant)
    assert index.file[without_twins(index, cache, rows)].tolist() == ["a.png", "b.png", "f.png"]


def test_geometry_is_the_centre_square():
    picture = np.zeros((100, 301, 3), np.uint8)
    picture[:, 100:200] = 255
    assert (prepare(Image.fromarray(picture), 50) == 255).all()
    same = np.random.default_rng(1).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    assert (prepare(Image.fromarray(same)) == same).all()
    assert normalise(same[None]).shape == (1, 3, 224, 224)
    assert float(normalise(np.full((1, 2, 2, 3), 255, np.uint8)).max()) == 1.0


def test_augmentation_keeps_range_and_is_seeded():
    import torch

    pixels = np.random.default_rng(2).integers(0, 256, (4, 224, 224, 3), dtype=np.uint8)
    first, second = (augment(pixels, 96, torch.Generator().manual_seed(9)) for _ in range(2))
    assert first.shape == (4, 3, 96, 96) and torch.equal(first, second)
    assert first.min() >= -127 / 128 - 1e-5 and first.max() <= 1.0 + 1e-5
    np.testing.assert_array_equal(plain(pixels, 224).numpy(), normalise(pixels))
