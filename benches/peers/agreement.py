"""Does lentigo answer as ONNX Runtime does? Every bundle, on 200 pictures of the image pool.

    python benches/peers/agreement.py --data ../shared/data

The pictures are spread evenly over the val split and cut by `lentigo prepare`,
so both engines see the same pixels; ONNX Runtime gets them normalised as the
bundle's manifest says, lentigo runs the same tensor with
`lentigo bench --onnx --input --output`; what a bundle is told of a patient is "unknown". For each output of the graph the table
gives the largest and the mean difference, in quantisation steps where the graph
quantises that output and in 1/255 of its range over all pictures where it does
not, and how often the largest class is the same. Beside it, ONNX Runtime against
itself without its graph optimisations: what the order of rounding alone does.

The exit code is 1 when a class agrees on fewer than 99 % of the pictures or a
bundle cannot be judged, and 0 also when there is no image pool (with a message).
"""

import argparse
import csv
import importlib.util
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import machine

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LEAST_AGREEMENT = 0.99


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lentigo", type=Path, default=ROOT / "target/release/lentigo", help="the binary")
    parser.add_argument("--bundles", type=Path, default=ROOT / "models/bundles", help="folder of bundles")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", help="the image pool, with index.csv")
    parser.add_argument("--environment", type=Path, default=ROOT / "target/bench-venv", help="virtual environment of the peers")
    parser.add_argument("--pictures", type=int, default=200)
    args = parser.parse_args()
    if not (args.data / "index.csv").exists():
        print(f"agreement is not judged: there is no image pool in {args.data}")
        return 0
    if not all(importlib.util.find_spec(package) for package in ("numpy", "onnx", "onnxruntime")):
        python, why = machine.peer_python(args.environment, HERE / "requirements.txt")
        if python is None:
            print(f"agreement is not judged: {why}")
            return 0
        os.execv(python, [python, *sys.argv])

    failures = []
    for manifest in sorted(args.bundles.glob("*/manifest.toml")):
        with tempfile.TemporaryDirectory() as scratch:
            try:
                failures += judge(args, manifest, Path(scratch))
            except subprocess.CalledProcessError as error:
                failures.append(f"{manifest.parent.name}: {' '.join(map(str, error.cmd[:2]))} said: {error.stderr.strip()}")
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


def judge(args: argparse.Namespace, manifest_file: Path, scratch: Path) -> list[str]:
    """Compare one bundle, print its table; returns what is not good enough."""
    import numpy as np

    manifest = tomllib.loads(manifest_file.read_text())
    graph, name = manifest_file.parent / manifest["graph"]["file"], manifest["name"]
    if "metadata" in manifest:
        graph = knowing_nobody(graph, manifest["metadata"], scratch / "graph.onnx")
    tensor = scratch / "input.npy"
    np.save(tensor, normalised(prepared(args, manifest["prepare"]["size"], scratch), manifest["prepare"]))
    names = [output["name"] for output in manifest["graph"]["outputs"]]
    reference = onnxruntime_outputs(graph, tensor, names)
    unfused = onnxruntime_outputs(graph, tensor, names, optimised=False)
    own = lentigo_outputs(args.lentigo, graph, tensor, names, scratch)
    print(f"### {name}, {args.pictures} pictures\n")
    print("| output | unit | largest difference | mean difference | same class | ONNX Runtime against itself: largest | mean | same class |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    failures = []
    for output in names:
        step = step_of(graph, output)
        unit = f"step of {step:.4g}" if step else "1/255 of its range"
        step = step or float(np.ptp(reference[output])) / 255
        cells = []
        for other in (own, unfused):
            if other[output].shape != reference[output].shape:
                return [f"{name}: {output} has shape {other[output].shape} where ONNX Runtime gives {reference[output].shape}"]
            difference = np.abs(other[output] - reference[output]) / step
            same = same_class(other[output], reference[output]) if output == "logits" else None
            cells += [f"{difference.max():.2f}", f"{difference.mean():.3f}", "" if same is None else f"{same:.1%}"]
            if other is own and same is not None and same < LEAST_AGREEMENT:
                failures.append(f"{name}: {output} names the same class on {same:.1%} of the pictures; at least {LEAST_AGREEMENT:.0%} is asked for")
        print(f"| {output} | {unit} | {' | '.join(cells)} |")
    print(flush=True)
    return failures


def knowing_nobody(graph: Path, metadata: dict, target: Path) -> Path:
    """The graph with "unknown" as its constant `metadata`: `lentigo bench --onnx --input` gives a graph its picture only."""
    import numpy as np
    import onnx

    model = onnx.load(graph)
    blocks = [[0.0] * len(metadata[field]) + [1.0] for field in ("age", "sex", "site")]
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([sum(blocks, [])], np.float32), "metadata"))
    model.graph.input.remove(next(value for value in model.graph.input if value.name == "metadata"))
    onnx.save(model, target)
    return target


def prepared(args: argparse.Namespace, size: int, scratch: Path):
    """uint8 [N,size,size,3]: pictures spread evenly over the val split, as `lentigo prepare` cuts them."""
    import numpy as np

    with open(args.data / "index.csv", newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        rows = [row for row in reader if row["split"] == "val"]
    chosen = [rows[i * len(rows) // args.pictures] for i in range(min(args.pictures, len(rows)))]
    index, squares = scratch / "index.csv", scratch / "squares.u8"
    with open(index, "w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, reader.fieldnames)
        writer.writeheader()
        writer.writerows(chosen)
    subprocess.run([args.lentigo, "prepare", "--index", index, "--root", args.data, "--size", str(size), "--out", squares],
                   check=True, capture_output=True, text=True)
    return np.fromfile(squares, np.uint8).reshape(len(chosen), size, size, 3)


def normalised(pixels, prepare: dict):
    """uint8 [N,S,S,3] to float32 [N,3,S,S] by the manifest's means and scales."""
    import numpy as np

    scaled = (pixels.astype(np.float32) - np.array(prepare["mean"], np.float32)) * np.array(prepare["scale"], np.float32)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))


def onnxruntime_outputs(graph: Path, tensor: Path, names: list[str], optimised: bool = True) -> dict:
    """Each output of ONNX Runtime, picture after picture along the first axis."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0].name
    answers = [session.run(names, {entry: picture[None]}) for picture in np.load(tensor, mmap_mode="r")]
    return {name: np.concatenate(values) for name, values in zip(names, zip(*answers))}


def lentigo_outputs(binary: Path, graph: Path, tensor: Path, names: list[str], scratch: Path) -> dict:
    """Each output of lentigo: the first in the file that was asked for, the others beside it under their names."""
    import numpy as np

    target = scratch / "output.npy"
    subprocess.run([binary, "bench", "--onnx", graph, "--input", tensor, "--output", target], check=True, capture_output=True, text=True)
    return {name: np.load(target if i == 0 else scratch / f"output.{name}.npy") for i, name in enumerate(names)}


def step_of(graph: Path, output: str) -> float | None:
    """Quantisation step of an output that a DequantizeLinear with one scale gives."""
    import onnx

    model = onnx.load(graph)
    producer = next(node for node in model.graph.node if output in node.output)
    if producer.op_type != "DequantizeLinear":
        return None
    scale = next((i for i in model.graph.initializer if i.name == producer.input[1]), None)
    return float(onnx.numpy_helper.to_array(scale).max()) if scale is not None else None


def same_class(left, right) -> float | None:
    """Share of the pictures on which the largest entry is the same; None where an output is no list of classes."""
    if left.ndim != 2 or left.shape[1] < 2:
        return None
    return float((left.argmax(axis=1) == right.argmax(axis=1)).mean())


if __name__ == "__main__":
    sys.exit(main())
