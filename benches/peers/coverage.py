"""Which quantised classifiers of the zoo does lentigo load, does it answer right, and how fast?

    python benches/peers/coverage.py --zoo target/bench-zoo [FILE...]

Every int8 file of the zoo (both of the quantiser's forms and all recipes) runs
on eight pictures. Differences from ONNX Runtime are given in quantisation steps
of the output, beside those of ONNX Runtime against itself without its graph
optimisations: networks with random weights pass small differences on, so the
second figure says what is to be expected of any other order of rounding.
Times are one thread, CPU time, the two engines taking turns.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from agreement import lentigo_outputs, onnxruntime_outputs, same_class, step_of
from contenders import Lentigo, Peer, Unavailable
from pictures import input_of

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PICTURES = 8
ROUNDS, TURN_MS = 3, 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="names of files in the zoo; all int8 files when none is given")
    parser.add_argument("--lentigo", type=Path, default=ROOT / "target/release/lentigo", help="the binary")
    parser.add_argument("--zoo", type=Path, default=ROOT / "target/bench-zoo", help="folder of the classifiers")
    parser.add_argument("--no-times", action="store_true", help="only loading and answers")
    args = parser.parse_args()
    graphs = [args.zoo / name for name in args.files] or sorted(args.zoo.glob("*.q*.onnx"))
    print("| file | largest difference, steps | mean | same class | ORT itself: largest | mean | same class | lentigo ms | ORT ms | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    failed = 0
    for graph in graphs:
        try:
            cells = answers(args.lentigo, graph) + ([] if args.no_times else times(args.lentigo, graph))
        except subprocess.CalledProcessError as error:
            failed += 1
            cells = [f"FAILED: {(error.stderr.strip().splitlines() or ['no message'])[0]}"]
        except Unavailable as error:
            failed += 1
            cells = [f"FAILED: {error}"]
        print(f"| {graph.name.removesuffix('.onnx')} | {' | '.join(cells)} |", flush=True)
    print(f"\n{len(graphs) - failed} of {len(graphs)} files run")
    return 1 if failed else 0


def answers(binary: Path, graph: Path) -> list[str]:
    """Differences from ONNX Runtime, and of ONNX Runtime from itself."""
    name = graph.name.split(".")[0]
    with tempfile.TemporaryDirectory() as scratch:
        tensor = Path(scratch) / "input.npy"
        np.save(tensor, np.concatenate([input_of(name, 100 + i) for i in range(PICTURES)]))
        own = lentigo_outputs(binary, graph, tensor, ["output"], Path(scratch))["output"]
        reference = onnxruntime_outputs(graph, tensor, ["output"])["output"]
        unfused = onnxruntime_outputs(graph, tensor, ["output"], optimised=False)["output"]
    step = step_of(graph, "output") or float(np.ptp(reference)) / 255
    cells = []
    for other in (own, unfused):
        if other.shape != reference.shape:
            return [f"FAILED: shape {other.shape} where ONNX Runtime gives {reference.shape}"]
        difference = np.abs(other - reference) / step
        cells += [f"{difference.max():.1f}", f"{difference.mean():.2f}", f"{same_class(other, reference):.0%}"]
    return cells


def times(binary: Path, graph: Path) -> list[str]:
    """CPU time of lentigo and ONNX Runtime on one thread, and their ratio."""
    contenders = [Lentigo(binary, graph, 1, "lentigo"), Peer(Path(sys.executable), "onnxruntime", graph, 1, "ONNX Runtime")]
    try:
        for contender in contenders:
            contender.turn(3)
            contender.runs = max(3, round(TURN_MS / contender.samples.wall()))
        for _ in range(ROUNDS):
            for contender in contenders:
                contender.turn(contender.runs)
    finally:
        for contender in contenders:
            contender.close()
    own, other = (contender.samples.cpu() for contender in contenders)
    return [f"{own:.2f}", f"{other:.2f}", f"{own / other:.2f}"]


if __name__ == "__main__":
    sys.exit(main())
