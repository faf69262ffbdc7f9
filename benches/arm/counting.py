"""Counts the instructions of one inference, by qemu-user and the plugin of icount.c."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

from cores import Core, root_of

# Blocks of code: the instruction words of each, and how often it ran.
Blocks = Counter[tuple[int, ...]]
# A load under emulation takes a minute at most; nothing may hang a bench for ever.
TIMEOUT_S = 1200
# Runs of lentigo whose difference is what counts: what both do, loading and warming up, falls away. `lentigo bench` does at least 5, and emulated
# ones are so slow that it takes them one by one.
FEW, MANY = 5, 15


class Unavailable(Exception):
    """This engine cannot be counted; the text says why."""


def instructions(blocks: Blocks) -> float:
    """How many instructions these blocks executed."""
    return sum(runs * len(words) for words, runs in blocks.items())


def count_lentigo(tools: Path, core: Core, binary: Path, model: Path) -> Blocks:
    """One inference of `lentigo bench --onnx MODEL`, from the difference of two runs."""
    counts = []
    for runs in (FEW, MANY):
        out = tools / "counts" / f"lentigo-{core.name}-{model.stem}-{runs}"
        said = run_guest(tools, core, out, [binary, "bench", "--onnx", model, "--threads", "1", "--runs", str(runs), "--json"])
        kernels = json.loads(said)["kernels"]
        if core.family not in kernels:
            raise Unavailable(f"lentigo chose {kernels} kernels on {core.name}, not {core.family}")
        counts.append(read(out))
    few, many = counts
    # The clock's and the allocator's paths differ a little from run to run.
    difference = {words: (runs - few[words]) / (MANY - FEW) for words, runs in many.items() if runs > few[words]}
    return Counter(difference)


def count_peer(tools: Path, core: Core, model: Path) -> tuple[Blocks, str]:
    """One inference of a peer, and its version: ONNX Runtime for a .onnx file, LiteRT for a .tflite file."""
    out = tools / "counts" / f"peer-{core.name}-{model.name}"
    script = Path(__file__).with_name("guest_peers.py")
    said = run_guest(tools, core, out, [tools / "root/usr/bin/python3", script, model], {"PYTHONPATH": str(tools / "site")})
    version = next((line.split()[1] for line in said.splitlines() if line.startswith("version ") and len(line.split()) > 1), "")
    return read(out.with_name(out.name + ".1")), version


def run_guest(tools: Path, core: Core, out: Path, command: list, environment: dict[str, str] | None = None) -> str:
    """Standard output of an aarch64 program; its counts go to `out`."""
    out.parent.mkdir(exist_ok=True)
    if "," in str(out):
        raise Unavailable(f"{out} has a comma, which ends qemu's plugin arguments")
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1"}
    process = subprocess.run(
        [tools / "qemu-aarch64", "-L", root_of(core, tools), "-cpu", core.cpu, "-plugin", f"{tools}/icount.so,out={out}", *command],
        capture_output=True, text=True, timeout=TIMEOUT_S, env=os.environ | one_thread | (environment or {}), check=False)
    if process.returncode:
        said = process.stderr.strip().splitlines()
        raise Unavailable(f"{Path(command[0]).name} ended with {process.returncode} on {core.name}: {said[-1] if said else 'said nothing'}")
    return process.stdout


def read(path: Path) -> Blocks:
    """The blocks of a file that the plugin wrote; the same code at several addresses is one block."""
    blocks: Blocks = Counter()
    for line in path.read_text().splitlines():
        _, runs, *words = line.split()
        blocks[tuple(int(word, 16) for word in words)] += int(runs)
    return blocks
