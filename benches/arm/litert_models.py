"""Makes int8 .tflite files of EfficientNet-Lite0 and MobileNetV2 (224, 1000 classes) with random weights.

    python litert_models.py FOLDER

Runs in an environment with TensorFlow. Instruction counts do not depend on the values of weights: XNNPACK's dense kernels skip no zeros.
"""

import os
import sys
from pathlib import Path

os.environ |= {"CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "2"}
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

# Blocks: expansion, output channels, repetitions, stride, kernel.
NETWORKS = {
    "efficientnet-lite0": [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
                           (6, 320, 1, 1, 3)],
    "mobilenet-v2": [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 32, 3, 2, 3), (6, 64, 4, 2, 3), (6, 96, 3, 1, 3), (6, 160, 3, 2, 3),
                     (6, 320, 1, 1, 3)],
}
SHAPE = (1, 224, 224, 3)


class Network:
    """Builds one network's layers with random weights."""

    def __init__(self):
        self.random = np.random.default_rng(0)

    def weights(self, *shape: int, terms: int) -> tf.Tensor:
        """Random weights that keep the variance over a sum of `terms`."""
        return tf.constant((self.random.standard_normal(shape) * (2 / terms) ** 0.5).astype(np.float32))

    def bias(self, channels: int) -> tf.Tensor:
        """Random bias."""
        return tf.constant(self.random.standard_normal(channels).astype(np.float32) * 0.1)

    def convolution(self, x: tf.Tensor, channels: int, size: int, stride: int) -> tf.Tensor:
        """A dense convolution."""
        weights = self.weights(size, size, x.shape[-1], channels, terms=size * size * x.shape[-1])
        return tf.nn.conv2d(x, weights, stride, "SAME") + self.bias(channels)

    def depthwise(self, x: tf.Tensor, size: int, stride: int) -> tf.Tensor:
        """A depthwise convolution."""
        weights = self.weights(size, size, x.shape[-1], 1, terms=size * size)
        return tf.nn.depthwise_conv2d(x, weights, [1, stride, stride, 1], "SAME") + self.bias(x.shape[-1])

    def whole(self, x: tf.Tensor, blocks: list) -> tf.Tensor:
        """The network."""
        x = tf.nn.relu6(self.convolution(x, 32, 3, 2))
        for expansion, channels, repetitions, stride, size in blocks:
            for repetition in range(repetitions):
                y = tf.nn.relu6(self.convolution(x, x.shape[-1] * expansion, 1, 1)) if expansion > 1 else x
                y = tf.nn.relu6(self.depthwise(y, size, 1 if repetition else stride))
                y = self.convolution(y, channels, 1, 1)
                x = x + y if repetition else y
        x = tf.reduce_mean(tf.nn.relu6(self.convolution(x, 1280, 1, 1)), [1, 2])
        return tf.matmul(x, self.weights(1280, 1000, terms=1280)) + self.bias(1000)


def calibration():
    """A few random pictures."""
    for seed in range(4):
        yield [np.random.default_rng(seed).standard_normal(SHAPE).astype(np.float32)]


for name, blocks in NETWORKS.items():
    network = Network()
    function = tf.function(lambda x: network.whole(x, blocks), input_signature=[tf.TensorSpec(SHAPE, tf.float32)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibration
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (Path(sys.argv[1]) / f"{name}.int8.tflite").write_bytes(converter.convert())
