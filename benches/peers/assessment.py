"""Times a whole assessment of the shipped bundle: `lentigo bench --bundle`, and the process of `lentigo screen`."""

import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from contenders import Unavailable, lentigo_json

# From the picture in memory to label, probability and heatmap; reading a JPEG and drawing a screen are not in it.
STAGES = ("gate", "prepare", "infer", "explain")
# All of them again and again, with nothing decoded or drawn in between: with warm caches, as the peers' inference is timed.
WARM = "assess"


@dataclass(frozen=True)
class Screened:
    """One process of `lentigo screen` with one picture, from start to end."""

    wall_ms: float
    cpu_ms: float
    peak_rss_mb: float


def stages(binary: Path, bundle: Path, threads: int) -> dict[str, float]:
    """CPU time of each stage of an assessment in milliseconds."""
    report = lentigo_json([binary, "bench", "--bundle", bundle, *trust(bundle), "--threads", str(threads), "--json"])
    return {stage: report[f"{stage}_cpu_ms"] for stage in (*STAGES, WARM)}


def screen(binary: Path, bundle: Path, runs: int = 5) -> Screened:
    """`lentigo screen` on the bundle's own picture: medians of `runs` processes, and the largest memory."""
    command = [binary, "screen", "--bundle", bundle, *trust(bundle), "--json", bundle / "golden" / "input.png"]
    seen = []
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        # wait4 has reaped the process: Popen must not wait again.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode < 0:
            raise Unavailable(f"lentigo screen was ended by signal {-process.returncode}")
        seen.append(((time.perf_counter() - start) * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss / 1024))
    walls, cpus, peaks = zip(*seen)
    return Screened(statistics.median(walls), statistics.median(cpus), max(peaks))


def trust(bundle: Path) -> list[str]:
    """A bundle in development has no signature yet."""
    return [] if (bundle / "manifest.toml.minisig").exists() else ["--unsigned"]
