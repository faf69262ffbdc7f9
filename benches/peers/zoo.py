"""Makes the quantised classifiers that engines are compared on.

    python zoo.py FOLDER [--timed | NAME...]

Each network of `networks.NETWORKS` is exported from torch, then quantised by
ONNX Runtime's quantiser as its users do it. For every int8 file there is a
tensor and ONNX Runtime's answer to it:

    NAME.fp32.onnx, NAME.qdq.onnx, NAME.qop.onnx, NAME.qdq-s8s8.onnx, ...
    NAME.input.npy (float32), NAME.RECIPE.output.npy (float32)

Files that exist are kept. Needs the environment of models/training
(requirements.txt there); networks with `dynamo` also need `onnxscript`.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np
import onnxruntime

import networks
from pictures import input_of
from quantising import RECIPES, Feed, quantise

CALIBRATION_PICTURES = 16
# Every network in both forms; a few in every way that a caller of the quantiser may choose.
BOTH_FORMS = ["qdq", "qop"]
EVERY_RECIPE = ("efficientnet-lite0", "mobilenet-v2", "mobilenet-v3-small", "vit-tiny")
MORE = {"resnet-50": ["qdq-tensor", "qop-tensor"]} | {name: [r for r in RECIPES if r not in BOTH_FORMS] for name in EVERY_RECIPE}


def make(name: str, folder: Path) -> list[str]:
    """Make every file of network `name`; returns what could not be made, with the reason."""
    missing = []
    float_graph = folder / f"{name}.fp32.onnx"
    tensor = folder / f"{name}.input.npy"
    if not float_graph.exists():
        _atomically(float_graph, lambda partial: networks.export(name, partial))
    np.save(tensor, input_of(name, 1))
    _answer(float_graph, tensor)
    for recipe in BOTH_FORMS + MORE.get(name, []):
        graph = folder / f"{name}.{recipe}.onnx"
        try:
            if not graph.exists():
                feed = Feed("input", [input_of(name, 2 + i) for i in range(CALIBRATION_PICTURES)])
                _atomically(graph, lambda partial: quantise(float_graph, partial, RECIPES[recipe], feed))
            _answer(graph, tensor)
        except Exception as error:  # The quantiser cannot do every network in every form: say so and go on.
            graph.unlink(missing_ok=True)
            missing.append(f"{graph.name}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
    return missing


def _atomically(path: Path, write) -> None:
    partial = path.with_name(f".{path.name}")
    write(partial)
    os.replace(partial, path)


def _answer(graph: Path, tensor: Path) -> None:
    """Write ONNX Runtime's first output for `tensor` beside the graph."""
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    np.save(graph.with_suffix(".output.npy"), session.run(None, {session.get_inputs()[0].name: np.load(tensor)})[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="networks to make; all of them when none is given")
    parser.add_argument("--timed", action="store_true", help="only those that `make bench` times")
    args = parser.parse_args()
    unknown = [n for n in args.names if n not in networks.NETWORKS]
    if unknown:
        parser.error(f"no network is called {', '.join(unknown)}; there are {', '.join(networks.NETWORKS)}")
    args.folder.mkdir(parents=True, exist_ok=True)
    chosen = args.names or [n for n, network in networks.NETWORKS.items() if network.timed or not args.timed]
    missing = []
    for name in chosen:
        try:
            lost = make(name, args.folder)
        except Exception as error:
            lost = [f"{name}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"]
        print(f"{name}: {'; '.join(lost) or 'done'}", flush=True)
        missing += lost
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
