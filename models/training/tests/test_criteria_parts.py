"""System B's parts beside the graph: the manifest's sections, the clinical graph, prototypes and agreement of made-up embeddings, the golden case."""

import json
import tomllib
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from lentigo_training import criteria_assemble
from lentigo_training.bundle import Constants, manifest
from lentigo_training.calibrate import Calibration
from lentigo_training.criteria_assemble import clinical_embeddings, embedding_cosine, measure_picture, standardised, write_agreement
from lentigo_training.criteria_parts import manifest_sections, read_sections, standard_of, write_prototypes
from lentigo_training.export import export_clinical, export_network
from lentigo_training.golden import phantom, write_golden
from lentigo_training.measures import KEYS, SCORE
from lentigo_training.session import ALL_FLIPS, Outputs, open_graph, run_views, unit
from lentigo_training.systems import SYSTEMS
from lentigo_training.systems.cefm import build
from lentigo_training.systems.cefm_heads import ClinicalHead

CEFM = SYSTEMS["cefm"]


def sections() -> dict:
    rng = np.random.default_rng(0)
    scale = {"cuts": [0.1, 0.2, 0.30000004, 4.0]}
    return {
        "criteria": {"colour_constancy": "shades-of-grey", "shape_min": 0.1, "colour_min": 8, "abrupt_min": 12.0, "colour_share_min": 0.03},
        "severity": {"asymmetry": {"measure": KEYS[1], **scale}, "border": {"measure": "border_radial", **scale},
                     "colour": {"measure": "colour_lab_l", **scale}, "overall": {"measure": SCORE, **scale}},
        "clinical": {"measures": list(KEYS[:5]), "mean": [0.5] * 5, "deviation": [1e-7, 0.2, 0.3, 1, 2.0], "limit": 4, "agreement_min": 0.3512},
        "prototypes": [{"level": level, "embedding": unit(rng.normal(size=128)).tolist()} for level in range(1, 6)]}


def constants() -> Constants:
    return Constants(Calibration((1.5, 1.5), (0.0, 0.25), CEFM.relation), {0.9: 0.4, 0.95: 0.3, 0.98: 0.1}, ALL_FLIPS, 0.5, "energy", 9.0, 0.2)


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    """The untrained network as a graph."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("cefm") / "graph.onnx"
    export_network(build(None), path)
    return path


def test_the_graph_gives_what_the_contract_asks(graph):
    shapes = {output.name: [extent.dim_value for extent in output.type.tensor_type.shape.dim] for output in onnx.load(graph).graph.output}
    assert shapes["logits"] == [1, 2] and shapes["mask"] == [1, 1, 56, 56] and shapes["embedding"] == [1, 128] and shapes["criteria"] == [1, 3]
    assert shapes["cam"][:2] == [1, 2]
    got = run_views(open_graph(graph, exact=False), phantom(), ALL_FLIPS)
    np.testing.assert_allclose(np.linalg.norm(got["embedding"], axis=1), 1.0, atol=1e-5)
    assert (got["cam"] >= 0).all()


def test_the_whole_manifest_holds_the_sections(graph):
    text = manifest(CEFM, CEFM.bundle, "int8", graph, constants(), "[quality]\nfocus_min = 1.0", manifest_sections(sections()))
    parsed = tomllib.loads(text)
    asked = sections()
    assert parsed["criteria"] == asked["criteria"] and parsed["prototypes"] == {"file": "prototypes.json"} and parsed["quality"] == {"focus_min": 1.0}
    assert parsed["severity"] == asked["severity"] and parsed["mask"]["cleaning"] == ["largest", "log-odds"]
    clinical = dict(parsed["clinical"])
    assert clinical.pop("graph") == "clinical.onnx" and clinical == asked["clinical"]
    assert all(isinstance(number, float) for number in (*clinical["deviation"], clinical["limit"]))
    assert "prototypes" not in tomllib.loads(manifest(SYSTEMS["multitask"], "multitask-edge", "int8", graph, constants(), ""))


def test_the_golden_case_has_the_embedding_and_the_reading(graph, tmp_path):
    write_golden(tmp_path, graph, CEFM, phantom(), constants())
    expected = json.loads((tmp_path / "golden" / "expected.json").read_text())
    views = run_views(open_graph(graph), phantom(), ALL_FLIPS)
    np.testing.assert_allclose(expected["embedding"], unit(views["embedding"].astype(np.float64).sum(0)), atol=1e-6)
    np.testing.assert_allclose(expected["criteria"], views["criteria"].mean(0), atol=1e-5)


def test_the_clinical_graph_is_the_head_with_its_norm_folded(tmp_path):
    torch.manual_seed(0)
    head = ClinicalHead(7).eval()
    norm = head.below.norm
    for tensor, low, high in ((norm.weight, 0.5, 2.0), (norm.bias, -1.0, 1.0), (norm.running_mean, -1.0, 1.0), (norm.running_var, 0.3, 3.0)):
        nn.init.uniform_(tensor, low, high)
    export_clinical(head, tmp_path / "clinical.onnx")
    made = onnx.load(tmp_path / "clinical.onnx").graph
    assert [i.name for i in made.input] == ["criteria"] and [o.name for o in made.output] == ["embedding"]
    assert [extent.dim_value for extent in made.input[0].type.tensor_type.shape.dim] == [1, 7]
    assert [extent.dim_value for extent in made.output[0].type.tensor_type.shape.dim] == [1, 128]
    assert not {"BatchNormalization", "Shape", "Expand"} & {node.op_type for node in made.node}
    inputs = np.random.default_rng(0).normal(size=(6, 7)).astype(np.float32)
    got = clinical_embeddings(tmp_path / "clinical.onnx", inputs)
    with torch.no_grad():
        plain = head.above(torch.relu(norm(head.below.linear(torch.from_numpy(inputs)))))
    np.testing.assert_allclose(got, unit(plain.numpy()), atol=1e-5)


def test_sections_without_a_part_are_refused(tmp_path):
    checkpoint = tmp_path / "cefm.pt"
    with pytest.raises(ValueError, match="sections.json is missing"):
        read_sections(checkpoint)
    for broken in ({**sections(), "severity": {"asymmetry": {}}}, {"criteria": {}, "severity": sections()["severity"]}):
        (tmp_path / "sections.json").write_text(json.dumps(broken))
        with pytest.raises(ValueError, match="must say"):
            read_sections(checkpoint)
    (tmp_path / "sections.json").write_text(json.dumps(sections()))
    assert read_sections(checkpoint) == sections()


def test_one_pictures_measures_are_standardised_and_limited():
    standard = standard_of({"measures": ["border_radial", "score"], "mean": [1.0, 2.0], "deviation": [0.5, 4.0], "limit": 4.0})
    assert standardised(standard, {"border_radial": 2.0, "score": -100.0, "file": "x"}).tolist() == [[2.0, -4.0]]


def test_prototypes_and_agreement_come_from_the_graph_that_ships(monkeypatch, tmp_path):
    rng = np.random.default_rng(3)
    count, width = 200, 128
    embeddings = unit(rng.normal(size=(count, 1, width)))
    scores = rng.random(count)
    values = np.tile(scores[:, None], (1, len(KEYS) + 1))
    values[7] = np.nan
    index = SimpleNamespace(dataset=np.where(np.arange(count) % 4, "ham10000", "isic-binary"), melanoma=np.arange(count) % 2)
    job = SimpleNamespace(measures=tmp_path, checkpoint=tmp_path / "cefm.pt", work=tmp_path, system=CEFM, effort=SimpleNamespace(features=90))
    (tmp_path / "sections.json").write_text(json.dumps({**sections(), "severity": {
        name: {"measure": scale["measure"], "cuts": [0.2, 0.4, 0.6, 0.8]} for name, scale in sections()["severity"].items()}}))
    from lentigo_training.measures import Measures

    monkeypatch.setattr(criteria_assemble, "read_measures", lambda *_: Measures((*KEYS, SCORE), values))
    monkeypatch.setattr(criteria_assemble, "clinical_graph", lambda _: tmp_path)
    monkeypatch.setattr(criteria_assemble, "clinical_embeddings", lambda _, inputs: embeddings[100:100 + len(inputs), 0])

    def seen(rows):
        return Outputs(np.zeros((len(rows), 1, 2)), None, None, None, embeddings[rows])

    monkeypatch.setattr(criteria_assemble, "outputs", lambda _graph, _pixels, rows, *_a, **_k: seen(rows))
    rows = np.arange(100, 200)
    found = criteria_assemble.fit(job, SimpleNamespace(index=index, trainable=np.arange(100), pixels=None), "int8", rows, seen(rows))
    assert found["alignment"]["positive"] == pytest.approx(1.0) and found["alignment"]["recall_1"] == 1.0 and found["unmeasured"] == 0
    assert found["sections"]["clinical"]["agreement_min"] == pytest.approx(1.0)
    usable = [row for row in range(100) if row % 4 and row != 7]
    members = [row for row in usable if 0.4 <= scores[row] < 0.6]
    third = np.array(found["sections"]["prototypes"][2]["embedding"])
    assert len(usable) < 90 and third @ unit(embeddings[members, 0].mean(0)) == pytest.approx(1.0, abs=1e-5)
    assert sum(entry["pictures"] for entry in found["severity"]) == 100
    write_prototypes(tmp_path / "prototypes.json", found["sections"]["prototypes"])
    assert [entry["level"] for entry in json.loads((tmp_path / "prototypes.json").read_text())] == [1, 2, 3, 4, 5]
    job.measures = None
    with pytest.raises(ValueError, match="lentigo measure"):
        criteria_assemble.fit(job, None, "int8", rows, None)


def test_two_precisions_embeddings_are_compared_picture_by_picture():
    one = Outputs(np.zeros((2, 1, 2)), None, None, None, np.eye(2, 128)[:, None])
    other = Outputs(np.zeros((2, 1, 2)), None, None, None, np.stack([np.eye(2, 128)[0], unit(np.eye(2, 128).sum(0))])[:, None])
    assert embedding_cosine(one, other) == {"mean": pytest.approx((1 + 0.5 ** 0.5) / 2), "least": pytest.approx(0.5 ** 0.5)}
    with pytest.raises(ValueError, match="no output 'embedding'"):
        embedding_cosine(Outputs(np.zeros((1, 1, 2)), None, None, None), one)


def runtime(path, answer: str, code: int = 0) -> str:
    path.write_text(f"#!/bin/sh\necho '{answer}'\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def test_the_golden_agreement_is_measured_with_the_bundle_itself(tmp_path, monkeypatch):
    torch.manual_seed(1)
    export_clinical(ClinicalHead(5), tmp_path / "clinical.onnx")
    (tmp_path / "golden").mkdir()
    expected = tmp_path / "golden" / "expected.json"
    expected.write_text(json.dumps({"embedding": unit(np.ones(128)).tolist()}))
    picture = np.zeros((8, 8, 3), np.uint8)
    monkeypatch.delenv("LENTIGO", raising=False)
    assert write_agreement(tmp_path, picture, sections()) is None
    measured = {"file": "picture.png", **{key: 0.5 for key in (*KEYS, SCORE)}}
    monkeypatch.setenv("LENTIGO", runtime(tmp_path / "lentigo", json.dumps(measured)))
    theirs = clinical_embeddings(tmp_path / "clinical.onnx", np.zeros((1, 5)))[0]
    assert write_agreement(tmp_path, picture, sections()) == json.loads(expected.read_text())["agreement"] == pytest.approx(theirs.sum() / 128 ** 0.5)
    monkeypatch.setenv("LENTIGO", runtime(tmp_path / "blind", json.dumps({"file": "picture.png", "error": "no lesion"})))
    with pytest.raises(ValueError, match="no lesion"):
        write_agreement(tmp_path, picture, sections())
    with pytest.raises(RuntimeError, match="broken bundle"):
        measure_picture(runtime(tmp_path / "failing", "broken bundle", 3), picture, tmp_path)


def test_home_is_both_sets_without_what_the_question_leaves_out():
    index = SimpleNamespace(dataset=np.array(["isic2017", "ham10000", "ham10000", "ham10000", "ph2"]), split=np.array(["val"] * 5),
                            dx=np.array([2, 0, 1, 2, 1]), melanoma=np.array([0, 0, 1, 0, 1]))
    index.rows = lambda dataset, split: np.flatnonzero((index.dataset == dataset) & (index.split == split))
    assert CEFM.home_rows(index).tolist() == [0, 1, 2] and CEFM.home_name == "isic2017+ham10000"
    assert CEFM.truth(index, np.arange(5)).tolist() == [0, 0, 1, 0, 1]
