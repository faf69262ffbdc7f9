"""The fusion computes what the paper writes."""

import pytest
import torch
import torch.nn.functional as F

from lentigo_training.systems.asff import Fusion, Gate


@pytest.mark.parametrize("gate", ["softmax", "two_way"])
def test_convolving_before_the_resize_is_the_paper_s_order(gate):
    torch.manual_seed(0)
    fusion = Fusion(gate, (6, 10))
    f1, f2 = torch.randn(2, 6, 8, 8), torch.randn(2, 10, 4, 4)
    w = fusion.gate(torch.cat([f1.mean((2, 3)), f2.mean((2, 3))], 1))[:, :, None, None]
    resized_first = fusion.project(F.interpolate(f2, size=(8, 8), mode="bilinear", align_corners=False))
    torch.testing.assert_close(fusion(f1, f2), f1 * w + resized_first * (1 - w), rtol=1e-5, atol=1e-5)


def test_gate_forms():
    pooled = torch.randn(3, 16)
    torch.manual_seed(1)
    w = Gate("softmax", 16, 6)(pooled)
    torch.testing.assert_close(w.sum(1), torch.ones(3))
    torch.manual_seed(1)
    gate = Gate("two_way", 16, 6)
    score = gate.w2(F.relu(gate.w1(pooled)))
    pair = torch.softmax(torch.stack([score, torch.zeros_like(score)]), dim=0)[0]
    torch.testing.assert_close(gate(pooled), pair)
    with pytest.raises(ValueError):
        Gate("mean", 16, 6)
