"""The transformer's reading is its own network's: same map, same outline, pooled over the lesion."""

import torch

from lentigo_training.cefm_features import GRID, Reader, opened_grid
from lentigo_training.cefm_vit import VitReading
from lentigo_training.vit import VitTiny


def test_reads_what_the_network_sees():
    torch.manual_seed(0)
    vit = VitTiny(depth=1).eval()
    image = torch.rand(2, 3, 224, 224) - 0.5
    with torch.no_grad():
        pooled, mean, grid = VitReading(vit)(image)
        whole = vit(image)
    torch.testing.assert_close(mean, whole["pooled"])
    torch.testing.assert_close(grid[:, 3:], torch.sigmoid(whole["mask"]))
    assert pooled.shape == mean.shape == (2, vit.width) and not torch.allclose(pooled, mean)


def test_an_even_outline_pools_evenly():
    torch.manual_seed(0)
    vit = VitTiny(depth=1).eval()
    torch.nn.init.zeros_(vit.lesion.weight)
    torch.nn.init.zeros_(vit.lesion.bias)
    with torch.no_grad():
        pooled, mean, _ = VitReading(vit)(torch.rand(1, 3, 224, 224) - 0.5)
    torch.testing.assert_close(pooled, mean, rtol=1e-4, atol=1e-5)


def test_batches_of_any_size():
    torch.manual_seed(0)
    reader = Reader(VitReading(VitTiny(depth=1)))
    assert reader.channels == 192
    for n in (1, 3):
        pooled, _, grid = reader(torch.zeros(n, 3, 224, 224))
        assert pooled.shape == (n, 192) and opened_grid(grid).shape == (n, 4, GRID, GRID)
