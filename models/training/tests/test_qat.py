"""Quantisation-aware fine-tuning: folding keeps the function, rounding is what int8 does, and training brings it nearer."""

import torch
from torch import nn

from lentigo_training.qat import Aware, RoundedInput, RoundedWeight, distance, finetune, fold_batch_norms


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6(),
                                  nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False), nn.BatchNorm2d(8), nn.ReLU6(),
                                  nn.Conv2d(8, 16, 1, bias=False), nn.BatchNorm2d(16))
        self.head = nn.Linear(16, 2)

    def forward(self, image):
        return {"logits": self.head(self.body(image).mean((2, 3)))}


def small():
    torch.manual_seed(0)
    model = Small().train()
    for _ in range(20):
        model(torch.randn(8, 3, 16, 16))
    with torch.no_grad():
        # Channels of very unequal weight within one filter: coarse to round.
        model.body[0].weight[:, 0] *= 30
    return model.eval()


def pictures(seed):
    return torch.randn(8, 3, 16, 16, generator=torch.Generator().manual_seed(seed)),


def test_folding_keeps_the_function_and_leaves_no_norm():
    model = small()
    folded = fold_batch_norms(model, pictures(0))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    torch.testing.assert_close(folded(*pictures(1))["logits"], model(*pictures(1))["logits"], atol=1e-4, rtol=1e-4)


def test_rounding_has_256_levels_and_lets_gradients_through():
    x = torch.linspace(-1, 7, 5001, requires_grad=True)
    rounded = RoundedInput(0.0, 6.0)(x)
    assert len(rounded.detach().unique()) == 256 and rounded.min() == 0 and rounded.max() == 6
    rounded.sum().backward()
    assert x.grad[x < 0].sum() == 0 and (x.grad[(x > 0.1) & (x < 5.9)] == 1).all()
    weight = torch.randn(4, 3, 3, 3)
    codes = RoundedWeight()(weight) / (weight.abs().flatten(1).amax(1)[:, None, None, None] / 127)
    torch.testing.assert_close(codes, codes.round(), atol=1e-3, rtol=0)


def test_fine_tuning_brings_the_rounded_network_nearer_to_itself_in_fp32():
    model = small()
    observed = [pictures(seed) for seed in range(3)]
    before = Aware(model, observed).model
    batches = iter(pictures(seed) for seed in range(10, 200))
    tuned = Aware(finetune(model, batches, observed, steps=120, rate=1e-3), observed).model
    with torch.no_grad():
        wanted = model(*pictures(300))
        assert distance(tuned(*pictures(300)), wanted) < 0.8 * distance(before(*pictures(300)), wanted)
