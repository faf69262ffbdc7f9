//! System D: adaptive spatial feature fusion (arXiv 2510.03876), one logit a class and Grad-CAM of each class.
//!
//! Outputs of the graph: `logits` `[1, classes]`; `cam` `[1, classes, h, w]`, 0 or more, from the fused feature maps.

use crate::{
    engine::{GraphSpec, Tensor},
    explain::cam,
};

use super::{Classes, Findings, System, SystemError, log_odds};

/// Reads the outputs of an ASFF graph.
#[derive(Debug, Clone)]
pub struct Asff {
    logits: usize,
    cam: usize,
    classes: usize,
    positive: usize,
}

impl Asff {
    /// The name that manifests choose by.
    pub const NAME: &str = "asff";

    /// Finds the outputs in the manifest.
    ///
    /// # Errors
    /// [`SystemError::MissingOutput`] or [`SystemError::Shape`] when the manifest does not list what this system reads.
    pub fn new(graph: &GraphSpec, classes: &Classes) -> Result<Self, SystemError> {
        let count = classes.names.len();
        let find = |output: &'static str| graph.output(output).ok_or(SystemError::MissingOutput { system: Self::NAME, output });
        let (logits, spec) = find("logits")?;
        if spec.shape != [1, count] {
            return Err(wrong_shape("logits", format!("[1, {count}]"), &spec.shape));
        }
        let (cam, spec) = find("cam")?;
        if !matches!(spec.shape[..], [1, maps, _, _] if maps == count) {
            return Err(wrong_shape("cam", format!("[1, {count}, height, width]"), &spec.shape));
        }
        Ok(Self { logits, cam, classes: count, positive: classes.positive_index() })
    }
}

impl System for Asff {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn findings(&self, outputs: &[Tensor]) -> Result<Findings, SystemError> {
        let take = |at: usize, output| outputs.get(at).ok_or(SystemError::MissingOutput { system: Self::NAME, output });
        let scores = &take(self.logits, "logits")?.values;
        if scores.len() != self.classes {
            return Err(wrong_shape("logits", format!("[1, {}]", self.classes), &[scores.len()]));
        }
        if let Some(&value) = scores.iter().find(|score| !score.is_finite()) {
            return Err(SystemError::NotFinite { output: "logits", value });
        }
        let heatmaps = cam::split(take(self.cam, "cam")?, self.classes)?;
        let decision = log_odds(scores, self.positive);
        if !decision.is_finite() {
            return Err(SystemError::NotFinite { output: "logits", value: decision });
        }
        Ok(Findings { decision, scores: scores.clone(), heatmaps })
    }
}

fn wrong_shape(output: &'static str, expected: String, found: &[usize]) -> SystemError {
    SystemError::Shape { system: Asff::NAME, output, expected, found: found.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Element, Precision, TensorSpec};

    fn graph(outputs: &[(&str, &[usize])]) -> GraphSpec {
        let spec = |(name, shape): &(&str, &[usize])| TensorSpec { name: (*name).to_owned(), shape: shape.to_vec(), element: Element::F32 };
        GraphSpec {
            file: "graph.onnx".to_owned(),
            precision: Precision::Float32,
            inputs: vec![],
            outputs: outputs.iter().map(spec).collect(),
        }
    }

    fn classes() -> Classes {
        Classes { names: vec!["benign".to_owned(), "malignant".to_owned()], positive: "malignant".to_owned() }
    }

    fn tensor(shape: &[usize], values: &[f32]) -> Tensor {
        Tensor { shape: shape.to_vec(), values: values.to_vec() }
    }

    #[test]
    fn outputs_are_found_by_name_in_whatever_order_the_manifest_lists_them() {
        let system = Asff::new(&graph(&[("cam", &[1, 2, 1, 1]), ("logits", &[1, 2])]), &classes()).unwrap();
        let findings = system.findings(&[tensor(&[1, 2, 1, 1], &[0.25, 0.75]), tensor(&[1, 2], &[-1.0, 2.0])]).unwrap();
        assert_eq!(findings.decision, 3.0);
        assert_eq!(findings.heatmaps[1].values(), [0.75]);
    }

    #[test]
    fn the_decision_speaks_for_the_positive_class_wherever_it_stands() {
        let classes = Classes { names: vec!["malignant".to_owned(), "benign".to_owned()], positive: "malignant".to_owned() };
        let system = Asff::new(&graph(&[("logits", &[1, 2]), ("cam", &[1, 2, 1, 1])]), &classes).unwrap();
        let outputs = [tensor(&[1, 2], &[5.0, 1.0]), tensor(&[1, 2, 1, 1], &[0.0, 0.0])];
        assert_eq!(system.findings(&outputs).unwrap().decision, 4.0);
    }

    #[test]
    fn a_graph_without_what_the_system_reads_is_refused_before_it_runs() {
        let refuse = |outputs: &[(&str, &[usize])]| Asff::new(&graph(outputs), &classes()).unwrap_err();
        assert_eq!(refuse(&[("logits", &[1, 2])]), SystemError::MissingOutput { system: "asff", output: "cam" });
        assert!(matches!(refuse(&[("logits", &[1, 7]), ("cam", &[1, 2, 7, 7])]), SystemError::Shape { output: "logits", .. }));
        assert!(matches!(refuse(&[("logits", &[1, 2]), ("cam", &[2, 7, 7])]), SystemError::Shape { output: "cam", .. }));
    }

    #[test]
    fn numbers_that_are_none_are_an_error_and_never_a_finding() {
        let system = Asff::new(&graph(&[("logits", &[1, 2]), ("cam", &[1, 2, 1, 1])]), &classes()).unwrap();
        let cam = tensor(&[1, 2, 1, 1], &[0.0, 0.0]);
        for logits in [[f32::NAN, 0.0], [0.0, f32::INFINITY], [f32::MAX, f32::MIN]] {
            let found = system.findings(&[tensor(&[1, 2], &logits), cam.clone()]);
            assert!(matches!(found, Err(SystemError::NotFinite { .. })), "{logits:?} gave {found:?}");
        }
        let found = system.findings(&[tensor(&[1, 2], &[0.0, 0.0]), tensor(&[1, 2, 1, 1], &[0.0, f32::NAN])]);
        assert!(matches!(found, Err(SystemError::Evidence(_))));
    }
}
