"""System B from a trunk's checkpoint and the runtime's measurements: lesion encoder, heads, reading of the criteria, and what its manifest says.

Every step leaves a file and is skipped when that is there. The trunk stays as it is; nothing is trained on what any val split shows.
"""

import argparse
import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from .alignment import EncoderSchedule, Examples, Heads, Schedule, encode, train_heads, train_lesion_encoder
from .cefm_features import TrunkReading, Views, read_views
from .cefm_val import EXTERNAL, alignment_figures, heads_rows, melanoma_figures, union_rows
from .index import DX_CLASSES, UNKNOWN, Index
from .measures import KEYS, Measures, Standard, read_measures
from .multitask_train import Pool, open_pool
from .ratings import CRITERIA, Ratings, Ridge, chosen_strength, read_ratings, ridge
from .severity import OVERALL, agreement_min, choose, levels, prototypes
from .systems.cefm import CefmNet
from .train import save

# `explain::abc::Settings` that the measurements were made with: the runtime's default.
SETTINGS = {"colour_constancy": "shades-of-grey", "shape_min": 0.08, "colour_min": 12.0, "abrupt_min": 12.0, "colour_share_min": 0.03}
# What the clinical head is told; chosen on val (`cefm-study`).
MEASURES = KEYS
# Keratoses are rare where the question is nevus or melanoma: the trunk learnt them as often as nevi.
KERATOSIS_SHIFT = 2.0


@dataclass(frozen=True)
class CefmPlan:
    """Where everything lies; `start` is a trunk's checkpoint, `measures` what `lentigo measure` said of the pool."""

    data: Path
    cache: Path
    folder: Path
    start: Path
    measures: Path
    backbone: str = "tf_efficientnet_lite0"
    # More do not help the heads: what is measured hardly changes with a view.
    views: int = 1
    names: tuple[str, ...] = MEASURES
    encoder: EncoderSchedule = field(default_factory=EncoderSchedule)
    heads: Schedule = field(default_factory=Schedule)
    seeds: int = 3
    # Head of the trunk whose opinion the classifier is told: its diagnoses, or melanoma against the rest.
    opinion: str = "dx"


@dataclass(frozen=True)
class Material:
    """All that heads are trained and judged on. Features float16: `train` [N,V,F], `val` [M,4,F], rows beside them, `plain` the plain
    means of both; `opinion` [N,V]: the trunk's own log-odds of melanoma of the training views."""

    pool: Pool
    measures: Measures
    ratings: Ratings
    train_rows: np.ndarray
    val_rows: np.ndarray
    train: np.ndarray
    val: np.ndarray
    plain: tuple[np.ndarray, np.ndarray]
    opinion: np.ndarray

    def examples(self, standard: Standard, features: np.ndarray | None = None) -> Examples:
        """Of the training rows."""
        return Examples(self.train if features is None else features, standard.of(self.measures, self.train_rows),
                        asked(self.pool.index, self.train_rows), self.opinion)

    def standard(self, names: tuple[str, ...]) -> Standard:
        """By the training rows that were measured."""
        return Standard.fit(self.measures, names, self.train_rows[self.measures.known[self.train_rows]])

    @property
    def rated(self) -> np.ndarray:
        """Positions in `train_rows` of the pictures that the raters saw and the runtime could measure."""
        scored = np.isfinite(self.ratings.scores[self.train_rows]).all((1, 2))
        return np.flatnonzero(scored & self.measures.known[self.train_rows])

    @property
    def lesions(self) -> np.ndarray:
        """Which lesion each training picture shows; a picture of unknown lesion is its own."""
        index = self.pool.index
        return np.array([index.lesion_id[row] or index.isic_id[row] or index.file[row] for row in self.train_rows])


def asked(index: Index, rows: np.ndarray) -> np.ndarray:
    """Melanoma [N] where it is the question: on isic2017 against everything, elsewhere against nevi alone; UNKNOWN for other diagnoses."""
    question = (index.dataset[rows] == "isic2017") | np.isin(index.dx[rows], (DX_CLASSES.index("nv"), DX_CLASSES.index("mel")))
    return np.where(question, index.melanoma[rows], UNKNOWN)


def trunk_opinion(state: dict[str, torch.Tensor], head: str, mean: np.ndarray) -> np.ndarray:
    """Log-odds of melanoma [N,V] that a trunk's own linear head gives its plain mean features [N,V,F]."""
    weight, bias = (state[f"heads.{head}.{name}"].numpy() for name in ("weight", "bias"))
    scores = mean.astype(np.float32) @ weight.T + bias
    if head != "dx":
        return scores[..., 0]
    nevus, melanoma, keratosis = (scores[..., DX_CLASSES.index(name)] for name in ("nv", "mel", "bkl"))
    return melanoma - np.logaddexp(nevus, keratosis - KERATOSIS_SHIFT)


def note_in(folder: Path):
    """A function that prints a line and keeps it in the folder's log."""
    folder.mkdir(parents=True, exist_ok=True)

    def note(line: str) -> None:
        line = f"{time.strftime('%H:%M:%S')} {line}"
        print(line, flush=True)
        with open(folder / "log.txt", "a", encoding="utf-8") as handle:
            handle.write(line + "\n")
    return note


def starting(plan: CefmPlan) -> CefmNet:
    """The network with the trunk's encoder and decoder."""
    network = CefmNet(plan.backbone)
    network.load_trunk(torch.load(plan.start, map_location="cpu", weights_only=True)["ema"])
    return network.eval()


def _with_encoder(plan: CefmPlan, network: CefmNet, views: Views, measures: Measures, note) -> None:
    done = plan.folder / "lesion.pt"
    if not done.exists():
        rows = views.rows
        standard = Standard.fit(measures, KEYS, rows[measures.known[rows]])
        save({"lesion": train_lesion_encoder(views.grid, standard.of(measures, rows), plan.encoder, note).state_dict()}, done)
    network.lesion.load_state_dict(torch.load(done, weights_only=True)["lesion"])


def open_material(plan: CefmPlan, note) -> tuple[CefmNet, Material]:
    """The network up to its features, and these features of all pictures; from the folder where they are there."""
    pool = open_pool(plan.data, plan.cache)
    measures, ratings = read_measures(plan.measures, pool.index), read_ratings(plan.data / "index.csv")
    network = starting(plan)
    val_rows = np.concatenate([union_rows(pool.index), pool.index.rows(EXTERNAL, "val")])
    reading = TrunkReading(network)
    val = read_views(reading, pool, val_rows, 4, True, plan.folder / "val", note=note)
    train = read_views(reading, pool, heads_rows(pool), plan.views, False, plan.folder / "train", note=note)
    _with_encoder(plan, network, train, measures, note)

    def features(views: Views) -> np.ndarray:
        return np.concatenate([np.asarray(views.pooled), encode(network.lesion, views.grid)], 2)

    plain = np.asarray(train.mean), np.asarray(val.mean)
    state = torch.load(plan.start, map_location="cpu", weights_only=True)["ema"]
    return network, Material(pool, measures, ratings, train.rows, val.rows, features(train), features(val), plain,
                             trunk_opinion(state, plan.opinion, plain[0]))


def judge(heads: Heads, standard: Standard, material: Material, features: np.ndarray | None = None) -> dict:
    """Val figures of one set of heads: the alignment on the union's measured pictures, melanoma on all."""
    features = material.val if features is None else features
    index, rows = material.pool.index, material.val_rows
    at = np.flatnonzero(material.measures.known[rows] & (index.dataset[rows] != EXTERNAL))
    return {**alignment_figures(heads.embed(features[at]), heads.embed_criteria(standard.of(material.measures, rows[at]))),
            **melanoma_figures(index, rows, heads.classify(features))}


def reading_of_criteria(material: Material, heads: Heads) -> dict[str, Ridge]:
    """The network's reading of each criterion: a probe on the embedding, fitted to all rated training pictures."""
    at = material.rated
    x = heads.embed(material.train[at][:, :1]).astype(np.float64)
    found = {}
    for criterion in CRITERIA:
        y = material.ratings.mean(criterion)[material.train_rows[at]]
        found[criterion] = ridge(x, y, chosen_strength(x, y, material.lesions[at]))
    return found


def install(network: CefmNet, heads: Heads, probes: dict[str, Ridge]) -> None:
    """Put heads and probes into the network."""
    network.image_head.load_state_dict(heads.image.state_dict())
    network.classifier.load_state_dict(heads.classifier.state_dict())
    with torch.no_grad():
        for number, criterion in enumerate(CRITERIA):
            network.criteria.weight[number].copy_(torch.from_numpy(probes[criterion].weight))
            network.criteria.bias[number] = probes[criterion].bias


def sections(material: Material, heads: Heads, standard: Standard) -> dict:
    """What the manifest says of the criteria: its sections `criteria`, `severity` and `clinical` (without the graph's name), and `prototypes`."""
    index, measures = material.pool.index, material.measures
    lesions = np.flatnonzero(measures.known[material.train_rows] & np.isin(index.dataset[material.train_rows], ("isic2017", "ham10000")))
    severity = choose(measures, material.ratings, material.train_rows[material.rated], material.train_rows[lesions])
    level = levels(severity[OVERALL], measures, material.train_rows[lesions])
    at = np.flatnonzero(measures.known[material.val_rows] & (index.dataset[material.val_rows] != EXTERNAL))
    seen, told = heads.embed(material.val[at]), heads.embed_criteria(standard.of(measures, material.val_rows[at]))
    return {"criteria": SETTINGS, "severity": severity, "clinical": {**standard.spec, "agreement_min": agreement_min(seen, told)},
            "prototypes": prototypes(heads.embed(material.train[lesions]), level)}


def train_cefm(plan: CefmPlan) -> Path:
    """Run what is missing; returns the checkpoint for `systems.cefm.build`; beside it `sections.json` and `val.json`."""
    note = note_in(plan.folder)
    network, material = open_material(plan, note)
    standard = material.standard(plan.names)
    tried = []
    for seed in range(plan.seeds):
        heads = train_heads(material.examples(standard), replace(plan.heads, seed=seed))
        tried.append((judge(heads, standard, material), heads))
        note(f"seed {seed}: " + json.dumps({name: round(value, 4) for name, value in tried[-1][0].items()}))
    best = int(np.argmax([figures["auc"] + 0.25 * figures["positive"] for figures, _ in tried]))
    figures, heads = tried[best]
    install(network, heads, reading_of_criteria(material, heads))
    target = plan.folder / "cefm.pt"
    save({"ema": network.state_dict(), "clinical": heads.clinical.state_dict(), "clinical_spec": standard.spec}, target)
    (plan.folder / "sections.json").write_text(json.dumps(sections(material, heads, standard), indent=1), encoding="utf-8")
    (plan.folder / "val.json").write_text(json.dumps({"seed": best, **figures}, indent=1), encoding="utf-8")
    note(f"wrote {target}, seed {best}")
    return target


def add_paths(parser: argparse.ArgumentParser, measured: bool = True) -> None:
    """The options that tell where everything lies; those of measurements where they are `measured` already."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder, holds the caches")
    parser.add_argument("--folder", type=Path, help="where features and checkpoints go; WORK/cefm without it")
    parser.add_argument("--start", type=Path, required=True, help="checkpoint of the trunk")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0")
    if measured:
        parser.add_argument("--measures", type=Path, required=True, help="what `lentigo measure --index ... --masks network --json` wrote")
    parser.add_argument("--views", type=int, default=1, help="views of each training picture whose features are kept")
    parser.add_argument("--seeds", type=int, default=3)


def plan_of(options: argparse.Namespace) -> CefmPlan:
    """The plan that `add_paths` asked for."""
    return CefmPlan(options.data, options.work / "cache", options.folder or options.work / "cefm", options.start, options.measures,
                    options.backbone, options.views, seeds=options.seeds)


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """`cefm`: train system B's heads."""
    parser = subparsers.add_parser("cefm", help="train system B's heads on a trunk and the runtime's measurements")
    add_paths(parser)
    parser.set_defaults(run=run_command)


def run_command(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    print(train_cefm(plan_of(options)))
