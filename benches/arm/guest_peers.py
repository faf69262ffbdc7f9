"""Runs inside the emulated guest: one inference of a peer between the markers of icount.c.

    python3 guest_peers.py MODEL...

A .onnx file runs in ONNX Runtime, a .tflite file in LiteRT with XNNPACK; region
K of the counts is the Kth model. One thread; the input is random.
"""

import ctypes
import gc
import sys

import numpy as np

MAGIC, START, STOP = 0x41434E54, 1, 2
prctl = ctypes.CDLL(None).prctl


def onnx_runtime(path: str):
    """A function that runs the model once, and the version of the engine."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    feed = {given.name: np.random.default_rng(0).standard_normal(given.shape).astype(np.float32)}
    return lambda: session.run(None, feed), onnxruntime.__version__


def litert(path: str):
    """A function that runs the model once, and the version of the engine."""
    import ai_edge_litert
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(path, num_threads=1)
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]
    interpreter.set_tensor(given["index"], np.random.default_rng(0).integers(-128, 128, given["shape"]).astype(given["dtype"]))
    return interpreter.invoke, getattr(ai_edge_litert, "__version__", "")


# A collection of garbage between the markers would be counted.
gc.disable()
for region, path in enumerate(sys.argv[1:], 1):
    run, version = (litert if path.endswith(".tflite") else onnx_runtime)(path)
    for _ in range(2):
        run()
    prctl(MAGIC, START, 0, 0, 0)
    run()
    prctl(MAGIC, STOP, region, 0, 0)
    print(f"version {version}")
