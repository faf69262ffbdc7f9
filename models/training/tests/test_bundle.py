"""The registry, the manifest against its keys, and the golden case as a device would compute it."""

import json
import tomllib

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from lentigo_training.bundle import Constants, manifest
from lentigo_training.calibrate import Calibration
from lentigo_training.export import export, export_network
from lentigo_training.golden import phantom, unknown_metadata, write_golden
from lentigo_training.index import DX_CLASSES
from lentigo_training.metadata import Encoding
from lentigo_training.prepare import normalise
from lentigo_training.session import ALL_FLIPS, Outputs, open_graph, run_views, turn
from lentigo_training.systems import SYSTEMS


def constants(system, flips=ALL_FLIPS):
    count = len(system.classes)
    return Constants(Calibration((1.5,) * count, (0.25,) + (0.0,) * (count - 1), system.relation), {0.9: 0.4, 0.95: 0.3, 0.98: 0.1}, flips,
                     0.45 if system.has_mask else None, "distance", 12.3, 0.2,
                     (1 / count,) * count if count > 2 else ())


def declared(path, system):
    """A graph that only declares inputs and outputs."""
    def tensor(name, shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    count = len(system.classes)
    inputs = [tensor("image", [1, 3, 224, 224])] + ([tensor("metadata", [1, len(Encoding())])] if system.has_metadata else [])
    outputs = [tensor("logits", [1, count]), tensor("cam", [1, count, 7, 7])] + ([tensor("mask", [1, 1, 56, 56])] if system.has_mask else [])
    onnx.save(helper.make_model(helper.make_graph([], "declared", inputs, outputs)), path)


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_the_manifest_says_what_the_contract_asks(system, tmp_path):
    declared(tmp_path / "graph.onnx", system)
    parsed = tomllib.loads(manifest(system, system.bundle, "int8", tmp_path / "graph.onnx", constants(system), "[quality]\nfocus_min = 1.0"))
    assert parsed["format"] == 1 and parsed["system"] == system.name and parsed["name"] == system.bundle
    assert [entry["name"] for entry in parsed["graph"]["inputs"]] == ["image"] + ["metadata"] * system.has_metadata
    shapes = {entry["name"]: entry["shape"] for entry in parsed["graph"]["outputs"]}
    assert shapes["logits"] == [1, len(system.classes)] and ("mask" in shapes) == system.has_mask == ("mask" in parsed)
    assert parsed["classes"]["names"] == list(system.classes) and set(parsed["classes"]["positive"]) <= set(system.classes)
    assert parsed["classes"]["relation"] == system.relation and parsed["classes"]["label"] == system.label
    assert len(parsed["calibration"]["temperature"]) == len(parsed["calibration"]["bias"]) == len(system.classes)
    assert parsed["views"]["flips"][0] == "none" and parsed["abstention"]["novelty_max"] == 12.3
    assert parsed["decision"]["operating_point"] in [point["name"] for point in parsed["operating_points"]]
    assert parsed["quality"] == {"focus_min": 1.0} and parsed["prepare"]["scale"] == [1 / 128] * 3
    assert len(parsed["classes"].get("frequencies", [])) == (7 if system.name == "dual-network" else 0)
    if system.has_metadata:
        told = parsed["metadata"]
        width = parsed["graph"]["inputs"][1]["shape"][1]
        assert width == len(told["age"]) + len(told["sex"]) + len(told["site"]) + 3


def test_classes_stand_in_the_order_of_the_table():
    assert SYSTEMS["dual-network"].classes == DX_CLASSES
    assert [DX_CLASSES[i] for i in SYSTEMS["dual-network"].positions] == ["mel", "bcc", "akiec"]


class Corner(nn.Module):
    """Scores the upper left corner; its map and outline are the picture's first channel, made smaller."""

    encoding = ()

    def forward(self, image):
        small = image[:, :1, ::16, ::16]
        return {"logits": torch.cat([small[:, 0, 0, :1], small[:, 0, 0, 1:2]], 1), "cam": torch.cat([small, -small], 1), "mask": small,
                "pooled": small.flatten(1)}


@pytest.fixture(scope="module")
def corner(tmp_path_factory):
    path = tmp_path_factory.mktemp("corner") / "graph.onnx"
    export_network(Corner(), path)
    return path


def test_views_turn_the_picture_and_bring_its_maps_back(corner):
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    session = open_graph(corner)
    got = run_views(session, pixels, ALL_FLIPS)
    assert got["logits"].shape == (4, 2) and got["mask"].shape == (4, 1, 14, 14)
    seen = (pixels[::16, ::16, 0].astype(np.float32) - 127) / 128
    assert got["logits"][:, 0] == pytest.approx([seen[0, 0], (pixels[0, -1, 0] - 127.0) / 128, (pixels[-1, 0, 0] - 127.0) / 128,
                                                 (pixels[-1, -1, 0] - 127.0) / 128])
    np.testing.assert_allclose(got["mask"][0, 0], seen)
    # Turned back, the last view samples the same picture from the other end of each cell.
    np.testing.assert_allclose(got["mask"][3, 0], (pixels[15::16, 15::16, 0].astype(np.float32) - 127) / 128)
    for flip in ALL_FLIPS:
        np.testing.assert_array_equal(turn(turn(pixels, flip), flip), pixels)


class Enlarging(nn.Module):
    def forward(self, image):
        small = image[:, :, ::4, ::4] * 2.0
        return torch.nn.functional.interpolate(small, size=image.shape[-2:], mode="bilinear", align_corners=False)


def test_no_shape_is_left_to_work_out_on_the_device(tmp_path):
    export(Enlarging(), tmp_path / "graph.onnx", ("enlarged",), 32)
    graph = onnx.load(tmp_path / "graph.onnx").graph
    assert not {"Shape", "Gather", "Concat", "Cast"} & {node.op_type for node in graph.node}
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    with torch.no_grad():
        exact = Enlarging()(torch.from_numpy(normalise(pixels[None]))).numpy()
    np.testing.assert_allclose(run_views(open_graph(tmp_path / "graph.onnx"), pixels)["enlarged"], exact, atol=1e-5)


def test_outputs_survive_a_file(tmp_path):
    stored = Outputs(np.ones((2, 4, 3)), None, np.zeros((2, 3, 7, 7)), None)
    stored.save(tmp_path / "outputs.npz")
    again = Outputs.load(tmp_path / "outputs.npz")
    assert again.distances is None and again.mask is None and again.mean.shape == (2, 3)
    np.testing.assert_array_equal(again.cam, stored.cam)


def test_the_golden_answer_is_calibrated_after_the_views_are_averaged(corner, tmp_path):
    system = SYSTEMS["asff"]
    probability = write_golden(tmp_path, corner, system, phantom(), constants(system), [[1.0]])
    expected = json.loads((tmp_path / "golden" / "expected.json").read_text())
    scores = run_views(open_graph(corner), phantom(), ALL_FLIPS)["logits"].mean(0)
    z = scores / 1.5 + np.array([0.25, 0.0])
    assert probability == expected["probability"] == pytest.approx(1 / (1 + np.exp(z[0] - z[1])), rel=1e-5)
    assert expected["logits"] == pytest.approx(scores.tolist()) and expected["gradcam_autograd"] == [[1.0]]
    assert (tmp_path / "golden" / "input.png").exists()


def test_nothing_known_of_a_person_is_the_last_entry_of_every_field():
    vector = unknown_metadata(SYSTEMS["dual-network"])
    assert vector.sum() == 3 and all(vector[part.stop - 1] == 1 for part in Encoding().fields)
    assert unknown_metadata(SYSTEMS["asff"]) is None
