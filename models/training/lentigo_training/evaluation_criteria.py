"""System B's part of `models/EVALUATION.md`: alignment, criteria against raters, and what the report says of a case of each severity.

From what the runtime wrote alone (`lentigo evaluate`, `lentigo screen --json`); what it did not measure is named, never filled in.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from .markdown import table

LEVELS = (1, 2, 3, 4, 5)
LANGUAGE = "en"
# File in a bundle's folder of reports: one line of `lentigo screen --json` a picture.
CASES = "cases.jsonl"
# Sets whose pictures were rated: never trained on, and trained on. The network's reading of the latter is no test of it.
EXTERNAL, RATED = "ph2", "isic2017-train"
VALUES = {"measured": "the measurement that severity is read from", "points": "points of the ABCD rule", "read": "the network's reading"}
CRITERIA = ("asymmetry", "border", "colour")
# Share of the raters' own agreement that a correlation with their mean should reach.
SHARE_AIM, MOST_MILLISECONDS = 0.9, 25.0


@dataclass(frozen=True)
class Aim:
    """One figure that was asked for: what, where it is measured, the paper's, the aim in words, ours as text, and whether it is reached."""

    figure: str
    place: str
    published: str
    aim: str
    ours: str
    reached: bool | None

    @property
    def row(self) -> list[str]:
        return [self.figure, self.place, self.published, self.aim, self.ours, {None: "-", True: "yes", False: "**no**"}[self.reached]]


def cell(figure: dict | None, digits: int = 3) -> str:
    """{value, low, high} as text; a dash where there is none."""
    if not isinstance(figure, dict) or figure.get("value") is None:
        return "-"
    return f"{figure['value']:.{digits}f} ({figure['low']:.{digits}f} to {figure['high']:.{digits}f})"


def value(figure: dict | None) -> float | None:
    return figure.get("value") if isinstance(figure, dict) else None


def _aim(figure: str, place: str, published: str, aim: str, found: dict | None, test) -> Aim:
    number = value(found)
    return Aim(figure, place, published, aim, cell(found), None if number is None else bool(test(number)))


def aims(home_name: str, sets: dict[str, dict]) -> list[Aim]:
    """What was asked of system B beside its melanoma figures; sets that were not measured give no reached or missed."""
    home, external = sets.get(home_name, {}), sets.get(EXTERNAL, {})
    together = home.get("alignment") or {}
    found = [
        _aim("cosine of a picture with its own criteria, mean", home_name, "> 0.75", "0.80", together.get("positive"), lambda x: x >= 0.80),
        _aim("cosine with other pictures' criteria, mean", home_name, "near 0", "within 0.05 of 0", together.get("negative"), lambda x: abs(x) < 0.05),
        _aim("ROC AUC (melanoma)", EXTERNAL, "-", "0.93", external.get("roc_auc"), lambda x: x >= 0.93)]
    experts = (external.get("criteria") or {}).get("experts") or {}
    best = _best(experts.get("asymmetry_roc_auc") or {})
    found.append(_aim("asymmetry, both axes against none, ROC AUC", EXTERNAL, "-", "0.90", best, lambda x: x >= 0.90))
    for criterion in CRITERIA:
        of = ((external.get("criteria") or {}).get("raters") or {}).get(criterion) or {}
        best = _best({name: entry.get("spearman") for name, entry in (of.get("values") or {}).items()})
        agreement = value(of.get("agreement"))
        reached = None if best is None or agreement is None else bool(best["value"] >= SHARE_AIM * agreement)
        raters = f" (raters among themselves {cell(of.get('agreement'))})" if of else ""
        found.append(Aim(f"Spearman's correlation of {criterion} with the raters' mean, best value", EXTERNAL, "-",
                         f"{SHARE_AIM} of the raters' agreement", cell(best) + raters, reached))
    latency = home.get("median_latency_ms")
    found.append(Aim("picture to explanation, CPU time of one thread, median", home_name, "-", f"<= {MOST_MILLISECONDS:.0f} ms",
                     "-" if latency is None else f"{latency:.1f} ms", None if latency is None else latency <= MOST_MILLISECONDS))
    return found


def _best(figures: dict[str, dict | None]) -> dict | None:
    """The largest of several figures {value, low, high}."""
    known = [figure for figure in figures.values() if value(figure) is not None]
    return max(known, key=lambda figure: figure["value"]) if known else None


def aims_missed(bundle: str, home_name: str, sets: dict[str, dict]) -> list[str]:
    """The aims that were not reached, a line each."""
    return [f"- {bundle}: {aim.figure} ({aim.place}) {aim.ours}, aim {aim.aim}." for aim in aims(home_name, sets) if aim.reached is False]


def alignment(sets: dict[str, dict]) -> str:
    """How far pictures and their own criteria agree, by set."""
    rows = []
    for name, summary in sets.items():
        found = summary.get("alignment")
        if not found:
            continue
        nearest = found.get("prototypes") or {}
        chance = nearest.get("within_one_by_chance")
        rows.append([name, str(found["n"]), cell(found.get("positive")), cell(found.get("negative")),
                     *(f"{cell(recall['recall'])}, guessing {recall['chance']:.3f}" for recall in found["retrieval"]),
                     cell(nearest.get("within_one")) + ("" if chance is None else f", chance {chance:.3f}")])
    depths = next((s["alignment"]["retrieval"] for s in sets.values() if s.get("alignment")), [])
    return table(["set", "pictures", "own criteria", "other pictures' criteria", *(f"recall at {recall['at']}" for recall in depths),
                  "nearest prototype within one level"], rows) if rows else "Not measured."


def raters(sets: dict[str, dict]) -> str:
    """Criteria beside raters, and raters beside each other."""
    rows = []
    for name in (RATED, EXTERNAL):
        of = ((sets.get(name) or {}).get("criteria") or {}).get("raters") or {}
        for criterion in CRITERIA:
            if criterion not in of:
                continue
            found = of[criterion]
            for kind, entry in found["values"].items():
                if name == RATED and kind == "read":
                    continue
                rows.append([name, criterion, VALUES[kind], str(found["n"]), cell(entry.get("spearman")), cell(found.get("agreement")),
                             cell(found.get("ceiling")), cell(entry.get("share"))])
    return table(["set", "criterion", "value", "pictures", "with the raters' mean", "raters with each other", "most that can be expected",
                  "share of the raters' agreement"], rows) if rows else "Not measured."


def experts(sets: dict[str, dict]) -> str:
    """Criteria beside PH2's experts."""
    found = ((sets.get(EXTERNAL) or {}).get("criteria") or {}).get("experts")
    if not found:
        return "Not measured."
    rows = [[VALUES[kind], cell((found.get("asymmetry_roc_auc") or {}).get(kind)), cell((found.get("asymmetry_spearman") or {}).get(kind)),
             cell((found.get("colour_spearman") or {}).get(kind))] for kind in VALUES if kind in (found.get("asymmetry_roc_auc") or {})]
    return (f"{found['n']} pictures, {found['symmetric']} symmetric about both axes, {found['asymmetric']} about none.\n\n"
            + table(["value", "asymmetry, 2 against 0, ROC AUC", "asymmetry, Spearman", "colours, Spearman"], rows))


def cases_by_severity(path: Path) -> dict[int, dict]:
    """The first answered case of each level of overall severity, in the order of the file."""
    found: dict[int, dict] = {}
    with open(path, encoding="utf-8") as handle:
        for line in handle:
            case = json.loads(line)
            if case.get("explanation") and case.get("report", {}).get("language") == LANGUAGE:
                found.setdefault(int(case["explanation"]["severity"]["overall"]), case)
    return found


def report_texts(path: Path) -> str:
    """The whole report of one case of each severity, as quotations."""
    if not path.exists():
        return "Not written: the runtime's cases are missing."
    cases = cases_by_severity(path)
    parts = []
    for level in LEVELS:
        if level not in cases:
            parts.append(f"**Level {level}.** No picture of this set has it.")
            continue
        case = cases[level]
        text = " ".join(sentence["text"] for sentence in case["report"]["sentences"])
        parts.append(f"**Level {level}**, `{Path(case['file']).stem}`:\n\n> {text}")
    return "\n\n".join(parts)


def criteria_part(home_name: str, sets: dict[str, dict], folder: Path) -> str:
    """The sections on alignment, raters and reports; `folder` holds the bundle's reports."""
    rows = [aim.row for aim in aims(home_name, sets)]
    home = sets.get(home_name, {}).get("criteria") or {}
    without = f" {home['unmeasured']} of {home['n'] + home['unmeasured']} pictures of {home_name} had no lesion to measure." if home else ""
    return f"""### Criteria: what was asked

{table(["figure", "set", "published", "aim", "ours", "reached"], rows)}

Where the interval of the raters' agreement reaches below 0, a correlation is held against an agreement that cannot be told from none.

### Alignment

Cosine between a picture's embedding and that of the criteria measured on it, beside those of all other pictures of the set.{without}

{alignment({name: sets[name] for name in (home_name, EXTERNAL) if name in sets})}

### Criteria beside raters

Spearman's correlation. Raters with each other: each with the mean of the other two, averaged; where they hardly agree, nothing can agree with them.
{RATED} pictures taught the network its reading, so that only what is measured is shown there; its reading by cross-validation over lesions is
among the ablations (cefm).

{raters(sets)}

PH2's experts:

{experts(sets)}

### The report in words

What `lentigo screen --json` writes of the first picture of each overall severity that it answers (isic2017 val):

{report_texts(folder / CASES)}

"""
