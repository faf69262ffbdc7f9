"""From a trained checkpoint to a system's two bundles: export, quantise by experiment, calibrate, limit, measure, write.

Finished steps are kept in the work folder under the checkpoint's fingerprint, so a stopped assembly goes on.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from . import evaluate, golden
from .bundle import DECISION, Constants, manifest, publish
from .calibrate import Calibration, fit, operating_points, referral_probability
from .card import write_card
from .confound import hidden
from .evaluate import Judged, lesions_of
from .index import UNKNOWN, Index, complete, read_index, require_apart, trainable
from .metrics import accuracy, expected_calibration_error, macro_recall, roc_auc
from .nondermoscopic import strange
from .novelty import DISAGREEMENT_SHARE, NOVELTY_SHARE, Centres, fit_centres, limit, novelty
from .quantise import Quantiser, Recipe, integer_share
from .ranges import METHODS
from .session import ALL_FLIPS, Outputs, open_graph, outputs, run_views
from .systems import EXCLUSIVE, System

PRECISIONS = ("float32", "int8")
# Loss of AUC that int8 may cost.
AUC_LOSS = 0.003
THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
SMALLEST_GROUP = 25


@dataclass(frozen=True)
class Effort:
    """How many pictures each step looks at.

    `features`: training pictures that fit the novelty centres. `ranges`: that activation ranges are observed on. `compared`:
    val pictures of home that quantisations are compared on (all of home chooses the calibration). `others`: val pictures of
    each other set. `rounds`: resamplings of an interval.
    """

    features: int = 1000
    ranges: int = 192
    compared: int = 250
    others: int = 300
    rounds: int = 1000
    home: int | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Smaller calibration sets to try."""
        return self.ranges // 3, 2 * self.ranges // 3


@dataclass(frozen=True)
class Job:
    """Where things come from and go to. `quality` and `picture` are used where they exist."""

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


@dataclass(frozen=True)
class Sources:
    """The pool as the steps need it; `index` has its labels completed across files of one picture."""

    index: Index
    pixels: np.ndarray
    masks: np.ndarray
    trainable: np.ndarray


def open_sources(job: Job) -> Sources:
    from .cache import open_cache, open_masks
    from .twins import without_twins

    table = read_index(job.data / "index.csv")
    pixels, masks = open_cache(table, job.data, job.cache), open_masks(table, job.data, job.cache)
    index = complete(table)
    rows = without_twins(index, pixels, trainable(index, job.system.trained_on, None), job.cache / "trained-on.json")
    require_apart(index, rows)
    return Sources(index, pixels, masks, rows)


def groups_of(index: Index, rows: np.ndarray) -> np.ndarray:
    """What a training picture shows, as a name: its diagnosis, else malignant or not; rare ones together."""
    name = np.where(index.dx[rows] != UNKNOWN, np.char.add("dx", index.dx[rows].astype(str)),
                    np.char.add("malignant", index.malignant[rows].astype(str)))
    names, count = np.unique(name, return_counts=True)
    return np.where(np.isin(name, names[count >= SMALLEST_GROUP]), name, "rest")


def stratified(system: System, sources: Sources, count: int, seed: int = 0) -> np.ndarray:
    """`count` training rows: half from the system's home sets, diagnoses evened out by the square root of their number; shuffled."""
    rng = np.random.default_rng(seed)
    rows = sources.trainable
    at_home = np.isin(sources.index.dataset[rows], system.home)
    picked = []
    for members, wanted in ((rows[at_home], count // 2), (rows[~at_home], count - count // 2)):
        group = np.char.add(sources.index.dataset[members], groups_of(sources.index, members))
        _, inverse, number = np.unique(group, return_inverse=True, return_counts=True)
        weight = 1.0 / np.sqrt(number[inverse])
        picked.append(rng.choice(members, min(wanted, len(members)), replace=False, p=weight / weight.sum()))
    return rng.permutation(np.concatenate(picked))


def _kept(path: Path, make: Callable[[], dict]) -> dict:
    """A JSON result that is made once."""
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(make(), indent=1), encoding="utf-8")
        partial.rename(path)
    return json.loads(path.read_text(encoding="utf-8"))


def open_work(job: Job) -> None:
    """Empty the work folder unless it belongs to this very checkpoint."""
    stamp = {"checkpoint": hashlib.sha256(job.checkpoint.read_bytes()).hexdigest(), "flips": list(job.flips), "backbone": job.backbone,
             "effort": asdict(job.effort)}
    path = job.work / "stamp.json"
    if not (path.exists() and json.loads(path.read_text(encoding="utf-8")) == stamp):
        shutil.rmtree(job.work, ignore_errors=True)
        job.work.mkdir(parents=True)
        path.write_text(json.dumps(stamp), encoding="utf-8")


def export_fp32(job: Job, sources: Sources) -> Path:
    """The fp32 graph with novelty centres fitted on training features."""
    from .export import export_network

    target = job.work / "float32.onnx"
    if target.exists():
        return target
    network = job.system.build(job.checkpoint, job.backbone)
    features = job.work / "features.onnx"
    export_network(network, features, features=True)
    rows = stratified(job.system, sources, job.effort.features)
    metadata = job.system.metadata(sources.index, rows)
    session = open_graph(features, exact=False)
    pooled = np.concatenate([
        run_views(session, np.asarray(sources.pixels[row]), ("none",), None if metadata is None else metadata[i], ("pooled",))["pooled"]
        for i, row in enumerate(rows)])
    np.savez(job.work / "features.npz", rows=rows, pooled=pooled)
    centres = fit_centres(pooled.astype(np.float64), groups_of(sources.index, rows))
    centres.save(job.work / "centres.npz")
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
    rows = evenly(system.rows(index, system.home[0]), job.effort.compared)
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
    for method in sorted(METHODS, key=lambda m: tried[Recipe(m, False, False, job.effort.ranges)]["score_mse"])[:2]:
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


def _outputs(job: Job, sources: Sources, precision: str, dataset: str, rows: np.ndarray) -> Outputs:
    """What a graph says about a dataset's rows, made once."""
    path = job.work / f"outputs-{precision}-{dataset}.npz"
    if not path.exists():
        outputs(job.work / f"{precision}.onnx", sources.pixels, rows, job.flips, job.system.metadata(sources.index, rows), exact=False).save(path)
    return Outputs.load(path)


def judge(system: System, sources: Sources, rows: np.ndarray, got: Outputs, constants: Constants) -> Judged:
    """A dataset's outputs under a bundle's constants."""
    index = sources.index
    probabilities = constants.calibration.probabilities(got.mean)
    known = index.mask[rows] != ""
    jaccard = inside = None
    if known.any():
        truth = np.stack([sources.masks[row] for row in rows])
        if got.mask is not None:
            jaccard = evaluate.outline_jaccard(got.mask, truth, known, constants.mask_threshold)
        chosen = evaluate.chosen_map(system, probabilities, constants.points[0.95])
        inside = evaluate.energy_inside(got.cam, chosen, truth, known & (truth.any((1, 2))))
    return Judged(system, rows, system.truth(index, rows), system.referral(index, rows), lesions_of(index, rows), probabilities,
                  referral_probability(system, probabilities), jaccard, inside)


def disagreement(system: System, calibration: Calibration, scores: np.ndarray) -> np.ndarray:
    """Standard deviation of the referral probability over the views of [N,V,K]: [N]."""
    return referral_probability(system, calibration.probabilities(scores)).std(1)


def choose_constants(job: Job, sources: Sources, rows: np.ndarray, got: Outputs, unlike: Outputs) -> tuple[Constants, dict]:
    """Calibration, operating points, outline threshold and abstention limits of one graph from home val.

    `unlike` is what the graph says about pictures that are not dermoscopic; it decides between distance and energy, not the limits.
    """
    system, index = job.system, sources.index
    truth, refer, lesions = system.truth(index, rows), system.referral(index, rows), lesions_of(index, rows)
    labelled = np.flatnonzero((truth.reshape(len(rows), -1) != UNKNOWN).all(1) & (refer != UNKNOWN))
    calibration, record = fit(system, truth[labelled], refer[labelled], got.mean[labelled], lesions[labelled])
    referral = referral_probability(system, calibration.probabilities(got.mean))
    record["uncalibrated_ece"] = expected_calibration_error(
        refer[labelled], referral_probability(system, Calibration((1.0,) * len(system.classes), (0.0,) * len(system.classes),
                                                                  system.relation).probabilities(got.mean[labelled])))
    threshold = None
    if got.mask is not None:
        known = index.mask[rows] != ""
        masks = np.stack([sources.masks[row] for row in rows])
        scores = {t: float(np.nanmean(evaluate.outline_jaccard(got.mask, masks, known, t))) for t in THRESHOLDS}
        threshold = max(scores, key=scores.get)
        record["mask_thresholds"] = {f"{t:.2f}": value for t, value in scores.items()}
    kinds = ("energy",) if got.distances is None else ("distance", "energy")
    values = {kind: novelty(kind, got.scores, got.distances, system.relation) for kind in kinds}
    limits = {kind: limit(values[kind], NOVELTY_SHARE) for kind in kinds}
    refused = {kind: float((novelty(kind, unlike.scores, unlike.distances, system.relation) > limits[kind]).mean()) for kind in kinds}
    chosen = max(kinds, key=refused.get)
    spread = disagreement(system, calibration, got.scores)
    most = limit(spread, DISAGREEMENT_SHARE) if len(job.flips) > 1 else None
    record["novelty"] = {"chosen": chosen, "limits": limits, "strange_refused": refused,
                         "val_refused": {kind: float((values[kind] > limits[kind]).mean()) for kind in kinds},
                         "val_disagreement_refused": None if most is None else float((spread > most).mean())}
    return Constants(calibration, operating_points(refer[labelled], referral[labelled]), job.flips, threshold, chosen, limits[chosen], most), record


def abstention_report(system: System, constants: Constants, got: Outputs) -> dict[str, float]:
    """Shares of the pictures that each rule refuses."""
    novel = novelty(constants.novelty, got.scores, got.distances, system.relation) > constants.novelty_max
    spread = disagreement(system, constants.calibration, got.scores)
    unsure = np.zeros(len(novel), bool) if constants.disagreement_max is None else spread > constants.disagreement_max
    return {"novelty": float(novel.mean()), "disagreement": float(unsure.mean()), "either": float((novel | unsure).mean())}


def by_kind(system: System, constants: Constants, got: Outputs, kind: np.ndarray) -> dict[str, dict]:
    """`abstention_report` of every kind of strange picture, with their number."""
    def part(member: np.ndarray) -> Outputs:
        return Outputs(got.scores[member], None if got.distances is None else got.distances[member], None, None)

    return {name: {"pictures": int((kind == name).sum()), **abstention_report(system, constants, part(kind == name))}
            for name in dict.fromkeys(kind.tolist())} | {"all": {"pictures": len(kind), **abstention_report(system, constants, got)}}


def kept_coverage(judged: Judged, refused: np.ndarray) -> dict[str, float]:
    """Accuracy (and balanced accuracy) on what the shipped limits let through."""
    part = judged.part(~refused)
    if judged.system.relation != EXCLUSIVE:
        known = part.refer != UNKNOWN
        return {"coverage": float((~refused).mean()), "roc_auc": roc_auc(part.refer[known], part.referral[known])}
    known = part.truth != UNKNOWN
    predicted = part.probabilities[known].argmax(1)
    return {"coverage": float((~refused).mean()), "accuracy": accuracy(part.truth[known], predicted),
            "balanced_accuracy": macro_recall(part.truth[known], predicted)}


def evenly(rows: np.ndarray, count: int | None) -> np.ndarray:
    """At most `count` of the rows, evenly picked."""
    return rows if count is None else rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int)]


def other_datasets(system: System, index: Index, count: int) -> dict[str, np.ndarray]:
    """Val rows of the sets that are not home, at most `count` each, evenly picked."""
    result = {}
    for dataset in ("isic-binary", "ham10000", "isic2017", "isic2018-seg", "ph2"):
        rows = index.rows(dataset, "val")
        labelled = rows if system.has_mask else system.rows(index, dataset)
        if dataset not in system.home and len(labelled):
            result[dataset] = evenly(labelled, count)
    return result


def measure(job: Job, sources: Sources, precision: str) -> tuple[Constants, dict]:
    """Constants of one precision's graph and everything measured on val with them."""
    system, index = job.system, sources.index
    rows = evenly(system.rows(index, system.home[0]), job.effort.home)
    got = _outputs(job, sources, precision, system.home[0], rows)
    pictures = strange(job.work / "strange")
    path = job.work / f"outputs-{precision}-strange.npz"
    if not path.exists():
        nothing = golden.unknown_metadata(system)
        metadata = None if nothing is None else np.tile(nothing, (len(pictures.pixels), 1))
        outputs(job.work / f"{precision}.onnx", pictures.pixels, np.arange(len(pictures.pixels)), job.flips, metadata, maps=False,
                exact=False).save(path)
    unlike = Outputs.load(path)
    constants, record = choose_constants(job, sources, rows, got, unlike)
    judged = judge(system, sources, rows, got, constants)
    refused = ((novelty(constants.novelty, got.scores, got.distances, system.relation) > constants.novelty_max)
               | (disagreement(system, constants.calibration, got.scores) > (constants.disagreement_max or np.inf)))
    report = {
        "precision": precision, "dataset": system.home[0], "pictures": len(rows), "positives": int((judged.refer == 1).sum()),
        "constants": asdict(constants), "calibration": record, "figures": evaluate.with_intervals(judged, constants.points[0.95], job.effort.rounds),
        "lesion_share": float(np.mean([sources.masks[row].mean() for row in rows if index.mask[row]])),
        "subgroups": evaluate.subgroups(index, judged), "coverage": evaluate.coverage(judged, constants.points[0.95]),
        "kept": kept_coverage(judged, refused), "abstention": {"val": abstention_report(system, constants, got)},
        "strange": by_kind(system, constants, unlike, pictures.kind), "others": {}}
    if precision == "int8":
        report["hidden"] = asdict(hidden(system, job.work / "int8.onnx", constants.calibration, index, sources.pixels, sources.masks, rows))
        for dataset, their_rows in other_datasets(system, index, job.effort.others).items():
            theirs = _outputs(job, sources, precision, dataset, their_rows)
            report["others"][dataset] = {"pictures": len(their_rows), "figures": evaluate.with_intervals(
                judge(system, sources, their_rows, theirs, constants), constants.points[0.95], job.effort.rounds // 3)}
            report["abstention"][dataset] = abstention_report(system, constants, theirs)
    np.savez(job.work / f"judged-{precision}.npz", rows=rows, files=index.file[rows], truth=judged.truth, refer=judged.refer,
             probabilities=judged.probabilities, referral=judged.referral)
    return constants, report


def load_constants(report: dict) -> Constants:
    """The constants of a stored report."""
    stored = dict(report["constants"])
    c = stored.pop("calibration")
    return Constants(Calibration(tuple(c["temperature"]), tuple(c["bias"]), c["relation"]),
                     {float(s): t for s, t in stored.pop("points").items()}, tuple(stored.pop("flips")), **stored)


def assemble(job: Job) -> None:
    """Write `out`/NAME-edge (int8), `out`/NAME-edge-fp32 and `out`/NAME-report.json."""
    system = job.system
    open_work(job)
    sources = open_sources(job)
    fp32 = export_fp32(job, sources)
    quantisation = _kept(job.work / "quantisation.json", lambda: quantise_by_experiment(job, sources, fp32))
    reports = {p: _kept(job.work / f"report-{p}.json", lambda p=p: measure(job, sources, p)[1]) for p in reversed(PRECISIONS)}
    report = {"system": system.name, "backbone": job.backbone, "decision": DECISION, "quantisation": quantisation, **reports}
    job.out.mkdir(parents=True, exist_ok=True)
    (job.out / f"{system.name}-report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    pixels = np.asarray(Image.open(job.picture).convert("RGB")) if job.picture.exists() else golden.phantom()
    quality = job.quality.read_text(encoding="utf-8") if job.quality.exists() else ""
    for precision, name in (("int8", system.bundle), ("float32", f"{system.bundle}-fp32")):
        constants = load_constants(reports[precision])
        staged = job.out / f".{name}.new"
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        shutil.copyfile(job.work / f"{precision}.onnx", staged / "graph.onnx")
        golden.write_golden(staged, staged / "graph.onnx", system, pixels, constants)
        (staged / "manifest.toml").write_text(
            manifest(system, name, precision, staged / "graph.onnx", constants, quality), encoding="utf-8")
        write_card(staged / "card.md", system, name, report, precision)
        publish(staged, job.out / name)
