"""What stands beside system B's graph follows the device's own measures; the graph does not."""

import numpy as np
import pytest
import torch

from lentigo_training.alignment import Examples, Heads, Schedule
from lentigo_training.cefm_device import refit, with_sections
from lentigo_training.criteria_parts import manifest_sections

FOUND = {
    "criteria": {"colour_constancy": "none", "shape_min": 0.1},
    "severity": {name: {"measure": "score", "cuts": [1.0, 2.0, 3.0, 4.0]} for name in ("asymmetry", "border", "colour", "overall")},
    "clinical": {"measures": ["border_radial"], "mean": [0.1], "deviation": [0.2], "limit": 4.0, "agreement_min": 0.5},
}


def test_the_clinical_head_moves_towards_pictures_that_stay_where_they_are():
    rng = np.random.default_rng(0)
    criteria = rng.normal(size=(256, 4)).astype(np.float32)
    features = (criteria @ rng.normal(size=(4, 24))).astype(np.float16)[:, None]
    examples = Examples(features, criteria, np.zeros(256, int), np.zeros((256, 1)))
    torch.manual_seed(0)
    heads = Heads(24, 4).eval()
    before = {name: value.clone() for name, value in heads.image.state_dict().items()}
    seen = heads.embed(features)
    agreement = (seen * heads.embed_criteria(criteria)).sum(1).mean()
    refit(heads, examples, Schedule(steps=60, batch=128))
    assert all(torch.equal(value, before[name]) for name, value in heads.image.state_dict().items())
    assert (heads.embed(features) * heads.embed_criteria(criteria)).sum(1).mean() > agreement + 0.2


def test_a_manifest_keeps_everything_but_the_criteria_and_its_digests():
    head, tail = 'format = 1\n\n[golden]\ntolerance = 0.02\n\n', "\n# Made by: lentigo gate\n[quality]\nfocus_min = 0.4\n"
    other = {**FOUND, "clinical": {**FOUND["clinical"], "agreement_min": 0.25}}
    sealed = head + manifest_sections(other) + tail + '\n[files]\n"graph.onnx" = "ab"\n'
    assert with_sections(sealed, FOUND) == head + manifest_sections(FOUND) + tail
    assert with_sections(with_sections(sealed, FOUND), other) == head + manifest_sections(other) + tail
    with pytest.raises(ValueError, match="0 places"):
        with_sections(head + tail, FOUND)
