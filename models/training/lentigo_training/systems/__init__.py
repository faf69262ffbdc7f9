"""The published systems: one module each, and what the rest of the pipeline must know about every one of them.

A system's module gives `build(checkpoint, backbone)`, an eval-ready network whose `forward(image[, metadata])` returns a
dict with `logits`, `cam`, `pooled` and, where it has one, `mask`. Nothing here imports torch: the registry is read by
commands that never touch a network.
"""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..index import DX_CLASSES, UNKNOWN, Index

if TYPE_CHECKING:
    from torch import nn

EXCLUSIVE, INDEPENDENT = "exclusive", "independent"


@dataclass(frozen=True)
class System:
    """What a system decides about, where it is at home, and how its bundle is called.

    `relation` says whether exactly one class holds (softmax) or each on its own (sigmoid). `positive` classes ask for a
    referral; `label` is the 0/1 column of the pool that they are together. `home` are the sets that figures, calibration and
    operating points are taken on, together; of a set in `only` just the pictures with those diagnoses. `cleaning` is what the
    runtime does to the outline. `trained_on` and `version` go into the manifest.
    """

    name: str
    letter: str
    classes: tuple[str, ...]
    relation: str
    positive: tuple[str, ...]
    label: str
    home: tuple[str, ...]
    trained_on: tuple[str, ...]
    summary: str
    has_mask: bool
    has_metadata: bool = False
    file: str = ""
    version: str = "1.0.0"
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    has_criteria: bool = False
    cleaning: tuple[str, ...] = ()

    @property
    def bundle(self) -> str:
        """Name of the folder and of the manifest."""
        return f"{self.name}-edge"

    @property
    def module(self) -> str:
        """Where the network is defined; `file` where that is not the system's name."""
        return f"{__name__}.{self.file or self.name}"

    @property
    def home_name(self) -> str:
        """What the home sets are called together: in reports, and as the folder of the runtime's figures on them."""
        return "+".join(self.home)

    @property
    def positions(self) -> list[int]:
        """Where the positive classes stand among `classes`."""
        return [self.classes.index(name) for name in self.positive]

    def build(self, checkpoint: Path | None, backbone: str) -> "nn.Module":
        """The deployable network; untrained heads without a checkpoint."""
        return importlib.import_module(self.module).build(checkpoint, backbone)

    def truth(self, index: Index, rows: np.ndarray) -> np.ndarray:
        """What is true of `rows`: [N] position of the class (exclusive) or [N,K] of 0 and 1 (independent); UNKNOWN where not known."""
        if self.relation == INDEPENDENT:
            return np.stack([getattr(index, name)[rows] for name in self.classes], 1)
        return index.dx[rows] if self.classes == DX_CLASSES else self.referral(index, rows)

    def metadata(self, index: Index, rows: np.ndarray) -> np.ndarray | None:
        """What is known of the people in `rows` as the graph's second input [N,M]; None for systems without one."""
        if not self.has_metadata:
            return None
        from ..metadata import Encoding

        return Encoding().of(index, rows)

    def referral(self, index: Index, rows: np.ndarray) -> np.ndarray:
        """[N] of 0, 1 and UNKNOWN: whether a referral is right."""
        return getattr(index, self.label)[rows]

    def rows(self, index: Index, dataset: str, split: str = "val") -> np.ndarray:
        """Rows of a split of which anything that the system decides is known."""
        rows = index.rows(dataset, split)
        known = (self.truth(index, rows).reshape(len(rows), -1) != UNKNOWN).any(1) | (self.referral(index, rows) != UNKNOWN)
        return rows[known]

    def home_rows(self, index: Index, split: str = "val") -> np.ndarray:
        """Rows of a split of the home sets that figures are taken on."""
        allowed = dict(self.only)
        parts = []
        for dataset in self.home:
            rows = self.rows(index, dataset, split)
            diagnoses = [DX_CLASSES.index(name) for name in allowed.get(dataset, DX_CLASSES)]
            parts.append(rows[np.isin(index.dx[rows], diagnoses)] if dataset in allowed else rows)
        return np.concatenate(parts)


POOL = ("isic-binary", "ham10000", "isic2017", "isic2018-seg")
SYSTEMS = {system.name: system for system in (
    System("asff", "D", ("benign", "malignant"), EXCLUSIVE, ("malignant",), "malignant", ("isic-binary",),
           ("isic-binary", "ham10000", "isic2017"),
           "Benign against malignant pigmented lesions by adaptive fusion of two strides", has_mask=False, version="2.0.0"),
    System("multitask", "C", ("melanoma", "seborrheic_keratosis"), INDEPENDENT, ("melanoma",), "melanoma", ("isic2017",), POOL,
           "Lesion outline, melanoma and seborrheic keratosis in one pass", has_mask=True),
    System("dual-network", "A", DX_CLASSES, EXCLUSIVE, ("mel", "bcc", "akiec"), "malignant", ("ham10000",), POOL,
           "Seven diagnoses from the picture, the lesion alone, and age, sex and site", has_mask=True, has_metadata=True, file="dual"),
    System("cefm", "B", ("other", "melanoma"), EXCLUSIVE, ("melanoma",), "melanoma", ("isic2017", "ham10000"), POOL,
           "Melanoma from an embedding in which the picture and its measured ABC criteria agree", has_mask=True,
           only=(("ham10000", ("nv", "mel")),), has_criteria=True, cleaning=("largest", "log-odds")),
)}
