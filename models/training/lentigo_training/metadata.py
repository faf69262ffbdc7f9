"""What is known of the person as a vector: age, sex and site, each with an entry of its own for "unknown".

The same arithmetic runs on the device from the bundle's `[metadata]` section; nothing here may depend on more than that section holds.
"""

from dataclasses import dataclass

import numpy as np

from .index import Index

# Parts of the body as the device knows them (the ISIC archive's coarse names), and what the pool calls them. The network learns
# only these: a finer word that no form on the device can say would be an input it never gets. "hand" and "foot" may be
# palm or back of the hand, sole or instep: unknown, as on the device.
SITES = ("head-neck", "anterior-torso", "posterior-torso", "lateral-torso", "upper-extremity", "lower-extremity", "palms-soles", "oral-genital")
OF_POOL = {
    "head-neck": "head-neck", "face": "head-neck", "scalp": "head-neck", "ear": "head-neck", "neck": "head-neck",
    "abdomen": "anterior-torso", "chest": "anterior-torso", "back": "posterior-torso", "trunk": "lateral-torso",
    "upper extremity": "upper-extremity", "lower extremity": "lower-extremity", "acral": "palms-soles", "genital": "oral-genital",
}

# Probability that training hides a field that is known, and that it hides all three at once.
HIDE_FIELD, HIDE_ALL = 0.3, 0.15


@dataclass(frozen=True)
class Encoding:
    """Layout of the vector: age knots and unknown, sexes and unknown, sites and unknown.

    An age between two knots is spread linearly over them, so that 44 and 45 look
    alike; ages beyond the ends count as the end.
    """

    age: tuple[float, ...] = tuple(range(0, 91, 10))
    sex: tuple[str, ...] = ("female", "male")
    site: tuple[str, ...] = SITES

    @property
    def blocks(self) -> tuple[int, int, int]:
        """Entries of each field, "unknown" included."""
        return len(self.age) + 1, len(self.sex) + 1, len(self.site) + 1

    @property
    def fields(self) -> tuple[slice, slice, slice]:
        """Where each field lies in the vector; its last entry is "unknown"."""
        ends = np.cumsum(self.blocks)
        return tuple(slice(int(end - size), int(end)) for end, size in zip(ends, self.blocks))

    def __len__(self) -> int:
        return sum(self.blocks)

    def unknown(self, n: int = 1) -> np.ndarray:
        """float32 [n, M] of nothing known."""
        vector = np.zeros((n, len(self)), np.float32)
        for part in self.fields:
            vector[:, part.stop - 1] = 1.0
        return vector

    def encode(self, age: np.ndarray, sex: np.ndarray, site: np.ndarray) -> np.ndarray:
        """Years (NaN unknown), names (any other name is unknown) of N people to float32 [N, M]."""
        vector = np.zeros((len(age), len(self)), np.float32)
        for row in range(len(age)):
            vector[row, self.fields[0]] = self._age(float(age[row]))
            for part, names, name in ((self.fields[1], self.sex, sex[row]), (self.fields[2], self.site, site[row])):
                vector[row, part.start + (names.index(name) if name in names else len(names))] = 1.0
        return vector

    def _age(self, years: float) -> np.ndarray:
        block = np.zeros(len(self.age) + 1, np.float32)
        if np.isnan(years):
            block[-1] = 1.0
            return block
        years = min(max(years, self.age[0]), self.age[-1])
        upper = max(1, int(np.searchsorted(self.age, years)))
        share = (years - self.age[upper - 1]) / (self.age[upper] - self.age[upper - 1])
        block[upper - 1], block[upper] = 1.0 - share, share
        return block

    def of(self, index: Index, rows: np.ndarray) -> np.ndarray:
        """Vectors of rows of the pool's table."""
        return self.encode(index.age[rows], index.sex[rows], np.array([OF_POOL.get(site, "unknown") for site in index.site[rows]]))

    def hide(self, vectors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A copy in which fields are made unknown at random, so that a missing field is an ordinary input."""
        hidden = vectors.copy()
        everything = rng.random(len(vectors)) < HIDE_ALL
        nothing = self.unknown(len(vectors))
        for part in self.fields:
            gone = everything | (rng.random(len(vectors)) < HIDE_FIELD)
            hidden[gone, part] = nothing[gone, part]
        return hidden
