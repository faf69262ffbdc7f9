"""System B's additions to the assembly: fit what stands beside the graph on what the graph says, write it, and say how well picture and criteria agree.

Measures come from the runtime; must never fit anything on pictures that are neither train nor val.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .criteria_parts import (GRAPH, PROTOTYPES, STANDING, Clinical, Parts, fit_prototypes, fit_scales, least_agreement, manifest_sections,
                             write_prototypes)
from .index import UNKNOWN
from .measures import Measures, measure_pictures, measured, read_measures
from .session import Outputs, outputs, unit
from .sources import Sources, stratified

if TYPE_CHECKING:
    from .assemble import Job

# Nearest neighbours among which a picture's own criteria are looked for.
RECALLS = (1, 10)


def checkpoint_of(job: "Job") -> dict:
    """What the training left: {"ema", "clinical", "clinical_spec"} and, where it chose them, which measurement stands for each criterion."""
    import torch

    return torch.load(job.checkpoint, map_location="cpu", weights_only=True)


def clinical_of(spec: dict) -> Clinical:
    """How the clinical head's inputs are standardised, from the checkpoint's `clinical_spec`."""
    return Clinical(tuple(spec["measures"]), tuple(float(x) for x in spec["mean"]), tuple(float(x) for x in spec["deviation"]),
                    float(spec["limit"]))


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
    from .session import open_graph

    session = open_graph(graph)
    return np.concatenate([session.run(["embedding"], {"criteria": row[None].astype(np.float32)})[0] for row in inputs]).astype(np.float64)


def alignment(pictures: np.ndarray, criteria: np.ndarray) -> dict[str, float]:
    """Embeddings of pictures [N,E] and of their own criteria [N,E], both of length 1: mean cosine of a picture with its own and
    with others' criteria, and the share of pictures whose own criteria are among the nearest k of all N."""
    cosine = pictures @ criteria.T
    own = np.diag(cosine)
    nearer = (cosine > own[:, None]).sum(1)
    found = {"pictures": len(own), "positive_cosine": float(own.mean()),
             "negative_cosine": float((cosine.sum() - own.sum()) / (cosine.size - len(own)))}
    return found | {f"recall_at_{k}": float((nearer < k).mean()) for k in RECALLS}


def of_rows(measures: Measures, rows: np.ndarray) -> Measures:
    """The measures of some rows."""
    return {key: column[rows] for key, column in measures.items()}


def fit(job: "Job", sources: Sources, precision: str, rows: np.ndarray, got: Outputs) -> tuple[Parts, dict]:
    """What stands beside one precision's graph, and how well picture and criteria agree on home val (`rows`, where the graph says `got`)."""
    if job.measures is None:
        raise ValueError("system B's bundle needs the runtime's measures of the pool: `lentigo measure --json --masks network`, --measures FILE")
    checkpoint, index = checkpoint_of(job), sources.index
    measures = read_measures(job.measures, index.file)
    usable = measured(measures)
    clinical = clinical_of(checkpoint["clinical_spec"])
    standing = checkpoint.get("standing", STANDING)
    scales = fit_scales(of_rows(measures, sources.trainable[usable[sources.trainable]]), standing)
    shown = stratified(job.system, sources, job.effort.features)
    shown = shown[usable[shown]]
    seen = outputs(job.work / f"{precision}.onnx", sources.pixels, shown, ("none",), maps=False, exact=False)
    prototypes = fit_prototypes(seen.case_embedding, scales["overall"].levels(of_rows(measures, shown)))
    whole = usable[rows]
    ours = got.case_embedding[whole]
    theirs = clinical_embeddings(clinical_graph(job), clinical.inputs(of_rows(measures, rows[whole])))
    agreement = (ours * theirs).sum(1)
    parts = Parts(scales, clinical, least_agreement(agreement), prototypes)
    levels = scales["overall"].levels(of_rows(measures, rows[whole]))
    label = job.system.referral(index, rows[whole])
    nearest = np.array([p.level for p in prototypes])[(ours @ np.array([p.embedding for p in prototypes]).T).argmax(1)]
    record = {"alignment": alignment(ours, theirs), "unmeasured": int((~whole).sum()),
              "prototype_level_error": float(np.abs(nearest - levels).mean()),
              "severity": [{"level": int(level), "pictures": int((levels == level).sum()),
                            "positives": int((label[levels == level] == 1).sum())} for level in range(1, 6)],
              "unlabelled": int((label == UNKNOWN).sum())}
    return parts, record


def embedding_cosine(exact: Outputs, rounded: Outputs) -> dict[str, float]:
    """Cosine between the two precisions' embeddings of the same pictures: mean and least."""
    cosine = (exact.case_embedding * rounded.case_embedding).sum(1)
    return {"mean": float(cosine.mean()), "least": float(cosine.min())}


def write(job: "Job", staged: Path, parts: Parts) -> str:
    """Write the clinical graph and the prototypes into a bundle folder; returns the manifest's sections."""
    (staged / GRAPH).write_bytes(clinical_graph(job).read_bytes())
    write_prototypes(staged / PROTOTYPES, parts.prototypes)
    return manifest_sections(parts)


def write_agreement(staged: Path, pixels: np.ndarray, parts: Parts) -> float | None:
    """Add to the golden case how far picture and criteria agree, measured by the runtime that LENTIGO names with this very bundle."""
    lentigo = os.environ.get("LENTIGO")
    if not lentigo:
        print("LENTIGO does not name the runtime's binary: the golden case says nothing about the agreement", flush=True)
        return None
    measures = measure_pictures(lentigo, [pixels], staged)
    if not measured(measures).all():
        raise ValueError("the runtime finds no lesion to measure on the golden picture: check the outline on it")
    path = staged / "golden" / "expected.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    theirs = clinical_embeddings(staged / GRAPH, parts.clinical.inputs(measures))[0]
    expected["agreement"] = float(unit(np.array(expected["embedding"])) @ theirs)
    path.write_text(json.dumps(expected) + "\n", encoding="utf-8")
    return expected["agreement"]
