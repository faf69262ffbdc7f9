"""The schedule that makes system C's shipped weights from the dermoscopic trunk."""

from .joint_features import STAGES
from .train import Stage

# Order of preference where sets share a picture: isic2017's own geometry and labels lead, the other file is an alternative view of it.
DATASETS = ("isic2017", "isic2018-seg", "ham10000")

# isic2017 is what the system is for, but 1,777 small pictures are soon known by heart: another set's keep melanoma from meaning
# "these pictures". At 2e-4, with a tenth of ham10000 and calmer augmentation, val's AUCs rose for two epochs and fell for four.
# Stages 0 to 4 stay as the trunk made them (`joint_features`): they have seen these pictures for many epochs, and a step costs half.
STAGE = Stage("joint-192", size=192, epochs=6, rate=8e-5, mix={"isic2017": 1.0, "isic2018-seg": 1.0, "ham10000": 0.3}, balance=0.5,
              warmup_steps=40, batch=24, strength=1.0, mixup_share=0.0, frozen_blocks=STAGES, ema_decay=0.995, label_smoothing=0.05)

# Heads read other features than the trunk's did (weighted, not even, averages) and must move further than it; the sharpness is a
# single number of order 3 whose gradient step is the rate itself.
HEAD_FACTOR, SHARPNESS_FACTOR = 6.0, 20.0
# Of the guidance loss; the other three terms weigh one each, as in the paper.
GUIDANCE = 0.6
# How many pictures of ham10000's val an epoch looks at.
HAM_VAL = 200

# Shipped weights are the mean of the last LATE epochs, or a blend of that mean (these shares) with what the run started from.
LATE = 3
SHARES = (0.7, 0.5)
