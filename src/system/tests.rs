//! What every system does with the outputs of a graph, and what sets them apart.

use super::*;
use crate::engine::{Element, Precision, TensorSpec};

fn graph(outputs: &[(&str, &[usize])]) -> GraphSpec {
    let spec = |(name, shape): &(&str, &[usize])| TensorSpec { name: (*name).to_owned(), shape: shape.to_vec(), element: Element::F32 };
    GraphSpec { file: "graph.onnx".to_owned(), precision: Precision::Float32, inputs: vec![], outputs: outputs.iter().map(spec).collect() }
}

fn classes(relation: Relation) -> Classes {
    let names = ["one", "other"].map(str::to_owned).to_vec();
    Classes { positive: names[1..].to_vec(), names, relation, label: "other".to_owned(), frequencies: vec![] }
}

fn tensor(shape: &[usize], values: &[f32]) -> Tensor {
    Tensor { shape: shape.to_vec(), values: values.to_vec() }
}

/// Each system that reads nothing but what several have in common, with the relation that it reads and the number of its maps for two classes.
const SYSTEMS: [(&str, Relation, usize); 3] =
    [(Asff::NAME, Relation::Exclusive, 2), (Multitask::NAME, Relation::Independent, 3), (DualNetwork::NAME, Relation::Exclusive, 2)];

#[test]
fn outputs_are_found_by_name_in_whatever_order_the_manifest_lists_them() {
    for (name, relation, maps) in SYSTEMS {
        let specs: [(&str, &[usize]); 5] =
            [("cam", &[1, maps, 1, 1]), ("pooled", &[1, 9]), ("mask", &[1, 1, 1, 2]), ("distances", &[1, 2]), ("logits", &[1, 2])];
        let system = by_name(name, &graph(&specs), &classes(relation)).unwrap();
        let found = system
            .findings(&[
                tensor(&[1, maps, 1, 1], &[0.25, 0.75, 0.5][..maps]),
                tensor(&[1, 9], &[f32::NAN; 9]),
                tensor(&[1, 1, 1, 2], &[-8.0, 8.0]),
                tensor(&[1, 2], &[3.0, 2.0]),
                tensor(&[1, 2], &[-1.0, 2.0]),
            ])
            .unwrap();
        assert_eq!((system.name(), found.heatmaps.len()), (name, maps));
        assert_eq!((found.scores, found.distances), (vec![-1.0, 2.0], vec![3.0, 2.0]));
        assert_eq!((found.heatmaps[1].values(), found.lesion.unwrap().values()), (&[0.75][..], &[-8.0, 8.0][..]));
    }
}

#[test]
fn a_graph_without_what_a_system_reads_is_refused_before_it_runs() {
    for (name, relation, maps) in SYSTEMS {
        let refuse = |outputs: &[(&str, &[usize])]| by_name(name, &graph(outputs), &classes(relation)).unwrap_err();
        let cam: (&str, &[usize]) = ("cam", &[1, maps, 7, 7]);
        assert_eq!(refuse(&[("logits", &[1, 2])]), SystemError::MissingOutput { system: by_name_static(name), output: "cam" });
        assert_eq!(refuse(&[cam]), SystemError::MissingOutput { system: by_name_static(name), output: "logits" });
        assert!(matches!(refuse(&[("logits", &[1, 7]), cam]), SystemError::Shape { output: "logits", .. }));
        assert!(matches!(refuse(&[("logits", &[1, 2]), ("cam", &[1, maps + 1, 7, 7])]), SystemError::Shape { output: "cam", .. }));
        assert!(matches!(refuse(&[("logits", &[1, 2]), cam, ("mask", &[1, 2, 8, 8])]), SystemError::Shape { output: "mask", .. }));
        let mask: (&str, &[usize]) = ("mask", &[1, 1, 8, 8]);
        assert!(matches!(refuse(&[("logits", &[1, 2]), cam, mask, ("distances", &[4])]), SystemError::Shape { output: "distances", .. }));
        let without_mask = by_name(name, &graph(&[("logits", &[1, 2]), cam]), &classes(relation));
        assert_eq!(without_mask.is_ok(), name == Asff::NAME, "only ASFF has no mask");
    }
}

fn by_name_static(name: &str) -> &'static str {
    NAMES.into_iter().find(|known| *known == name).unwrap()
}

#[test]
fn classes_that_relate_otherwise_than_the_paper_has_them_are_refused() {
    for (name, relation, maps) in SYSTEMS {
        let other = if relation == Relation::Exclusive { Relation::Independent } else { Relation::Exclusive };
        let specs: [(&str, &[usize]); 3] = [("logits", &[1, 2]), ("cam", &[1, maps, 1, 1]), ("mask", &[1, 1, 1, 1])];
        let message = by_name(name, &graph(&specs), &classes(other)).unwrap_err().to_string();
        assert!(message.contains(name) && message.contains(relation.name()) && message.contains(other.name()), "{message}");
    }
}

#[test]
fn numbers_that_are_none_are_an_error_about_the_picture_and_never_a_finding() {
    for (name, relation, maps) in SYSTEMS {
        let specs: [(&str, &[usize]); 4] =
            [("logits", &[1, 2]), ("cam", &[1, maps, 1, 1]), ("mask", &[1, 1, 1, 1]), ("distances", &[1, 1])];
        let system = by_name(name, &graph(&specs), &classes(relation)).unwrap();
        for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for broken in 0..4 {
                let value = |at: usize| if at == broken { number } else { 0.5 };
                let mut cam = vec![0.5; maps];
                cam[maps - 1] = value(1);
                let outputs = [
                    tensor(&[1, 2], &[0.0, value(0)]),
                    tensor(&[1, maps, 1, 1], &cam),
                    tensor(&[1, 1, 1, 1], &[value(2)]),
                    tensor(&[1, 1], &[value(3)]),
                ];
                let error = system.findings(&outputs).unwrap_err();
                assert!(error.is_about_the_picture(), "{name} {broken} {number}: {error}");
            }
        }
    }
}

#[test]
fn outputs_that_are_not_the_manifests_are_an_error_about_the_bundle() {
    let specs: [(&str, &[usize]); 3] = [("logits", &[1, 2]), ("cam", &[1, 2, 1, 1]), ("mask", &[1, 1, 1, 1])];
    let system = by_name(DualNetwork::NAME, &graph(&specs), &classes(Relation::Exclusive)).unwrap();
    let whole = [tensor(&[1, 2], &[0.0; 2]), tensor(&[1, 2, 1, 1], &[0.0; 2]), tensor(&[1, 1, 1, 1], &[0.0])];
    assert!(system.findings(&whole).is_ok());
    for (at, wrong) in [(0, tensor(&[1, 3], &[0.0; 3])), (2, tensor(&[1, 1, 2, 1], &[0.0])), (2, tensor(&[1], &[0.0]))] {
        let mut outputs = whole.clone();
        outputs[at] = wrong;
        assert!(!system.findings(&outputs).unwrap_err().is_about_the_picture());
    }
    assert!(!system.findings(&whole[..2]).unwrap_err().is_about_the_picture());
}

#[test]
fn a_rare_class_is_named_when_it_would_be_likeliest_among_equals_and_the_referral_stays_as_it_is() {
    let uneven = Classes { frequencies: vec![0.8, 0.2], ..classes(Relation::Exclusive) };
    let told = uneven.at_equal_frequencies(&[0.7, 0.3]);
    assert!((told[0] - 0.875 / 2.375).abs() < 1e-6 && (told[1] - 1.5 / 2.375).abs() < 1e-6, "{told:?}");
    assert_eq!((uneven.named(&[0.7, 0.3]), uneven.referral(&[0.7, 0.3])), (1, 0.3));
    assert_eq!(classes(Relation::Exclusive).at_equal_frequencies(&[0.7, 0.3]), [0.7, 0.3]);
}

/// Outputs of a graph of system B.
fn cefm(with_criteria: bool) -> Vec<(&'static str, &'static [usize])> {
    let mut specs: Vec<(&str, &[usize])> =
        vec![("embedding", &[1, 128]), ("logits", &[1, 2]), ("mask", &[1, 1, 1, 1]), ("cam", &[1, 2, 1, 1]), ("criteria", &[1, 3])];
    specs.truncate(if with_criteria { 5 } else { 4 });
    specs
}

fn read_cefm(embedding: &[f32], criteria: Option<&[f32]>) -> Result<Findings, SystemError> {
    let system = by_name(Cefm::NAME, &graph(&cefm(criteria.is_some())), &classes(Relation::Exclusive)).unwrap();
    let mut outputs = vec![
        tensor(&[1, embedding.len()], embedding),
        tensor(&[1, 2], &[0.5, -0.5]),
        tensor(&[1, 1, 1, 1], &[1.0]),
        tensor(&[1, 2, 1, 1], &[0.0, 1.0]),
    ];
    outputs.extend(criteria.map(|values| tensor(&[1, values.len()], values)));
    system.findings(&outputs)
}

#[test]
fn an_embedding_is_read_as_a_direction_and_criteria_only_where_there_are_any() {
    let found = read_cefm(&[2.0; 128], Some(&[0.5, 3.0, 2.0])).unwrap();
    assert_eq!((found.scores, found.criteria), (vec![0.5, -0.5], Some([0.5, 3.0, 2.0])));
    assert!(found.embedding.iter().all(|value| (value - 128.0_f32.sqrt().recip()).abs() < 1e-6), "{:?}", found.embedding);
    assert_eq!(read_cefm(&[2.0; 128], None).unwrap().criteria, None);
}

#[test]
fn a_graph_of_system_b_without_embedding_or_mask_is_refused_before_it_runs() {
    let refuse = |specs: &[(&'static str, &'static [usize])], relation| by_name(Cefm::NAME, &graph(specs), &classes(relation)).unwrap_err();
    for missing in ["embedding", "mask"] {
        let specs: Vec<_> = cefm(true).into_iter().filter(|(name, _)| *name != missing).collect();
        assert_eq!(refuse(&specs, Relation::Exclusive), SystemError::MissingOutput { system: Cefm::NAME, output: missing });
    }
    for (wrong, shape) in [("embedding", &[1, 64][..]), ("embedding", &[128]), ("criteria", &[1, 4])] {
        let specs: Vec<_> = cefm(true).into_iter().map(|(name, held)| (name, if name == wrong { shape } else { held })).collect();
        let error = refuse(&specs, Relation::Exclusive);
        assert!(matches!(error, SystemError::Shape { output, .. } if output == wrong), "{error}");
    }
    assert!(matches!(refuse(&cefm(true), Relation::Independent), SystemError::Relation { .. }));
}

#[test]
fn an_embedding_without_direction_and_criteria_without_a_number_are_about_the_picture() {
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut embedding = [0.1; 128];
        embedding[77] = number;
        assert!(read_cefm(&embedding, None).unwrap_err().is_about_the_picture());
        assert!(read_cefm(&[0.1; 128], Some(&[1.0, number, 1.0])).unwrap_err().is_about_the_picture());
    }
    let nowhere = read_cefm(&[0.0; 128], None).unwrap_err();
    assert!(nowhere.is_about_the_picture() && nowhere.to_string().contains("embedding"), "{nowhere}");
    for wrong in [read_cefm(&[0.1; 64], None), read_cefm(&[0.1; 128], Some(&[1.0; 4]))] {
        assert!(!wrong.unwrap_err().is_about_the_picture(), "another shape is the bundle's fault");
    }
}
