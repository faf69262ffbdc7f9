"""What the runtime's quality gate says about pictures, asked of the runtime itself: the gate is not written twice."""

import csv
import subprocess
import tempfile
from pathlib import Path

import numpy as np


def refused(lentigo: str, bundle: Path, index: Path) -> np.ndarray:
    """Whether the gate of `bundle` refuses each picture of `index`, in the table's order; `lentigo` is the runtime's binary."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([lentigo, "gate", "--unsigned", "--bundle", bundle, "--index", index, "--out", scratch], check=True, capture_output=True)
        with open(Path(scratch) / "measurements.csv", newline="", encoding="utf-8") as handle:
            reasons = {row["file"]: row["reasons"] for row in csv.DictReader(handle)}
    with open(index, newline="", encoding="utf-8") as handle:
        files = [row["file"] for row in csv.DictReader(handle)]
    missing = [file for file in files if file not in reasons]
    if missing:
        raise ValueError(f"{lentigo} gate judged {len(reasons)} of {len(files)} pictures of {index}; the first without a judgement is {missing[0]}")
    return np.array([bool(reasons[file]) for file in files])


def by_kind(gate: np.ndarray, limits: np.ndarray, kind: np.ndarray) -> dict[str, dict[str, float]]:
    """Shares refused by the gate, and by the gate or the bundle's limits, of each kind of picture and of all."""
    members = {name: kind == name for name in dict.fromkeys(kind.tolist())} | {"all": np.ones(len(kind), bool)}
    return {name: {"gate": float(gate[m].mean()), "together": float((gate | limits)[m].mean())} for name, m in members.items()}
