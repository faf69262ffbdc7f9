"""Training pictures that show a val picture's lesion although no id says so.

372 malignant pictures of isic-binary carry neither isic_id nor lesion_id, and
some are shots of one lesion moments apart that fell into different splits.
Thumbnails give them away.
"""

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
    """[pairs, 2] of (train row, val row) that look alike and whose lesion is unknown on a side."""
    val_rows = np.flatnonzero((index.split == "val") & np.isin(index.dataset, ("isic-binary", "ham10000", "isic2017")))
    likeness = thumbnails(cache, train_rows) @ thumbnails(cache, val_rows).T
    left, right = np.nonzero(likeness > ALIKE)
    unknown = (index.lesion_id[train_rows[left]] == "") | (index.lesion_id[val_rows[right]] == "")
    return np.stack([train_rows[left], val_rows[right]], 1)[unknown]


def without_twins(index: Index, cache: np.ndarray, train_rows: np.ndarray) -> np.ndarray:
    """`train_rows` less those that have a twin in any val split."""
    found = pairs(index, cache, train_rows)
    return np.setdiff1d(train_rows, found[:, 0])
