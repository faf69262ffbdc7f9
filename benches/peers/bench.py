"""`make bench`: lentigo beside its peers on quantised classifiers, taking turns in one run.

    python benches/peers/bench.py --lentigo target/release/lentigo --zoo target/bench-zoo

Each round gives every engine a turn on the same model, so that whatever else
the machine does falls on all of them; a figure is the median over rounds of the
median of a turn. Models that are missing are made by zoo.py when this Python
has torch, and skipped with a message otherwise; so are peers that cannot be
installed. The table goes to standard output and, with the machine and the
versions, to benches/RESULTS.md.
"""

import argparse
import importlib.util
import json
import shlex
import subprocess
import sys
from pathlib import Path

import machine
import report
from assessment import screen, stages
from contenders import Lentigo, Peer, Unavailable, lentigo_json

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CLASSIFIERS = ("efficientnet-lite0", "mobilenet-v2", "resnet-50")
# Length of one turn: long against the clock, short against the moods of the machine.
TURN_MS = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lentigo", type=Path, default=ROOT / "target/release/lentigo", help="the binary")
    parser.add_argument("--zoo", type=Path, default=ROOT / "target/bench-zoo", help="folder of the classifiers")
    parser.add_argument("--bundles", type=Path, default=ROOT / "models/bundles", help="folder of bundles")
    parser.add_argument("--environment", type=Path, default=ROOT / "target/bench-venv", help="virtual environment of the peers")
    parser.add_argument("--out", type=Path, default=ROOT / "benches/RESULTS.md", help="where the results are written")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--models", nargs="+", help="only these classifiers and bundles")
    args = parser.parse_args()

    run = report.Run(shlex.join(["python", *sys.argv]), machine.processor(), machine.load())
    run.note(version_of(args.lentigo))
    python, why = machine.peer_python(args.environment, HERE / "requirements.txt")
    if python is None:
        run.note(f"Python's engines are left out: {why}")
    models = find_models(args, run)
    if python:
        run.multiply_adds = count(python, models)
    try:
        run.ceilings = lentigo_json([args.lentigo, "bench", "--ceiling", "--json"])["ceilings"]
    except Unavailable as error:
        run.note(f"no ceiling: {error}")
    for name, forms in models.items():
        for threads in args.threads:
            compare(run, args, python, name, forms, threads)
    for bundle in sorted(args.bundles.glob("*/manifest.toml")):
        assess(run, args, bundle.parent)
    run.load_after = machine.load()
    args.out.write_text(run.markdown())
    print(f"written to {args.out}")
    return 0


def find_models(args: argparse.Namespace, run: report.Run) -> dict[str, dict[str, Path]]:
    """Model name to its files by form: `int8` (QDQ), and where there are such files `operators` (QOperator) and `fp32`."""
    wanted = [name for name in CLASSIFIERS if not args.models or name in args.models]
    missing = [name for name in wanted if not (args.zoo / f"{name}.qdq.onnx").exists()]
    if missing and all(importlib.util.find_spec(package) for package in ("torch", "timm", "torchvision", "onnxruntime")):
        print(f"making {', '.join(missing)} in {args.zoo}", flush=True)
        subprocess.run([sys.executable, HERE / "zoo.py", args.zoo, *missing], stderr=subprocess.DEVNULL)
    models = {}
    for bundle in sorted(args.bundles.glob("*/manifest.toml")):
        if not args.models or bundle.parent.name in args.models:
            models[bundle.parent.name] = {"int8": next(bundle.parent.glob("*.onnx"))}
    for name in wanted:
        forms = {form: args.zoo / f"{name}.{suffix}.onnx" for form, suffix in (("int8", "qdq"), ("operators", "qop"), ("fp32", "fp32"))}
        if all(path.exists() for path in forms.values()):
            models[name] = forms
        else:
            run.note(f"{name} is left out: it is not in {args.zoo}. Make it with the environment of models/training: "
                     f"`python benches/peers/zoo.py {args.zoo} --timed`")
    return models


def compare(run: report.Run, args: argparse.Namespace, python: Path | None, name: str, forms: dict[str, Path], threads: int) -> None:
    """Let every engine take its turns on one model."""
    makers = [lambda: Lentigo(args.lentigo, forms["int8"], threads, report.LENTIGO)]
    if "operators" in forms:
        makers.append(lambda: Lentigo(args.lentigo, forms["operators"], threads, report.LENTIGO_OPERATORS))
    if python:
        makers += [lambda: Peer(python, "onnxruntime", forms["int8"], threads, report.ORT_INT8),
                   lambda: Peer(python, "openvino", forms["int8"], threads, report.OPENVINO_INT8)]
        if threads > 1:
            makers.append(lambda: Peer(python, "onnxruntime", forms["int8"], threads, report.ORT_NO_SPIN, spin=False))
        if "fp32" in forms:
            makers.append(lambda: Peer(python, "onnxruntime", forms["fp32"], threads, report.ORT_FP32))
    # Published tract takes long and gains nothing here from a second thread.
    if threads == 1:
        makers.append(lambda: Lentigo(args.lentigo, forms["int8"], threads, report.STOCK, stock=True))
    contenders = []
    for make in makers:
        try:
            contender = make()
            contender.turn(5)
            contenders.append(contender)
        except Unavailable as error:
            run.note(str(error), f"{name} with {threads} thread{'s' if threads > 1 else ''}")
    # The first turn only says how long the others must be.
    runs = {c.label: max(3, round(TURN_MS / c.samples.wall())) for c in contenders}
    for contender in contenders:
        contender.samples.cpu_ms.clear()
        contender.samples.wall_ms.clear()
    for _ in range(args.rounds):
        for contender in contenders:
            contender.turn(runs[contender.label])
    for contender in contenders:
        contender.close()
        run.add(name, threads, contender)
    print(run.table(name, threads), flush=True)


def assess(run: report.Run, args: argparse.Namespace, bundle: Path) -> None:
    """Time the whole way from a picture to a verdict, one and more threads, and a process from start to end."""
    if args.models and bundle.name not in args.models:
        return
    try:
        for threads in args.threads:
            run.stages[bundle.name, threads] = stages(args.lentigo, bundle, threads)
        run.screened[bundle.name] = screen(args.lentigo, bundle)
    except Unavailable as error:
        run.note(str(error), f"{bundle.name}, assessment")
    print(run.assessments(bundle.name), flush=True)


def count(python: Path, models: dict[str, dict[str, Path]]) -> dict[str, int]:
    """Multiply-adds of each model, counted in the peers' environment."""
    files = {name: str(forms["int8"]) for name, forms in models.items()}
    done = subprocess.run([python, HERE / "arithmetic.py", *files.values()], capture_output=True, text=True)
    counted = json.loads(done.stdout) if done.returncode == 0 else {}
    return {name: counted[path] for name, path in files.items() if counted.get(path)}


def version_of(binary: Path) -> str:
    """What the binary calls itself, and the commit it may have been built from."""
    try:
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{binary} cannot be run: {error}. Build it with `make build`")
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    return f"{said}, working tree at {commit or 'no commit'}"


if __name__ == "__main__":
    sys.exit(main())
