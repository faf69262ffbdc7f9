"""The ablations' JSON results as markdown tables, recognised by what they hold."""

import json
from pathlib import Path

from .cefm_tables import of_cefm
from .markdown import figure, table

# Entry of system A's ablation that is a difference and not a network.
HIDDEN_COST = "hidden minus no metadata"


def of_heads(result: dict) -> str:
    """`heads`: system D's gates and the same trunk without fusion, by set."""
    rows = []
    for dataset, entry in result.items():
        for head, found in entry.items():
            if isinstance(found, dict):
                rows.append([dataset, str(entry["images"]), head.replace("_", " "),
                             *(figure(found.get(name)) for name in ("roc_auc", "pr_auc", "accuracy")),
                             "-" if found.get("energy") is None else f"{found['energy']:.3f}"])
    return table(["val of", "pictures", "head", "ROC AUC", "PR AUC", "accuracy", "Grad-CAM energy inside"], rows)


def of_dual(result: dict) -> str:
    """`dual`: with and without the mask branch and metadata, each beside the whole network on the same lesions."""
    cells = {name: entry for name, entry in result.items() if name != HIDDEN_COST}
    figures = list(next(iter(cells.values())))
    rows = [[cell, name.replace("_", " "), figure(entry[name]["value"]), figure(entry[name]["minus_both"], "+"),
             ", ".join(f"{value:.3f}" for value in entry[name]["seeds"])] for name in figures for cell, entry in cells.items()]
    text = table(["network", "figure", "mean over seeds", "minus both", "seeds"], rows)
    if HIDDEN_COST in result:
        text += "\n\nMetadata hidden from the network that knows metadata, minus the network that never had any:\n\n" + table(
            ["figure", "difference"], [[name.replace("_", " "), figure(value, "+")] for name, value in result[HIDDEN_COST].items()])
    return text


def of_joint(result: dict) -> str:
    """`joint-ablation`: joint training against three single-task networks."""
    rows = [[dataset, name.replace("_", " "), str(found["pictures"]), figure(found["joint"]), figure(found["single"]), figure(found["difference"], "+")]
            for dataset, entry in result["datasets"].items() for name, found in entry.items()]
    return f"Seeds: {result['seeds']}.\n\n" + table(["val of", "figure", "pictures", "joint", "single task", "difference"], rows)


def of_figures(result: dict[str, dict[str, float]]) -> str:
    """`judge` and its like: figures by set, a line each."""
    names = list(dict.fromkeys(name for entry in result.values() for name in entry))
    rows = [[name.replace("_", " "), *(f"{entry[name]:.4f}" if name in entry else "-" for entry in result.values())] for name in names]
    return table(["figure", *result], rows)


def of_rows(result: list[dict]) -> str:
    """A list of equal entries."""
    names = list(dict.fromkeys(name for entry in result for name in entry))
    def cell(value: object) -> str:
        return f"{value:.4g}" if isinstance(value, float) else "-" if value is None else str(value)

    return table([name.replace("_", " ") for name in names], [[cell(entry.get(name)) for name in names] for entry in result])


def render(path: Path) -> str:
    """A markdown file as it is; a JSON file as the table of what it holds; "Not measured." where there is none."""
    if not path.exists():
        return "Not measured."
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".json":
        return text.strip()
    result = json.loads(text)
    if isinstance(result, list):
        return of_rows(result)
    if "cells" in result and "raters" in result:
        return of_cefm(result)
    if "datasets" in result and "seeds" in result:
        return of_joint(result)
    if HIDDEN_COST in result or all(isinstance(entry, dict) and any("minus_both" in found for found in entry.values() if isinstance(found, dict))
                                    for entry in result.values()):
        return of_dual(result)
    if all(isinstance(entry, dict) and "images" in entry for entry in result.values()):
        return of_heads(result)
    if all(isinstance(entry, dict) and all(isinstance(value, float | int) for value in entry.values()) for entry in result.values()):
        return of_figures(result)
    raise ValueError(f"{path} is none of the ablations that have a table; give a markdown file instead")
