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
    """

    index: Index
    groups: list[np.ndarray]
    mix: dict[str, float]
    seed: int

    def epoch(self, number: int) -> np.ndarray:
        """Row numbers in random order; a function of (seed, epoch) alone, so that a resumed run repeats nothing."""
        rng = np.random.default_rng([self.seed, number])
        home = np.array([self.index.dataset[group[0]] for group in self.groups])
        chosen = []
        for dataset, share in sorted(self.mix.items()):
            members = np.flatnonzero(home == dataset)
            whole, part = divmod(share, 1.0)
            chosen += [members] * int(whole)
            chosen.append(rng.permutation(members)[:round(part * len(members))])
        order = rng.permutation(np.concatenate(chosen))
        return np.array([rng.choice(self.groups[g]) for g in order])
