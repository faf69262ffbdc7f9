"""Hiding a region leaves the rest alone."""

import numpy as np

from lentigo_training.confound import hide


def test_hide_fills_with_the_colour_of_the_rest():
    pixels = np.full((4, 4, 3), 100, np.uint8)
    region = np.zeros((4, 4), bool)
    region[1:3, 1:3] = True
    pixels[region] = 7
    hidden = hide(pixels, region)
    assert (hidden == 100).all() and (pixels[region] == 7).all()
