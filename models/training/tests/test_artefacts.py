"""Augmentation moves a mask with its picture, and what lies over the lesion never touches the mask."""

import numpy as np
import pytest
import torch

from lentigo_training.artefacts import glare, hairs, rulers
from lentigo_training.augment import augment_with_masks, geometry, letterbox


def test_mask_moves_with_the_picture():
    pixels = np.zeros((16, 64, 64, 3), np.uint8)
    masks = np.zeros((16, 64, 64), np.uint8)
    pixels[:, 10:40, 20:50] = 255
    masks[:, 10:40, 20:50] = 1
    joined = torch.cat([torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255.0, torch.from_numpy(masks)[:, None].float()], 1)
    moved = letterbox(geometry(joined, 48, torch.Generator().manual_seed(2), 1.0), torch.Generator().manual_seed(3), 0.0)
    torch.testing.assert_close(moved[:, 3], moved[:, 0])
    assert (moved[:, 3] - moved[0, 3]).abs().amax((1, 2))[1:].min() > 0.5


def test_bars_hide_picture_and_lesion():
    joined = torch.ones(8, 4, 40, 40)
    barred = letterbox(joined, torch.Generator().manual_seed(4), 1.0)
    hidden = barred[:, 3] == 0
    assert hidden.flatten(1).any(1).all() and not hidden.flatten(1).all(1).any()
    assert (barred[:, 0][hidden] == barred[:, 1][hidden]).all()


@pytest.mark.parametrize("overlay", [hairs, rulers, glare])
def test_overlays_stay_in_range_and_happen_as_often_as_asked(overlay):
    grey = torch.full((32, 3, 64, 64), 0.5)
    result = overlay(grey.clone(), torch.Generator().manual_seed(5), 0.5)
    assert result.min() >= 0 and result.max() <= 1
    assert 6 <= int((result != grey).flatten(1).any(1).sum()) <= 26
    assert torch.equal(overlay(grey.clone(), torch.Generator().manual_seed(5), 0.0), grey)
    assert torch.equal(overlay(grey.clone(), torch.Generator().manual_seed(5), 0.5), result)


def test_strength_zero_only_resizes():
    rng = np.random.default_rng(6)
    pixels = rng.integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    masks = rng.integers(0, 2, (2, 64, 64), dtype=np.uint8)
    images, regions = augment_with_masks(pixels, masks, 64, torch.Generator(), 0.0)
    np.testing.assert_array_equal(regions.numpy()[:, 0], masks)
    np.testing.assert_allclose(images.numpy(), (pixels.transpose(0, 3, 1, 2) - 127.0) / 128.0, atol=1e-6)
