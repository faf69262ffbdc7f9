"""Node tests laid out with their parameters as constants."""

import numpy as np
from collect import with_constants, with_two_operands
from onnx import TensorProto, helper


def product():
    names = ["a", "a_scale", "a_zero", "b", "b_scale", "b_zero", "y_scale", "y_zero"]
    kinds = {"scale": TensorProto.FLOAT}
    inputs = [helper.make_tensor_value_info(n, kinds.get(n.partition("_")[2], TensorProto.UINT8), [2, 2] if "_" not in n else []) for n in names]
    graph = helper.make_graph([helper.make_node("QLinearMatMul", names, ["y"])], "g", inputs,
                              [helper.make_tensor_value_info("y", TensorProto.UINT8, [2, 2])])
    values = [np.full([2, 2] if "_" not in n else [], i, np.float32 if "scale" in n else np.uint8) for i, n in enumerate(names)]
    return helper.make_model(graph), values


def test_parameters_become_constants_and_only_data_stays_an_input():
    fixed, left = with_constants(*product())
    assert [entry.name for entry in fixed.graph.input] == ["a"] and len(fixed.graph.initializer) == 7
    assert len(left) == 1 and (left[0] == 0).all()


def test_attentions_product_keeps_both_operands_in_the_order_of_the_graph():
    fixed, left = with_two_operands(*product())
    assert [entry.name for entry in fixed.graph.input] == ["a", "b"] and len(fixed.graph.initializer) == 6
    assert [int(value[0, 0]) for value in left] == [0, 3]
