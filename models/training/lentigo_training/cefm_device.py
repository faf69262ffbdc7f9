"""System B's last step: clinical head, severity and prototypes fitted to what the bundle itself measures on the device's way.

Heads are first trained on outlines that another network drew, or that were written as mask files; the device measures soft outlines of its own
graph, cleaned as the manifest says. The graph stays as it is: only what stands beside it follows those measures.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch

from .alignment import Examples, Heads, Schedule, fit_clinical
from .cefm_train import CefmPlan, add_paths, judge, note_in, open_material, plan_of, sections
from .measures import run_measure
from .systems import SYSTEMS
from .systems.cefm import CefmNet
from .train import save


def heads_of(network: CefmNet, clinical: dict[str, torch.Tensor], features: int, measures: int) -> Heads:
    """The heads of a checkpoint, as `alignment` trains them."""
    heads = Heads(features, measures)
    heads.image.load_state_dict(network.image_head.state_dict())
    heads.classifier.load_state_dict(network.classifier.state_dict())
    heads.clinical.load_state_dict(clinical)
    return heads.eval()


def refit(heads: Heads, examples: Examples, schedule: Schedule) -> Heads:
    """The clinical head goes on from where it stands to meet embeddings that do not move; nothing of the features is left out, for the same reason."""
    return fit_clinical(heads, examples, replace(schedule, drop=0.0))


def fit_to_device(plan: CefmPlan, checkpoint: Path) -> Path:
    """Refit on `plan.measures`; writes cefm.pt, sections.json and val.json into the folder `device` beside the checkpoint."""
    folder = checkpoint.parent / "device"
    note = note_in(folder)
    network, material = open_material(plan, note)
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network.load_state_dict(state["ema"])
    standard = material.standard(plan.names)
    heads = heads_of(network, state["clinical"], material.train.shape[2], len(plan.names))
    note("before: " + json.dumps({name: round(value, 4) for name, value in judge(heads, standard, material).items()}))
    heads = refit(heads, material.examples(standard), plan.heads)
    figures = judge(heads, standard, material)
    note("after: " + json.dumps({name: round(value, 4) for name, value in figures.items()}))
    target = folder / "cefm.pt"
    save({**state, "clinical": heads.clinical.state_dict(), "clinical_spec": standard.spec}, target)
    (folder / "sections.json").write_text(json.dumps(sections(material, heads, standard), indent=1), encoding="utf-8")
    (folder / "val.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return target


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """`cefm-device`."""
    parser = subparsers.add_parser("cefm-device", help="fit system B's clinical head, severity and prototypes to what its own bundle measures")
    add_paths(parser, measured=False)
    parser.add_argument("--checkpoint", type=Path, required=True, help="what `cefm` wrote; the result goes into the folder `device` beside it")
    parser.add_argument("--assembled", type=Path, required=True, help="work folder of the `bundle` run")
    parser.add_argument("--out", type=Path, required=True, help="folder of its bundles, which are written again and must be sealed again")
    parser.add_argument("--measures", type=Path, help="where the bundle's measures lie or go; measures-device.jsonl beside the checkpoint without it")
    parser.add_argument("--quality", type=Path, required=True, help="TOML of the capture gate, as `bundle` got it")
    parser.add_argument("--picture", type=Path, required=True, help="picture of the golden case, as `bundle` got it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    from .assemble import Job, effort_of, follow

    torch.set_num_threads(1)
    system, measures = SYSTEMS["cefm"], options.measures or options.checkpoint.with_name("measures-device.jsonl")
    if not measures.exists():
        run_measure(options.data, options.out / system.bundle, measures)
    options.measures = measures
    fitted = fit_to_device(plan_of(options), options.checkpoint)
    follow(Job(system, options.checkpoint, options.backbone, options.data, options.work / "cache", options.assembled, options.out, options.quality,
               options.picture, effort=effort_of(options.assembled)), fitted, measures)
    print(fitted)
