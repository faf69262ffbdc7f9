"""The peers: each opens an ONNX file with a given number of threads and gives a function that runs it once.

Engines are set up as their users get them, apart from the number of threads
and, for OpenVINO, the hint that one image at a time is wanted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Opened:
    """A model ready to run on `tensors`; `version` of the engine as it names itself."""

    version: str
    run: Callable[[dict[str, np.ndarray]], list[np.ndarray]]
    shapes: dict[str, list[int]]


def onnxruntime(model: Path, threads: int, spin: bool = True) -> Opened:
    """ONNX Runtime's CPU provider. `spin`: workers wait for work busily, which is the default and costs CPU time."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spin else "0")
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return Opened(ort.__version__, lambda tensors: session.run(None, tensors),
                  {i.name: _fixed(i.shape) for i in session.get_inputs()})


def openvino(model: Path, threads: int, spin: bool = True) -> Opened:
    """OpenVINO's CPU plug-in, one stream. It has no switch for spinning."""
    import openvino as ov

    core = ov.Core()
    graph = core.read_model(model)
    shapes = {i.any_name: _fixed([d.get_length() if d.is_static else None for d in i.partial_shape]) for i in graph.inputs}
    graph.reshape(shapes)
    compiled = core.compile_model(graph, "CPU", {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()

    def run(tensors: dict[str, np.ndarray]) -> list[np.ndarray]:
        results = request.infer(tensors)
        return [results[output] for output in compiled.outputs]

    return Opened(ov.__version__.split("-")[0], run, shapes)


ENGINES = {"onnxruntime": onnxruntime, "openvino": openvino}


def _fixed(shape: list) -> list[int]:
    """Dimensions that the file leaves open are one."""
    return [d if isinstance(d, int) and d > 0 else 1 for d in shape]
