"""From a trained checkpoint to the two bundles: choose the gate, export, quantise, calibrate, write the card."""

import csv
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import evaluate, golden
from .bundle import DECISION, manifest, publish
from .calibrate import Calibration, fit, operating_points
from .card import Report, write_card
from .confound import attention
from .export import export
from .gradcam import WithCam, autograd_cam
from .index import Index, trainable
from .metrics import expected_calibration_error, roc_auc
from .prepare import normalise
from .quantise import METHODS, quantise
from .recipe import CALIBRATION_PICTURES
from .session import open_graph, run, scores
from .systems.asff import GATES, AsffTrainer
from .train import DATASETS, predict
from .twins import pairs

HOME = "isic-binary"
SUMMARY = "Benign against malignant pigmented lesions by adaptive fusion of two strides, EfficientNet-Lite0"


@dataclass(frozen=True)
class Job:
    """Where things come from and go to. `quality` and `picture` are used where they exist."""

    checkpoint: Path
    backbone: str
    data: Path
    work: Path
    out: Path
    quality: Path
    picture: Path
    resize: str = "bilinear"
    gate: str | None = None


def load_trainer(job: Job) -> AsffTrainer:
    model = AsffTrainer(job.backbone, pretrained=False, resize=job.resize)
    model.load_state_dict(torch.load(job.checkpoint, weights_only=True)["ema"])
    return model.eval()


def compare_heads(model: AsffTrainer, index: Index, cache: np.ndarray) -> dict[str, float]:
    """Val ROC AUC of both gates and of the same trunk without fusion, at the shipped resolution."""
    rows = index.rows(HOME, "val")
    by_head = predict(model, cache, rows, cache.shape[1])
    return {name: roc_auc(index.malignant[rows], score) for name, score in by_head.items()}


def calibration_rows(index: Index, seed: int = 0) -> np.ndarray:
    """Training pictures for the activation ranges: three quarters isic-binary, the rest from the other sources."""
    rng = np.random.default_rng(seed)
    rows = trainable(index, DATASETS, index.malignant)
    shares = {HOME: 0.75, "ham10000": 0.15, "isic2017": 0.10}
    return np.concatenate([
        np.sort(rng.choice(rows[index.dataset[rows] == name], round(share * CALIBRATION_PICTURES), replace=False))
        for name, share in shares.items()])


def quantise_best(job: Job, fp32: Path, index: Index, cache: np.ndarray) -> tuple[Path, str, dict[str, float]]:
    """Try every range method; keep the one whose val scores stay nearest to fp32.

    AUC on 269 pictures moves by chance as much as between methods, so the
    choice is by mean absolute difference of the score, AUC is only reported.
    """
    rows = index.rows(HOME, "val")
    exact = scores(fp32, cache, rows)
    pixels = cache[calibration_rows(index)]
    aucs, distance = {}, {}
    for method in METHODS:
        target = job.work / f"graph-int8-{method}.onnx"
        quantise(fp32, target, pixels, method)
        score = scores(target, cache, rows)
        aucs[method] = roc_auc(index.malignant[rows], score)
        distance[method] = float(np.abs(score - exact).mean())
        print(f"int8 {method}: AUC {aucs[method]:.4f}, mean |score - fp32| {distance[method]:.4f}", flush=True)
    best = min(distance, key=distance.get)
    return job.work / f"graph-int8-{best}.onnx", best, {m: aucs[m] for m in METHODS} | {f"{m} distance": distance[m] for m in METHODS}


def assemble(job: Job, index: Index, cache: np.ndarray) -> None:
    """Write `out`/asff-edge and `out`/asff-edge-fp32, reference.npz and val_predictions.csv beside them."""
    job.work.mkdir(parents=True, exist_ok=True)
    trainer = load_trainer(job)
    heads = compare_heads(trainer, index, cache)
    print(f"val AUC by head: {heads}", flush=True)
    gate = job.gate or max(GATES, key=heads.get)
    network = trainer.single(gate)
    fp32 = job.work / "graph-fp32.onnx"
    export(WithCam(network), fp32, ("logits", "cam"))
    int8, method, methods = quantise_best(job, fp32, index, cache)

    pixels = np.asarray(Image.open(job.picture).convert("RGB")) if job.picture.exists() else golden.phantom()
    rows = index.rows(HOME, "val")
    label = index.malignant[rows]
    suspects = pairs(index, cache, trainable(index, DATASETS, index.malignant))[:, 1]
    clean = ~np.isin(rows, suspects)
    probabilities, reports = {}, {}
    for precision, graph in (("float32", fp32), ("int8", int8)):
        score = scores(graph, cache, rows)
        calibration, ece = fit(label, score)
        probability = calibration.probability(score)
        probabilities[precision] = probability
        points = operating_points(label, probability)
        others = {}
        for dataset in ("ham10000", "isic2017", "ph2"):
            their_rows, their_score = evaluate.score_dataset(graph, index, cache, dataset, "val")
            others[dataset] = (len(their_rows), *evaluate.auc_with_interval(index.malignant[their_rows], their_score))
        reports[precision] = Report(
            precision=precision, calibration=calibration, cross_validated_ece=ece, points=points,
            uncalibrated_ece=expected_calibration_error(label, Calibration(1.0, 0.0).probability(score)),
            figures=evaluate.figures(label, score, calibration, points[0.95]),
            clean=(int(clean.sum()), *evaluate.auc_with_interval(label[clean], score[clean])),
            others=others, attention=attention(graph, index, cache, job.data, rows), subgroups=evaluate.subgroups(index, rows, score))
    (job.work / "report.json").write_text(json.dumps({k: asdict(v) for k, v in reports.items()} | {
        "heads": heads, "gate": gate, "method": method, "methods": methods}, indent=1, default=str))

    quality = job.quality.read_text(encoding="utf-8") if job.quality.exists() else ""
    for name, precision, graph in (("asff-edge", "int8", int8), ("asff-edge-fp32", "float32", fp32)):
        staged = job.out / f".{name}.new"
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        shutil.copyfile(graph, staged / "graph.onnx")
        report = reports[precision]
        got = golden.write_golden(staged, staged / "graph.onnx", pixels, report.calibration,
                                  network if precision == "float32" else None)
        (staged / "manifest.toml").write_text(manifest(
            name, precision, f"{SUMMARY}, {precision}", DATASETS, report.calibration, report.points,
            got["cam"].shape[2:], quality), encoding="utf-8")
        write_card(staged / "card.md", name, gate, job.backbone, heads, reports, precision, method, methods, len(label))
        publish(staged, job.out / name)

    exact_logits, exact_cam = autograd_cam(network, torch.from_numpy(normalise(pixels[None])))
    graph_logits, graph_cam = run(open_graph(fp32), pixels)
    np.savez(job.out / "reference.npz", input=pixels, logits=exact_logits.numpy(), cam=exact_cam.numpy(),
             graph_logits=graph_logits, graph_cam=graph_cam)
    with open(job.out.parent / "val_predictions.csv", "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["file", "malignant", "probability_fp32", "probability_int8"])
        for i, row in enumerate(rows):
            writer.writerow([index.file[row], label[i], f"{probabilities['float32'][i]:.6f}", f"{probabilities['int8'][i]:.6f}"])
    for precision, report in reports.items():
        print(precision, {k: tuple(round(x, 4) for x in v) for k, v in report.figures.items()}, report.calibration,
              DECISION, report.points, "clean", report.clean, report.others, report.attention, flush=True)
