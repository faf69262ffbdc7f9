"""The share of a map inside a mask, and the loss on it, against the plain way of computing them."""

import pytest
import torch
import torch.nn.functional as F

from lentigo_training.guidance import FLOOR, guidance, share_inside
from lentigo_training.multitask import COLUMNS, WIDTH, MultiTask, SharedTrunk, mask_targets
from lentigo_training.systems.asff import HEADS
from lentigo_training.train import Stage


def test_share_is_that_of_the_enlarged_map():
    torch.manual_seed(0)
    cam, masks = torch.rand(3, 5, 7), (torch.rand(3, 32, 40) > 0.6).float()
    enlarged = F.interpolate(cam[:, None], size=(32, 40), mode="bilinear", align_corners=False)[:, 0]
    share, lit = share_inside(cam, masks)
    torch.testing.assert_close(share, (enlarged * masks).sum((1, 2)) / enlarged.sum((1, 2)))
    assert lit.all()


def test_a_dark_map_has_no_share_and_no_gradient():
    cam = torch.zeros(2, 4, 4)
    cam[1, 0, 0] = 1
    cam.requires_grad_(True)
    share, lit = share_inside(cam, torch.ones(2, 16, 16))
    assert lit.tolist() == [False, True] and share.tolist() == [0.0, 1.0]
    share.sum().backward()
    assert torch.isfinite(cam.grad).all()


def labels(*classes):
    targets = torch.zeros(len(classes), WIDTH)
    for row, c in enumerate(classes):
        if c is not None:
            targets[row, COLUMNS["melanoma"].start + c] = 1
    return targets


def test_guidance_reads_the_true_class_of_known_pictures():
    masks = torch.zeros(4, 1, 8, 8)
    masks[:, :, :4] = 1
    masks[3] = 1
    targets = mask_targets(masks, torch.tensor([True, True, False, True]))
    top, bottom = torch.zeros(8, 8), torch.zeros(8, 8)
    top[:4], bottom[4:] = 1, 1
    # (no, yes) maps of four pictures: right, unlabelled, without mask, nearly all lesion.
    cams = {"melanoma": torch.stack([torch.stack([bottom, top])] * 4)}
    right = guidance(cams, labels(1, None, 1, 1), targets, ("melanoma",))
    wrong = guidance(cams, labels(0, None, 1, 1), targets, ("melanoma",))
    torch.testing.assert_close(right, -torch.log(torch.tensor(1 + FLOOR)))
    torch.testing.assert_close(wrong, -torch.log(torch.tensor(FLOOR)))
    assert guidance(cams, labels(None, 1, 1, 1)[[0, 0, 2, 3]], targets, ("melanoma",)) == 0


def test_shared_trunk_shows_grad_cam_of_every_head():
    torch.manual_seed(3)
    model = SharedTrunk("tf_efficientnet_lite0", pretrained=False).eval()
    image = torch.randn(1, 3, 64, 64)
    outputs, cams = model.with_evidence(image)
    pyramid = [features.detach().requires_grad_(True) for features in model.backbone.pyramid(image)]
    read = model.read(tuple(pyramid))
    assert set(cams) == {*COLUMNS, *HEADS}
    for head, cam in cams.items():
        torch.testing.assert_close(read[head], outputs[head])
        if head in ("plain", *COLUMNS):
            # The last class of a binary task is "yes": the logit itself.
            (gradient,) = torch.autograd.grad(read[head][0, -1], pyramid[-1], retain_graph=True)
            expected = F.relu((gradient.mean((2, 3), keepdim=True) * pyramid[-1]).sum(1))
            torch.testing.assert_close(cam[:, -1], expected, rtol=1e-4, atol=1e-6)
    assert cams["two_way"].shape == (1, 2, 4, 4) and cams["plain"].shape == (1, 2, 2, 2)
    plain = MultiTask("tf_efficientnet_lite0", pretrained=False).eval()
    plain.load_state_dict({name: value for name, value in model.state_dict().items() if not name.startswith("asff.")})
    torch.testing.assert_close(plain(image)["dx"], outputs["dx"])


def test_guidance_refuses_mixed_pictures():
    with pytest.raises(ValueError):
        Stage("s", size=64, epochs=1, rate=1.0, mix={}, guidance=0.1, mixup_share=0.2)
