"""Which pictures an epoch shows, and in which order."""

from dataclasses import dataclass

import numpy as np

from .index import Index


@dataclass(frozen=True)
class Sampler:
    """Draws epochs from groups of alternative views (see `index.views`).

    `mix` gives, by the dataset of a group's leading view, how many times per
    epoch the whole dataset is shown: 0.5 shows a fresh half each epoch, 2.0
    shows everything twice.

    `balance` evens out the diagnoses within a dataset while its share stays as
    it is: a diagnosis of n pictures is shown in proportion to n^(1 - balance),
    so 0 shows them as they come and 1 shows all equally often.
    """

    index: Index
    groups: list[np.ndarray]
    mix: dict[str, float]
    seed: int
    balance: float = 0.0

    def _strata(self, members: np.ndarray, share: float) -> list[tuple[np.ndarray, float]]:
        """Split a dataset's groups by diagnosis: (groups, how many times each is shown per epoch)."""
        if self.balance == 0 or len(members) == 0:
            return [(members, share)]
        diagnosis = np.array([self.index.dx[self.groups[g][0]] for g in members])
        parts = [members[diagnosis == dx] for dx in np.unique(diagnosis)]
        weights = np.array([len(part) ** (1.0 - self.balance) for part in parts])
        shown = share * len(members) * weights / weights.sum()
        return [(part, float(total / len(part))) for part, total in zip(parts, shown)]

    def epoch(self, number: int) -> np.ndarray:
        """Row numbers in random order; a function of (seed, epoch) alone, so that a resumed run repeats nothing."""
        rng = np.random.default_rng([self.seed, number])
        home = np.array([self.index.dataset[group[0]] for group in self.groups])
        chosen = []
        for dataset, share in sorted(self.mix.items()):
            members = np.flatnonzero(home == dataset)
            for stratum, times in self._strata(members, share):
                whole, part = divmod(times, 1.0)
                chosen += [stratum] * int(whole)
                chosen.append(rng.permutation(stratum)[:round(part * len(stratum))])
        order = rng.permutation(np.concatenate(chosen))
        return np.array([rng.choice(self.groups[g]) for g in order])
