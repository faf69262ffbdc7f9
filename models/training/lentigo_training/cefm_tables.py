"""The result of `cefm-study` as markdown."""

from .markdown import figure, table

NAMES = {"positive": "positive cosine", "negative": "negative cosine", "recall_1": "recall at 1", "recall_10": "recall at 10",
         "auc": "melanoma AUC, union", "auc_ph2": "melanoma AUC, PH2"}


def _alignment(result: dict) -> str:
    rows = [[cell, name, figure(entry[key]["value"], digits=3), figure(entry[key]["minus_aligned"], "+", 3),
             ", ".join(f"{value:.3f}" for value in entry[key]["seeds"])]
            for key, name in NAMES.items() for cell, entry in result["cells"].items()]
    return (f"Seeds: {result['seeds']}; {result['pairs']} pairs of a picture and its own measured criteria. Mean over seeds (95 % interval over lesions).\n\n"
            + table(["heads", "figure", "value", "minus aligned", "seeds"], rows))


def _raters(result: dict) -> str:
    parts = []
    for criterion, entry in result["raters"].items():
        rows = [["raters among themselves", f"{entry['agreement']:.3f}", "1.00", f"{entry['ph2_agreement']:.3f}"]]
        rows += [[name, f"{found['isic2017']['mean']:.3f}", f"{found['isic2017']['ratio']:.2f}", f"{found['ph2']['mean']:.3f}"]
                 for name, found in entry["readings"].items()]
        parts.append(f"{criterion.capitalize()}, {entry['pictures']} rated training pictures of isic2017 (5-fold) and PH2:\n\n"
                     + table([criterion, "Spearman with the raters' mean", "by their own agreement", "PH2"], rows))
    return "\n\n".join(parts)


def _expert(result: dict) -> str:
    found = result["ph2"]
    asymmetry = table(["reading", "AUC of 2 against 0", "Spearman, three grades"],
                      [[name, f"{one['auc_0_2']:.3f}", f"{one['spearman']:.3f}"] for name, one in found["asymmetry"].items()])
    colours = table(["reading", "Spearman with the number of colours"],
                    [[name, f"{one['spearman']:.3f}"] for name, one in found["colours"].items()])
    return (f"PH2's expert on asymmetry ({found['symmetric']} symmetric, {found['asymmetric']} fully asymmetric):\n\n{asymmetry}\n\n"
            f"PH2's expert on colours:\n\n{colours}")


def _backbones(result: dict) -> str:
    found = result["backbones"]
    rows = [[name, *(figure(entry[key]["value"], digits=3) for entry in found.values())] for key, name in NAMES.items()]
    return "The same heads on another backbone's features (`cefm-vit`; the transformer has no trunk's weights to start from):\n\n" + table(
        ["figure", *found], rows)


def of_cefm(result: dict) -> str:
    """`cefm-study`: what alignment buys, the raters, and PH2's expert; and `cefm-vit`'s backbones where they were compared."""
    parts = (_alignment, _raters, _expert, *((_backbones,) if "backbones" in result else ()))
    return "\n\n".join(part(result) for part in parts)
