"""The small heads of system B (CEFM, arXiv 2512.06105): image head, clinical head, classifier, and the classifier's gradient written out.

Nothing here sees a picture or a trunk. Batch norm is folded into its layer outside of training, so that a graph holds products and ReLUs only.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EMBEDDING = 128
IMAGE_HIDDEN, CLINICAL_HIDDEN, CLASSIFIER_HIDDEN = 512, 256, 64
DROPOUT = 0.3
# Below this an embedding has no direction; it only keeps the quotient finite.
SHORTEST = 1e-12


class NormedLinear(nn.Module):
    """Linear and batch norm, [N,I] to [N,O]; one affine map outside of training."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.norm = nn.BatchNorm1d(outputs)

    def affine(self) -> tuple[Tensor, Tensor]:
        """Weight [O,I] and bias [O] of both together, with the running statistics."""
        scale = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        return self.linear.weight * scale[:, None], (self.linear.bias - self.norm.running_mean) * scale + self.norm.bias

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.linear(x)) if self.training else F.linear(x, *self.affine())


class Perceptron(nn.Module):
    """Linear, batch norm, ReLU, dropout, Linear: [N,I] to [N,O]."""

    def __init__(self, inputs: int, hidden: int, outputs: int, dropout: float = 0.0):
        super().__init__()
        self.below = NormedLinear(inputs, hidden)
        self.dropout = nn.Dropout(dropout)
        self.above = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.finish(self.below(x))

    def finish(self, before: Tensor) -> Tensor:
        """From what the ReLU reads, [N,H], to the output."""
        return self.above(self.dropout(F.relu(before)))

    def pull_back(self, before: Tensor, gradient: Tensor) -> Tensor:
        """Gradient with respect to the input, [N,C,I], of C numbers whose gradient with respect to the output is `gradient` [N,C,O]:

            J^T g = W1^T ([before > 0] * (W2^T g)),    outside of training (no dropout, batch norm in W1).
        """
        open_units = (before > 0).to(gradient.dtype)[:, None]
        return torch.matmul(torch.matmul(gradient, self.above.weight) * open_units, self.below.affine()[0])


def length(projection: Tensor) -> Tensor:
    """[N,D] to its Euclidean length [N,1]."""
    mean = (projection * projection).mean(1, keepdim=True)
    return torch.sqrt(mean * float(projection.shape[1]) + SHORTEST)


def unit(projection: Tensor) -> Tensor:
    """[N,D] to length 1."""
    return projection / length(projection)


def unit_pull_back(projection: Tensor, gradient: Tensor) -> Tensor:
    """As `Perceptron.pull_back`, of `unit`: (g - (g . e) e) / |z| for z [N,D], e = z / |z|, g [N,C,D]."""
    size = length(projection)
    direction = (projection / size)[:, None]
    along = (gradient * direction).sum(2, keepdim=True)
    return (gradient - along * direction) / size[:, None]


class ImageHead(Perceptron):
    """Features of a picture [N,F] to their projection [N,128], not yet of length 1 (768-512-128 in the paper)."""

    def __init__(self, features: int):
        super().__init__(features, IMAGE_HIDDEN, EMBEDDING)


class ClinicalHead(Perceptron):
    """Measured criteria [N,M], standardised and limited, to their embedding [N,128] of length 1 (5-256-128 in the paper)."""

    def __init__(self, measures: int):
        super().__init__(measures, CLINICAL_HIDDEN, EMBEDDING)

    def forward(self, criteria: Tensor) -> Tensor:
        return unit(super().forward(criteria))


class Classifier(Perceptron):
    """Embedding [N,128] to log-odds [N,2] of other and melanoma (128-64-BN-ReLU-Dropout 0.3-2 in the paper)."""

    def __init__(self):
        super().__init__(EMBEDDING, CLASSIFIER_HIDDEN, 2, DROPOUT)


def evidence_gradient(head: ImageHead, classifier: Classifier, features: Tensor) -> Tensor:
    """[N,2,F]: gradient of each class's log-odds (its logit minus the other's) with respect to `features` [N,F], by ordinary operators.

    Of the difference and not of the logit: a softmax does not change when both logits grow alike, so that part is evidence for neither.
    """
    image_before = head.below(features)
    projection = head.finish(image_before)
    class_before = classifier.below(unit(projection))
    start = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])[None].repeat(int(features.shape[0]), 1, 1)
    return head.pull_back(image_before, unit_pull_back(projection, classifier.pull_back(class_before, start)))
