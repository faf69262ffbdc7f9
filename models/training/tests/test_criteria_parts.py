"""Severity cuts, standardised measures, prototypes and agreement on made-up numbers; the manifest's sections and the clinical graph."""

import json
import tomllib

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from lentigo_training import measures as runtime
from lentigo_training.criteria_assemble import alignment, clinical_embeddings
from lentigo_training.criteria_parts import (STANDING, Clinical, Parts, Prototype, Scale, fit_prototypes, fit_scales, least_agreement,
                                             manifest_sections, write_prototypes)
from lentigo_training.export import export_clinical
from lentigo_training.measures import KEYS, SCORE, measured, read_measures
from lentigo_training.systems.cefm_heads import ClinicalHead


def table(count: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {key: rng.random(count) for key in (*KEYS, SCORE)}


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def parts() -> Parts:
    return Parts(fit_scales(table(500)), Clinical(KEYS[:5], (0.5,) * 5, (1e-7, 0.2, 0.3, 1.0, 2.0)), 0.3512,
                 tuple(Prototype(level, tuple(unit(np.eye(128)[level] + 0.1))) for level in range(1, 6)))


def test_levels_are_fifths_of_what_was_measured():
    measures = table(1000)
    scales = fit_scales(measures)
    for criterion, scale in scales.items():
        assert scale.measure == STANDING[criterion]
        assert np.bincount(scale.levels(measures))[1:] == pytest.approx([200] * 5, abs=1)
    edge = Scale("score", (1.0, 2.0, 3.0, 4.0))
    assert edge.levels({"score": np.array([0.99, 1.0, 2.5, 4.0, 9.0, np.nan])}).tolist() == [1, 2, 3, 5, 5, 1]


def test_cuts_rise_where_a_count_repeats_and_holes_do_not_count():
    counted = {**table(100), "colour_points": np.r_[np.full(80, 3.0), np.full(19, 4.0), np.nan]}
    cuts = fit_scales(counted, {**STANDING, "colour": "colour_points"})["colour"].cuts
    assert (np.diff(cuts) > 0).all() and cuts[0] == 3.0
    with pytest.raises(ValueError, match="must stand for each"):
        fit_scales(counted, {**STANDING, "colour": "colour_of_the_sky"})


def test_measures_are_standardised_and_limited():
    clinical = Clinical(("border_radial", "score"), (1.0, 2.0), (0.5, 4.0), 4.0)
    inputs = clinical.inputs({"border_radial": np.array([2.0, 100.0]), "score": np.array([0.0, -100.0])})
    np.testing.assert_allclose(inputs, [[2.0, -0.5], [4.0, -4.0]])


def test_prototypes_are_mean_directions():
    embeddings = unit(np.random.default_rng(1).normal(size=(50, 128)))
    levels = np.arange(50) % 5 + 1
    found = fit_prototypes(embeddings, levels)
    assert [p.level for p in found] == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(found[2].embedding, unit(embeddings[levels == 3].mean(0)))
    with pytest.raises(ValueError, match=r"\[5\]"):
        fit_prototypes(embeddings[levels < 5], levels[levels < 5])


def test_five_in_a_hundred_agree_less_than_is_usual():
    agreement = np.linspace(-0.2, 0.9, 1001)
    least = least_agreement(agreement)
    assert (agreement < least).mean() == pytest.approx(0.05, abs=0.002) and least <= np.quantile(agreement, 0.05)


def test_the_manifest_says_what_the_parts_are(tmp_path):
    made = parts()
    parsed = tomllib.loads(manifest_sections(made))
    assert parsed["criteria"] == made.settings and parsed["prototypes"]["file"] == "prototypes.json"
    assert set(parsed["severity"]) == {"asymmetry", "border", "colour", "overall"}
    for criterion, scale in made.scales.items():
        assert parsed["severity"][criterion] == {"measure": scale.measure, "cuts": pytest.approx(scale.cuts)}
    clinical = parsed["clinical"]
    assert clinical["graph"] == "clinical.onnx" and clinical["measures"] == list(KEYS[:5])
    assert clinical["deviation"] == pytest.approx([1e-7, 0.2, 0.3, 1.0, 2.0]) and clinical["mean"] == [0.5] * 5
    assert clinical["limit"] == 4.0 and clinical["agreement_min"] == 0.3512
    write_prototypes(tmp_path / "prototypes.json", made.prototypes)
    read = json.loads((tmp_path / "prototypes.json").read_text())
    assert [entry["level"] for entry in read] == [1, 2, 3, 4, 5]
    assert all(abs(np.linalg.norm(entry["embedding"]) - 1) < 1e-5 and len(entry["embedding"]) == 128 for entry in read)
    assert Parts.restored(json.loads(json.dumps(made.stored()))) == made


def test_the_clinical_graph_is_the_head_with_its_norm_folded(tmp_path):
    torch.manual_seed(0)
    head = ClinicalHead(7).eval()
    norm = head.below.norm
    for tensor, low, high in ((norm.weight, 0.5, 2.0), (norm.bias, -1.0, 1.0), (norm.running_mean, -1.0, 1.0), (norm.running_var, 0.3, 3.0)):
        nn.init.uniform_(tensor, low, high)
    export_clinical(head, tmp_path / "clinical.onnx")
    graph = onnx.load(tmp_path / "clinical.onnx").graph
    assert [i.name for i in graph.input] == ["criteria"] and [o.name for o in graph.output] == ["embedding"]
    assert [extent.dim_value for extent in graph.input[0].type.tensor_type.shape.dim] == [1, 7]
    assert [extent.dim_value for extent in graph.output[0].type.tensor_type.shape.dim] == [1, 128]
    assert not {"BatchNormalization", "Shape", "Expand"} & {node.op_type for node in graph.node}
    inputs = np.random.default_rng(0).normal(size=(6, 7)).astype(np.float32)
    got = clinical_embeddings(tmp_path / "clinical.onnx", inputs)
    with torch.no_grad():
        plain = head.above(torch.relu(norm(head.below.linear(torch.from_numpy(inputs)))))
    np.testing.assert_allclose(got, unit(plain.numpy()), atol=1e-5)


def test_alignment_of_cases_with_known_answers():
    own = np.eye(20, 32)
    found = alignment(own, own)
    assert found["positive_cosine"] == 1.0 and found["negative_cosine"] == 0.0 and found["recall_at_1"] == found["recall_at_10"] == 1.0
    shifted = alignment(own, np.roll(own, 1, axis=0))
    assert shifted["positive_cosine"] == 0.0 and shifted["recall_at_1"] == 0.0 and shifted["negative_cosine"] == pytest.approx(1 / 19)


def test_measures_come_in_the_order_that_is_asked_for(tmp_path):
    numbers = {key: float(place) for place, key in enumerate((*KEYS, SCORE))}
    lines = [{"file": "a", **numbers, "cut_off": False}, {"file": "b", "error": "no lesion"}]
    path = tmp_path / "measures.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    found = read_measures(path, np.array(["b", "a"]))
    assert measured(found).tolist() == [False, True] and found[SCORE][1] == len(KEYS)
    with pytest.raises(ValueError, match="the first is c"):
        read_measures(path, np.array(["a", "c"]))
    path.write_text(json.dumps({"file": "a", "score": 1.0}) + "\n")
    with pytest.raises(ValueError, match="another version"):
        read_measures(path, np.array(["a"]))


def test_the_runtime_is_asked_once_and_heard_when_it_fails(tmp_path):
    numbers = {key: 1.5 for key in (*KEYS, SCORE)}
    script = tmp_path / "lentigo"
    script.write_text(f"#!/bin/sh\necho '{json.dumps({'file': '00000.png', **numbers})}'\necho call >>'{tmp_path}/calls'\nexit 1\n")
    script.chmod(0o755)
    found = runtime.measure_pictures(str(script), [np.zeros((8, 8, 3), np.uint8)], tmp_path)
    assert found["border_radial"].tolist() == [1.5]
    target = tmp_path / "pool.jsonl"
    for _ in range(2):
        runtime.measure_pool(str(script), tmp_path, target)
    assert (tmp_path / "calls").read_text().count("call") == 2
    script.write_text("#!/bin/sh\necho 'the bundle is broken' >&2\nexit 3\n")
    with pytest.raises(RuntimeError, match="the bundle is broken"):
        runtime.measure_pool(str(script), tmp_path, tmp_path / "other.jsonl")
    assert not (tmp_path / "other.jsonl").exists()
