"""The schedule of the shipped edge bundles, in one place."""

from .train import Stage

SYSTEMS = ("asff",)

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

CALIBRATION_PICTURES = 256
