"""What stands beside system B's graph follows the device's own measures; the graph does not."""

import numpy as np
import torch

from lentigo_training.alignment import Examples, Heads, Schedule
from lentigo_training.cefm_device import refit

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
