"""Raters, probes, measures and severity: small cases whose answers are known."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from lentigo_training.cefm_train import SETTINGS
from lentigo_training.measures import ASYMMETRY, KEYS, SCORE, Measures, Standard, read_measures
from lentigo_training.ratings import Ratings, agreement, cross_read, folds, follows, nested_read, read_ratings, ridge, spearman
from lentigo_training.severity import agreement_min, choose, cuts, levels, prototypes


def test_spearman_sees_order_only():
    x = np.array([1.0, 2.0, 3.0, 10.0])
    assert spearman(x, np.exp(x)) == pytest.approx(1.0) and spearman(x, -x) == pytest.approx(-1.0)
    assert np.isnan(spearman(x, np.ones(4)))


def test_raters_who_agree_and_who_do_not():
    x = np.arange(30.0)
    assert agreement(np.stack([x, x, x], 1)) == pytest.approx(1.0)
    assert agreement(np.random.default_rng(0).normal(size=(500, 3))) == pytest.approx(0.0, abs=0.1)
    found = follows(-x, np.stack([x, x, x], 1))
    assert found == pytest.approx({"mean": -1.0, "others": -1.0, "raters": 1.0, "ratio": -1.0})


def test_folds_keep_lesions_together():
    groups = np.repeat(np.arange(40).astype(str), 3)
    fold = folds(groups)
    assert set(fold) == set(range(5)) and all(len(set(fold[groups == name])) == 1 for name in set(groups))


@pytest.mark.parametrize("features", [5, 200])
def test_ridge_is_least_squares_with_a_penalty(features):
    rng = np.random.default_rng(0)
    x = rng.normal(2.0, 3.0, (100, features))
    y = x[:, 0] * 0.5 - x[:, 1] + 4
    weak = ridge(x, y, 1e-9)
    np.testing.assert_allclose(weak.of(x), y, atol=1e-4)
    assert np.abs(ridge(x, y, 10.0).weight).sum() < np.abs(weak.weight).sum()


def test_a_probe_is_judged_on_pictures_that_it_never_saw():
    rng = np.random.default_rng(0)
    x, y, groups = rng.normal(size=(120, 150)), rng.normal(size=120), np.arange(120).astype(str)
    assert spearman(ridge(x, y, 1e-6).of(x), y) > 0.99
    assert abs(spearman(nested_read(x, y, groups), y)) < 0.3
    assert abs(spearman(cross_read(x, y, folds(groups), 0.1), y)) < 0.3


def test_reads_what_the_table_says(tmp_path):
    head = "file,abc_asymmetry,abc_border,abc_colour,ph2_asymmetry,ph2_colours"
    (tmp_path / "index.csv").write_text(f"{head}\na.png,0|1|2,8|0|1,1|1|2,2,white|red\nb.png,,,,,\n")
    found = read_ratings(tmp_path / "index.csv")
    assert found.mean("asymmetry")[0] == 1.0 and found.mean("border")[0] == 3.0 and np.isnan(found.scores[1]).all()
    assert found.ph2_asymmetry[0] == 2.0 and found.ph2_colours[0] == 2.0 and np.isnan(found.ph2_colours[1])


def test_measures_by_file(tmp_path):
    line = {name: float(number) for number, name in enumerate((*KEYS, SCORE, ASYMMETRY))}
    lines = [{"file": "b.png", **line, "cut_off": False}, {"file": "a.png", "error": "no lesion"}, {"file": "elsewhere.png", **line}]
    (tmp_path / "m.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = read_measures(tmp_path / "m.jsonl", Files(["a.png", "b.png"]))
    assert found.known.tolist() == [False, True]
    assert found.columns((SCORE, KEYS[3]))[1].tolist() == [27.0, 3.0]
    with pytest.raises(KeyError, match="not measured: depth"):
        found.columns(("depth",))


class Files:
    def __init__(self, names):
        self.file = np.array(names)

    def __len__(self):
        return len(self.file)


def some_measures(n=200):
    rng = np.random.default_rng(3)
    values = rng.normal(size=(n, len(KEYS) + 1))
    values[:, KEYS.index("asymmetry_points")] = rng.integers(0, 3, n)
    return Measures((*KEYS, SCORE), values)


def test_standard_inputs_are_limited():
    measures = some_measures()
    standard = Standard.fit(measures, ("border_radial", "size_area_share"), np.arange(200), limit=2.0)
    x = standard.of(measures, np.arange(200))
    assert np.abs(x).max() <= 2.0 and np.abs(x.mean(0)).max() < 0.1 and standard.spec["measures"] == ["border_radial", "size_area_share"]
    measures.values[0] = np.nan
    with pytest.raises(ValueError, match="were measured"):
        Standard.fit(measures, ("border_radial",), np.arange(200))


def test_severity_follows_the_raters():
    measures = some_measures()
    told = measures.columns(("asymmetry_shape_minor",))[:, 0]
    scores = np.repeat(np.stack([told, told, told], 1)[:, :, None], 3, 2)
    none = np.full(200, np.nan)
    found = choose(measures, Ratings(scores, none, none), np.arange(200), np.arange(200))
    assert found["asymmetry"]["measure"] == "asymmetry_shape_minor" and found["border"]["measure"].startswith("border_")
    assert np.bincount(levels(found["asymmetry"], measures, np.arange(200))).tolist() == [0, 40, 40, 40, 40, 40]


def test_raters_who_disagree_choose_nothing():
    measures, none = some_measures(), np.full(200, np.nan)
    told = measures.columns(("border_radial",))[:, 0]
    scores = np.random.default_rng(1).normal(size=(200, 3, 3))
    scores[:, 2] = measures.columns(("colour_hsv_h",))
    scores[:, 1, 0] = told
    found = choose(measures, Ratings(scores, none, none), np.arange(200), np.arange(200))
    assert found["border"]["measure"] == "border_compactness" and found["colour"]["measure"] == "colour_hsv_h"
    assert found["overall"]["measure"] == SCORE


def test_points_have_no_fifths():
    assert cuts(some_measures().columns(("asymmetry_points",))[:, 0]) is None


def test_prototypes_have_length_one_and_stand_among_their_own():
    level = np.repeat(np.arange(1, 6), 10)
    embeddings = np.eye(8)[level]
    found = prototypes(embeddings, level)
    assert [one["level"] for one in found] == [1, 2, 3, 4, 5]
    assert found[2]["embedding"] == pytest.approx(np.eye(8)[3])
    assert agreement_min(embeddings, embeddings) == 1.0


def test_names_and_settings_are_the_runtimes():
    source = (Path(__file__).parents[3] / "src/explain/abc/mod.rs").read_text(encoding="utf-8")
    keys = source[source.index("pub const KEYS"):source.index("];", source.index("pub const KEYS"))]
    assert tuple(re.findall(r'"(\w+)"', keys)) == KEYS
    assert f'SCORE: &str = "{SCORE}"' in source and f'ASYMMETRY: &str = "{ASYMMETRY}"' in source
    default = source[source.index("impl Default for Settings"):]
    for name, value in SETTINGS.items():
        told = re.search(rf"{name}: ([\w.:]+)", default)[1]
        assert float(told) == value if isinstance(value, float) else told == "ColourConstancy::ShadesOfGrey"
