"""What system B's card says about criteria, alignment and severity, from the assembly's report alone."""

from .markdown import table

PUBLISHED = {"positive": "> 0.75", "negative": "near 0"}
AIMS = {"positive": "0.80", "negative": "within 0.05 of 0"}
TITLES = {"positive": "cosine of a picture with its own criteria, mean", "negative": "cosine with other pictures' criteria, mean",
          "recall_1": "its own criteria are the nearest", "recall_10": "its own criteria are among the nearest 10"}


def alignment(report: dict) -> str:
    """Alignment of both precisions beside the paper's."""
    exact, ours = (report[precision]["criteria"]["alignment"] for precision in ("float32", "int8"))
    rows = [[title, PUBLISHED.get(key, "-"), AIMS.get(key, "-"), f"{exact[key]:.4f}", f"{ours[key]:.4f}"] for key, title in TITLES.items()]
    return table(["figure", "published", "aim", "float32", "int8"], rows)


def severity(own: dict) -> str:
    """Levels of overall severity on home val, and how many of each are positive."""
    rows = [[str(entry["level"]), str(entry["pictures"]), str(entry["positives"]),
             f"{entry['positives'] / entry['pictures']:.1%}" if entry["pictures"] else "-"] for entry in own["criteria"]["severity"]]
    return table(["overall severity", "pictures", "melanoma", "share"], rows)


def scales(own: dict) -> str:
    """Which measurement stands for each criterion, and its cuts."""
    rows = [[criterion, f"`{scale['measure']}`", ", ".join(f"{cut:.4g}" for cut in scale["cuts"])]
            for criterion, scale in own["criteria"]["sections"]["severity"].items()]
    return table(["criterion", "measured as", "cuts"], rows)


def criteria_section(report: dict, precision: str) -> str:
    """The card's section on criteria."""
    own = report[precision]
    record, clinical, cosine = own["criteria"], own["criteria"]["sections"]["clinical"], report["embedding_cosine"]
    pictures = int(record["alignment"]["pairs"])
    return f"""## Criteria and alignment

On {pictures} pictures of {own['dataset']} val with a lesion to measure ({record['unmeasured']} without); a picture's own criteria are looked for among those of all
{pictures}. Criteria measured by `lentigo measure` on a network's outlines.

{alignment(report)}

Between float32 and int8 the embeddings of the same pictures have a cosine of {cosine['mean']:.4f} on average and {cosine['least']:.4f} at least. Agreement
of a case's picture and criteria below {clinical['agreement_min']:.4f} is called unusual: 5 % of val. The clinical head reads
{', '.join(f'`{name}`' for name in clinical['measures'])}.

{scales(own)}

{severity(own)}

The nearest of the five prototypes (mean embeddings of training pictures by overall severity) is {record['prototype_level_error']:.2f} levels from the measured level on average.
Correlation with human raters, beside the raters' with each other: `models/EVALUATION.md`.

"""
