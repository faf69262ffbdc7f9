"""What a bundle of system B has beside its graph, as its files hold it: the manifest's sections, the prototypes, the clinical head's standard.

Values come from training (`sections.json` beside the checkpoint, `cefm_train`) and from the assembly; nothing is fitted or measured here.
"""

import json
from pathlib import Path

import numpy as np

from .measures import Standard

GRAPH, PROTOTYPES = "clinical.onnx", "prototypes.json"
CRITERIA = ("asymmetry", "border", "colour", "overall")
NEEDED = ("criteria", "severity", "clinical")


def sections_path(checkpoint: Path) -> Path:
    """Where training leaves what the manifest says of the criteria."""
    return checkpoint.with_name("sections.json")


def read_sections(checkpoint: Path) -> dict:
    """The `sections.json` that training left beside its checkpoint: `criteria`, `severity` and `clinical` as the manifest has them."""
    path = sections_path(checkpoint)
    if not path.exists():
        raise ValueError(f"{path} is missing: it says how criteria are measured and graded; train system B's heads again (`cefm`)")
    sections = json.loads(path.read_text(encoding="utf-8"))
    missing = [name for name in NEEDED if name not in sections]
    if missing or set(sections["severity"]) != set(CRITERIA):
        raise ValueError(f"{path} must say {', '.join(NEEDED)}, and severity of {', '.join(CRITERIA)}; train system B's heads again (`cefm`)")
    return sections


def standard_of(clinical: dict) -> Standard:
    """How the clinical head's input is made, from the manifest's `clinical`."""
    return Standard(tuple(clinical["measures"]), np.array(clinical["mean"]), np.array(clinical["deviation"]), float(clinical["limit"]))


def manifest_sections(sections: dict) -> str:
    """The tables `criteria`, `severity`, `clinical` and `prototypes` of manifest.toml."""
    def value(given: str | float) -> str:
        return f'"{given}"' if isinstance(given, str) else repr(float(given))

    def numbers(given: list[float]) -> str:
        return "[" + ", ".join(repr(round(float(number), 9)) for number in given) + "]"

    text = "[criteria]\n" + "".join(f"{name} = {value(given)}\n" for name, given in sections["criteria"].items())
    for criterion in CRITERIA:
        scale = sections["severity"][criterion]
        text += f'\n[severity.{criterion}]\nmeasure = "{scale["measure"]}"\ncuts = {numbers(scale["cuts"])}\n'
    clinical = sections["clinical"]
    names = ", ".join(f'"{name}"' for name in clinical["measures"])
    text += (f'\n[clinical]\ngraph = "{GRAPH}"\nmeasures = [{names}]\nmean = {numbers(clinical["mean"])}\n'
             f'deviation = {numbers(clinical["deviation"])}\nlimit = {float(clinical["limit"])}\nagreement_min = {float(clinical["agreement_min"]):.4f}\n')
    return text + f'\n[prototypes]\nfile = "{PROTOTYPES}"\n'


def write_prototypes(path: Path, prototypes: list[dict]) -> None:
    """Write prototypes.json: a list of {"level", "embedding"}."""
    path.write_text(json.dumps(prototypes) + "\n", encoding="utf-8")
