"""Static int8 quantisation by ONNX Runtime's own quantiser, as its users call it."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


@dataclass(frozen=True)
class Recipe:
    """What the caller of the quantiser chose."""

    form: QuantFormat = QuantFormat.QDQ
    per_channel: bool = True
    activations: QuantType = QuantType.QUInt8
    weights: QuantType = QuantType.QInt8
    # Many leave the recommended preparation out: batch norms and constants then reach the quantiser as they were exported.
    prepare: bool = True
    # Seven-bit weights, for processors without VNNI.
    reduce_range: bool = False
    operators: tuple[str, ...] | None = None
    options: dict = field(default_factory=dict)
    # Scales are worked out at run time: DynamicQuantizeLinear, MatMulInteger, ConvInteger.
    dynamic: bool = False


# The suffix of a model's file says which recipe made it.
RECIPES = {
    f"{name}{suffix}": Recipe(form, **choice)
    for name, form in (("qdq", QuantFormat.QDQ), ("qop", QuantFormat.QOperator))
    for suffix, choice in (
        ("", {}),
        ("-tensor", {"per_channel": False}),
        ("-s8s8", {"activations": QuantType.QInt8}),
        ("-u8u8", {"weights": QuantType.QUInt8, "per_channel": False}),
        ("-raw", {"prepare": False}),
        ("-narrow", {"reduce_range": True}),
        ("-convolutions", {"operators": ("Conv",)}),
        ("-products", {"operators": ("Conv", "MatMul", "Gemm")}),
        ("-symmetric", {"activations": QuantType.QInt8, "options": {"ActivationSymmetric": True, "WeightSymmetric": True}}),
    )
} | {
    "qdq-weights": Recipe(options={"AddQDQPairToWeight": True}),
    "qdq-dedicated": Recipe(options={"DedicatedQDQPair": True}),
    "qdq-contrib": Recipe(options={"UseQDQContribOps": True}),
    "qdq-s16": Recipe(activations=QuantType.QUInt16, options={"UseQDQContribOps": True}),
    "qdyn": Recipe(dynamic=True),
}


class Feed(CalibrationDataReader):
    """Hands the calibration tensors out one by one."""

    def __init__(self, name: str, tensors: list[np.ndarray]):
        self.rows = iter([{name: tensor} for tensor in tensors])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.rows, None)


def quantise(source: Path, target: Path, recipe: Recipe, feed: Feed) -> None:
    """Write the int8 twin of the float graph `source` to `target`."""
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared.onnx"
        if not recipe.prepare:
            prepared = source
        else:
            try:
                quant_pre_process(source, prepared)
            except Exception:  # Symbolic shape inference gives up on some graphs; its users then skip it.
                quant_pre_process(source, prepared, skip_symbolic_shape=True)
        if recipe.dynamic:
            quantize_dynamic(prepared, target, per_channel=recipe.per_channel, weight_type=recipe.weights)
            return
        quantize_static(prepared, target, feed, quant_format=recipe.form, per_channel=recipe.per_channel,
                        reduce_range=recipe.reduce_range, op_types_to_quantize=list(recipe.operators) if recipe.operators else None,
                        activation_type=recipe.activations, weight_type=recipe.weights, extra_options=dict(recipe.options))
