"""Paper scale: a system on its paper's own backbone as an int8 bundle, to show that export, quantiser and runtime bear it.

One command builds it; nothing of it ships. Without a checkpoint the network is untrained: its batch norms are settled on
phantoms so that ranges are those of a live network, its verdicts mean nothing, and the card says so.
"""

import argparse
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from . import golden
from .bundle import Constants, manifest, publish
from .calibrate import Calibration
from .criteria_parts import GRAPH, PROTOTYPES, manifest_sections, write_prototypes
from .measures import PAPER, SCORE
from .quantise import Quantiser, Recipe, integer_share
from .severity import LEVELS, OVERALL
from .systems import SYSTEMS, System

BACKBONES = ("resnet50", "densenet201", "efficientnet_b3")
QUALITY = Path(__file__).parent.parent / "quality.toml"
# Of an untrained network nothing can be chosen; a manifest has to say something.
POINTS = {0.90: 0.5, 0.95: 0.4, 0.98: 0.3}
UNLIMITED = 1e6


@dataclass(frozen=True)
class Build:
    """What to build and where. `pictures` phantoms observe the ranges; `to` receives one bundle folder."""

    system: System
    backbone: str
    to: Path
    checkpoint: Path | None = None
    pictures: int = 8

    @property
    def name(self) -> str:
        """Name of the folder and of the manifest."""
        return f"{self.system.name}-{self.backbone.replace('_', '-')}"


def phantoms(count: int) -> np.ndarray:
    """Synthetic pictures uint8 [count,224,224,3]."""
    return np.stack([golden.phantom(seed=seed) for seed in range(100, 100 + count)])


def settle(network, pixels: np.ndarray) -> None:
    """Give every batch norm the statistics of `pixels`, each layer behind those that are settled already."""
    import torch
    from torch import nn

    from .prepare import normalise

    norms = [module for module in network.eval().modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        # A cumulative mean: one batch decides alone.
        norm.momentum = None
        norm.train()
    with torch.no_grad():
        network(torch.from_numpy(normalise(pixels)))
    network.eval()


def norms_as_convolutions(model: onnx.ModelProto) -> onnx.ModelProto:
    """Spell every batch norm that no convolution precedes (DenseNet's come before theirs) as a depthwise 1x1 convolution.

    The quantiser leaves a BatchNormalization in float32, between an integer Concat and an integer convolution; as a
    convolution it takes its clamp along and stays in int8.
    """
    values = {initializer.name: numpy_helper.to_array(initializer) for initializer in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type != "BatchNormalization":
            continue
        gamma, beta, mean, variance = (values[name].astype(np.float64) for name in node.input[1:5])
        epsilon = next((attribute.f for attribute in node.attribute if attribute.name == "epsilon"), 1e-5)
        factor = gamma / np.sqrt(variance + epsilon)
        constants = {f"{node.output[0]}.factor": factor.reshape(-1, 1, 1, 1), f"{node.output[0]}.offset": beta - mean * factor}
        for name, value in constants.items():
            model.graph.initializer.append(numpy_helper.from_array(value.astype(np.float32), name))
        node.CopyFrom(helper.make_node("Conv", [node.input[0], *constants], list(node.output), node.name, group=len(factor),
                                       kernel_shape=[1, 1], pads=[0, 0, 0, 0], strides=[1, 1], dilations=[1, 1]))
    onnx.checker.check_model(model, full_check=True)
    return model


def constants_of(system: System) -> Constants:
    """Constants that change nothing and refuse nothing; one view."""
    count = len(system.classes)
    return Constants(Calibration((1.0,) * count, (0.0,) * count, system.relation), POINTS, ("none",), 0.5 if system.has_mask else None,
                     "energy", UNLIMITED, None)


def untrained_criteria(staged: Path) -> str:
    """The parts of system B beside its graph, with nothing behind them: an untrained clinical head on the paper's five measures, cuts and
    prototypes that mean nothing; returns the manifest's sections."""
    from .cefm_train import SETTINGS
    from .export import export_clinical
    from .systems.cefm_heads import EMBEDDING, ClinicalHead

    scale = {"cuts": [0.2, 0.4, 0.6, 0.8]}
    measures = {"asymmetry": "asymmetry_shape_major", "border": "border_radial", "colour": "colour_hsv_v", OVERALL: SCORE}
    sections = {"criteria": SETTINGS, "severity": {name: {"measure": measure, **scale} for name, measure in measures.items()},
                "clinical": {"measures": list(PAPER), "mean": [0.0] * len(PAPER), "deviation": [1.0] * len(PAPER), "limit": 4.0, "agreement_min": -1.0}}
    export_clinical(ClinicalHead(len(PAPER)), staged / GRAPH)
    write_prototypes(staged / PROTOTYPES, [{"level": level, "embedding": np.eye(EMBEDDING)[level].tolist()} for level in range(1, LEVELS + 1)])
    return manifest_sections(sections)


def card(build: Build, share: float) -> str:
    """The text of card.md."""
    trained = (f"Weights: `{build.checkpoint.name}`. Calibration, operating points and limits were not fitted."
               if build.checkpoint else "**Untrained: random weights, batch norms settled on synthetic pictures. Its verdicts mean nothing.**")
    return (f"# {build.name}\n\n{build.system.summary}, system {build.system.letter} on `{build.backbone}`, int8 "
            f"({share:.1%} of the weights), built by `python -m lentigo_training paper --system {build.system.name} "
            f"--backbone {build.backbone}`.\n\n{trained}\n\nIt shows that a network of this scale is exported, quantised and computed "
            "by the runtime with its golden case met. It is not for use on people.\n")


def write(build: Build) -> Path:
    """Build, export, quantise and write the bundle; returns its folder."""
    from .export import export_network

    system, pixels = build.system, phantoms(build.pictures)
    network = system.build(build.checkpoint, build.backbone)
    if build.checkpoint is None:
        settle(network, pixels[:4])
    staged = build.to / f".{build.name}.new"
    staged.mkdir(parents=True, exist_ok=True)
    float32 = build.to / f".{build.name}-float32.onnx"
    try:
        export_network(network, float32)
        del network
        onnx.save(norms_as_convolutions(onnx.load(float32)), float32)
        nothing = golden.unknown_metadata(system)
        metadata = None if nothing is None else np.tile(nothing, (len(pixels), 1))
        Quantiser(float32, pixels, metadata).write(staged / "graph.onnx", Recipe("minmax", pictures=len(pixels)))
    finally:
        float32.unlink(missing_ok=True)
    constants = constants_of(system)
    golden.write_golden(staged, staged / "graph.onnx", system, golden.phantom(), constants)
    text = manifest(system, build.name, "int8", staged / "graph.onnx", constants, QUALITY.read_text(encoding="utf-8"),
                    untrained_criteria(staged) if system.has_criteria else "")
    (staged / "manifest.toml").write_text(text, encoding="utf-8")
    (staged / "card.md").write_text(card(build, integer_share(staged / "graph.onnx")), encoding="utf-8")
    publish(staged, build.to / build.name)
    return build.to / build.name


def _lentigo(lentigo: str, *arguments: str | Path) -> str:
    """Standard output of the runtime; its own words when it fails."""
    done = subprocess.run([lentigo, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"lentigo {' '.join(map(str, arguments))}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def verify(folder: Path, lentigo: str) -> dict:
    """Have the runtime load the bundle and meet its golden case; what an inference costs there, and what is left to tract."""
    _lentigo(lentigo, "bundle", "verify", "--unsigned", folder)
    report = json.loads(_lentigo(lentigo, "bench", "--onnx", folder / "graph.onnx", "--runs", "10", "--json"))
    return {"engine": report["engine"], "cpu_ms": report["infer_cpu_ms"], "tract_operators": report["tract_operators"]}


def add_command(stages: argparse._SubParsersAction) -> None:
    """`paper`, for the package's command line."""
    parser = stages.add_parser("paper", help="an int8 bundle of a system on its paper's own backbone; LENTIGO verifies it")
    parser.add_argument("--system", choices=tuple(SYSTEMS), required=True)
    parser.add_argument("--backbone", required=True, help=f"any timm network with strides 4 to 32: {', '.join(BACKBONES)}, ...")
    parser.add_argument("--checkpoint", type=Path, help="weights of this system on this backbone; untrained without")
    parser.add_argument("--pictures", type=int, default=8, help="phantoms that ranges are observed on")
    parser.add_argument("--to", type=Path, required=True, help="folder that receives the bundle")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write the bundle, and verify it where LENTIGO names the runtime's binary."""
    folder = write(Build(SYSTEMS[options.system], options.backbone, options.to, options.checkpoint, options.pictures))
    megabytes = sum(path.stat().st_size for path in _files(folder)) / 1e6
    lentigo = os.environ.get("LENTIGO")
    found = verify(folder, lentigo) if lentigo else {"verified": "not: LENTIGO does not name the runtime's binary"}
    print(json.dumps({"bundle": str(folder), "megabytes": round(megabytes, 1), **found}, indent=1))


def _files(folder: Path) -> Sequence[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
