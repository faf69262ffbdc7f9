"""Running an exported graph with ONNX Runtime, the reference engine, as the device runs it: once a view, turned back, averaged."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import onnxruntime

from .prepare import normalise

ENGINE = f"onnxruntime {onnxruntime.__version__}"
# Axes of [..., H, W] that a view turns round; turning again brings its maps back.
FLIPS: dict[str, tuple[int, ...]] = {"none": (), "horizontal": (-1,), "vertical": (-2,), "both": (-2, -1)}
ALL_FLIPS = tuple(FLIPS)
# Outputs with positions, which must be turned back.
MAPS = ("cam", "mask")


@dataclass(frozen=True)
class Outputs:
    """What a graph says about N pictures in V views: scores [N,V,K], distances [N,V,D] or None, maps averaged over the
    views: cam [N,C,h,w], mask [N,H,W] or None; embedding [N,V,E] and criteria [N,V,3] as the network reads them, or None."""

    scores: np.ndarray
    distances: np.ndarray | None
    cam: np.ndarray | None
    mask: np.ndarray | None
    embedding: np.ndarray | None = None
    criteria: np.ndarray | None = None

    @property
    def mean(self) -> np.ndarray:
        """Scores averaged over the views [N,K], what the device calibrates."""
        return self.scores.mean(1)

    @property
    def case_embedding(self) -> np.ndarray:
        """The embedding of each picture over its views, of length 1, as the device has it [N,E]."""
        if self.embedding is None:
            raise ValueError("this graph has no output 'embedding'")
        return unit(self.embedding.astype(np.float64).sum(1))

    def save(self, path: Path) -> None:
        np.savez(path, **{name: value for name, value in vars(self).items() if value is not None})

    @classmethod
    def load(cls, path: Path) -> "Outputs":
        with np.load(path) as stored:
            return cls(*(stored[field.name] if field.name in stored else None for field in fields(cls)))


def open_graph(path: Path, threads: int = 1, exact: bool = True) -> onnxruntime.InferenceSession:
    """A session that computes every operator as the ONNX specification has it.

    ONNX Runtime's optimiser would fuse QuantizeLinear, Conv and DequantizeLinear into kernels that round elsewhere,
    and move a probability by some thousandths: then figures taken here and on the device would differ for no reason of the model's.
    `exact=False` lets it: several times faster, good enough to observe ranges or to compare many graphs roughly.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_DISABLE_ALL if exact else level.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def unit(vectors: np.ndarray) -> np.ndarray:
    """[..., E] scaled to length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def turn(array: np.ndarray, flip: str) -> np.ndarray:
    """Mirror [..., H, W] as the view `flip` has it; its own inverse."""
    return np.ascontiguousarray(np.flip(array, FLIPS[flip])) if FLIPS[flip] else array


def run_views(session: onnxruntime.InferenceSession, pixels: np.ndarray, flips: tuple[str, ...] = ("none",),
              metadata: np.ndarray | None = None, names: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    """One picture uint8 [S,S,3] and its metadata [M], once a view: each output as [V, ...], maps turned back."""
    names = names or tuple(output.name for output in session.get_outputs())
    given = {} if metadata is None else {"metadata": metadata.astype(np.float32)[None]}
    image = normalise(pixels[None])
    views = []
    for flip in flips:
        values = dict(zip(names, session.run(list(names), {"image": turn(image, flip), **given})))
        views.append({name: turn(value, flip) if name in MAPS else value for name, value in values.items()})
    return {name: np.concatenate([view[name] for view in views]) for name in names}


def outputs(path: Path, pixels: np.ndarray, rows: np.ndarray, flips: tuple[str, ...] = ALL_FLIPS,
            metadata: np.ndarray | None = None, maps: bool = True, exact: bool = True) -> Outputs:
    """Everything the graph says about `pixels[rows]` (uint8 [.,S,S,3]); `metadata` [N,M] goes with `rows`."""
    session = open_graph(path, exact=exact)
    there = [output.name for output in session.get_outputs()]
    names = tuple(name for name in there if name in ("logits", "distances", "embedding", "criteria") or (maps and name in MAPS))
    collected: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for i, row in enumerate(rows):
        got = run_views(session, np.asarray(pixels[row]), flips, None if metadata is None else metadata[i], names)
        for name, value in got.items():
            collected[name].append(value.mean(0) if name in MAPS else value)
    stacked = {name: np.stack(values) for name, values in collected.items()}
    mask = stacked.get("mask")
    return Outputs(stacked["logits"].astype(np.float64), stacked.get("distances"), stacked.get("cam"),
                   None if mask is None else mask[:, 0], stacked.get("embedding"), stacked.get("criteria"))
