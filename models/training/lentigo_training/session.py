"""Running an exported graph with ONNX Runtime, the reference engine."""

from pathlib import Path

import numpy as np
import onnxruntime

from .prepare import normalise

ENGINE = f"onnxruntime {onnxruntime.__version__}"


def open_graph(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """A session that computes every operator as the ONNX specification has it.

    ONNX Runtime's optimiser would fuse QuantizeLinear, Conv and DequantizeLinear into kernels that round elsewhere,
    and move a probability by some thousandths: then figures taken here and on the device would differ for no reason of the model's.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [S,S,3] to logits [1,2] and cam [1,2,h,w]."""
    logits, cam = session.run(["logits", "cam"], {"image": normalise(pixels[None])})
    return logits, cam


def scores(path: Path, cache: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """logit(malignant) - logit(benign) of each row, float64 [N]."""
    session = open_graph(path)
    result = np.empty(len(rows))
    for i, row in enumerate(rows):
        (logits,) = session.run(["logits"], {"image": normalise(cache[row:row + 1])})
        result[i] = float(logits[0, 1]) - float(logits[0, 0])
    return result
