"""ONNX Runtime's frozen prefix and torch's own first layers agree."""

import copy

import torch

from lentigo_training.prefix import FrozenPrefix
from lentigo_training.systems.asff import AsffTrainer


def test_prefix_equals_the_layers_it_replaces():
    torch.manual_seed(2)
    model = AsffTrainer("tf_efficientnet_lite0", pretrained=False).eval()
    images = torch.randn(3, 3, 96, 96)
    features = FrozenPrefix(copy.deepcopy(model.backbone.prefix(2)), 96)(images)
    with torch.no_grad():
        whole, resumed = model(images), model(features, 2)
    for name in whole:
        torch.testing.assert_close(resumed[name], whole[name], rtol=1e-3, atol=1e-5)
