"""Estimates cycles from counted blocks with llvm-mca.

Each block is simulated as a loop of its own: every load hits the level 1 cache, no branch is mispredicted, and one block's work does not overlap
the next one's. Not a time: for comparing engines on the same core.
"""

import re
import subprocess
from pathlib import Path

from counting import Blocks

ITERATIONS = 50
# The hottest blocks that together make this part of all instructions are simulated, and the sum scaled up.
COVERED = 0.98
FEATURES = "-mattr=+v8.6a,+sve2,+fullfp16,+dotprod,+i8mm,+bf16"


def cycles(tools: Path, blocks: Blocks, model: str) -> float:
    """Cycles of these blocks on the core that llvm-mca calls `model`."""
    total = sum(runs * len(words) for words, runs in blocks.items())
    hot, covered = {}, 0.0
    for words, runs in sorted(blocks.items(), key=lambda item: -item[1] * len(item[0])):
        if covered > COVERED * total:
            break
        hot[len(hot)] = (words, runs)
        covered += runs * len(words)
    text = disassemble(tools, sorted({word for words, _ in hot.values() for word in words}))
    simulated = simulate(tools, model, {i: [text[word] for word in words] for i, (words, _) in hot.items() if all(w in text for w in words)})
    known = sum(hot[i][1] * len(hot[i][0]) for i in simulated)
    return sum(hot[i][1] * per_run for i, per_run in simulated.items()) * total / known


def disassemble(tools: Path, words: list[int]) -> dict[int, str]:
    """Assembly of each instruction word; without those that are none."""
    given = "\n".join(" ".join(f"0x{byte:02x}" for byte in word.to_bytes(4, "little")) for word in words)
    said = subprocess.run([tools / "llvm-mc", "--disassemble", "-triple=aarch64", FEATURES], input=given, capture_output=True, text=True,
                          check=False).stdout
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.strip().startswith(".")]
    if len(lines) == len(words):
        return dict(zip(words, lines))
    if len(words) == 1:
        return {}
    # Some word is no instruction: which one is found by halves.
    half = len(words) // 2
    return disassemble(tools, words[:half]) | disassemble(tools, words[half:])


def simulate(tools: Path, model: str, blocks: dict[int, list[str]]) -> dict[int, float]:
    """Cycles of one run of each block; without blocks that hold an instruction unknown to the model."""
    blocks = dict(blocks)
    while blocks:
        lines, block_of_line = [], []
        for i, block in blocks.items():
            for line in [f"# LLVM-MCA-BEGIN b{i}", *block, "# LLVM-MCA-END"]:
                lines.append(line)
                block_of_line.append(i)
        done = subprocess.run(
            [tools / "llvm-mca", "-mtriple=aarch64", f"-mcpu={model}", "-mattr=+lse,+crc", f"-iterations={ITERATIONS}", "-instruction-info=0",
             "-resource-pressure=0"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found = re.finditer(r"Code Region - b(\d+)\n+Iterations:.*\nInstructions:.*\nTotal Cycles:\s+(\d+)", done.stdout)
            return {int(match[1]): int(match[2]) / ITERATIONS for match in found}
        refused = {block_of_line[int(line) - 1] for line in re.findall(r":(\d+):\d+: error", done.stderr)}
        unknown = {text.split()[0] for text in re.findall(r"note: instruction:\s+(\S+)", done.stderr)}
        refused |= {i for i, block in blocks.items() if unknown & {line.split()[0] for line in block}}
        if not refused:
            raise RuntimeError(f"llvm-mca: {done.stderr[:300]}")
        for i in refused:
            blocks.pop(i, None)
    return {}
