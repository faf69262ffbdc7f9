"""From a trained checkpoint to a system's two bundles: export, quantise by experiment, calibrate, limit, measure, write.

Finished steps are kept in the work folder under the checkpoint's fingerprint, so a stopped assembly goes on.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from . import criteria_assemble, evaluate, golden
from .bundle import DECISION, Constants, manifest, publish
from .calibrate import Calibration
from .card import write_card
from .confound import hidden
from .criteria_parts import sections_path
from .gate import by_kind as by_gate, refused as refused_by_gate
from .limits import abstention_report, by_kind, choose_constants, judge, kept_coverage, refusals
from .metrics import roc_auc
from .nondermoscopic import strange
from .novelty import NOVELTY_SHARE, Centres, fit_centres, limit
from .quantise import Quantiser, Recipe, integer_share
from .ranges import METHODS
from .session import ALL_FLIPS, Outputs, open_graph, outputs, run_views
from .sources import Sources, evenly, groups_of, open_sources, other_datasets, stratified
from .systems import EXCLUSIVE, System

PRECISIONS = ("float32", "int8")
# Loss of AUC that int8 may cost.
AUC_LOSS = 0.003
# Directions of the whitened space that novelty is measured in, and whether what they leave out counts.
CENTRE_FITS = ((48, False), (48, True), (24, True), (8, True))


@dataclass(frozen=True)
class Effort:
    """How many pictures each step looks at.

    `features`: training pictures that fit the novelty centres. `ranges`: that activation ranges are observed on. `compared`:
    val pictures of home that quantisations are compared on (all of home chooses the calibration). `others`: val pictures of
    each other set. `rounds`: resamplings of an interval. `home`: val pictures of home, all without it. `leaders`: range methods that the
    other means are tried with.
    """

    features: int = 1000
    ranges: int = 192
    compared: int = 250
    others: int = 300
    rounds: int = 1000
    home: int | None = None
    leaders: int = 2

    @property
    def sizes(self) -> tuple[int, ...]:
        """Smaller calibration sets to try."""
        return self.ranges // 3, 2 * self.ranges // 3


@dataclass(frozen=True)
class Job:
    """Where things come from and go to. `quality` and `picture` are used where they exist; `measures` is what `lentigo measure` said
    about the pool, which system B needs."""

    system: System
    checkpoint: Path
    backbone: str
    data: Path
    cache: Path
    work: Path
    out: Path
    quality: Path
    picture: Path
    flips: tuple[str, ...] = ALL_FLIPS
    effort: Effort = Effort()
    measures: Path | None = None


def _kept(path: Path, make: Callable[[], dict]) -> dict:
    """A JSON result that is made once."""
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(make(), indent=1), encoding="utf-8")
        partial.rename(path)
    return json.loads(path.read_text(encoding="utf-8"))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def open_work(job: Job) -> None:
    """Empty the work folder unless it belongs to this very checkpoint (and, of system B, to these measures and sections)."""
    beside = [job.measures, sections_path(job.checkpoint)] if job.system.has_criteria and job.measures else []
    stamp = {"checkpoint": _digest(job.checkpoint), "flips": list(job.flips), "backbone": job.backbone, "effort": asdict(job.effort),
             **({"beside": [_digest(path) for path in beside]} if beside else {})}
    path = job.work / "stamp.json"
    if not (path.exists() and json.loads(path.read_text(encoding="utf-8")) == stamp):
        shutil.rmtree(job.work, ignore_errors=True)
        job.work.mkdir(parents=True)
        path.write_text(json.dumps(stamp), encoding="utf-8")


def pooled_features(graph: Path, pixels: np.ndarray, rows: np.ndarray, metadata: np.ndarray | None) -> np.ndarray:
    """What the novelty distances are taken of, [N,F], one view each; `metadata` goes with `rows`."""
    session = open_graph(graph, exact=False)
    return np.concatenate([
        run_views(session, np.asarray(pixels[row]), ("none",), None if metadata is None else metadata[i], ("pooled",))["pooled"]
        for i, row in enumerate(rows)]).astype(np.float64)


def choose_centres(job: Job, sources: Sources, features: Path) -> tuple[Centres, dict]:
    """Novelty centres fitted on training features in the way that refuses most of every other strange picture, at NOVELTY_SHARE of val.

    The strange pictures left out of the choice (odd ones) are reported beside it.
    """
    system, index = job.system, sources.index
    rows = stratified(system, sources, job.effort.features)
    pooled = pooled_features(features, sources.pixels, rows, system.metadata(index, rows))
    val = evenly(system.home_rows(index), job.effort.compared)
    known = pooled_features(features, sources.pixels, val, system.metadata(index, val))
    pictures = strange(job.work / "strange")
    nothing = golden.unknown_metadata(system)
    unlike = pooled_features(features, pictures.pixels, np.arange(len(pictures.pixels)),
                             None if nothing is None else np.tile(nothing, (len(pictures.pixels), 1)))
    fits, table = {}, {}
    for dimensions, remainder in CENTRE_FITS:
        name = f"{dimensions} whitened directions" + (" and the length of what they leave out" if remainder else "")
        fits[name] = fit_centres(pooled, groups_of(index, rows), dimensions, remainder)
        refused = fits[name].distances(unlike).min(1) > limit(fits[name].distances(known).min(1), NOVELTY_SHARE)
        table[name] = {"chosen_by": float(refused[::2].mean()), "left_out": float(refused[1::2].mean())}
    chosen = max(table, key=lambda name: table[name]["chosen_by"])
    return fits[chosen], {"chosen": chosen, "fits": table}


def export_fp32(job: Job, sources: Sources) -> Path:
    """The fp32 graph with novelty centres fitted on training features; what was tried is left in centres.json."""
    from .export import export_network

    target = job.work / "float32.onnx"
    if target.exists():
        return target
    network = job.system.build(job.checkpoint, job.backbone)
    features = job.work / "features.onnx"
    export_network(network, features, features=True)
    centres, record = choose_centres(job, sources, features)
    centres.save(job.work / "centres.npz")
    (job.work / "centres.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    export_network(network, target, centres)
    return target


def headline(system: System, truth: np.ndarray, scores: np.ndarray) -> float:
    """The AUC that quantisation must keep: of the class, the mean of the classes', or one class against the rest each."""
    if system.relation == EXCLUSIVE and len(system.classes) == 2:
        return roc_auc(truth, scores[:, 1] - scores[:, 0])
    columns = [(truth == k).astype(int) if system.relation == EXCLUSIVE else truth[:, k] for k in range(len(system.classes))]
    if system.relation == EXCLUSIVE:
        scores = scores - np.logaddexp.reduce(scores, axis=1)[:, None]
    return float(np.nanmean([roc_auc(label, scores[:, k]) for k, label in enumerate(columns)]))


def quantise_by_experiment(job: Job, sources: Sources, fp32: Path) -> dict:
    """Try the range methods, then equalisation and bias correction on the best, then fewer pictures; write the winner as int8.onnx.

    AUC on a few hundred pictures moves by chance as much as between methods, so among those that lose at most AUC_LOSS the
    choice is by mean squared difference of the scores.
    """
    system, index = job.system, sources.index
    rows = evenly(system.home_rows(index), job.effort.compared)
    metadata, truth = system.metadata(index, rows), system.truth(index, rows)
    exact = outputs(fp32, sources.pixels, rows, ("none",), metadata, maps=False, exact=False).mean
    calibration = stratified(system, sources, job.effort.ranges, seed=1)
    quantiser = Quantiser(fp32, np.asarray(sources.pixels[np.sort(calibration)])[np.argsort(np.argsort(calibration))],
                          system.metadata(index, calibration))
    base = headline(system, truth, exact)
    tried: dict[Recipe, dict] = {}

    def attempt(recipe: Recipe) -> None:
        if recipe in tried:
            return
        target = job.work / "attempt.onnx"
        quantiser.write(target, recipe)
        got = outputs(target, sources.pixels, rows, ("none",), metadata, maps=False, exact=False).mean
        tried[recipe] = {"auc": headline(system, truth, got), "loss": base - headline(system, truth, got),
                         "score_mse": float(((got - exact) ** 2).mean())}
        print(f"int8 {recipe}: AUC {tried[recipe]['auc']:.4f} (fp32 {base:.4f}), score MSE {tried[recipe]['score_mse']:.5f}", flush=True)

    def best() -> Recipe:
        good = [recipe for recipe in tried if tried[recipe]["loss"] <= AUC_LOSS] or list(tried)
        return min(good, key=lambda recipe: tried[recipe]["score_mse"])

    for method in METHODS:
        attempt(Recipe(method, False, False, job.effort.ranges))
    for method in sorted(METHODS, key=lambda m: tried[Recipe(m, False, False, job.effort.ranges)]["score_mse"])[:job.effort.leaders]:
        for equalised, corrected in ((False, True), (True, False), (True, True)):
            attempt(Recipe(method, equalised, corrected, job.effort.ranges))
    leader = best()
    for pictures in job.effort.sizes:
        attempt(Recipe(leader.method, leader.equalised, leader.bias_corrected, pictures))
    chosen = best()
    quantiser.write(job.work / "int8.onnx", chosen)
    (job.work / "attempt.onnx").unlink(missing_ok=True)
    return {"pictures": len(rows), "float32_auc": base, "chosen": str(chosen), "integer_share": integer_share(job.work / "int8.onnx"),
            "tried": {str(recipe): entry for recipe, entry in tried.items()}}


def _outputs_path(job: Job, precision: str, dataset: str) -> Path:
    return job.work / f"outputs-{precision}-{dataset}.npz"


def _outputs(job: Job, sources: Sources, precision: str, dataset: str, rows: np.ndarray) -> Outputs:
    """What a graph says about a dataset's rows, made once."""
    path = _outputs_path(job, precision, dataset)
    if not path.exists():
        outputs(job.work / f"{precision}.onnx", sources.pixels, rows, job.flips, job.system.metadata(sources.index, rows), exact=False).save(path)
    return Outputs.load(path)


def measure(job: Job, sources: Sources, precision: str) -> tuple[Constants, dict]:
    """Constants of one precision's graph and everything measured on val with them."""
    system, index = job.system, sources.index
    rows = evenly(system.home_rows(index), job.effort.home)
    got = _outputs(job, sources, precision, system.home_name, rows)
    pictures = strange(job.work / "strange")
    path = job.work / f"outputs-{precision}-strange.npz"
    if not path.exists():
        nothing = golden.unknown_metadata(system)
        metadata = None if nothing is None else np.tile(nothing, (len(pictures.pixels), 1))
        outputs(job.work / f"{precision}.onnx", pictures.pixels, np.arange(len(pictures.pixels)), job.flips, metadata, maps=False,
                exact=False).save(path)
    unlike = Outputs.load(path)
    constants, record = choose_constants(system, job.flips, sources, rows, got, unlike)
    judged = judge(system, sources, rows, got, constants)
    refused = np.logical_or(*refusals(system, constants, got))
    report = {
        "precision": precision, "dataset": system.home_name, "pictures": len(rows), "positives": int((judged.refer == 1).sum()),
        "constants": asdict(constants), "calibration": record, "figures": evaluate.with_intervals(judged, constants.points[0.95], job.effort.rounds),
        "lesion_share": float(np.mean([sources.masks[row].mean() for row in rows if index.mask[row]])),
        "subgroups": evaluate.subgroups(index, judged), "coverage": evaluate.coverage(judged, constants.points[0.95]),
        "kept": kept_coverage(judged, refused), "abstention": {"val": abstention_report(system, constants, got)},
        "strange": by_kind(system, constants, unlike, pictures.kind), "others": {}}
    if system.has_criteria:
        report["criteria"] = criteria_assemble.fit(job, sources, precision, rows, got)
    if precision == "int8":
        report["hidden"] = asdict(hidden(system, job.work / "int8.onnx", constants.calibration, index, sources.pixels, sources.masks, rows,
                                          job.effort.compared))
        for dataset, their_rows in other_datasets(system, index, job.effort.others).items():
            theirs = _outputs(job, sources, precision, dataset, their_rows)
            report["others"][dataset] = {"pictures": len(their_rows), "figures": evaluate.with_intervals(
                judge(system, sources, their_rows, theirs, constants), constants.points[0.95], job.effort.rounds // 3)}
            report["abstention"][dataset] = abstention_report(system, constants, theirs)
    np.savez(job.work / f"judged-{precision}.npz", strange_kind=pictures.kind, 
             strange_refused=np.logical_or(*refusals(system, constants, unlike)), rows=rows, files=index.file[rows], truth=judged.truth, refer=judged.refer,
             probabilities=judged.probabilities, referral=judged.referral)
    return constants, report


def load_constants(report: dict) -> Constants:
    """The constants of a stored report."""
    stored = dict(report["constants"])
    c = stored.pop("calibration")
    return Constants(Calibration(tuple(c["temperature"]), tuple(c["bias"]), c["relation"]),
                     {float(s): t for s, t in stored.pop("points").items()}, tuple(stored.pop("flips")), **{
                         name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()})


def ask_gate(job: Job, reports: dict[str, dict]) -> None:
    """Add to the reports what the runtime's quality gate refuses of the strange pictures, where LENTIGO names the runtime."""
    lentigo = os.environ.get("LENTIGO")
    if not lentigo:
        print("LENTIGO does not name the runtime's binary: the cards say nothing about the quality gate", flush=True)
        return
    gate = refused_by_gate(lentigo, job.out / job.system.bundle, job.work / "strange" / "index.csv")
    for precision, report in reports.items():
        with np.load(job.work / f"judged-{precision}.npz") as judged:
            report["strange_gate"] = by_gate(gate, judged["strange_refused"], judged["strange_kind"])


def write_bundle(job: Job, report: dict, precision: str, name: str) -> None:
    """One bundle folder, swapped into place."""
    system, constants = job.system, load_constants(report[precision])
    pixels = np.asarray(Image.open(job.picture).convert("RGB")) if job.picture.exists() else golden.phantom()
    quality = job.quality.read_text(encoding="utf-8") if job.quality.exists() else ""
    staged = job.out / f".{name}.new"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    shutil.copyfile(job.work / f"{precision}.onnx", staged / "graph.onnx")
    exact = golden.autograd_map(system.build(job.checkpoint, job.backbone), pixels) if precision == "float32" else None
    golden.write_golden(staged, staged / "graph.onnx", system, pixels, constants, exact)
    sections = report[precision]["criteria"]["sections"] if system.has_criteria else None
    criteria = criteria_assemble.write(job, staged, sections) if sections else ""
    (staged / "manifest.toml").write_text(manifest(system, name, precision, staged / "graph.onnx", constants, quality, criteria), encoding="utf-8")
    if sections:
        criteria_assemble.write_agreement(staged, pixels, sections)
    write_card(staged / "card.md", system, name, report, precision)
    publish(staged, job.out / name)


def gate_of(checkpoint: Path) -> str | None:
    """System D's checkpoints name the form of their gate."""
    import torch

    return torch.load(checkpoint, weights_only=True).get("gate")


def _names(system: System) -> dict[str, str]:
    """The bundles by precision."""
    return {"int8": system.bundle, "float32": f"{system.bundle}-fp32"}


def assemble(job: Job) -> None:
    """Write `out`/NAME-edge (int8), `out`/NAME-edge-fp32 and `out`/NAME-report.json."""
    system = job.system
    open_work(job)
    sources = open_sources(job.data, job.cache)
    fp32 = export_fp32(job, sources)
    quantisation = _kept(job.work / "quantisation.json", lambda: quantise_by_experiment(job, sources, fp32))
    reports = {p: _kept(job.work / f"report-{p}.json", lambda p=p: measure(job, sources, p)[1]) for p in reversed(PRECISIONS)}
    report = {"system": system.name, "backbone": job.backbone, "gate": gate_of(job.checkpoint), "decision": DECISION, "quantisation": quantisation,
              "centres": json.loads((job.work / "centres.json").read_text(encoding="utf-8")), **reports}
    if system.has_criteria:
        report["embedding_cosine"] = criteria_assemble.embedding_cosine(
            *(Outputs.load(_outputs_path(job, precision, system.home_name)) for precision in PRECISIONS))
    for precision, name in _names(system).items():
        write_bundle(job, report, precision, name)
    ask_gate(job, reports)
    for precision, name in _names(system).items():
        write_card(job.out / name / "card.md", system, name, report, precision)
    (job.out / f"{system.name}-report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def follow(job: Job, checkpoint: Path, measures: Path) -> None:
    """Write system B's bundles again with the clinical head and the sections of another checkpoint of the same network, judged on other measures.

    Graphs, calibration and everything else that `assemble` left in the work folder and in the report stay as they are.
    """
    system, fitted = job.system, replace(job, checkpoint=checkpoint, measures=measures)
    sources, path = open_sources(job.data, job.cache), job.out / f"{job.system.name}-report.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    (job.work / criteria_assemble.GRAPH).unlink(missing_ok=True)
    rows = evenly(system.home_rows(sources.index), job.effort.home)
    for precision in PRECISIONS:
        got = Outputs.load(_outputs_path(job, precision, system.home_name))
        report[precision]["criteria"] = criteria_assemble.fit(fitted, sources, precision, rows, got)
    for precision, name in _names(system).items():
        write_bundle(fitted, report, precision, name)
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def effort_of(work: Path) -> Effort:
    """The effort of the assembly that `work` is of."""
    return Effort(**json.loads((work / "stamp.json").read_text(encoding="utf-8"))["effort"])
