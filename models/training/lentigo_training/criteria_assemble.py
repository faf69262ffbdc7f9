"""System B's additions to the assembly: what the very graph that ships says about prototypes and usual agreement, and how well
pictures and criteria agree.

Criteria are measured by the runtime; must never fit anything on pictures that are neither train nor val.
"""

import csv
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from .cefm_val import alignment_figures
from .criteria_parts import GRAPH, PROTOTYPES, manifest_sections, read_sections, standard_of, write_prototypes
from .measures import Standard, read_measures
from .session import Outputs, open_graph, outputs, unit
from .severity import OVERALL, agreement_min, levels, prototypes
from .sources import Sources, evenly

if TYPE_CHECKING:
    from .assemble import Job


def clinical_graph(job: "Job") -> Path:
    """The clinical head as a graph, written once."""
    from .export import export_clinical
    from .systems.cefm import build_clinical

    target = job.work / GRAPH
    if not target.exists():
        export_clinical(build_clinical(job.checkpoint)[0], target)
    return target


def clinical_embeddings(graph: Path, inputs: np.ndarray) -> np.ndarray:
    """Embeddings [N,E] of standardised measures [N,K] by the graph that ships."""
    session = open_graph(graph)
    return np.concatenate([session.run(["embedding"], {"criteria": row[None].astype(np.float32)})[0] for row in inputs]).astype(np.float64)


def fit(job: "Job", sources: Sources, precision: str, rows: np.ndarray, got: Outputs) -> dict:
    """`sections` of one precision's manifest, with prototypes and agreement by its own graph, and what was found on home val (`rows`,
    where the graph says `got`)."""
    if job.measures is None:
        raise ValueError("system B's bundle needs the runtime's measures of the pool: lentigo measure --json --index ... --masks network; --measures FILE")
    index, sections = sources.index, read_sections(job.checkpoint)
    measures, overall = read_measures(job.measures, index), sections["severity"][OVERALL]
    train = sources.trainable[measures.known[sources.trainable] & np.isin(index.dataset[sources.trainable], job.system.home)]
    train = evenly(train, job.effort.features)
    seen = outputs(job.work / f"{precision}.onnx", sources.pixels, train, ("none",), maps=False, exact=False)
    known = measures.known[rows]
    ours = got.case_embedding[known]
    theirs = clinical_embeddings(clinical_graph(job), standard_of(sections["clinical"]).of(measures, rows[known]))
    sections["prototypes"] = prototypes(seen.case_embedding, levels(overall, measures, train))
    sections["clinical"]["agreement_min"] = agreement_min(ours, theirs)
    level, label = levels(overall, measures, rows[known]), job.system.referral(index, rows[known])
    nearest = np.array([p["level"] for p in sections["prototypes"]])[(ours @ np.array([p["embedding"] for p in sections["prototypes"]]).T).argmax(1)]
    return {"sections": sections, "alignment": alignment_figures(ours, theirs), "unmeasured": int((~known).sum()),
            "prototype_level_error": float(np.abs(nearest - level).mean()),
            "severity": [{"level": number, "pictures": int((level == number).sum()), "positives": int((label[level == number] == 1).sum())}
                         for number in range(1, 6)]}


def embedding_cosine(exact: Outputs, rounded: Outputs) -> dict[str, float]:
    """Cosine between the two precisions' embeddings of the same pictures: mean and least."""
    cosine = (exact.case_embedding * rounded.case_embedding).sum(1)
    return {"mean": float(cosine.mean()), "least": float(cosine.min())}


def write(job: "Job", staged: Path, sections: dict) -> str:
    """Write the clinical graph and the prototypes into a bundle folder; returns the manifest's sections."""
    (staged / GRAPH).write_bytes(clinical_graph(job).read_bytes())
    write_prototypes(staged / PROTOTYPES, sections["prototypes"])
    return manifest_sections(sections)


def measure_picture(lentigo: str, pixels: np.ndarray, bundle: Path) -> dict:
    """What a device with `bundle` measures on a picture uint8 [S,S,3]: one line of `lentigo measure --json`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        Image.fromarray(pixels).save(folder / "picture.png")
        with open(folder / "index.csv", "w", newline="", encoding="utf-8") as handle:
            csv.writer(handle).writerows([["file"], ["picture.png"]])
        done = subprocess.run([lentigo, "measure", "--json", "--index", folder / "index.csv", "--masks", "network", "--bundle", bundle, "--unsigned"],
                              capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{lentigo} measure failed: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout)


def standardised(standard: Standard, measured: dict) -> np.ndarray:
    """The clinical head's input [1,M] from one picture's measures."""
    values = (np.array([measured[name] for name in standard.measures]) - standard.mean) / standard.deviation
    return np.clip(values, -standard.limit, standard.limit).astype(np.float32)[None]


def write_agreement(staged: Path, pixels: np.ndarray, sections: dict) -> float | None:
    """Add to the golden case how far picture and criteria agree, measured by the runtime that LENTIGO names with this very bundle."""
    lentigo = os.environ.get("LENTIGO")
    if not lentigo:
        print("LENTIGO does not name the runtime's binary: the golden case says nothing about the agreement", flush=True)
        return None
    measured = measure_picture(lentigo, pixels, staged)
    if "error" in measured:
        raise ValueError(f"the runtime cannot measure the golden picture: {measured['error']}")
    path = staged / "golden" / "expected.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    theirs = clinical_embeddings(staged / GRAPH, standardised(standard_of(sections["clinical"]), measured))[0]
    expected["agreement"] = float(unit(np.array(expected["embedding"])) @ theirs)
    path.write_text(json.dumps(expected) + "\n", encoding="utf-8")
    return expected["agreement"]
