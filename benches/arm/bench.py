"""`make bench-arm`: instructions and estimated cycles of one inference on the boards' cores, lentigo beside its peers.

    python benches/arm/bench.py --lentigo target/aarch64-unknown-linux-gnu/release/lentigo --zoo target/bench-zoo

Everything runs emulated on this machine; nothing is timed. Peers that cannot be had are skipped with a message. The tables go to standard output
and to benches/RESULTS-ARM.md.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "peers"))
import machine  # noqa: E402
import findings  # noqa: E402
from cores import CORES, Core  # noqa: E402
from counting import Blocks, Unavailable, count_lentigo, count_peer, instructions  # noqa: E402
from estimate import cycles  # noqa: E402

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NETWORKS = ("efficientnet-lite0", "mobilenet-v2")
# The form in which ONNX Runtime's quantiser leaves a network by default.
FORM = "qdq"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lentigo", type=Path, default=ROOT / "target/aarch64-unknown-linux-gnu/release/lentigo", help="the cross-built binary")
    parser.add_argument("--zoo", type=Path, default=ROOT / "target/bench-zoo", help="folder of the quantised networks")
    parser.add_argument("--tools", type=Path, default=ROOT / "target/arm-count", help="where emulator, peers and llvm-mca are unpacked")
    parser.add_argument("--out", type=Path, default=ROOT / "benches/RESULTS-ARM.md", help="where the results are written")
    args = parser.parse_args()
    args.tools = args.tools.resolve()
    subprocess.run([HERE / "setup.sh", args.tools], check=True)

    found = findings.Findings()
    litert_models = make_litert_models(args.tools, found)
    for network in NETWORKS:
        onnx = (args.zoo / f"{network}.{FORM}.onnx").resolve()
        if not onnx.exists():
            found.note(f"{network} is left out: {onnx.name} is missing (benches/peers/zoo.py makes it)")
            continue
        for core in CORES:
            measure(found, args.tools, network, core, findings.LENTIGO, lambda core=core: (count_lentigo(args.tools, core, args.lentigo.resolve(), onnx), ""))
            measure(found, args.tools, network, core, findings.ORT, lambda core=core: count_peer(args.tools, core, onnx))
            if network in litert_models:
                measure(found, args.tools, network, core, findings.LITERT, lambda core=core: count_peer(args.tools, core, litert_models[network]))
    text = found.markdown()
    print(text)
    args.out.write_text(text)
    return 0


def measure(found, tools: Path, network: str, core: Core, engine: str, count) -> None:
    """Count one engine and estimate its cycles on every model that a board asks for."""
    try:
        blocks, version = count()
    except (Unavailable, subprocess.TimeoutExpired) as error:
        found.note(f"{engine}, {network}: {error}")
        return
    estimates = {model: cycles(tools, blocks, model) for model in findings.models_of(core)}
    found.add(network, core.name, engine, version, instructions(blocks), estimates, findings.kinds(tools, blocks))
    print(f"{network}, {core.name}, {engine} {version}: {instructions(blocks) / 1e6:.1f} M instructions", flush=True)


def make_litert_models(tools: Path, found) -> dict[str, Path]:
    """LiteRT's files, made in an environment with TensorFlow."""
    folder = tools / "litert-models"
    files = {network: folder / f"{network}.int8.tflite" for network in NETWORKS}
    if not all(file.exists() for file in files.values()):
        python, why = machine.peer_python(tools / "tensorflow", HERE / "tensorflow-requirements.txt")
        if python is None:
            found.note(f"LiteRT is left out: {why}")
            return {}
        folder.mkdir(exist_ok=True)
        made = subprocess.run([python, HERE / "litert_models.py", folder], capture_output=True, text=True, check=False)
        if made.returncode:
            found.note(f"LiteRT is left out: TensorFlow made no models: {made.stderr.strip().splitlines()[-1]}")
    return {network: file for network, file in files.items() if file.exists()}


if __name__ == "__main__":
    sys.exit(main())
