//! The QOperator form of quantised ONNX, rewritten into the QDQ form, so that one set of rules serves both.
//!
//! `QLinearConv(x, w, b)` is `Quantize(Conv(Dequantize(x), Dequantize(w), Dequantize(b)))`, and so on for ONNX's own quantised operators and for
//! those of ONNX Runtime's quantiser (domain `com.microsoft`). The rewriting works on the file's nodes, before tract sees them.

use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, attribute_proto::AttributeType};

/// Rewrites every quantised operator of `graph` into QDQ form.
pub fn to_qdq(graph: &mut GraphProto) {
    if !graph.node.iter().any(|node| float_form(&node.op_type).is_some()) {
        return;
    }
    let nodes = std::mem::take(&mut graph.node);
    let mut writer = Writer { graph };
    for node in nodes {
        match float_form(&node.op_type) {
            Some(form) => writer.rewrite(node, form),
            None => writer.graph.node.push(node),
        }
    }
}

/// Which inputs of a quantised operator are what.
#[derive(Clone, Copy)]
enum Form {
    /// x, scale, zero; w, scale, zero; y scale, zero; bias in the scale of x times w.
    Conv,
    /// a, scale, zero; b, scale, zero; bias; y scale, zero, which may be left out.
    Gemm,
    /// a, scale, zero; b, scale, zero; y scale, zero.
    Two,
    /// x, scale, zero; y scale, zero.
    One,
    /// y scale, zero; then x, scale, zero of each.
    Concat,
}

/// The operator on reals that a quantised operator is, and how its inputs are ordered.
fn float_form(op_type: &str) -> Option<(&'static str, Form)> {
    Some(match op_type {
        "QLinearConv" => ("Conv", Form::Conv),
        "QGemm" => ("Gemm", Form::Gemm),
        "QLinearMatMul" => ("MatMul", Form::Two),
        "QLinearAdd" => ("Add", Form::Two),
        "QLinearMul" => ("Mul", Form::Two),
        "QLinearGlobalAveragePool" => ("GlobalAveragePool", Form::One),
        "QLinearAveragePool" => ("AveragePool", Form::One),
        "QLinearSigmoid" => ("Sigmoid", Form::One),
        "QLinearLeakyRelu" => ("LeakyRelu", Form::One),
        "QLinearSoftmax" => ("Softmax", Form::One),
        "QLinearReduceMean" => ("ReduceMean", Form::One),
        "QLinearConcat" => ("Concat", Form::Concat),
        _ => return None,
    })
}

struct Writer<'a> {
    graph: &'a mut GraphProto,
}

impl Writer<'_> {
    fn rewrite(&mut self, node: NodeProto, (float, form): (&str, Form)) {
        let name = if node.name.is_empty() { node.output.first().cloned().unwrap_or_default() } else { node.name.clone() };
        let input = |at: usize| node.input.get(at).cloned().unwrap_or_default();
        let three = |at: usize| [input(at), input(at + 1), input(at + 2)];
        let channels_last = node.attribute.iter().any(|attribute| attribute.name == "channels_last" && attribute.i == 1);
        let mut inputs = Vec::new();
        let output = match form {
            Form::Conv | Form::Gemm => {
                // An axis-wise scale runs along the output channels: the first axis of a convolution's or a transposed product's weights.
                let transposed = node.attribute.iter().any(|attribute| attribute.name == "transB" && attribute.i != 0);
                let weight_axis = i64::from(matches!(form, Form::Gemm) && !transposed);
                let (bias, y) = if matches!(form, Form::Conv) { (input(8), [input(6), input(7)]) } else { (input(6), [input(7), input(8)]) };
                inputs.push(self.dequantise(&name, "x", three(0), 1));
                inputs.push(self.dequantise(&name, "w", three(3), weight_axis));
                if !bias.is_empty() {
                    let scale = format!("{name}/bias_scale");
                    self.push("Mul", &scale, vec![input(1), input(4)], scale.clone(), Vec::new());
                    inputs.push(self.dequantise(&name, "bias", [bias, scale, String::new()], 0));
                }
                y
            }
            Form::Two => {
                let weight_axis = if float == "MatMul" { -1 } else { 1 };
                inputs.push(self.dequantise(&name, "a", three(0), 1));
                inputs.push(self.dequantise(&name, "b", three(3), weight_axis));
                [input(6), input(7)]
            }
            Form::One => {
                inputs.push(self.dequantise(&name, "x", three(0), 1));
                [input(3), input(4)]
            }
            Form::Concat => {
                for at in (2..node.input.len()).step_by(3) {
                    inputs.push(self.dequantise(&name, &format!("x{at}"), three(at), 1));
                }
                [input(0), input(1)]
            }
        };
        if channels_last && !inputs.is_empty() {
            let to_channels_first = format!("{name}/channels_first");
            self.push("Transpose", &to_channels_first, vec![inputs[0].clone()], to_channels_first.clone(), vec![permutation(&[0, 3, 1, 2])]);
            inputs[0] = to_channels_first;
        }
        let attributes = node.attribute.iter().filter(|attribute| !matches!(&*attribute.name, "channels_last" | "opset")).cloned().collect();
        let Some(result) = node.output.first().cloned() else { return };
        if output[0].is_empty() {
            self.push(float, &name, inputs, result, attributes);
            return;
        }
        let mut real = format!("{name}/real");
        self.push(float, &format!("{name}/float"), inputs, real.clone(), attributes);
        if channels_last {
            let back = format!("{name}/channels_last");
            self.push("Transpose", &back, vec![real], back.clone(), vec![permutation(&[0, 2, 3, 1])]);
            real = back;
        }
        let [scale, zero] = output;
        self.push("QuantizeLinear", &name, present(vec![real, scale, zero]), result, Vec::new());
    }

    /// The name of the real tensor that `[codes, scale, zero point]` stand for.
    fn dequantise(&mut self, node: &str, what: &str, inputs: [String; 3], axis: i64) -> String {
        let real = format!("{node}/{what}_real");
        let axis = AttributeProto { name: "axis".to_owned(), r#type: AttributeType::Int as i32, i: axis, ..AttributeProto::default() };
        self.push("DequantizeLinear", &real, present(inputs.to_vec()), real.clone(), vec![axis]);
        real
    }

    fn push(&mut self, op_type: &str, name: &str, input: Vec<String>, output: String, attribute: Vec<AttributeProto>) {
        let node = NodeProto {
            op_type: op_type.to_owned(),
            name: name.to_owned(),
            input,
            output: vec![output],
            attribute,
            ..NodeProto::default()
        };
        self.graph.node.push(node);
    }
}

/// Without the optional inputs at the end that are left out.
fn present(mut inputs: Vec<String>) -> Vec<String> {
    while inputs.last().is_some_and(String::is_empty) {
        inputs.pop();
    }
    inputs
}

fn permutation(axes: &[i64]) -> AttributeProto {
    AttributeProto { name: "perm".to_owned(), r#type: AttributeType::Ints as i32, ints: axes.to_vec(), ..AttributeProto::default() }
}

