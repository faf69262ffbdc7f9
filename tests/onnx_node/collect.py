"""Lays out the ONNX project's own node tests for the operators that the engine uses.

    python tests/onnx_node/collect.py target/onnx-node

The PyPI package `onnx` (requirements.txt beside this file) carries the cases as
code that makes them and, for some, as files; nothing of them is kept in this
repository. Each case becomes a folder

    NAME/model.onnx, NAME/input_K.npy, NAME/output_K.npy

with inputs and outputs in the order of the graph. The project passes every
operand as an input, weights and quantisation parameters too; a network has them
as constants. So a case with parameters is written a second time as
`NAME.constant`, with the parameters as initializers and only the data as input.

`cases.tsv` lists what was written (name, operators, opset), `skipped.tsv` what was
left out and why. The project asks for a relative tolerance of 1e-3 and an absolute one of 1e-7.
"""

import argparse
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

# Operator to the number of its leading inputs that are data rather than parameters.
OPERATORS = {
    "Add": 2, "AveragePool": 1, "BatchNormalization": 1, "Cast": 1, "Clip": 1, "Concat": 9, "Constant": 0, "Conv": 1,
    "ConvInteger": 1, "DequantizeLinear": 1, "Div": 2, "DynamicQuantizeLinear": 1, "Erf": 1, "Exp": 1, "Flatten": 1, "Gather": 1,
    "Gelu": 1, "Gemm": 1, "GlobalAveragePool": 1, "GlobalMaxPool": 1, "HardSigmoid": 1, "HardSwish": 1, "Identity": 1,
    "LayerNormalization": 1, "LeakyRelu": 1, "MatMul": 1, "MatMulInteger": 1, "Max": 2, "MaxPool": 1, "Min": 2, "Mul": 2, "Pad": 1,
    "Pow": 2, "QLinearConv": 1, "QLinearMatMul": 1, "QuantizeLinear": 1, "Reciprocal": 1, "ReduceMean": 1, "Relu": 1, "Reshape": 1,
    "Resize": 1, "Shape": 1, "Sigmoid": 1, "Slice": 1, "Softmax": 1, "Split": 1, "Sqrt": 1, "Squeeze": 1, "Sub": 2, "Tanh": 1,
    "Transpose": 1, "Unsqueeze": 1,
}
# Operators whose second operand is as often a weight as it is data: the constant form keeps the first only.
EITHER = {"Add", "Div", "Max", "Min", "Mul", "Pow", "Sub"}
# QLinearMatMul takes a, its scale, its zero point, b, ...: with b as data the product is attention's.
QLINEARMATMUL_B = 3
KEPT_TYPES = {np.dtype(t) for t in ("f4", "f2", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?")}


def from_code() -> Iterator[tuple[str, onnx.ModelProto, list, list]]:
    """The cases that the package's code makes."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for case in collect_testcases(None):
            for inputs, outputs in case.data_sets:
                yield case.name, case.model, list(inputs), list(outputs)


def from_files() -> Iterator[tuple[str, onnx.ModelProto, list, list]]:
    """The cases that the package carries as files, made by PyTorch's exporter long ago."""
    import onnx.backend.test

    data = Path(onnx.backend.test.__file__).parent / "data"
    for folder in sorted(path for kind in ("pytorch-operator", "pytorch-converted") for path in (data / kind).glob("*")):
        model = onnx.load(folder / "model.onnx")
        for values in sorted(folder.glob("test_data_set_*")):
            number = values.name.removeprefix("test_data_set_")
            yield f"{folder.parent.name}-{folder.name}-{number}", model, tensors(values, "input"), tensors(values, "output")


def tensors(folder: Path, side: str) -> list[onnx.TensorProto]:
    """The protobuf tensors `SIDE_0.pb`, `SIDE_1.pb`, ... of a folder."""
    found = []
    while (path := folder / f"{side}_{len(found)}.pb").exists():
        found.append(onnx.load_tensor(path))
    return found


def array(value) -> np.ndarray | None:
    """A tensor as NumPy; None where NumPy's file format has no such type."""
    if isinstance(value, onnx.TensorProto):
        value = numpy_helper.to_array(value)
    if not isinstance(value, (np.ndarray, np.generic)):
        return None
    value = np.asarray(value)
    return value if value.dtype in KEPT_TYPES else None


def reason_to_skip(model: onnx.ModelProto, values: list) -> str | None:
    """Why a case of these operators cannot be laid out."""
    if any(value is None for value in values):
        return "a type that .npy files do not have (float8, int4, bfloat16, a sequence, an optional)"
    if any(node.domain not in ("", "ai.onnx") for node in model.graph.node):
        return "an operator of another domain"
    return None


def free_inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """Inputs that are no initializers: old files list those among the inputs too."""
    fixed = {initializer.name for initializer in model.graph.initializer}
    return [entry for entry in model.graph.input if entry.name not in fixed]


def with_constants(model: onnx.ModelProto, inputs: list[np.ndarray]) -> tuple[onnx.ModelProto, list[np.ndarray]] | None:
    """The case with its parameters as initializers, and the inputs that remain; None when it has no parameters."""
    graph = model.graph
    if len(graph.node) != 1:
        return None
    node = graph.node[0]
    data = {name for name in node.input[:1 if node.op_type in EITHER else OPERATORS[node.op_type]] if name}
    entries = free_inputs(model)
    if not data or all(entry.name in data for entry in entries):
        return None
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    del fixed.graph.input[:]
    left = []
    for entry, value in zip(entries, inputs, strict=True):
        if entry.name in data:
            fixed.graph.input.append(entry)
            left.append(value)
        else:
            fixed.graph.initializer.append(numpy_helper.from_array(value, entry.name))
    return fixed, left


def with_two_operands(model: onnx.ModelProto, inputs: list[np.ndarray]) -> tuple[onnx.ModelProto, list[np.ndarray]] | None:
    """A quantised matrix product whose both operands stay inputs while scales and zero points are constants."""
    node = model.graph.node[0] if len(model.graph.node) == 1 else None
    if node is None or node.op_type != "QLinearMatMul":
        return None
    second = node.input[QLINEARMATMUL_B]
    fixed, _ = with_constants(model, inputs)
    kept = [initializer for initializer in fixed.graph.initializer if initializer.name != second]
    del fixed.graph.initializer[:]
    fixed.graph.initializer.extend(kept)
    fixed.graph.input.append(next(entry for entry in model.graph.input if entry.name == second))
    names = [entry.name for entry in free_inputs(model)]
    return fixed, [inputs[names.index(entry.name)] for entry in fixed.graph.input]


def write(folder: Path, model: onnx.ModelProto, inputs: list[np.ndarray], outputs: list[np.ndarray]) -> None:
    """Write one folder."""
    folder.mkdir()
    onnx.save(model, folder / "model.onnx")
    for side, values in (("input", inputs), ("output", outputs)):
        for index, value in enumerate(values):
            np.save(folder / f"{side}_{index}.npy", value)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="made anew")
    args = parser.parse_args()
    shutil.rmtree(args.folder, ignore_errors=True)
    args.folder.mkdir(parents=True)
    written, skipped, used = [], [], set()
    for source in (from_code, from_files):
        for name, model, raw_inputs, raw_outputs in source():
            kinds = sorted({node.op_type for node in model.graph.node})
            # A case may come again with its operator spelled out as a function, which says nothing when the operator is not used.
            case, _, _ = name.partition("_expanded")
            if not set(kinds) <= set(OPERATORS) or ("_expanded" in name and case not in used):
                continue
            used.add(name)
            inputs, outputs = [array(v) for v in raw_inputs], [array(v) for v in raw_outputs]
            if reason := reason_to_skip(model, inputs + outputs):
                skipped.append(f"{name}\t{reason}")
                continue
            for suffix, form in (("", (model, inputs)), (".constant", with_constants(model, inputs)),
                                 (".two-operands", with_two_operands(model, inputs))):
                if form is None:
                    continue
                folder = args.folder / f"{name}{suffix}"
                write(folder, *form, outputs)
                opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), "")
                written.append(f"{folder.name}\t{','.join(kinds)}\t{opset}")
    (args.folder / "cases.tsv").write_text("\n".join(sorted(written)) + "\n")
    (args.folder / "skipped.tsv").write_text("\n".join(sorted(skipped)) + "\n")
    print(f"{len(written)} cases in {args.folder}, {len(skipped)} left out (skipped.tsv)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
