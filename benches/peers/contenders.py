"""Those who take turns in a round: `lentigo bench` as a command, the peers as processes that stay."""

import json
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
# Long enough for a load from a cold cache and a slow network; nothing may hang a bench for ever.
TIMEOUT_S = 300


class Unavailable(Exception):
    """This contender cannot run this model; the text says why."""


@dataclass
class Samples:
    """Medians of the rounds so far, in milliseconds an inference."""

    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)

    def add(self, cpu_ms: float, wall_ms: float) -> None:
        """Add one round."""
        self.cpu_ms.append(cpu_ms)
        self.wall_ms.append(wall_ms)

    def cpu(self) -> float:
        """Median CPU time of all threads."""
        return statistics.median(self.cpu_ms)

    def wall(self) -> float:
        """Median wall time."""
        return statistics.median(self.wall_ms)


class Lentigo:
    """`lentigo bench --onnx`: each turn is a process of its own."""

    def __init__(self, binary: Path, model: Path, threads: int, label: str, stock: bool = False):
        self.label = label
        self.command = [binary, "bench", "--onnx", model, "--threads", str(threads), "--json", *(["--stock"] if stock else [])]
        self.samples, self.facts = Samples(), {}

    def turn(self, runs: int) -> None:
        """Time `runs` inferences and keep their medians."""
        self.facts = lentigo_json([*self.command, "--runs", str(runs)])
        self.samples.add(self.facts["infer_cpu_ms"], self.facts["infer_wall_ms"])

    def close(self) -> None:
        """Nothing stays behind a turn."""


class Peer:
    """An engine behind `peer.py`, loaded once and asked again and again."""

    def __init__(self, python: Path, engine: str, model: Path, threads: int, label: str, spin: bool = True):
        self.label, self.threads, self.samples, self.facts = label, threads, Samples(), {}
        command = [python, HERE / "peer.py", engine, model, "--threads", str(threads), *([] if spin else ["--no-spin"])]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            self.facts = self._answer()
        except Unavailable:
            self.close()
            raise

    def turn(self, runs: int) -> None:
        """Time `runs` inferences and keep their median; of CPU time on several threads, their mean."""
        try:
            self.process.stdin.write(f"run {runs}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Unavailable(f"{self.label} ended in the middle of the bench") from None
        answer = self._answer()
        # See peer.py: single inferences cannot be told apart by the clock of several threads.
        cpu = statistics.median(answer["cpu_ms"]) if self.threads == 1 else answer["turn_cpu_ms"] / runs
        self.samples.add(cpu, statistics.median(answer["wall_ms"]))

    def close(self) -> None:
        """End the process."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        said = self.process.stderr.read().strip().splitlines()
        raise Unavailable(f"{self.label}: {said[-1] if said else 'no answer'}")


def lentigo_json(command: list) -> dict:
    """Run `lentigo` and read the JSON object it prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"lentigo: {error}") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Unavailable(f"lentigo: {said[0] if said else f'exit code {done.returncode}'}")
    return json.loads(done.stdout)
