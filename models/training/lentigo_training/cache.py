"""Decoded pictures of the whole pool as one uint8 memory map.

Decoding costs more than training can afford per epoch; 15,266 pictures of
224 x 224 x 3 take 2.3 GB and stay in the page cache.
"""

import hashlib
import json
import multiprocessing
import os
from pathlib import Path

import numpy as np

from .index import Index
from .prepare import SIZE, load


def _load_job(job: tuple[str, int]) -> np.ndarray:
    path, size = job
    return load(Path(path), size)


def open_cache(index: Index, root: Path, work: Path, size: int = SIZE, processes: int = 2) -> np.ndarray:
    """Return the memory map uint8 [rows of the index, size, size, 3], building it if needed."""
    work.mkdir(parents=True, exist_ok=True)
    array_path = work / f"pool-{size}.npy"
    stamp_path = work / f"pool-{size}.json"
    stamp = {"size": size, "files": hashlib.sha256("\n".join(index.file).encode()).hexdigest()}
    if not (stamp_path.exists() and json.loads(stamp_path.read_text()) == stamp):
        _build(index, root, array_path, size, processes)
        stamp_path.write_text(json.dumps(stamp))
    return np.load(array_path, mmap_mode="r")


def _build(index: Index, root: Path, path: Path, size: int, processes: int) -> None:
    """Write to a temporary name and rename, so that a stopped build leaves nothing half valid."""
    partial = path.with_suffix(".partial.npy")
    array = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=(len(index), size, size, 3))
    jobs = [(str(root / file), size) for file in index.file]
    with multiprocessing.Pool(processes) as pool:
        for row, pixels in enumerate(pool.imap(_load_job, jobs, chunksize=64)):
            array[row] = pixels
    array.flush()
    del array
    os.replace(partial, path)
