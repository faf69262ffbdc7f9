"""Writes the small quantised graphs of this folder, their inputs and ONNX Runtime's answers.

    PYTHONPATH=benches/peers python tests/data/onnx/make.py

One folder a case, `CASE.RECIPE/`, laid out as tests/onnx_node lays out the ONNX
project's node tests:

    model.onnx, input_0.npy, output_K.npy (float32, in the graph's order),
    step_K.npy (float32 scalar: quantisation step of output K)

Needs onnx, onnxruntime and numpy as in benches/peers/requirements.txt, and a CPU
with VNNI: without it ONNX Runtime's own u8 by s8 product saturates at 16 bits.
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from quantising import RECIPES, Feed, quantise

from cases import CASES

HERE = Path(__file__).parent
BOTH_FORMS = ["qdq", "qop"]
# Families whose kernels depend on the types and scales of weights.
WEIGHTED = {"convolution", "depthwise", "dense"}
# Families about what a quantiser leaves in float.
FLOAT = {"heads"}
SIGNED = {"joins", "pools", "gate", "inverted-residual", "attention"}


def recipes_of(case: str) -> list[str]:
    """Names of the recipes that `case` is made with."""
    if case in WEIGHTED:
        return BOTH_FORMS + ["qop-tensor", "qdq-s8s8", "qop-s8s8", "qdq-u8u8"]
    if case in FLOAT:
        return [f"{form}-convolutions" for form in BOTH_FORMS]
    return BOTH_FORMS + (["qdq-s8s8"] if case in SIGNED else [])


def tensors(case: str, shape: list, count: int, seed: int) -> list[np.ndarray]:
    """Inputs like an activation: mostly small, off centre."""
    random = np.random.default_rng([seed, *case.encode()])
    fixed = [d if isinstance(d, int) else 1 for d in shape]
    return [(random.standard_normal(fixed) + 0.3).astype(np.float32) for _ in range(count)]


def step_of(model: onnx.ModelProto, output: str) -> np.float32:
    """Scale of the DequantizeLinear that gives `output`; the largest one behind it when float operators follow."""
    producer = next((node for node in model.graph.node if output in node.output), None)
    if producer is None:
        return np.float32(0)
    if producer.op_type == "DequantizeLinear":
        scale = next(i for i in model.graph.initializer if i.name == producer.input[1])
        return np.float32(numpy_helper.to_array(scale).max())
    return max(step_of(model, name) for name in producer.input)


def write(case: str, recipe: str) -> None:
    """Make one folder."""
    built = CASES[case]()
    folder = HERE / f"{case}.{recipe}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        onnx.save(built.model(), Path(scratch) / "float.onnx")
        quantise(Path(scratch) / "float.onnx", folder / "model.onnx", RECIPES[recipe], Feed("x", tensors(case, built.shape, 12, 1)))
    # A little louder than what the ranges were observed on, so that both ends saturate somewhere.
    picture = tensors(case, built.shape, 1, 2)[0] * np.float32(1.3)
    if not isinstance(built.shape[0], int):
        picture = np.concatenate([picture, tensors(case, built.shape, 1, 3)[0]])
    np.save(folder / "input_0.npy", picture)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    model = onnx.load(folder / "model.onnx")
    for index, values in enumerate(session.run(None, {"x": picture})):
        np.save(folder / f"output_{index}.npy", values)
        np.save(folder / f"step_{index}.npy", step_of(model, model.graph.output[index].name))


if __name__ == "__main__":
    for case in CASES:
        for recipe in recipes_of(case):
            write(case, recipe)
