"""The pool's table `index.csv` as columns, and the rules on what may be trained on."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

DX_CLASSES = ("nv", "mel", "bkl", "bcc", "akiec", "vasc", "df")
UNKNOWN = -1


@dataclass(frozen=True)
class Index:
    """All rows of the table, column by column; every array has one entry per row.

    Text columns hold "" where unknown. `malignant`, `melanoma` and
    `seborrheic_keratosis` hold 0, 1 or UNKNOWN, `dx` a position in DX_CLASSES
    or UNKNOWN, `age` years or NaN.
    """

    file: np.ndarray
    mask: np.ndarray
    dataset: np.ndarray
    split: np.ndarray
    geometry: np.ndarray
    isic_id: np.ndarray
    lesion_id: np.ndarray
    sex: np.ndarray
    site: np.ndarray
    dx: np.ndarray
    malignant: np.ndarray
    melanoma: np.ndarray
    seborrheic_keratosis: np.ndarray
    age: np.ndarray
    abc_asymmetry: np.ndarray
    abc_border: np.ndarray
    abc_colour: np.ndarray

    def __len__(self) -> int:
        return len(self.file)

    def rows(self, dataset: str, split: str) -> np.ndarray:
        """Row numbers of one split of one dataset, in the table's order."""
        return np.flatnonzero((self.dataset == dataset) & (self.split == split))


def read_index(path: Path) -> Index:
    """Parse `index.csv`."""
    with open(path, newline="", encoding="utf-8") as handle:
        table = list(csv.DictReader(handle))

    def text(column: str) -> np.ndarray:
        return np.array([row[column] for row in table])

    def flag(column: str) -> np.ndarray:
        return np.array([int(row[column]) if row[column] else UNKNOWN for row in table])

    def raters(column: str) -> np.ndarray:
        """Mean of the raters' `a|b|c` scores, NaN where nobody rated."""
        scores = [[float(s) for s in row[column].split("|") if s] for row in table]
        return np.array([np.mean(s) if s else np.nan for s in scores])

    return Index(
        **{name: text(name) for name in
           ("file", "mask", "dataset", "split", "geometry", "isic_id", "lesion_id", "sex", "site")},
        **{name: flag(name) for name in ("malignant", "melanoma", "seborrheic_keratosis")},
        **{name: raters(name) for name in ("abc_asymmetry", "abc_border", "abc_colour")},
        dx=np.array([DX_CLASSES.index(row["dx"]) if row["dx"] in DX_CLASSES else UNKNOWN for row in table]),
        age=np.array([float(row["age"]) if row["age"] else np.nan for row in table]),
    )


def complete(index: Index) -> Index:
    """Fill unknown labels of a file from other files of the same picture (same isic_id).

    The segmentation set has masks without diagnoses, and many of its pictures are
    diagnosed in another set. A label stays unknown where the other files disagree.
    Masks are not shared: files of one picture differ in geometry.
    """
    files: dict[str, list[int]] = {}
    for row, image in enumerate(index.isic_id):
        if image:
            files.setdefault(image, []).append(row)
    columns = {}
    for name, unknown in (("lesion_id", ""), *((label, UNKNOWN) for label in ("dx", "malignant", "melanoma", "seborrheic_keratosis"))):
        column = getattr(index, name).copy()
        for rows in files.values():
            known = {column[row] for row in rows} - {unknown}
            if len(known) == 1:
                (value,) = known
                for row in rows:
                    column[row] = value
        columns[name] = column
    return replace(index, **columns)


def narrowed(index: Index) -> Index:
    """`melanoma` unknown of ham10000's pictures that show neither nevus nor melanoma.

    Melanoma against seven diagnoses is another question than melanoma against nevus: a head that learns the first gives
    away five hundredths of ROC AUC in the second.
    """
    other = (index.dataset == "ham10000") & ~np.isin(index.dx, (DX_CLASSES.index("nv"), DX_CLASSES.index("mel")))
    return replace(index, melanoma=np.where(other, UNKNOWN, index.melanoma))


def _shown_in_val(index: Index) -> np.ndarray:
    """Whether a row's own id or its lesion's id occurs in the val split of ANY dataset."""
    val = index.split == "val"
    images = set(index.isic_id[val]) - {""}
    lesions = set(index.lesion_id[val]) - {""}
    return np.array([image in images or lesion in lesions for image, lesion in zip(index.isic_id, index.lesion_id)])


def require_apart(index: Index, rows: np.ndarray) -> None:
    """Raise ValueError unless training on `rows` is blind to every val split."""
    shared = rows[_shown_in_val(index)[rows] | (index.split[rows] != "train")]
    if len(shared):
        raise ValueError(f"{len(shared)} training pictures are in val or show a lesion of val, the first is {index.file[shared[0]]}")


def trainable(index: Index, datasets: tuple[str, ...], label: np.ndarray | None) -> np.ndarray:
    """Row numbers that may be trained on for `label` (UNKNOWN = no label), or for anything when it is None.

    An image is left out when its own id or its lesion's id occurs in the val
    split of ANY dataset: the datasets overlap, and a lesion seen in training
    would flatter val.
    """
    wanted = np.isin(index.dataset, datasets) & (index.split == "train")
    if label is not None:
        wanted &= label != UNKNOWN
    return np.flatnonzero(wanted & ~_shown_in_val(index))


def views(index: Index, rows: np.ndarray, home_order: tuple[str, ...]) -> list[np.ndarray]:
    """Group rows that show the same picture (same isic_id) in different files.

    The files differ in geometry (squashed against cropped), so they are kept as
    alternative views of one training sample rather than thrown away or counted
    twice. The view from the dataset that comes first in `home_order` leads: its
    dataset and label stand for the group. Pictures labelled differently by two
    datasets are represented by the leading view alone.
    """
    groups: dict[str, list[int]] = {}
    for row in rows:
        key = index.isic_id[row] or f"file:{index.file[row]}"
        groups.setdefault(key, []).append(int(row))
    result = []
    for members in groups.values():
        members.sort(key=lambda row: home_order.index(index.dataset[row]))
        lead = members[0]
        result.append(np.array([row for row in members if index.malignant[row] == index.malignant[lead]]))
    return result
