"""Training pictures that show a val picture's lesion although no id says so.

372 malignant pictures of isic-binary carry neither isic_id nor lesion_id, and
some are shots of one lesion moments apart that fell into different splits.
Thumbnails give them away.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from .index import Index

GRID = 16
# Correlation of 16 x 16 colour thumbnails. Pairs above it whose ids are unknown were nearly all neighbours
# in the source's numbering; pairs with known, different lesions only reach it by resemblance.
ALIKE = 0.965


def thumbnails(cache: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Zero-mean, unit-length block means, [len(rows), GRID * GRID * 3]."""
    side = cache.shape[1] // GRID
    result = np.empty((len(rows), GRID * GRID * 3), np.float32)
    for start in range(0, len(rows), 256):
        pixels = cache[rows[start:start + 256]].astype(np.float32)
        blocks = pixels.reshape(len(pixels), GRID, side, GRID, side, 3).mean((2, 4)).reshape(len(pixels), -1)
        blocks -= blocks.mean(1, keepdims=True)
        result[start:start + 256] = blocks / np.maximum(np.linalg.norm(blocks, axis=1, keepdims=True), 1e-6)
    return result


def pairs(index: Index, cache: np.ndarray, train_rows: np.ndarray) -> np.ndarray:
    """[pairs, 2] of (train row, val row of any dataset) that look alike and whose lesion is unknown on a side."""
    val_rows = np.flatnonzero(index.split == "val")
    likeness = thumbnails(cache, train_rows) @ thumbnails(cache, val_rows).T
    left, right = np.nonzero(likeness > ALIKE)
    unknown = (index.lesion_id[train_rows[left]] == "") | (index.lesion_id[val_rows[right]] == "")
    return np.stack([train_rows[left], val_rows[right]], 1)[unknown]


def without_twins(index: Index, cache: np.ndarray, train_rows: np.ndarray, store: Path | None = None) -> np.ndarray:
    """`train_rows` less those that have a twin in any val split.

    The search reads the whole cache; `store` names a JSON file that keeps its result for the same question.
    """
    asked = hashlib.sha256(repr((GRID, ALIKE, index.split.tolist(), index.lesion_id.tolist(), train_rows.tolist())).encode()).hexdigest()
    if store and store.exists():
        answer = json.loads(store.read_text(encoding="utf-8"))
        if answer["asked"] == asked:
            return np.array(answer["rows"])
    rows = np.setdiff1d(train_rows, pairs(index, cache, train_rows)[:, 0])
    if store:
        partial = store.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(json.dumps({"asked": asked, "rows": rows.tolist()}), encoding="utf-8")
        os.replace(partial, store)
    return rows
