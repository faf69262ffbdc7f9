"""Times one engine on one model in a process of its own, a batch of inferences at a time.

    python peer.py ENGINE MODEL [--threads N] [--no-spin]

Once the model is loaded and warm it prints `{"ready": true, "version": ...}`.
Then each line `run N` on standard input is answered by one line
`{"cpu_ms": [...], "wall_ms": [...], "turn_cpu_ms": T}` with N entries each: CPU time
of all threads of the process, and wall time. The end of the input ends the
process. So a driver can let several engines take turns and the machine's moods
fall on all of them.

With more than one thread only `turn_cpu_ms`, the CPU time of the whole turn, is
to be trusted: Linux brings the clocks of the other running threads up to date
at its ticks only, several inferences apart.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

WARM_UP = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", choices=["onnxruntime", "openvino"])
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-spin", action="store_true", help="workers sleep when idle (ONNX Runtime)")
    args = parser.parse_args()
    answers = _own_stdout()
    from engines import ENGINES

    opened = ENGINES[args.engine](args.model, args.threads, not args.no_spin)
    random = np.random.default_rng(1)
    tensors = {name: random.standard_normal(shape, np.float32) for name, shape in opened.shapes.items()}
    for _ in range(WARM_UP):
        opened.run(tensors)
    _say(answers, {"ready": True, "version": opened.version})
    for line in sys.stdin:
        command, _, count = line.strip().partition(" ")
        if command != "run" or not count.isdigit():
            _say(answers, {"error": f"unknown command {line.strip()!r}; say 'run N'"})
            continue
        cpu, wall = [], []
        turn_start = time.process_time_ns()
        for _ in range(int(count)):
            cpu_start, wall_start = time.process_time_ns(), time.perf_counter_ns()
            opened.run(tensors)
            wall.append((time.perf_counter_ns() - wall_start) / 1e6)
            cpu.append((time.process_time_ns() - cpu_start) / 1e6)
        _say(answers, {"cpu_ms": cpu, "wall_ms": wall, "turn_cpu_ms": (time.process_time_ns() - turn_start) / 1e6})
    return 0


def _own_stdout():
    """Keep standard output for answers: what engines print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _say(stream, answer: dict) -> None:
    stream.write(json.dumps(answer) + "\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
