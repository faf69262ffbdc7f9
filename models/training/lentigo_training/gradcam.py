"""Grad-CAM (Selvaraju et al. 2017) by autograd and, in closed form, as part of the graph.

The heads are linear, or Dense-ReLU-Dense, on a pooled map: the gradient of a
logit with respect to a channel is then the same at every position and known
without a backward pass, so the device computes it forwards.
"""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from .systems.asff import Asff, DenseHead


def autograd_cam(model: "Asff", image: Tensor) -> tuple[Tensor, Tensor]:
    """Reference: logits [1,2] and, per class, ReLU(sum_k mean_position(d logit / d y_k) y_k) as [1,2,h,w]."""
    model.eval()
    y = model.fused(image).detach().requires_grad_(True)
    logits = model.head(y.mean((2, 3)))
    maps = []
    for c in range(logits.shape[1]):
        (gradient,) = torch.autograd.grad(logits[0, c], y, retain_graph=True)
        alpha = gradient.mean((2, 3), keepdim=True)
        maps.append(F.relu((alpha * y).sum(1)))
    return logits.detach(), torch.stack(maps, 1).detach()


def weighted_map(alpha: Tensor, y: Tensor) -> Tensor:
    """ReLU(sum_k alpha[.,c,k] y_k): alpha [C,K] or [N,C,K] and y [N,K,h,w] to [N,C,h,w]."""
    batch, channels, height, width = (int(extent) for extent in y.shape)
    cam = F.relu(torch.matmul(alpha, y.reshape(batch, channels, height * width)))
    return cam.reshape(batch, int(alpha.shape[-2]), height, width)


def linear_cam(weight: Tensor, y: Tensor) -> Tensor:
    """Grad-CAM of logits `weight` [C,K] . GAP(y): [N,K,h,w] to [N,C,h,w]."""
    return weighted_map(weight * (1.0 / (int(y.shape[2]) * int(y.shape[3]))), y)


def dense_cam(head: "DenseHead", before: Tensor, y: Tensor) -> Tensor:
    """Grad-CAM of Dense-ReLU-Dense on GAP(y): `before` = head.w1(GAP(y)) [N,H], y [N,K,h,w] to [N,C,h,w].

    alpha[c,k] = 1/(h w) sum_j W2[c,j] [before_j > 0] W1[j,k].
    """
    active = (before > 0).to(y.dtype)[:, None]
    alpha = torch.matmul(head.w2.weight * active, head.w1.weight) * (1.0 / (int(y.shape[2]) * int(y.shape[3])))
    return weighted_map(alpha, y)


class WithCam(nn.Module):
    """The network with Grad-CAM computed forwards: image [1,3,H,W] to logits [1,2] and cam [1,2,h,w]."""

    def __init__(self, model: "Asff"):
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        y = self.model.fused(image)
        head = self.model.head
        before = head.w1(y.mean((2, 3)))
        return head.w2(F.relu(before)), dense_cam(head, before, y)
