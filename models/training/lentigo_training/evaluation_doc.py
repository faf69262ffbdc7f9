"""`models/EVALUATION.md` from what `lentigo evaluate` wrote about every bundle, and from the ablations' tables.

Nothing is measured and nothing is typed in here: a figure that no summary holds does not appear. `models/training/evaluate.sh`
makes the folder that is read: REPORTS/BUNDLE/SET/summary.json, with SET a dataset, or HOME-hide-lesion,
HOME-hide-surroundings, HOME-without-metadata, or strange.
"""

import argparse
import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from .ablation_tables import render
from .card_text import PROSE
from .evaluation_criteria import aims_missed, criteria_part
from .markdown import table
from .systems import EXCLUSIVE, SYSTEMS, System

HIDDEN = {"hide-surroundings": "only the lesion left", "hide-lesion": "lesion painted out"}
# Figure: where it stands in a summary, and in a comparison of two bundles.
PLACES = {
    "roc_auc": ("roc_auc", "roc_auc"), "pr_auc": ("pr_auc", "pr_auc"), "accuracy": ("accuracy", "accuracy"),
    "balanced_accuracy": ("balanced_accuracy", "balanced_accuracy"), "sensitivity": ("sensitivity", "sensitivity"),
    "specificity": ("specificity", "specificity"), "ece": ("ece", "ece"), "jaccard": ("mask.jaccard", "mask.jaccard"),
    "cam_inside": ("cam_in_lesion", "cam_in_lesion")}
MANY = {"accuracy": "classes.accuracy", "balanced_accuracy": "classes.balanced_accuracy", "macro_auc": "classes.macro_auc",
        "top_label_ece": "classes.ece"}
TITLES = {
    "roc_auc": "ROC AUC ({label})", "pr_auc": "PR AUC ({label})", "accuracy": "accuracy", "balanced_accuracy": "balanced accuracy",
    "macro_auc": "ROC AUC, mean over classes", "sensitivity": "sensitivity at the operating point",
    "specificity": "specificity at the operating point", "ece": "ECE of the referral probability",
    "top_label_ece": "ECE of the likeliest class", "jaccard": "Jaccard index of the outline", "cam_inside": "Grad-CAM energy inside the lesion",
    "roc_auc seborrheic_keratosis": "ROC AUC (seborrheic keratosis)"}
LOSS_AIM = 0.003


def places(system: System) -> dict[str, tuple[str, str]]:
    """Figures that a system is asked for, and where they stand."""
    found = dict(PLACES)
    if system.relation == EXCLUSIVE and len(system.classes) > 2:
        found |= {name: (path, path) for name, path in MANY.items()}
    if system.relation != EXCLUSIVE:
        found |= {f"roc_auc {name}": (f"independent.{name}.roc_auc", f"{name}.roc_auc") for name in system.classes if name != system.label}
    return found


def at(summary: dict, path: str) -> dict | None:
    """The figure {value, low, high} at a dotted path, None where there is none."""
    for key in path.split("."):
        summary = summary.get(key) if isinstance(summary, dict) else None
        if summary is None:
            return None
    return summary if isinstance(summary, dict) and summary.get("value") is not None else None


def cell(figure: dict | None, sign: str = "") -> str:
    return "-" if figure is None else f"{figure['value']:{sign}.4f} ({figure['low']:{sign}.4f} to {figure['high']:{sign}.4f})"


def short(figure: dict | str | None) -> str:
    return f"{figure['value']:.3f}" if isinstance(figure, dict) else "too few" if figure else "-"


@dataclass(frozen=True)
class Measured:
    """The summaries of one bundle, by set."""

    system: System
    bundle: str
    sets: dict[str, dict]

    @property
    def home(self) -> dict:
        return self.sets[self.system.home_name]

    def title(self, figure: str) -> str:
        return TITLES.get(figure, figure).format(label=self.system.label)


def read(reports: Path, bundle: str, system: System) -> Measured | None:
    """What was measured of a bundle; None where its home set is missing."""
    sets = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted((reports / bundle).glob("*/summary.json"))}
    return Measured(system, bundle, sets) if system.home_name in sets else None


def aim_reached(aim: str, value: float) -> bool:
    """Whether `value` reaches an aim as it is written: ">= 0.70", "<= 0.03", or a number to reach."""
    least = not aim.startswith("<=")
    number = float(aim.lstrip("<>= "))
    return value >= number if least else value <= number


def headline(measured: Measured) -> str:
    """Published, aimed at, fp32, int8 and their difference on home val."""
    prose, home = PROSE[measured.system.name], measured.home
    differences = (home.get("against") or {}).get("differences", {})
    rows = []
    for figure, (path, paired) in places(measured.system).items():
        ours, other = at(home, path), differences.get(paired)
        if ours is None:
            continue
        aim = prose.aims.get(figure, "-")
        reached = "" if aim == "-" else " yes" if aim_reached(aim, ours["value"]) else " **no**"
        rows.append([measured.title(figure), prose.published.get(figure, "-"), aim, f"{other['there']:.4f}" if other else "-", cell(ours),
                     cell(other, "+") if other else "-", reached.strip() or "-"])
    return table(["figure", "published", "aim", "float32", "int8", "int8 - float32", "reached"], rows)


def misses(measured: Measured) -> list[str]:
    """Aims that were not reached, each as a line."""
    prose, found = PROSE[measured.system.name], []
    for figure, (path, _) in places(measured.system).items():
        ours, aim = at(measured.home, path), prose.aims.get(figure)
        if ours and aim and not aim_reached(aim, ours["value"]):
            found.append(f"- {measured.bundle}: {measured.title(figure)} {cell(ours)}, aim {aim}.")
    for name, difference in ((measured.home.get("against") or {}).get("differences") or {}).items():
        if name in ("roc_auc", "classes.macro_auc") or name.endswith(".roc_auc"):
            if difference["there"] - difference["here"] > LOSS_AIM:
                found.append(f"- {measured.bundle}: int8 loses {difference['there'] - difference['here']:.4f} of {name}, aim at most {LOSS_AIM}.")
    if measured.system.has_criteria:
        found += aims_missed(measured.bundle, measured.system.home_name, measured.sets)
    return found


def sets_table(measured: Measured, names: list[str]) -> str:
    """Several sets beside each other."""
    figures = {figure: path for figure, (path, _) in places(measured.system).items() if figure not in ("sensitivity", "specificity")}
    used = [f for f in figures if any(at(measured.sets[name], figures[f]) for name in names)]
    rows = [[name, str(measured.sets[name].get("n", 0)), *(cell(at(measured.sets[name], figures[f])) for f in used)] for name in names]
    return table(["set", "labelled", *(measured.title(f) for f in used)], rows)


def groups(measured: Measured) -> str:
    """Sub-groups of home val by age band, sex and site."""
    keys = ("accuracy", "roc_auc", "sensitivity", "specificity", "class_balanced_accuracy")
    entries = [(attribute, group) for attribute in ("age", "sex", "site") for group in measured.home["groups"][attribute]]
    used = [key for key in keys if any(group.get(key) is not None for _, group in entries)]
    rows = [[attribute, group["group"], str(group["n"]), str(group["positives"]), *(short(group.get(key)) for key in used)]
            for attribute, group in entries]
    return table(["attribute", "value", "pictures", measured.system.label, *(key.replace("_", " ") for key in used)], rows)


def coverage(measured: Measured) -> str:
    """What the bundle's own limits withhold, and the coverage curve of the surest answers."""
    abstention = measured.home["abstention"]
    keys = [key for key in ("accuracy", "roc_auc", "class_accuracy", "class_balanced_accuracy") if key in abstention["answered"]]
    rows = [["the bundle's limits", f"{abstention['coverage']:.3f}", *(short(abstention["answered"].get(key)) for key in keys)]]
    for by, steps in abstention["curves"].items():
        rows += [[f"surest by {by}", f"{step['coverage']:.2f}", *(short(step.get(key)) for key in keys)]
                 for step in steps if step["coverage"] in (1.0, 0.9, 0.8, 0.5)]
    return table(["answered", "coverage", *(key.replace("_", " ") for key in keys)], rows)


def refused(folder: Path, index: Path) -> str:
    """Of pictures that are not dermoscopic: shares refused by the quality gate, by the bundle's limits, and by either."""
    with open(index, newline="", encoding="utf-8") as handle:
        kind = {row["file"]: row["dataset"] for row in csv.DictReader(handle)}
    by_kind: dict[str, list[tuple[bool, bool, bool]]] = {}
    with open(folder / "predictions.csv", newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            gate, novel, any_limit = row["quality"] != "pass", row["abstained"] == "novelty", bool(row["abstained"])
            for name in (kind[row["file"]], "all"):
                by_kind.setdefault(name, []).append((gate, novel, gate or any_limit))
    rows = [[name, str(len(found)), *(f"{sum(entry[i] for entry in found) / len(found):.0%}" for i in range(3))]
            for name, found in sorted(by_kind.items(), key=lambda item: (item[0] == "all", item[0]))]
    return table(["shown", "pictures", "quality gate", "novelty", "gate or any limit"], rows)


def copy_charts(reports: Path, measured: Measured, target: Path) -> str:
    """Copy the home set's charts to `target`/evaluation/BUNDLE and return links to them."""
    links = []
    for source in sorted((reports / measured.bundle / measured.system.home_name).glob("*.svg")):
        folder = target / "evaluation" / measured.bundle
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / source.name)
        links.append(f"[{source.stem.replace('_', ' ')}](evaluation/{measured.bundle}/{source.name})")
    return ", ".join(links) or "none were drawn"


def section(measured: Measured, reports: Path, target: Path) -> str:
    """Everything about one bundle."""
    system, home = measured.system, measured.system.home_name
    prose, summary = PROSE[system.name], measured.home
    sets = [name for name in measured.sets if name in ("isic-binary", "ham10000", "isic2017", "isic2018-seg", "ph2")]
    special = [name for name in (home, *(f"{home}-{part}" for part in (*HIDDEN, "without-metadata"))) if name in measured.sets]
    point, against = summary["operating_point"], summary.get("against")
    by_step = ", ".join(f"{step} {time:.1f}" for step, time in (summary.get("median_steps_ms") or {}).items() if time)
    steps = f" Medians by step in ms: {by_step}." if by_step else ""
    distance = (f" The two precisions' referral probabilities differ by {against['mean_distance']:.4f} on average and {against['largest_distance']:.4f} "
                f"at most; {against['same_decision']:.1%} of decisions are the same." if against else "")
    lesion = at(summary.get("cam_in_lesion") or {}, "lesion_share")
    preference = f" Lesions cover {lesion['value']:.1%} of these views: evidence spread evenly would reach that share." if lesion else ""
    strange = reports / measured.bundle / "strange"
    unlike = f"\n### Pictures that are not dermoscopic\n\n{refused(strange, reports / 'strange' / 'index.csv')}\n" \
        if (strange / "predictions.csv").exists() and (reports / "strange" / "index.csv").exists() else ""
    words = criteria_part(home, measured.sets, reports / measured.bundle) if system.has_criteria else ""
    return f"""## {system.letter}: {measured.bundle}

{system.summary} ({prose.paper}). {home} val, {summary['n']} labelled pictures, {summary['positives']} {system.label}; engine: {summary['engine']}; operating point
{point['name']} (threshold {point['threshold']:.4f}). Median latency {summary['median_latency_ms']:.1f} ms, 95th percentile {summary['p95_latency_ms']:.1f} ms CPU.{steps}

{headline(measured)}

{distance.strip()}{preference}

Charts: {copy_charts(reports, measured, target)}.

### Other sets (val splits)

{sets_table(measured, sets)}

{words}### Confounds

{sets_table(measured, special)}

`hide-surroundings` leaves only the lesion, `hide-lesion` paints it out; both in the mean colour of the rest, on pictures with a mask.

{prose.limits}

### When it does not answer

{coverage(measured)}

The quality gate would have refused {summary['gate']['refused_share']:.1%} of these pictures.
{unlike}
### Sub-groups ({home} val)

{groups(measured)}
"""


def ablations(sources: dict[str, Path]) -> str:
    """The ablations' own results under their headings; what is not there is named."""
    return "\n".join(f"### {title}\n\n{render(path)}\n" for title, path in sources.items())


def write(bundles: Path, reports: Path, target: Path, sources: dict[str, Path], notes: Path | None) -> None:
    """Write `target` (EVALUATION.md) and copy charts beside it."""
    measured = [found for system in SYSTEMS.values() if (bundles / system.bundle).is_dir() and (found := read(reports, system.bundle, system))]
    if not measured:
        raise SystemExit(f"no summary in {reports} belongs to a bundle in {bundles}: run models/training/evaluate.sh first")
    sections = "\n".join(section(entry, reports, target.parent) for entry in measured)
    missed = [line for entry in measured for line in misses(entry)]
    why = f"\n{notes.read_text(encoding='utf-8').strip()}\n" if notes and notes.exists() else ""
    target.write_text(f"""# Evaluation

Made by `make evaluation` (`models/training/evaluate.sh`, then `python -m lentigo_training evaluation`): every figure is the runtime's own, on the shipped
bundles, 95 % intervals by bootstrap over lesions. Val chose checkpoints, quantisation, calibration and limits, so these figures are optimistic;
held-out figures count for more. Published figures are the papers' own, on their own test splits.

{sections}
## Ablations

{ablations(sources)}
## Not reached

{chr(10).join(missed) or "Every aim was reached on val."}
{why}""", encoding="utf-8")


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """`evaluation`."""
    parser = subparsers.add_parser("evaluation", help="write models/EVALUATION.md from the runtime's summaries")
    parser.add_argument("--bundles", type=Path, required=True, help="folder of the shipped bundles")
    parser.add_argument("--reports", type=Path, required=True, help="folder that evaluate.sh wrote")
    parser.add_argument("--to", type=Path, required=True, help="EVALUATION.md; charts go beside it")
    parser.add_argument("--ablation", action="append", default=[], metavar="TITLE=FILE", help="an ablation's JSON, or a markdown table, to include; may be repeated")
    parser.add_argument("--notes", type=Path, help="markdown on what limits what was not reached")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    sources = {title: Path(path) for title, _, path in (entry.partition("=") for entry in options.ablation)}
    write(options.bundles, options.reports, options.to, sources, options.notes)
