"""An ensemble's opinions: a mean of probabilities that takes the place of what nobody knows."""

import numpy as np
import torch

from lentigo_training.multitask import COLUMNS, WIDTH
from lentigo_training.teacher import blend, opinions, probabilities, store


class Brightness(torch.nn.Module):
    """Calls the upper left quarter's brightness melanoma, so that a flip changes its mind."""

    def __init__(self, gain: float):
        super().__init__()
        self.gain = gain

    def forward(self, image):
        z = image[:, :1, :16, :16].mean((2, 3)) * self.gain
        return {task: z.repeat(1, 7) if task == "dx" else z for task in COLUMNS}


def test_opinions_are_probabilities_averaged_over_views_and_networks(tmp_path):
    rng = np.random.default_rng(8)
    cache = rng.integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    cache[1, :, :, :] = cache[1, ::-1, ::-1, :]
    groups = [np.array([1, 3]), np.array([4])]
    found = opinions([Brightness(1.0), Brightness(3.0)], cache, groups, 32)
    assert not found[[0, 2]].any()
    np.testing.assert_array_equal(found[1], found[3])
    for columns in COLUMNS.values():
        np.testing.assert_allclose(found[[1, 4], columns].astype(float).sum(1), 1.0, atol=2e-3)
    # The quarters' mean, through each network's sigmoid, averaged.
    quarters = (cache[4, ..., 0].astype(float).reshape(2, 16, 2, 16).mean((1, 3)) - 127) / 128
    expected = np.mean([1 / (1 + np.exp(-gain * quarters)) for gain in (1.0, 3.0)])
    assert abs(found[4, COLUMNS["melanoma"]][1] - expected) < 2e-3
    store(found, tmp_path / "teacher.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "teacher.npy"), found)


def test_a_blend_gives_unknown_labels_the_teacher_s_share():
    opinion = np.full((2, WIDTH), 0.5, np.float16)
    labels = torch.zeros(2, WIDTH)
    labels[0, COLUMNS["melanoma"]] = torch.tensor([0.0, 1.0])
    mixed = blend(labels, opinion, 0.3)
    torch.testing.assert_close(mixed[0, COLUMNS["melanoma"]], torch.tensor([0.15, 0.85]))
    torch.testing.assert_close(mixed[1, COLUMNS["melanoma"]].sum(), torch.tensor(0.3))


def test_probabilities_follow_the_layout_of_the_targets():
    outputs = {task: torch.zeros(1, 7 if task == "dx" else 1) for task in COLUMNS}
    outputs["melanoma"] += 4.0
    found = probabilities(outputs)
    assert found.shape == (1, WIDTH) and found[0, COLUMNS["melanoma"]][1] > 0.98
    torch.testing.assert_close(found[0, COLUMNS["dx"]], torch.full((7,), 1 / 7))
