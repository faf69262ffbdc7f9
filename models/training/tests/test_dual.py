"""System A: the graph computes what the module does, its parts do what their equations say."""

import copy

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from lentigo_training.backbone import build_backbone
from lentigo_training.decoder import Decoder
from lentigo_training.export import fold_constants, fold_padding, static_padding
from lentigo_training.metadata import Encoding
from lentigo_training.systems.attention import MetadataTransformer, MultiHead
from lentigo_training.systems.deep_unet import DeepUnet
from lentigo_training.systems.dual import CLASSES, DualNetwork, Fusion, lesion_only

LITE0 = "tf_efficientnet_lite0"


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    model = DualNetwork(LITE0).eval()
    torch.nn.init.normal_(model.fusion.head.w1.bias, std=0.3)
    # A freshly initialised trunk's deepest map is almost flat: spread it, so that tokens differ.
    for trunk in (model.backbone, model.backbone_segmented):
        torch.nn.init.normal_(trunk.bn2.weight, 4.0, 0.5)
    return model


@pytest.fixture(scope="module")
def image():
    torch.manual_seed(4)
    return torch.nn.functional.interpolate(torch.randn(1, 3, 14, 14), size=(224, 224), mode="nearest")


def told(age, sex, site):
    return torch.from_numpy(Encoding().encode(np.array([age]), np.array([sex]), np.array([site])))


@torch.no_grad()
def test_one_graph_from_picture_and_metadata(tmp_path, network, image):
    path = tmp_path / "dual.onnx"
    network = static_padding(copy.deepcopy(network), (image, told(70, "male", "posterior-torso")))
    names = ["logits", "cam", "pooled", "mask"]
    torch.onnx.export(network, (image, told(70, "male", "posterior-torso")), str(path), input_names=["image", "metadata"],
                      output_names=names, opset_version=17, dynamo=False)
    graph = fold_padding(fold_constants(onnx.load(path)))
    operators = {node.op_type for node in graph.graph.node}
    assert not {"Pad", "Shape", "If", "Loop", "BatchNormalization", "Erf", "Gather"} & operators
    assert "LayerNormalization" in operators
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    for vector in (told(70, "male", "posterior-torso"), told(np.nan, "", "")):
        expected = network(image, vector)
        found = dict(zip(names, session.run(names, {"image": image.numpy(), "metadata": vector.numpy()})))
        assert found["logits"].shape == (1, 7) and found["cam"].shape == (1, 7, 7, 7) and found["mask"].shape == (1, 1, 56, 56)
        for name in names:
            np.testing.assert_allclose(found[name], expected[name].numpy(), atol=1e-3)
    torch.testing.assert_close(network(image)["logits"], network(image, told(np.nan, "", ""))["logits"])


def test_cam_is_grad_cam_of_the_fused_tokens(network, image):
    fusion = network.fusion
    with torch.no_grad():
        deep = network.backbone.pyramid(image)[-1]
        vector = told(50, "female", "face")
        found = fusion(deep, deep.flip(2), vector)
        y = fusion.fused(deep, deep.flip(2)).reshape(1, 49, 256)
        words = fusion.metadata(vector)
    y.requires_grad_(True)
    logits = fusion.head(torch.cat([y.mean(1), words], 1))
    torch.testing.assert_close(logits, found["logits"])
    for c in range(len(CLASSES)):
        (gradient,) = torch.autograd.grad(logits[0, c], y, retain_graph=True)
        cam = torch.relu((gradient.mean(1, keepdim=True) * y).sum(2)).reshape(7, 7)
        torch.testing.assert_close(found["cam"][0, c], cam, rtol=1e-4, atol=1e-6)
    assert found["cam"].max() > 0


def test_attention_is_torchs():
    torch.manual_seed(5)
    own, torchs = MultiHead(64, 4), torch.nn.MultiheadAttention(64, 4, batch_first=True)
    torchs.in_proj_weight.data = torch.cat([own.query.weight, own.key.weight, own.value.weight])
    torchs.in_proj_bias.data = torch.cat([own.query.bias, own.key.bias, own.value.bias])
    torchs.out_proj.load_state_dict(own.out.state_dict())
    asking, asked = torch.randn(3, 9, 64), torch.randn(3, 5, 64)
    found = own(asking.reshape(27, 64), asked.reshape(15, 64), 3).reshape(3, 9, 64)
    torch.testing.assert_close(found, torchs(asking, asked, asked, need_weights=False)[0])


def test_fusion_looks_at_both_pictures_unless_told_not_to():
    torch.manual_seed(0)
    a, b, c = torch.randn(3, 1, 16, 7, 7)
    vector = torch.from_numpy(Encoding().unknown())
    both, alone = Fusion(16).eval(), Fusion(16, branch=False, metadata=False).eval()
    assert not torch.allclose(both(a, b, vector)["logits"], both(a, c, vector)["logits"])
    torch.testing.assert_close(alone(a, b, vector)["logits"], alone(a, c, vector)["logits"])
    age = both(a, b, told(80, "", ""))["logits"]
    assert not torch.allclose(age, both(a, b, vector)["logits"])
    torch.testing.assert_close(alone(a, b, told(80, "", ""))["logits"], alone(a, b, vector)["logits"])


def test_skin_becomes_blank_and_lesion_stays():
    image = torch.randn(1, 3, 32, 32)
    mask = torch.full((1, 1, 8, 8), -50.0)
    mask[..., 4:] = 50.0
    shown = lesion_only(image, mask)
    assert shown[..., :13].abs().max() < 1e-6
    torch.testing.assert_close(shown[..., 19:], image[..., 19:])


@torch.no_grad()
def test_unet_starts_as_the_decoder_it_came_from():
    torch.manual_seed(1)
    channels = build_backbone(LITE0, False).pyramid_channels
    decoder, unet = Decoder(channels).eval(), DeepUnet(channels).eval()
    unet.start_from(decoder.state_dict())
    for gate in unet.gates:
        torch.nn.init.constant_(gate.where.bias, 30.0)
        torch.nn.init.constant_(gate.which.bias, 30.0)
    pyramid = tuple(torch.rand(1, c, 64 // s, 64 // s) for c, s in zip(channels, (1, 2, 4, 8)))
    torch.testing.assert_close(unet(pyramid), decoder(pyramid), rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="not a decoder"):
        unet.start_from({"bottom.0.weight": decoder.state_dict()["bottom.0.weight"]})


@torch.no_grad()
def test_gates_depend_on_signal_and_close_by_place():
    torch.manual_seed(2)
    unet = DeepUnet((8, 8, 8, 8)).eval()
    gate = unet.gates[0]
    skip, signal = torch.rand(1, 8, 6, 6), torch.randn(1, 96, 6, 6)
    torch.nn.init.normal_(gate.where.weight, std=3.0)
    passed = gate(skip, signal) / skip
    assert 0 < passed.min() and passed.max() < 1
    # One factor by place times one by channel: the matrix channels x places has rank one.
    assert torch.linalg.svdvals(passed.reshape(8, 36))[1] < 1e-4
    assert passed[0, 0].std() > 1e-3
    assert not torch.allclose(passed, gate(skip, signal.roll(1, 2)) / skip)


@torch.no_grad()
def test_metadata_tokens_are_rows_of_their_tables():
    encoding = Encoding()
    transformer = MetadataTransformer(encoding.blocks).eval()
    tokens = transformer.tokens(told(25, "male", "nowhere"))
    age, sex, site = transformer.tables
    torch.testing.assert_close(tokens, torch.stack([(age[2] + age[3]) / 2, sex[1], site[-1]]))
