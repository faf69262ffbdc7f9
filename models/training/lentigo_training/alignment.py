"""Training of system B's heads on features that are known: what draws a picture's embedding and that of its measured criteria together.

    L = InfoNCE(e, c) + melanoma cross-entropy of the classifier on e,    e = unit(image head(x)), c = clinical head(criteria)

InfoNCE is symmetric (Radford et al. 2021, CLIP; the paper's eq. with tau 0.05): of a batch, each picture is to find its own criteria and each
criteria its own picture. No trunk, no files, no figures here.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .cefm_features import opened_grid
from .index import UNKNOWN
from .systems.cefm_heads import Classifier, ClinicalHead, ImageHead, unit
from .systems.lesion_encoder import LesionEncoder
from .train import Ema
from .unet_train import warm_cosine

GRADIENT_NORM = 1.0


@dataclass(frozen=True)
class Schedule:
    """One cosine from `rate`; `align` and `classify` weigh the two losses.

    `apart`: first the alignment alone, then the classifier alone on embeddings that stay as they are, as the paper trains.
    """

    steps: int = 900
    batch: int = 256
    rate: float = 1e-3
    weight_decay: float = 0.05
    temperature: float = 0.1
    align: float = 1.0
    classify: float = 1.0
    # Share of the trunk's own opinion of the same view in the classifier's target: on pictures that the trunk was trained on, features are better
    # than on any others, and labels alone let the heads rely on that.
    opinion: float = 0.5
    smoothing: float = 0.05
    # Share of the features left out.
    drop: float = 0.3
    apart: bool = False
    ema_decay: float = 0.99
    seed: int = 0


@dataclass(frozen=True)
class Examples:
    """`features` float16 [N,V,F]: views of what the image head reads; `criteria` float32 [N,M] standardised, NaN where not measured;
    `melanoma` [N] of 0, 1 and UNKNOWN; `opinion` [N,V]: the trunk's own log-odds of melanoma."""

    features: np.ndarray
    criteria: np.ndarray
    melanoma: np.ndarray
    opinion: np.ndarray

    def __len__(self) -> int:
        return len(self.melanoma)


class Heads(nn.Module):
    """Image head, clinical head and classifier, as trained."""

    def __init__(self, features: int, measures: int):
        super().__init__()
        self.image = ImageHead(features)
        self.clinical = ClinicalHead(measures)
        self.classifier = Classifier()

    @torch.no_grad()
    def embed(self, features: np.ndarray) -> np.ndarray:
        """Views [N,V,F] to embeddings as the runtime makes them [N,128]: the sum over views at length 1."""
        each = unit(self.image(torch.from_numpy(features).float().flatten(0, 1))).reshape(*features.shape[:2], -1)
        return unit(each.sum(1)).numpy()

    @torch.no_grad()
    def embed_criteria(self, criteria: np.ndarray) -> np.ndarray:
        """Standardised criteria [N,M] to embeddings [N,128]."""
        return self.clinical(torch.from_numpy(criteria)).numpy()

    @torch.no_grad()
    def classify(self, features: np.ndarray) -> np.ndarray:
        """Views [N,V,F] to log-odds of melanoma [N], the mean over views."""
        logits = self.classifier(unit(self.image(torch.from_numpy(features).float().flatten(0, 1))))
        return (logits[:, 1] - logits[:, 0]).reshape(features.shape[:2]).mean(1).numpy()


def info_nce(pictures: Tensor, criteria: Tensor, temperature: float) -> Tensor:
    """Symmetric InfoNCE of unit embeddings [N,D]: mean of both directions' cross-entropies over cosine / temperature."""
    alike = pictures @ criteria.T / temperature
    own = torch.arange(len(alike))
    return 0.5 * (F.cross_entropy(alike, own) + F.cross_entropy(alike.T, own))


def train_heads(examples: Examples, schedule: Schedule) -> Heads:
    """Heads from scratch; the result has the moving average of the weights."""
    torch.manual_seed(schedule.seed)
    heads = Heads(examples.features.shape[2], examples.criteria.shape[1])
    if not schedule.apart:
        return _fit(heads, list(heads.parameters()), examples, schedule)
    heads = _fit(heads, list(heads.image.parameters()) + list(heads.clinical.parameters()), examples, replace(schedule, classify=0.0))
    heads.image.requires_grad_(False)
    return _fit(heads, list(heads.classifier.parameters()), examples, replace(schedule, align=0.0), ("image", "clinical"))


def fit_clinical(heads: Heads, examples: Examples, schedule: Schedule) -> Heads:
    """The clinical head alone learns to meet the pictures' embeddings, which stay as they are."""
    return _fit(heads, list(heads.clinical.parameters()), examples, replace(schedule, classify=0.0), ("image", "classifier"))


def _fit(heads: Heads, parameters: list[nn.Parameter], examples: Examples, schedule: Schedule, held: tuple[str, ...] = ()) -> Heads:
    """Fit `parameters`; modules called `held` stay as they are, statistics included."""
    rng = np.random.default_rng(schedule.seed)
    optimiser = torch.optim.AdamW(parameters, lr=schedule.rate, weight_decay=schedule.weight_decay)
    ahead = warm_cosine(optimiser, schedule.steps)
    ema = Ema(heads, schedule.ema_decay)
    heads.train()
    for name in held:
        getattr(heads, name).eval()
    for _ in range(schedule.steps):
        chosen = rng.choice(len(examples), min(schedule.batch, len(examples)), replace=False)
        loss = head_loss(heads, examples, chosen, rng, schedule)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, GRADIENT_NORM, error_if_nonfinite=True)
        optimiser.step()
        ahead.step()
        ema.update(heads)
    heads.load_state_dict(ema.state)
    return heads.eval()


def melanoma_target(label: Tensor, opinion: Tensor, schedule: Schedule) -> Tensor:
    """[N,2]: the smoothed label [N] of 0 and 1, blended with the trunk's opinion [N] (log-odds)."""
    hard = label * (1 - schedule.smoothing) + schedule.smoothing / 2
    melanoma = hard * (1 - schedule.opinion) + torch.sigmoid(opinion) * schedule.opinion
    return torch.stack([1 - melanoma, melanoma], 1)


def head_loss(heads: Heads, examples: Examples, chosen: np.ndarray, rng: np.random.Generator, schedule: Schedule) -> Tensor:
    """Both losses of one batch; pictures without criteria teach the classifier, those without a label the alignment."""
    views = rng.integers(0, examples.features.shape[1], len(chosen))
    x = F.dropout(torch.from_numpy(examples.features[chosen, views]).float(), schedule.drop)
    # Half the time of float32 on a processor with bfloat16 products; lengths and losses stay exact.
    with torch.autocast("cpu", dtype=torch.bfloat16):
        projection = heads.image(x)
    embedding = unit(projection.float())
    criteria = torch.from_numpy(examples.criteria[chosen])
    measured = torch.isfinite(criteria).all(1)
    loss = embedding.sum() * 0.0
    if schedule.align:
        loss = loss + schedule.align * info_nce(embedding[measured], heads.clinical(criteria[measured]), schedule.temperature)
    if schedule.classify:
        label = examples.melanoma[chosen]
        known = torch.from_numpy(label != UNKNOWN)
        target = melanoma_target(torch.from_numpy(label).float(), torch.from_numpy(examples.opinion[chosen, views]).float(), schedule)
        loss = loss + schedule.classify * F.cross_entropy(heads.classifier(embedding)[known], target[known])
    return loss


@dataclass(frozen=True)
class EncoderSchedule:
    """Of `train_lesion_encoder`: `epochs` over all pictures, one view of each, turned at random."""

    epochs: int = 6
    batch: int = 64
    rate: float = 2e-3
    weight_decay: float = 0.02
    seed: int = 0


def _turned(grid: Tensor, rng: np.random.Generator) -> Tensor:
    """A batch of grids [N,4,h,w] all flipped and turned alike: what is measured does not change."""
    grid = grid.flip(3) if rng.random() < 0.5 else grid
    return torch.rot90(grid, int(rng.integers(4)), (2, 3))


def train_lesion_encoder(grids: np.ndarray, criteria: np.ndarray, schedule: EncoderSchedule, note=print) -> LesionEncoder:
    """An encoder whose features tell the standardised criteria [N,M] (all that are measured) by a linear layer, from bytes [N,V,4,h,w]."""
    torch.manual_seed(schedule.seed)
    rng = np.random.default_rng(schedule.seed)
    known = np.flatnonzero(np.isfinite(criteria).all(1))
    encoder, head = LesionEncoder(), nn.Linear(LesionEncoder().outputs, criteria.shape[1])
    encoder = encoder.to(memory_format=torch.channels_last)
    parameters = [*encoder.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=schedule.rate, weight_decay=schedule.weight_decay)
    batches = len(known) // schedule.batch
    ahead = warm_cosine(optimiser, schedule.epochs * batches)
    ema = Ema(encoder, 0.99)
    for epoch in range(schedule.epochs):
        order, total = rng.permutation(known), 0.0
        for step in range(batches):
            chosen = order[step * schedule.batch:(step + 1) * schedule.batch]
            grid = _turned(opened_grid(grids[chosen, rng.integers(0, grids.shape[1], len(chosen))]), rng)
            loss = F.smooth_l1_loss(head(encoder.read(grid.contiguous(memory_format=torch.channels_last))), torch.from_numpy(criteria[chosen]))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 5.0, error_if_nonfinite=True)
            optimiser.step()
            ahead.step()
            ema.update(encoder)
            total += float(loss.detach())
        note(f"lesion encoder: epoch {epoch + 1} of {schedule.epochs}, loss {total / max(batches, 1):.4f}")
    encoder.load_state_dict(ema.state)
    return encoder.eval()


@torch.no_grad()
def encode(encoder: LesionEncoder, grids: np.ndarray, batch: int = 128) -> np.ndarray:
    """Bytes [N,V,4,h,w] to features float16 [N,V,128]."""
    n, views = grids.shape[:2]
    found = np.empty((n, views, encoder.outputs), np.float16)
    for start in range(0, n, batch):
        part = np.asarray(grids[start:start + batch])
        read = encoder.read(opened_grid(part.reshape(-1, *part.shape[2:])))
        found[start:start + len(part)] = read.reshape(len(part), views, -1).half().numpy()
    return found
