"""The metadata vector: as the bundle's contract lays it out."""

from types import SimpleNamespace

import numpy as np

from lentigo_training.metadata import HIDE_ALL, HIDE_FIELD, OF_POOL, Encoding

ENCODING = Encoding(age=(0, 10, 20), sex=("female", "male"), site=("back", "face"))


def encode(age, sex, site):
    return ENCODING.encode(np.array([age]), np.array([sex]), np.array([site]))[0].tolist()


def test_layout():
    assert len(ENCODING) == 4 + 3 + 3
    assert encode(0, "female", "back") == [1, 0, 0, 0, 1, 0, 0, 1, 0, 0]
    assert encode(12.5, "male", "face") == [0, 0.75, 0.25, 0, 0, 1, 0, 0, 1, 0]
    assert encode(10, "male", "face")[:4] == [0, 1, 0, 0]


def test_ages_beyond_the_knots_count_as_the_end():
    assert encode(-3, "male", "face")[:4] == [1, 0, 0, 0]
    assert encode(107, "male", "face")[:4] == [0, 0, 1, 0]


def test_whatever_is_not_in_the_list_is_unknown():
    nothing = ENCODING.unknown()[0].tolist()
    assert nothing == [0, 0, 0, 1, 0, 0, 1, 0, 0, 1]
    assert encode(np.nan, "", "unknown") == nothing
    assert encode(np.nan, "other", "tail") == nothing


def test_pool_says_a_site_in_its_own_words():
    index = SimpleNamespace(age=np.array([44.0] * 3), sex=np.array(["male"] * 3), site=np.array(["scalp", "back", "foot"]))
    encoding = Encoding()
    vectors = encoding.of(index, np.arange(3))[:, encoding.fields[2]]
    assert [(*encoding.site, "unknown")[i] for i in vectors.argmax(1)] == ["head-neck", "posterior-torso", "unknown"]
    assert set(OF_POOL.values()) <= set(encoding.site)


def test_hiding_makes_fields_unknown_and_leaves_the_others():
    rng = np.random.default_rng(1)
    known = np.repeat(ENCODING.encode(np.array([15.0]), np.array(["male"]), np.array(["back"])), 20000, 0)
    hidden = ENCODING.hide(known, rng)
    gone = np.stack([hidden[:, part.stop - 1] == 1 for part in ENCODING.fields], 1)
    for column, part in enumerate(ENCODING.fields):
        np.testing.assert_array_equal(hidden[~gone[:, column], part], known[~gone[:, column], part])
        np.testing.assert_array_equal(hidden[:, part].sum(1), 1)
    np.testing.assert_allclose(gone.mean(0), HIDE_ALL + (1 - HIDE_ALL) * HIDE_FIELD, atol=0.02)
    np.testing.assert_allclose(gone.all(1).mean(), HIDE_ALL + (1 - HIDE_ALL) * HIDE_FIELD**3, atol=0.02)
    assert known[:, ENCODING.fields[0].stop - 1].max() == 0
