"""System B's part of `models/EVALUATION.md`: alignment, criteria against raters, and what the report says of a case of each severity.

From what the runtime wrote alone (`lentigo evaluate`, `lentigo screen --json`); what it did not measure is named, never filled in.
"""

import json
from pathlib import Path

LEVELS = (1, 2, 3, 4, 5)
LANGUAGE = "en"
# File in a bundle's folder of reports: one line of `lentigo screen --json` a picture.
CASES = "cases.jsonl"


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
        name = Path(case["file"]).name
        text = " ".join(sentence["text"] for sentence in case["report"]["sentences"])
        parts.append(f"**Level {level}**, `{name}`:\n\n> {text}")
    return "\n\n".join(parts)
