"""Grad-CAM (Selvaraju et al. 2017) of the fused map, by autograd and as part of the graph."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .systems.asff import Asff


def autograd_cam(model: Asff, image: Tensor) -> tuple[Tensor, Tensor]:
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


class WithCam(nn.Module):
    """The network with Grad-CAM computed forwards: image [1,3,H,W] to logits [1,2] and cam [1,2,h,w].

    The head is GAP -> Dense -> ReLU -> Dense, so the gradient of logit c with
    respect to y_k is the same at every position and known in closed form:
    alpha[c,k] = 1/(h w) sum_j W2[c,j] [pre_j > 0] W1[j,k]. No backward pass is
    needed on the device.
    """

    def __init__(self, model: Asff):
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        y = self.model.fused(image)
        channels, height, width = (int(extent) for extent in y.shape[1:])
        head = self.model.head
        before = head.w1(y.mean((2, 3)))
        logits = head.w2(F.relu(before))
        active = (before > 0).to(y.dtype)
        alpha = torch.matmul(head.w2.weight * active, head.w1.weight) * (1.0 / (height * width))
        cam = F.relu(torch.matmul(alpha, y.reshape(channels, height * width)))
        return logits, cam.reshape(1, head.w2.out_features, height, width)
