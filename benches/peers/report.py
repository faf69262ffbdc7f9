"""What a bench has found, as a table on the terminal and as Markdown."""

from dataclasses import dataclass, field
from datetime import date

from assessment import STAGES, WARM, Screened

LENTIGO, LENTIGO_OPERATORS, STOCK = "lentigo", "lentigo, QOperator file", "tract as published"
ORT_INT8, ORT_FP32, OPENVINO_INT8 = "ONNX Runtime int8", "ONNX Runtime fp32", "OpenVINO int8"
ORT_NO_SPIN = "ONNX Runtime int8, no spinning"
# model, peer, most of its CPU time that lentigo may take on one thread.
GOALS = (
    ("efficientnet-lite0", ORT_INT8, 0.65),
    ("efficientnet-lite0", OPENVINO_INT8, 0.9),
    ("resnet-50", ORT_INT8, 1.0),
)
ASSESSED, ASSESSMENT_GOAL = "asff-edge", 0.9
TWO_THREADS_GOAL, MEMORY_GOAL_MB, START_GOAL_MS = 0.6, 60.0, 300.0


@dataclass(frozen=True)
class Row:
    """One engine on one model."""

    model: str
    threads: int
    engine: str
    version: str
    cpu_ms: float
    wall_ms: float
    least_cpu_ms: float
    facts: dict


@dataclass
class Run:
    """Everything found in one run of the bench."""

    command: str
    processor: tuple[str, list[str], int]
    load_before: float
    load_after: float = 0.0
    rows: list[Row] = field(default_factory=list)
    # What was said, and of what; the same thing is often true of many models.
    notes: dict[str, list[str]] = field(default_factory=dict)
    ceilings: list[dict] = field(default_factory=list)
    multiply_adds: dict[str, int] = field(default_factory=dict)
    stages: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)
    screened: dict[str, Screened] = field(default_factory=dict)

    def note(self, text: str, about: str = "") -> None:
        """Say something now and in the results."""
        places = self.notes.setdefault(text, [])
        if about and about not in places:
            places.append(about)
        print(f"{about}: {text}" if about else text, flush=True)

    def add(self, model: str, threads: int, contender) -> None:
        """Keep what a contender took."""
        samples, facts = contender.samples, contender.facts
        self.rows.append(Row(model, threads, contender.label, facts.get("version", ""), samples.cpu(), samples.wall(),
                             min(samples.cpu_ms), facts))

    def row(self, model: str, threads: int, engine: str) -> Row | None:
        """The row of one engine, if it ran."""
        return next((r for r in self.rows if (r.model, r.threads, r.engine) == (model, threads, engine)), None)

    def table(self, model: str, threads: int) -> str:
        """Markdown table of one model with one number of threads."""
        own = self.row(model, threads, LENTIGO)
        count = self.multiply_adds.get(model)
        lines = [f"### {model}, {threads} thread{'s' if threads > 1 else ''}" + (f" ({count / 1e6:.0f} M multiply-adds)" if count else ""),
                 "", "| engine | CPU ms | least CPU ms | wall ms | lentigo's CPU time / its | lentigo's wall time / its | GMAC/s |",
                 "|---|---:|---:|---:|---:|---:|---:|"]
        for row in (r for r in self.rows if (r.model, r.threads) == (model, threads)):
            ratios = (f"{own.cpu_ms / row.cpu_ms:.2f}", f"{own.wall_ms / row.wall_ms:.2f}") if own and row is not own else ("", "")
            speed = f"{count / row.cpu_ms / 1e6:.0f}" if count else ""
            lines.append(f"| {row.engine} {row.version} | {row.cpu_ms:.3f} | {row.least_cpu_ms:.3f} | {row.wall_ms:.3f} | "
                         f"{ratios[0]} | {ratios[1]} | {speed} |")
        return "\n".join(lines) + "\n"

    def assessments(self, bundle: str) -> str:
        """Markdown of one bundle's way from picture to verdict."""
        lines = [f"### {bundle}, picture in memory to verdict with heatmap (CPU ms)", "",
                 "| threads | " + " | ".join(STAGES) + " | sum, cold caches | warm caches |", "|---|" + "---:|" * (len(STAGES) + 2)]
        for (name, threads), stages in self.stages.items():
            if name == bundle:
                lines.append(f"| {threads} | " + " | ".join(f"{stages[s]:.3f}" for s in STAGES)
                             + f" | {sum(stages[s] for s in STAGES):.3f} | {stages[WARM]:.3f} |")
        if bundle in self.screened:
            seen = self.screened[bundle]
            lines += ["", f"`lentigo screen` with one picture, start to end: {seen.wall_ms:.0f} ms wall, {seen.cpu_ms:.0f} ms CPU, "
                          f"{seen.peak_rss_mb:.1f} MB peak resident memory."]
        return "\n".join(lines) + "\n"

    def goals(self) -> list[tuple[str, float, float]]:
        """Each goal that this run can judge: what, at most, found."""
        found = []
        for model, peer, most in GOALS:
            own, other = self.row(model, 1, LENTIGO), self.row(model, 1, peer)
            if own and other:
                found.append((f"{model}: CPU time / {peer}", most, own.cpu_ms / other.cpu_ms))
        other, stages = self.row(ASSESSED, 1, ORT_INT8), self.stages.get((ASSESSED, 1))
        if other and stages:
            # Both with warm caches: the peer runs again and again too, and neither decodes nor draws in between.
            found.append((f"{ASSESSED}: picture to verdict / {ORT_INT8}'s inference", ASSESSMENT_GOAL, stages[WARM] / other.cpu_ms))
        for model in dict.fromkeys(r.model for r in self.rows):
            one, two = self.row(model, 1, LENTIGO), self.row(model, 2, LENTIGO)
            if one and two:
                found.append((f"{model}: wall time of two threads / one", TWO_THREADS_GOAL, two.wall_ms / one.wall_ms))
        if ASSESSED in self.screened:
            found.append((f"{ASSESSED}: peak resident memory of `lentigo screen`, MB", MEMORY_GOAL_MB, self.screened[ASSESSED].peak_rss_mb))
            found.append((f"{ASSESSED}: `lentigo screen` from start to end, wall ms", START_GOAL_MS, self.screened[ASSESSED].wall_ms))
        return found

    def markdown(self) -> str:
        """The whole of benches/RESULTS.md."""
        name, flags, cpus = self.processor
        kernels = next((r.facts["kernels"] for r in self.rows if r.engine == LENTIGO and "kernels" in r.facts), None)
        lines = ["# Measured", "",
                 "Written by `make bench`. Medians over rounds in which the engines take turns; CPU time is that of all threads.",
                 "", f"- {date.today().isoformat()}, {name}, {cpus} CPUs, flags {' '.join(flags)}",
                 f"- load average {self.load_before:.2f} before, {self.load_after:.2f} after"
                 + (" (other programs were running: trust CPU time, not wall time)" if self.load_before > 0.7 else ""),
                 f"- `{self.command}`"]
        if kernels:
            lines.append(f"- lentigo's kernels: {kernels if isinstance(kernels, str) else ', '.join(map(str, kernels))}")
        lines += [f"- {text}" + (f" ({'; '.join(places)})" if places else "") for text, places in self.notes.items()]
        if self.ceilings:
            lines += ["", "## Ceiling: the most multiply-adds one core can do, from registers", "", "| instruction | GMAC/s |", "|---|---:|"]
            lines += [f"| {c['instruction']} | {c['gmac_s']:.0f} |" for c in self.ceilings]
        if goals := self.goals():
            lines += ["", "## Against the goals", "", "| | at most | found | |", "|---|---:|---:|---|"]
            lines += [f"| {what} | {most:g} | {value:.2f} | {'reached' if value <= most else '**not reached**'} |" for what, most, value in goals]
        lines += ["", "## Inference", ""]
        for model, threads in dict.fromkeys((r.model, r.threads) for r in self.rows):
            lines += [self.table(model, threads)]
        if self.stages:
            lines += ["## Assessment", ""]
            for bundle in dict.fromkeys(name for name, _ in self.stages):
                lines += [self.assessments(bundle)]
        return "\n".join(lines).rstrip() + "\n"
