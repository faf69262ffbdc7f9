"""The peers' processes and what is counted of a graph."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from conftest import PEERS, ROOT
from onnx import TensorProto, helper

from arithmetic import multiply_adds
from contenders import Peer, Unavailable

SMALL = ROOT / "tests" / "data" / "onnx" / "batch.qdq" / "model.onnx"


def test_a_peer_answers_each_run_with_as_many_times_as_it_was_asked_for():
    process = subprocess.run([sys.executable, PEERS / "peer.py", "onnxruntime", SMALL], input="run 3\nwalk\nrun 2\n",
                             capture_output=True, text=True, timeout=120)
    ready, three, unknown, two = map(json.loads, process.stdout.splitlines())
    assert ready["ready"] and "error" in unknown
    assert [len(three["cpu_ms"]), len(two["wall_ms"])] == [3, 2]
    assert three["turn_cpu_ms"] >= sum(three["cpu_ms"]) > 0


def test_a_model_that_a_peer_cannot_open_is_unavailable_with_its_reason(tmp_path: Path):
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(Unavailable, match="ONNX Runtime"):
        Peer(Path(sys.executable), "onnxruntime", tmp_path / "model.onnx", 1, "ONNX Runtime")


def test_multiply_adds_of_a_grouped_convolution_and_a_matrix_product(tmp_path: Path):
    weights = onnx.numpy_helper.from_array(np.zeros((6, 2, 3, 3), np.float32), "w")
    matrix = onnx.numpy_helper.from_array(np.zeros((10, 5), np.float32), "m")
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], group=2, strides=[2, 2], pads=[1, 1, 1, 1]), helper.make_node("MatMul", ["y", "m"], ["z"])],
        "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 8, 20])], [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
        [weights, matrix])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), tmp_path / "g.onnx")
    assert multiply_adds(str(tmp_path / "g.onnx")) == 6 * 4 * 10 * (2 * 9) + 6 * 4 * 5 * 10
