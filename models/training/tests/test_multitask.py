"""Targets, losses and val figures of the multi-task backbone on made-up labels."""

from types import SimpleNamespace

import numpy as np
import torch

from lentigo_training.augment import mixup
from lentigo_training.index import UNKNOWN
from lentigo_training.multitask import COLUMNS, WIDTH, label_targets, losses, mask_loss, mask_targets
from lentigo_training.multitask_val import figures, jaccard, val_rows

LABELS = SimpleNamespace(
    dx=np.array([1, UNKNOWN, 0]), malignant=np.array([1, UNKNOWN, 0]), melanoma=np.array([1, UNKNOWN, 0]),
    seborrheic_keratosis=np.array([UNKNOWN, UNKNOWN, 0]))
ALL = np.arange(3)


def logits(n: int, seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return {**{task: torch.randn(n, 7 if task == "dx" else 1) for task in COLUMNS}, "mask": torch.randn(n, 1, 4, 4)}


def test_unknown_is_all_zeros():
    targets = label_targets(LABELS, ALL, 0.1)
    assert targets.shape == (3, WIDTH)
    assert targets[1].abs().sum() == 0
    assert targets[0, COLUMNS["seborrheic_keratosis"]].abs().sum() == 0
    torch.testing.assert_close(targets[0, COLUMNS["melanoma"]], torch.tensor([0.05, 0.95]))
    torch.testing.assert_close(targets[2].sum(), torch.tensor(4.0))


def test_pictures_without_labels_change_no_label_loss():
    outputs = logits(3)
    nothing = mask_targets(torch.zeros(3, 1, 16, 16), torch.zeros(3))
    labels = label_targets(LABELS, ALL, 0.0)
    before = losses(outputs, labels, nothing)
    outputs["dx"][1] += 5 * torch.randn(7)
    outputs["melanoma"][1] = 9.0
    after = losses(outputs, labels, nothing)
    assert all(torch.equal(before[task], after[task]) for task in before)
    known = torch.nn.functional.cross_entropy(outputs["dx"][[0, 2]], torch.tensor([1, 0]))
    torch.testing.assert_close(after["dx"], known)


def test_unknown_masks_teach_nothing():
    z = torch.randn(2, 1, 4, 4, requires_grad=True)
    mask_loss(z, mask_targets(torch.ones(2, 1, 16, 16), torch.tensor([True, False]))).backward()
    assert z.grad[0].abs().sum() > 0 and z.grad[1].abs().sum() == 0


def test_a_right_outline_costs_less():
    masks = torch.zeros(1, 1, 16, 16)
    masks[:, :, 4:12, 4:12] = 1
    target = mask_targets(masks, torch.ones(1))
    right = (torch.nn.functional.avg_pool2d(masks, 4) * 2 - 1) * 8
    assert mask_loss(right, target) < 0.05 < 1.0 < mask_loss(-right, target)


def test_mixup_blends_losses_as_it_blends_targets():
    outputs = logits(3)
    labels = label_targets(LABELS, ALL, 0.0)
    images, mixed = mixup((torch.eye(3)[:, :, None], labels), 0.3, torch.Generator().manual_seed(1))
    # With the identity as pictures, each mixed picture shows its own recipe.
    torch.testing.assert_close(mixed, images[:, :, 0] @ labels)
    nothing = mask_targets(torch.zeros(3, 1, 16, 16), torch.zeros(3))
    assert all(torch.isfinite(loss) for loss in losses(outputs, mixed, nothing).values())


def test_jaccard():
    a, b = np.zeros((2, 4, 4), bool), np.zeros((2, 4, 4), bool)
    a[0, :2], b[0, 1:3] = True, True
    assert jaccard(a, b).tolist() == [1 / 3, 1.0]


def test_figures_judge_what_is_known():
    n = 40
    rng = np.random.default_rng(5)
    dx = np.arange(n) % 5
    index = SimpleNamespace(dx=dx, malignant=(dx == 1).astype(int), melanoma=np.where(dx == 4, UNKNOWN, dx == 1),
                            seborrheic_keratosis=np.full(n, UNKNOWN), mask=np.array(["m.png"] * 10 + [""] * 30))
    predicted = {"dx": np.eye(7)[dx] * 3 + rng.normal(0, 0.1, (n, 7)), "malignant": rng.normal(0, 1, (n, 1)),
                 "melanoma": (dx == 1)[:, None].astype(float), "seborrheic_keratosis": np.zeros((n, 1)),
                 "jaccard": np.where(np.arange(n) < 10, 0.8, 0.0)}
    result = figures(index, np.arange(n), predicted)
    assert result["balanced_accuracy"] == result["macro_auc"] == result["auc_melanoma"] == 1.0
    assert result["jaccard"] == 0.8
    assert "auc_seborrheic_keratosis" not in result and 0 < result["auc_malignant"] < 1


def test_val_keeps_every_rare_picture():
    class Table(SimpleNamespace):
        def rows(self, dataset, split):
            return np.arange(len(self.dx))

    table = Table(dx=np.array([0] * 50 + [3] * 4))
    rows = val_rows(table, "any", 10)
    assert len(rows) == 14 and set(range(50, 54)) <= set(rows.tolist())
