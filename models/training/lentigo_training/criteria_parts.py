"""What a bundle of system B has beside its graph: how criteria are measured and graded, the clinical head, the prototypes.

Cuts are quantiles of training lesions, prototypes mean embeddings of training pictures by the very graph that ships, and the
least usual agreement a percentile of val. Must never measure a criterion: numbers come from `measures`.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .measures import KEYS, SCORE, Measures
from .session import unit

CRITERIA = ("asymmetry", "border", "colour", "overall")
LEVELS = (1, 2, 3, 4, 5)
QUANTILES = (0.2, 0.4, 0.6, 0.8)
# `explain::abc::Settings`; the values are the runtime's own defaults.
SETTINGS: dict[str, str | float] = {"colour_constancy": "shades-of-grey", "shape_min": 0.1, "colour_min": 8.0, "abrupt_min": 12.0,
                                    "colour_share_min": 0.03}
# Which measurement stands for each criterion where the checkpoint names none.
STANDING = {"asymmetry": "asymmetry_shape_minor", "border": "border_compactness", "colour": "colour_lab_l", "overall": SCORE}
# Share of val whose agreement of picture and criteria may lie below what is called usual.
AGREEMENT_SHARE = 0.05
GRAPH, PROTOTYPES = "clinical.onnx", "prototypes.json"


@dataclass(frozen=True)
class Scale:
    """Five levels of one measurement: below the first cut is level 1, at or above the last is level 5."""

    measure: str
    cuts: tuple[float, ...]

    def levels(self, measures: Measures) -> np.ndarray:
        """[N] of 1 to 5; what was not measured is level 1."""
        return 1 + (measures[self.measure][:, None] >= np.array(self.cuts)).sum(1)


@dataclass(frozen=True)
class Clinical:
    """Which measures the clinical head reads: (measure - mean) / deviation, limited to [-limit, limit]."""

    measures: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    limit: float = 4.0

    def inputs(self, measures: Measures) -> np.ndarray:
        """[N, number of measures] as the head reads them, float32."""
        columns = np.stack([measures[key] for key in self.measures], 1)
        standard = (columns - np.array(self.mean)) / np.array(self.deviation)
        return np.clip(standard, -self.limit, self.limit).astype(np.float32)


@dataclass(frozen=True)
class Prototype:
    """A mean embedding of length 1 that stands for a level of overall severity."""

    level: int
    embedding: tuple[float, ...]


@dataclass(frozen=True)
class Parts:
    """All of it; what the manifest and the files beside the graph say."""

    scales: dict[str, Scale]
    clinical: Clinical
    agreement_min: float
    prototypes: tuple[Prototype, ...]
    settings: dict[str, str | float] = field(default_factory=lambda: dict(SETTINGS))

    def stored(self) -> dict:
        """As plain values for JSON."""
        return {"settings": self.settings, "agreement_min": self.agreement_min, "clinical": vars(self.clinical),
                "scales": {name: vars(scale) for name, scale in self.scales.items()}, "prototypes": [vars(p) for p in self.prototypes]}

    @classmethod
    def restored(cls, stored: dict) -> "Parts":
        """The inverse of `stored`."""
        clinical = stored["clinical"]
        return cls({name: Scale(entry["measure"], tuple(entry["cuts"])) for name, entry in stored["scales"].items()},
                   Clinical(*(tuple(clinical[name]) for name in ("measures", "mean", "deviation")), clinical["limit"]),
                   stored["agreement_min"], tuple(Prototype(p["level"], tuple(p["embedding"])) for p in stored["prototypes"]),
                   stored["settings"])


def fit_scale(measure: str, values: np.ndarray) -> Scale:
    """Cuts at the quantiles of what was measured; rising, where a count gives several quantiles the same value."""
    cuts = np.round(np.nanquantile(values, QUANTILES), 6)
    for place in range(1, len(cuts)):
        cuts[place] = max(cuts[place], cuts[place - 1] + 1e-6)
    return Scale(measure, tuple(cuts.tolist()))


def fit_scales(measures: Measures, standing: dict[str, str] = STANDING) -> dict[str, Scale]:
    """The scale of each criterion from the measures of training lesions."""
    unknown = [name for name in standing.values() if name not in (*KEYS, SCORE)]
    if unknown or tuple(standing) != CRITERIA:
        raise ValueError(f"a measurement must stand for each of {', '.join(CRITERIA)}, got {standing}")
    return {criterion: fit_scale(measure, measures[measure]) for criterion, measure in standing.items()}


def fit_prototypes(embeddings: np.ndarray, levels: np.ndarray) -> tuple[Prototype, ...]:
    """The mean direction of the embeddings [N,E] of each level [N] of overall severity."""
    missing = [level for level in LEVELS if not (levels == level).any()]
    if missing:
        raise ValueError(f"no training picture has overall severity {missing}: give more pictures or other cuts")
    return tuple(Prototype(level, tuple(unit(unit(embeddings[levels == level]).mean(0)).tolist())) for level in LEVELS)


def least_agreement(agreement: np.ndarray) -> float:
    """The agreement that a share AGREEMENT_SHARE of `agreement` [N] stays below; to four digits, downwards."""
    return float(np.floor(np.quantile(agreement, AGREEMENT_SHARE) * 1e4) / 1e4)


def manifest_sections(parts: Parts) -> str:
    """The tables `criteria`, `severity`, `clinical` and `prototypes` of manifest.toml."""
    def value(given: str | float) -> str:
        return f'"{given}"' if isinstance(given, str) else repr(float(given))

    def numbers(given: tuple[float, ...]) -> str:
        return "[" + ", ".join(repr(round(float(number), 9)) for number in given) + "]"

    text = "[criteria]\n" + "".join(f"{name} = {value(given)}\n" for name, given in parts.settings.items())
    for criterion, scale in parts.scales.items():
        text += f'\n[severity.{criterion}]\nmeasure = "{scale.measure}"\ncuts = {numbers(scale.cuts)}\n'
    clinical = parts.clinical
    names = ", ".join(f'"{name}"' for name in clinical.measures)
    text += (f'\n[clinical]\ngraph = "{GRAPH}"\nmeasures = [{names}]\nmean = {numbers(clinical.mean)}\n'
             f"deviation = {numbers(clinical.deviation)}\nlimit = {clinical.limit}\nagreement_min = {parts.agreement_min:.4f}\n")
    return text + f'\n[prototypes]\nfile = "{PROTOTYPES}"\n'


def write_prototypes(path: Path, prototypes: tuple[Prototype, ...]) -> None:
    """Write prototypes.json: a list of {"level", "embedding"}."""
    entries = [{"level": p.level, "embedding": [round(number, 7) for number in p.embedding]} for p in prototypes]
    path.write_text(json.dumps(entries) + "\n", encoding="utf-8")
