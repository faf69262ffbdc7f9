"""Activation ranges for int8: one pass over calibration pictures, any method afterwards.

ONNX Runtime's calibrators run the network anew for every method; here histograms of each tensor are gathered once and
MinMax, percentiles, entropy and mean squared error are read off them.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from .prepare import normalise
from .session import open_graph

BINS = 2048
LEVELS = 256
PERCENTILES = (99.9, 99.99, 99.999)
METHODS = ("minmax", *(f"percentile-{p}" for p in PERCENTILES), "entropy", "mse")


@dataclass(frozen=True)
class Statistics:
    """What `count` pictures showed of each tensor: extremes [2], histogram over them [BINS], channel means (of NCHW and row-wise tensors)."""

    count: int
    extremes: dict[str, tuple[float, float]]
    histograms: dict[str, np.ndarray]
    channel_means: dict[str, np.ndarray]
    channel_extremes: dict[str, np.ndarray]

    def ranges(self, method: str) -> dict[str, tuple[float, float]]:
        """Range by tensor; every range holds zero, which int8 must represent exactly."""
        return {name: read_range(self.histograms[name], *self.extremes[name], method) for name in self.histograms}


def _channels(value: np.ndarray) -> np.ndarray:
    """[1,C,H,W] to [C,H*W]; tokens [..., C] to [C, positions]."""
    return value[0].reshape(value.shape[1], -1) if value.ndim == 4 else value.reshape(-1, value.shape[-1]).T


def observe(graph: Path, tensors: set[str], pixels: np.ndarray, metadata: np.ndarray | None = None) -> Statistics:
    """Run every picture of `pixels` uint8 [N,S,S,3] twice: extremes first, then histograms between them."""
    model = onnx.load(graph)
    have = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(tensors - have))
    names = sorted(tensors)
    low, high, means, histograms, spans = {}, {}, {}, {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        augmented = Path(scratch) / "augmented.onnx"
        onnx.save(model, augmented)
        session = open_graph(augmented, exact=False)

        def run(i: int) -> dict[str, np.ndarray]:
            given = {} if metadata is None else {"metadata": metadata[i:i + 1].astype(np.float32)}
            return dict(zip(names, session.run(names, {"image": normalise(pixels[i:i + 1]), **given})))

        for i in range(len(pixels)):
            for name, value in run(i).items():
                low[name] = min(low.get(name, 0.0), float(value.min()))
                high[name] = max(high.get(name, 0.0), float(value.max()))
        for i in range(len(pixels)):
            for name, value in run(i).items():
                scale = BINS / max(high[name] - low[name], 1e-12)
                position = np.minimum(((value.ravel() - low[name]) * scale).astype(np.int32), BINS - 1)
                histograms[name] = histograms.get(name, 0) + np.bincount(position, minlength=BINS)
                if value.ndim >= 2:
                    by_channel = _channels(value)
                    means[name] = means.get(name, 0.0) + by_channel.mean(1) / len(pixels)
                    widest = np.abs(by_channel).max(1)
                    spans[name] = np.maximum(spans[name], widest) if name in spans else widest
    return Statistics(len(pixels), {name: (low[name], high[name]) for name in names}, histograms, means, spans)


def read_range(histogram: np.ndarray, low: float, high: float, method: str) -> tuple[float, float]:
    """(low, high) of `method` for a tensor whose values lie in [low, high] as `histogram` has it."""
    if method == "minmax" or high - low <= 0:
        return low, high
    edges = np.linspace(low, high, len(histogram) + 1)
    if method.startswith("percentile-"):
        return _percentile(histogram, edges, float(method.partition("-")[2]))
    cost = {"entropy": _divergence, "mse": _squared_error}[method]
    best = (low, high)
    lows = [low] if low >= 0 else list(low * np.geomspace(1.0, 0.2, 14))
    highs = [high] if high <= 0 else list(high * np.geomspace(1.0, 0.2, 14))
    least = np.inf
    for a in lows:
        for b in highs:
            found = cost(histogram, edges, min(a, 0.0), max(b, 0.0))
            if found < least:
                least, best = found, (min(a, 0.0), max(b, 0.0))
    return best


def _percentile(histogram: np.ndarray, edges: np.ndarray, percent: float) -> tuple[float, float]:
    """Leaves the same small share out at each end."""
    share = np.cumsum(histogram) / histogram.sum()
    left_out = (1 - percent / 100) / 2
    first = int(np.searchsorted(share, left_out, side="right"))
    last = int(np.searchsorted(share, 1 - left_out, side="left"))
    return min(float(edges[first]), 0.0), max(float(edges[min(last + 1, len(edges) - 1)]), 0.0)


def _squared_error(histogram: np.ndarray, edges: np.ndarray, low: float, high: float) -> float:
    centre = (edges[:-1] + edges[1:]) / 2
    step = max(high - low, 1e-12) / (LEVELS - 1)
    zero = np.round(-low / step)
    rounded = (np.clip(np.round(centre / step) + zero, 0, LEVELS - 1) - zero) * step
    return float((histogram * (centre - rounded) ** 2).sum())


def _divergence(histogram: np.ndarray, edges: np.ndarray, low: float, high: float) -> float:
    """Kullback-Leibler divergence of the clipped distribution from its LEVELS-level rendering (Migacz 2017).

    Zero is left out: after a ReLU it holds half of all values and is exact under any range.
    """
    centre = (edges[:-1] + edges[1:]) / 2
    counts = histogram.astype(float).copy()
    counts[np.abs(centre) <= (edges[1] - edges[0])] = 0
    inside = (centre >= low) & (centre <= high)
    if not counts[inside].any():
        return np.inf
    reference = counts[inside].copy()
    reference[0] += counts[centre < low].sum()
    reference[-1] += counts[centre > high].sum()
    level = np.minimum(((centre[inside] - low) / max(high - low, 1e-12) * LEVELS).astype(int), LEVELS - 1)
    there = counts[inside] > 0
    mass = np.bincount(level, counts[inside], LEVELS)
    members = np.bincount(level, there, LEVELS)
    rendered = np.where(there, mass[level] / np.maximum(members[level], 1), 0.0)
    p, q = reference / reference.sum(), rendered / max(rendered.sum(), 1e-12)
    used = p > 0
    return float((p[used] * np.log(p[used] / np.maximum(q[used], 1e-9))).sum())
