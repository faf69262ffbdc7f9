"""What the counts say, as Markdown."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from counting import Blocks
from cores import BOARDS, CORES, Core
from estimate import disassemble

LENTIGO, ORT, LITERT = "lentigo", "ONNX Runtime int8", "LiteRT int8 (XNNPACK)"
# Network, core, most instructions (millions) that lentigo may take.
INSTRUCTION_GOALS = (("efficientnet-lite0", "Cortex-A72", 130), ("efficientnet-lite0", "Cortex-A76", 58), ("efficientnet-lite0", "i8mm", 50))
# Network, core, most estimated cycles that lentigo may take, as part of LiteRT's.
CYCLE_GOALS = (("efficientnet-lite0", "Cortex-A72", 1.0), ("efficientnet-lite0", "Cortex-A76", 1.0))
# A prediction spans from the estimate itself to this many times it, for caches, memory and mispredicted branches.
SLOWEST = 1.6
KINDS = ("products", "depthwise", "requantise", "other vectors", "scalar")
DOT = {"sdot", "udot", "usdot", "sudot", "smmla", "ummla", "usmmla"}


def models_of(core: Core) -> set[str]:
    """The scheduling models for which a core's counts are wanted: its own, and those of the boards that it stands for."""
    return {board.model for board in BOARDS if board.counts_of == core.name} | ({core.model} if core.model else set())


def kinds(tools: Path, blocks: Blocks) -> dict[str, float]:
    """Instructions by what their block does: what it holds decides for the whole block."""
    text = disassemble(tools, sorted({word for words in blocks for word in words}))
    found = Counter()
    for words, runs in blocks.items():
        lines = [text.get(word, "?") for word in words]
        names = {line.split()[0] for line in lines}
        multiplies = names & (DOT | {"sadalp", "uadalp", "saddlp", "uaddlp"}) or any(re.match(r"[su]mlal2?\s+v\d+\.4s", line) for line in lines)
        if names & {"saddw", "saddw2", "uaddw", "uaddw2"}:
            kind = "depthwise"
        elif multiplies:
            kind = "products"
        elif names & {"scvtf", "fcvtns"}:
            kind = "requantise"
        else:
            kind = "other vectors" if any(re.search(r"\b[vq]\d+\b", line) for line in lines) else "scalar"
        found[kind] += runs * len(words)
    return dict(found)


@dataclass(frozen=True)
class Count:
    """One engine on one network and core."""

    network: str
    core: str
    engine: str
    version: str
    instructions: float
    cycles: dict[str, float]
    kinds: dict[str, float]


@dataclass
class Findings:
    """Everything found in one run."""

    counts: list[Count] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Say something now and in the results."""
        if text not in self.notes:
            self.notes.append(text)
            print(text, flush=True)

    def add(self, *values) -> None:
        """Keep a count."""
        self.counts.append(Count(*values))

    def of(self, network: str, core: str, engine: str) -> Count | None:
        """The count of one engine, if there is one."""
        return next((c for c in self.counts if (c.network, c.core, c.engine) == (network, core, engine)), None)

    def markdown(self) -> str:
        """The whole document."""
        parts = [
            "# Int8 inference on 64-bit ARM, counted and estimated",
            f"`make bench-arm`, {date.today()}. No board was timed: programs ran in qemu-user, which counts instructions exactly. One thread, one "
            "inference, 224x224.",
            self.goals(),
            *[self.table(network) for network in dict.fromkeys(c.network for c in self.counts)],
            self.predictions(),
        ]
        if self.notes:
            parts.append("## Left out\n\n" + "\n".join(f"- {note}" for note in self.notes))
        return "\n\n".join(parts) + "\n"

    def goals(self) -> str:
        """Each goal that this run can judge."""
        lines = ["## Goals", "", "| | at most | found | |", "|---|---:|---:|---|"]
        for network, core, most in INSTRUCTION_GOALS:
            own = self.of(network, core, LENTIGO)
            if own:
                found = own.instructions / 1e6
                lines.append(f"| {network}, {core}: M instructions | {most} | {found:.1f} | {'reached' if found <= most else 'missed'} |")
        for network, core, most in CYCLE_GOALS:
            own, other = self.of(network, core, LENTIGO), self.of(network, core, LITERT)
            model = next(c.model for c in CORES if c.name == core)
            if own and other:
                found = own.cycles[model] / other.cycles[model]
                lines.append(f"| {network}, {core}: estimated cycles / LiteRT's | {most:.2f} | {found:.2f} | "
                             f"{'reached' if found <= most else 'missed'} |")
        return "\n".join(lines)

    def table(self, network: str) -> str:
        """All engines on all cores."""
        lines = [f"## {network}", "",
                 "Millions for each inference. Cycles are llvm-mca's estimates: loads hit the level 1 cache, no branch is mispredicted; they compare "
                 "engines on one core and are no times. Parts are by blocks of code: a block that multiplies and requantises counts as products, and so does a depthwise convolution by dot products.", "",
                 "| core | engine | instructions | estimated cycles | " + " | ".join(KINDS) + " |", "|---|---|---:|---:|" + "---:|" * len(KINDS)]
        for core in CORES:
            for count in (c for c in self.counts if (c.network, c.core) == (network, core.name)):
                estimate = f"{count.cycles[core.model] / 1e6:.1f}" if core.model else ""
                parts = " | ".join(f"{count.kinds.get(kind, 0) / 1e6:.1f}" for kind in KINDS)
                engine = f"{count.engine} {count.version}".strip()
                lines.append(f"| {core.name} | {engine} | {count.instructions / 1e6:.1f} | {estimate} | {parts} |")
        return "\n".join(lines)

    def predictions(self) -> str:
        """Time on each board, as far as cycles can tell."""
        lines = ["## Predicted time of one inference on the boards", "",
                 "**Predictions, not measurements.** Estimated cycles divided by the clock give the first figure. They assume that the clock holds, that "
                 f"nothing else runs, and that neither memory nor branches cost anything; the second figure assumes that these cost {SLOWEST - 1:.0%} more. "
                 "llvm-mca has no model of the Cortex-A76 and A78AE: the Neoverse N1's stands for both.", "",
                 "| board | core, GHz | network | " + " | ".join(f"{engine}, ms" for engine in (LENTIGO, LITERT, ORT)) + " |", "|---|---|---|---:|---:|---:|"]
        for board in BOARDS:
            for network in dict.fromkeys(c.network for c in self.counts):
                cells = []
                for engine in (LENTIGO, LITERT, ORT):
                    count = self.of(network, board.counts_of, engine)
                    milliseconds = count.cycles[board.model] / board.gigahertz / 1e6 if count else None
                    cells.append(f"{milliseconds:.0f} - {milliseconds * SLOWEST:.0f}" if milliseconds else "")
                lines.append(f"| {board.name} | {board.core}, {board.gigahertz} | {network} | " + " | ".join(cells) + " |")
        return "\n".join(lines)
