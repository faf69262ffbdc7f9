"""System B's last step: clinical head, severity and prototypes fitted to what the bundle itself measures on the device's way.

Heads are first trained on outlines that another network drew, or that were written as mask files; the device measures soft outlines of its own
graph, cleaned as the manifest says. The graph stays as it is: only what stands beside it follows those measures.
"""

import argparse
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .alignment import Examples, Heads, Schedule, fit_clinical
from .cefm_train import CefmPlan, add_paths, judge, note_in, open_material, plan_of, sections
from .criteria_assemble import write_agreement
from .criteria_parts import GRAPH, PROTOTYPES, manifest_sections, write_prototypes
from .export import export_clinical
from .measures import run_measure
from .systems.cefm import CefmNet, build_clinical
from .train import save

# From the criteria's first table to the gate's comment: what `criteria_parts.manifest_sections` writes.
SECTIONS = re.compile(r"^\[criteria\]\n.*?^\[prototypes\]\nfile = \"[^\"]*\"\n", re.DOTALL | re.MULTILINE)


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


def with_sections(manifest: str, found: dict) -> str:
    """The text of a manifest with the criteria's tables replaced, and without the digests that sealing had added."""
    text, count = SECTIONS.subn(lambda _: manifest_sections(found), manifest)
    if count != 1:
        raise ValueError(f"the manifest has {count} places that look like system B's tables, one is needed")
    return re.sub(r"\n*^\[files\]\n.*\Z", "\n", text, flags=re.DOTALL | re.MULTILINE)


def update_bundle(bundle: Path, checkpoint: Path) -> None:
    """Put the clinical head of `checkpoint` and the sections beside it into a bundle's folder, which must be sealed again."""
    found = json.loads(checkpoint.with_name("sections.json").read_text(encoding="utf-8"))
    manifest = bundle / "manifest.toml"
    text = with_sections(manifest.read_text(encoding="utf-8"), found)
    export_clinical(build_clinical(checkpoint)[0], bundle / GRAPH)
    write_prototypes(bundle / PROTOTYPES, found["prototypes"])
    (bundle / "manifest.toml.minisig").unlink(missing_ok=True)
    manifest.write_text(text, encoding="utf-8")
    # The agreement of another clinical head would not be met.
    golden = bundle / "golden" / "expected.json"
    expected = json.loads(golden.read_text(encoding="utf-8"))
    expected.pop("agreement", None)
    golden.write_text(json.dumps(expected) + "\n", encoding="utf-8")
    write_agreement(bundle, np.asarray(Image.open(bundle / "golden" / "input.png").convert("RGB")), found)


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """`cefm-device`."""
    parser = subparsers.add_parser("cefm-device", help="fit system B's clinical head, severity and prototypes to what its own bundle measures")
    add_paths(parser, measured=False)
    parser.add_argument("--checkpoint", type=Path, required=True, help="what `cefm` wrote; the result goes into the folder `device` beside it")
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle whose graph measures; its parts are replaced and it must be sealed again")
    parser.add_argument("--measures", type=Path, help="where its measures lie or go; measures-device.jsonl beside the checkpoint without it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    options.measures = options.measures or options.checkpoint.with_name("measures-device.jsonl")
    if not options.measures.exists():
        run_measure(options.data, options.bundle, options.measures)
    checkpoint = fit_to_device(plan_of(options), options.checkpoint)
    update_bundle(options.bundle, checkpoint)
    print(checkpoint)
