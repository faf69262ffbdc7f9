"""The schedules of the backbone and of the shipped edge bundles, in one place."""

from dataclasses import replace

from .backbone import LITE
from .multitask_train import VAL_DATASETS
from .train import Stage

# System D's own weights: its heads alone, no outline, no guidance.
STAGES = (
    # The whole pool, coarse: what skin lesions look like.
    Stage("pool-160", size=160, epochs=4, rate=8e-4, mix={"isic-binary": 1.0, "ham10000": 0.6, "isic2017": 0.6},
          ema_decay=0.99, frozen_blocks=2),
    # isic-binary emphasised, finer.
    Stage("binary-192", size=192, epochs=4, stop=3, rate=5e-4, mix={"isic-binary": 2.0, "ham10000": 0.25, "isic2017": 0.25},
          strength=0.8, mixup_share=0.1, ema_decay=0.99, frozen_blocks=2),
    # Half the augmentation and small batches: the network still underfits when the other two are done.
    Stage("settle-192", size=192, epochs=6, rate=3e-4, mix={"isic-binary": 1.0, "ham10000": 0.15, "isic2017": 0.1},
          batch=16, strength=0.5, mixup_share=0.0, ema_decay=0.99, frozen_blocks=2),
)

# Shares of the stages' results in the shipped weights.
AVERAGE = {"pool-160": 0.25, "settle-192": 0.75}

# The dermoscopic backbone. isic2018-seg is small because most of its pictures are isic2017's as well.
_BACKBONE_MIX = {"isic-binary": 1.0, "isic2017": 1.4, "ham10000": 0.8, "isic2018-seg": 1.0}
_BACKBONE_STAGES = (
    # Most of the time goes here, at half the cost of 224.
    Stage("backbone-160", size=160, epochs=15, stop=14, rate=8e-4, mix=_BACKBONE_MIX, balance=0.5, mixup_share=0.2, frozen_blocks=2,
          ema_decay=0.995, val_size=192, val=VAL_DATASETS),
    # Finer detail, calmer augmentation, small batches; evidence is drawn into the lesion, and some pictures show nothing but it,
    # so that one trunk serves system A's second encoder too.
    Stage("finish-192", size=192, epochs=6, rate=3e-4, mix=_BACKBONE_MIX, balance=0.5, mixup_share=0.0, strength=0.7, batch=16,
          frozen_blocks=2, ema_decay=0.995, val=("isic-binary", "isic2017", "ham10000", "ph2"), fusions=True, guidance=0.3, lesion_only=0.15),
)


# System D from the finished trunk: its own pictures emphasised, its own heads leading; the other tasks stay as a reminder.
ASFF_STAGES = (
    # Half the trunk's augmentation and a tenth of its guidance: the trunk's maps lie inside the lesion already.
    Stage("detail-192", size=192, epochs=3, rate=3e-4, mix={"isic-binary": 2.0, "ham10000": 0.1, "isic2017": 0.1}, batch=16, strength=0.35,
          mixup_share=0.0, frozen_blocks=2, ema_decay=0.99, val=("isic-binary", "isic2017", "ph2"), fusions=True, guidance=0.03,
          emphasis={"softmax": 1.0, "two_way": 1.0, "plain": 1.0, "dx": 0.3, "melanoma": 0.1, "seborrheic_keratosis": 0.1, "mask": 0.1}),
)

# System D from weights that were trained for it alone (STAGES): they know isic-binary best and look beside the lesion.
# Tasks that such weights never learnt weigh nothing.
_OWN = {"softmax": 1.0, "two_way": 1.0, "plain": 1.0, "dx": 0.5, "malignant": 0.0, "melanoma": 0.0, "seborrheic_keratosis": 0.0, "mask": 0.0}
GUIDED_STAGES = (
    Stage("guided-192", size=192, epochs=2, stop=1, rate=1e-4, mix={"isic-binary": 1.0, "ham10000": 0.15, "isic2017": 0.3}, batch=16,
          strength=0.5, mixup_share=0.0, frozen_blocks=2, ema_decay=0.99, val=("isic-binary", "isic2017", "ph2"), fusions=True,
          guidance=0.3, emphasis=_OWN),
    Stage("drawn-192", size=192, epochs=2, rate=1.5e-4, warmup_steps=30, mix={"isic-binary": 1.0, "ham10000": 0.25, "isic2017": 0.5},
          batch=16, strength=0.5, mixup_share=0.0, frozen_blocks=2, ema_decay=0.99, val=("isic-binary", "isic2017", "ph2"), fusions=True,
          guidance=0.8, head_factor=3.0, emphasis=_OWN),
)

# What a distilled backbone takes from the ensemble instead of the labels.
TEACHER_SHARE = 0.5


def backbone_stages(name: str, taught: bool) -> tuple[Stage, ...]:
    """The backbone's schedule; layers are only frozen where ImageNet weights make them worth keeping."""
    changes: dict = {} if LITE.fullmatch(name) else {"frozen_blocks": 0}
    if taught:
        changes["teacher_share"] = TEACHER_SHARE
    return tuple(replace(stage, **changes) for stage in _BACKBONE_STAGES)

# System B's trunk from the finished one: nevi and melanomas of three sets. Half the augmentation and a twentieth of guidance made val
# worse from the first epoch on (ham10000's 782 melanomas are soon known by heart), so it is as strong as on the way from ImageNet.
_MELANOMA = {"softmax": 0.1, "two_way": 0.1, "plain": 0.1, "malignant": 0.3, "seborrheic_keratosis": 0.3, "mask": 0.2}
MELANOMA_STAGES = (
    Stage("strong-192", size=192, epochs=8, stop=3, rate=3e-4, mix={"ham10000": 1.0, "isic2017": 1.0, "isic-binary": 0.4}, balance=0.3, batch=16,
          mixup_share=0.25, frozen_blocks=2, ema_decay=0.995, val=("isic2017", "ham10000", "ph2"), fusions=True,
          emphasis={**_MELANOMA, "dx": 1.5, "melanoma": 1.5}),
    # Melanoma against what it is told from. Another epoch with the rate run down to nothing lost 0.004 of ROC AUC on val.
    Stage("narrow-192", size=192, epochs=5, stop=3, rate=2e-4, mix={"ham10000": 1.0, "isic2017": 1.0, "isic-binary": 0.5}, balance=0.3, batch=16,
          mixup_share=0.25, frozen_blocks=2, ema_decay=0.995, val=("isic2017", "ham10000", "ph2"), fusions=True, narrow=True,
          emphasis={**_MELANOMA, "dx": 1.0, "melanoma": 2.5}),
)
# Shares of the fine-tuned weights, the rest being those that they started from.
MELANOMA_SHARES = (0.7, 0.5, 0.3)

# The tiny transformer of system B's comparison: distilled from the melanoma trunk.
VIT_STAGE = Stage("vit-160", size=160, epochs=2, rate=7e-4, mix={"ham10000": 1.0, "isic2017": 1.0, "isic-binary": 1.0, "isic2018-seg": 0.5},
                  balance=0.3, warmup_steps=150, strength=0.7, mixup_share=0.0, ema_decay=0.995, weight_decay=0.05, val_size=192)
VIT_TEACHER_SHARE = 0.7
