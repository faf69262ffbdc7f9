"""Quantisation-aware fine-tuning, for a graph that loses more than it may after every other method was tried.

Batch norms are folded first, so that what is rounded in training is what will be rounded on the device. Weights are rounded
to s8 per output channel and the inputs of convolutions and wide linear layers to u8 with ranges seen before training; both
pass gradients straight through (Jacob et al. 2018, "Quantization and training of neural networks for efficient
integer-arithmetic-only inference"). The teacher is the network itself in fp32: labels are not needed.
"""

import copy
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torch.nn.utils.parametrize import register_parametrization, remove_parametrizations

# A linear layer on fewer rows stays float32 on the device, see `quantise.FEWEST`.
FEWEST_ROWS = 16


class RoundedWeight(nn.Module):
    """s8 per output channel, symmetric; gradients pass."""

    def forward(self, weight: Tensor) -> Tensor:
        step = weight.detach().abs().flatten(1).amax(1).clamp(min=1e-12) / 127
        step = step.reshape(-1, *[1] * (weight.dim() - 1))
        return weight + ((weight / step).round().clamp(-127, 127) * step - weight).detach()


class RoundedInput(nn.Module):
    """u8 over [low, high], which hold zero; outside the range values clip and get no gradient."""

    def __init__(self, low: float, high: float):
        super().__init__()
        self.step = max(high - low, 1e-6) / 255
        self.zero = round(-low / self.step)

    def forward(self, x: Tensor) -> Tensor:
        clipped = x.clamp(-self.zero * self.step, (255 - self.zero) * self.step)
        return clipped + ((clipped / self.step).round() * self.step - clipped).detach()


def fold_batch_norms(model: nn.Module, example: tuple[Tensor, ...]) -> nn.Module:
    """A copy of `model` (eval) whose batch norms are in the convolutions before them; activations stay.

    Which convolution a norm follows is found by running `example` and matching tensors.
    """
    model = copy.deepcopy(model).eval()
    made: dict[int, str] = {}
    follows: dict[str, str] = {}
    kept = []

    def note(name: str, module: nn.Module, args: tuple, out: Tensor) -> None:
        if isinstance(module, nn.Conv2d):
            kept.append(out)
            made[id(out)] = name
        elif id(args[0]) in made:
            follows[name] = made[id(args[0])]

    hooks = [module.register_forward_hook(lambda m, args, out, name=name: note(name, m, args, out))
             for name, module in model.named_modules() if isinstance(module, (nn.Conv2d, nn.BatchNorm2d))]
    with torch.no_grad():
        model(*example)
    for hook in hooks:
        hook.remove()
    for name, conv_name in follows.items():
        norm, conv = model.get_submodule(name), model.get_submodule(conv_name)
        conv.weight, conv.bias = fuse_conv_bn_weights(conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps,
                                                      norm.weight, norm.bias)
        # timm's norms carry the activation that follows them.
        activation = [part for part in (getattr(norm, "drop", None), getattr(norm, "act", None)) if part is not None]
        model.set_submodule(name, nn.Sequential(*activation) if activation else nn.Identity())
    return model


class Aware:
    """A folded network with rounding switched on."""

    def __init__(self, model: nn.Module, batches: list[tuple[Tensor, ...]]):
        """`batches` of inputs show the ranges of what layers read."""
        self.model = fold_batch_norms(model, batches[0])
        self.layers = {name: layer for name, layer in self.model.named_modules() if isinstance(layer, (nn.Conv2d, nn.Linear))}
        ranges, rows = self._observe(batches)
        self.layers = {name: layer for name, layer in self.layers.items() if isinstance(layer, nn.Conv2d) or rows.get(name, 0) >= FEWEST_ROWS}
        self.hooks = []
        for name, layer in self.layers.items():
            if name in ranges:
                register_parametrization(layer, "weight", RoundedWeight())
                rounding = RoundedInput(*ranges[name])
                self.hooks.append(layer.register_forward_pre_hook(lambda _, args, rounding=rounding: (rounding(args[0]), *args[1:])))

    def _observe(self, batches: list[tuple[Tensor, ...]]) -> tuple[dict[str, tuple[float, float]], dict[str, int]]:
        ranges: dict[str, tuple[float, float]] = {}
        rows: dict[str, int] = {}

        def note(name: str, x: Tensor) -> None:
            low, high = ranges.get(name, (0.0, 0.0))
            ranges[name] = (min(low, float(x.min())), max(high, float(x.max())))
            rows[name] = int(x.shape[-2]) if x.dim() >= 2 else 1

        hooks = [layer.register_forward_pre_hook(lambda _, args, name=name: note(name, args[0])) for name, layer in self.layers.items()]
        with torch.no_grad():
            for batch in batches:
                self.model(*batch)
        for hook in hooks:
            hook.remove()
        return ranges, rows

    def plain(self) -> nn.Module:
        """The fine-tuned network without rounding, ready to export and quantise."""
        for hook in self.hooks:
            hook.remove()
        for layer in self.layers.values():
            if hasattr(layer, "parametrizations"):
                remove_parametrizations(layer, "weight", leave_parametrized=False)
        return self.model.eval()


def distance(got: dict[str, Tensor], wanted: dict[str, Tensor]) -> Tensor:
    """Squared difference of the scores, and of the outline where there is one."""
    loss = F.mse_loss(got["logits"], wanted["logits"])
    return loss + 0.1 * F.mse_loss(got["mask"], wanted["mask"]) if "mask" in got else loss


def finetune(model: nn.Module, batches: Iterator[tuple[Tensor, ...]], observed: list[tuple[Tensor, ...]], steps: int = 300,
             rate: float = 1e-5) -> nn.Module:
    """Fine-tune a copy of `model` for `steps` to say in int8 what `model` says in fp32; `batches` of inputs of training pictures."""
    teacher = model.eval()
    aware = Aware(model, observed)
    optimiser = torch.optim.Adam([p for p in aware.model.parameters() if p.requires_grad], lr=rate)
    for step in range(steps):
        batch = next(batches)
        with torch.no_grad():
            wanted = teacher(*batch)
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 20) * (1 - step / steps)
        loss = distance(aware.model(*batch), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return aware.plain()
