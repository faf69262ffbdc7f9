"""What an ensemble of trained backbones thinks of every training picture: soft targets for a smaller one.

A picture's opinion is the mean probability over the ensemble and over its
mirrored and turned views, taken on its leading file and used for all its files.
It is blended into the label targets, and stands alone, with its share as weight,
where nobody knows the label (Hinton et al. 2015). The ensemble has seen these
pictures: its opinion is surer than it would be of new ones, which is why it is
only a share.
"""

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .augment import plain
from .multitask import COLUMNS, WIDTH

BATCH = 32
# As it is, mirrored, upside down, turned by a half: the views that a dermatoscope could equally have given.
VIEWS = ((), (3,), (2,), (2, 3))


def probabilities(outputs: dict[str, Tensor]) -> Tensor:
    """[N, WIDTH] in the layout of the label targets."""
    columns = []
    for task in COLUMNS:
        z = outputs[task]
        columns.append(torch.softmax(z, 1) if task == "dx" else torch.cat([torch.sigmoid(-z), torch.sigmoid(z)], 1))
    return torch.cat(columns, 1)


@torch.no_grad()
def opinions(models: list[nn.Module], cache: np.ndarray, groups: list[np.ndarray], size: int) -> np.ndarray:
    """float16 [rows of the cache, WIDTH]: the ensemble's mean, zeros for rows of no group."""
    result = np.zeros((len(cache), WIDTH), np.float16)
    for start in range(0, len(groups), BATCH):
        some = groups[start:start + BATCH]
        images = plain(cache[[group[0] for group in some]], size)
        mean = torch.zeros(len(some), WIDTH)
        for model in models:
            model.eval()
            for axes in VIEWS:
                turned = images.flip(axes) if axes else images
                mean += probabilities(model(turned.contiguous(memory_format=torch.channels_last))) / (len(models) * len(VIEWS))
        for group, opinion in zip(some, mean.numpy()):
            result[group] = opinion
    return result


def store(found: np.ndarray, path: Path) -> None:
    partial = path.with_suffix(".partial.npy")
    np.save(partial, found)
    os.replace(partial, path)


def blend(labels: Tensor, opinion: np.ndarray, share: float) -> Tensor:
    """Label targets [N, WIDTH] with `share` of the ensemble's opinion of the same pictures."""
    return labels * (1 - share) + torch.from_numpy(opinion.astype(np.float32)) * share
