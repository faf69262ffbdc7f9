//! What a manifest says of the model: inputs, outputs and what is made of them.

use super::{require, unique};
use crate::{
    bundle::manifest::{Manifest, ManifestError, MaskSpec, Views},
    engine::{GraphSpec, TensorSpec},
    frame::Flip,
    system::{Classes, Metadata, Relation},
    verdict::{Calibration, Novelty},
};

/// Name of the graph's input that takes the picture.
const IMAGE: &str = "image";

/// The greatest age that a knot may stand for, in years.
const OLDEST: f32 = 150.0;

/// The graph takes the picture first, and what is known of the patient where `[metadata]` says how that is written.
pub(super) fn check_inputs(manifest: &Manifest) -> Result<(), ManifestError> {
    let Manifest { graph, prepare, metadata, .. } = manifest;
    let size = prepare.size as usize;
    let image = TensorSpec { name: IMAGE.to_owned(), shape: vec![1, 3, size, size], ..graph.inputs[0].clone() };
    require(graph.inputs[0] == image, "graph.inputs", || {
        format!("must begin with one image of shape {:?}, as [prepare] makes it, called {IMAGE:?}", image.shape)
    })?;
    let is_known = |input: &TensorSpec| [IMAGE, Metadata::INPUT].contains(&input.name.as_str());
    require(graph.inputs.iter().all(is_known), "graph.inputs", || {
        let names: Vec<&str> = graph.inputs.iter().map(|input| input.name.as_str()).collect();
        format!("must be {IMAGE:?} and perhaps {:?}, they are {}", Metadata::INPUT, names.join(", "))
    })?;
    match (graph.input(Metadata::INPUT), metadata) {
        (None, None) => Ok(()),
        (Some(input), Some(metadata)) => {
            check_metadata(metadata)?;
            let shape = [1, metadata.length()];
            require(input.shape == shape, "graph.inputs", || {
                format!("must give {} the shape {shape:?} for the entries of [metadata], it has {:?}", Metadata::INPUT, input.shape)
            })
        }
        (Some(_), None) => require(false, "metadata", || "must say how the graph's input metadata is written".to_owned()),
        (None, Some(_)) => require(false, "metadata", || "is there, but the graph has no input metadata".to_owned()),
    }
}

fn check_metadata(metadata: &Metadata) -> Result<(), ManifestError> {
    let Metadata { age, sex, site } = metadata;
    require((1..=64).contains(&age.len()), "metadata.age", || format!("must be 1 to 64 ages, there are {}", age.len()))?;
    require(age.iter().all(|age| (0.0..=OLDEST).contains(age)), "metadata.age", || {
        format!("must be ages from 0 to {OLDEST} years, it is {age:?}")
    })?;
    require(age.is_sorted_by(|one, next| one < next), "metadata.age", || format!("must ascend, it is {age:?}"))?;
    unique("metadata.sex", sex.iter())?;
    require(!sex.is_empty() && sex.iter().all(|sex| ["female", "male"].contains(&sex.as_str())), "metadata.sex", || {
        format!("must be female and male in the network's order, it is {}", sex.join(", "))
    })?;
    unique("metadata.site", site.iter())?;
    require((1..=64).contains(&site.len()), "metadata.site", || format!("must be 1 to 64 names, there are {}", site.len()))
}

/// `[mask]` and `distances` go with the outputs that they speak of.
pub(super) fn check_outputs(manifest: &Manifest) -> Result<(), ManifestError> {
    let Manifest { graph, mask, .. } = manifest;
    match (graph.output("mask"), mask) {
        (None, None) => Ok(()),
        (Some(_), Some(mask)) => check_mask(mask),
        (Some(_), None) => require(false, "mask", || "must give the threshold of the graph's output mask".to_owned()),
        (None, Some(_)) => require(false, "mask", || "is there, but the graph has no output mask".to_owned()),
    }
}

fn check_mask(mask: &MaskSpec) -> Result<(), ManifestError> {
    let MaskSpec { threshold, cleaning } = mask;
    require(*threshold > 0.0 && *threshold < 1.0, "mask.threshold", || format!("must be above 0 and below 1, it is {threshold}"))?;
    let once = cleaning.iter().enumerate().all(|(at, step)| !cleaning[..at].contains(step));
    require(once, "mask.cleaning", || {
        let names: Vec<&str> = cleaning.iter().map(|step| step.name()).collect();
        format!("must hold each step once, it is {}", names.join(", "))
    })
}

pub(super) fn check_classes(classes: &Classes) -> Result<(), ManifestError> {
    let Classes { names, relation, positive, label, frequencies } = classes;
    require((2..=64).contains(&names.len()), "classes.names", || format!("must be 2 to 64 names, there are {}", names.len()))?;
    unique("classes.names", names.iter())?;
    unique("classes.positive", positive.iter())?;
    let stranger = positive.iter().find(|name| !names.contains(name));
    require(stranger.is_none(), "classes.positive", || {
        format!("must be among the names ({}), {:?} is not", names.join(", "), stranger.map_or("", String::as_str))
    })?;
    require(!positive.is_empty(), "classes.positive", || format!("must be at least one of the names ({})", names.join(", ")))?;
    require(*relation == Relation::Independent || positive.len() < names.len(), "classes.positive", || {
        "must leave out at least one of the names where classes exclude each other: else every picture asks for a referral".to_owned()
    })?;
    require(frequencies.is_empty() || frequencies.len() == names.len(), "classes.frequencies", || {
        format!("must have one entry a class ({}), it has {}", names.len(), frequencies.len())
    })?;
    require(frequencies.is_empty() || *relation == Relation::Exclusive, "classes.frequencies", || {
        "can only be there where classes exclude each other".to_owned()
    })?;
    let is_share = |share: &f32| share.is_normal() && *share > 0.0 && *share <= 1.0;
    require(frequencies.iter().all(is_share), "classes.frequencies", || format!("must be above 0 and at most 1, it is {frequencies:?}"))?;
    require(!label.is_empty(), "classes.label", || "must name what the positive classes are together".to_owned())
}

pub(super) fn check_calibration(calibration: &Calibration, classes: &Classes) -> Result<(), ManifestError> {
    let Calibration { temperature, bias } = calibration;
    let count = classes.names.len();
    for (key, values) in [("calibration.temperature", temperature), ("calibration.bias", bias)] {
        require(values.len() == count, key, || format!("must have one entry a class ({count}), it has {}", values.len()))?;
    }
    // A temperature that is not normal would make infinity of scores.
    let usable = |temperature: &f32| temperature.is_normal() && *temperature > 0.0;
    require(temperature.iter().all(usable), "calibration.temperature", || format!("must be numbers above 0, it is {temperature:?}"))?;
    require(bias.iter().all(|bias| bias.is_finite()), "calibration.bias", || format!("must be numbers, it is {bias:?}"))
}

pub(super) fn check_views(views: &Views) -> Result<(), ManifestError> {
    let flips = &views.flips;
    let names = || flips.iter().map(|flip| flip.name()).collect::<Vec<_>>().join(", ");
    require(flips.first() == Some(&Flip::None), "views.flips", || {
        format!("must begin with none, the picture as it is; it is {:?}", names())
    })?;
    let once = flips.iter().enumerate().all(|(at, flip)| !flips[..at].contains(flip));
    require(once, "views.flips", || format!("must hold each way once, it is {:?}", names()))
}

pub(super) fn check_abstention(manifest: &Manifest) -> Result<(), ManifestError> {
    let Manifest { abstention, graph, views, .. } = manifest;
    if abstention.novelty == Some(Novelty::Distance) {
        check_distances(graph)?;
    }
    if let Some(limit) = abstention.novelty_max {
        require(abstention.novelty.is_some(), "abstention.novelty_max", || "needs abstention.novelty: distance or energy".to_owned())?;
        // An energy is negative where the network is sure of anything.
        let least = if abstention.novelty == Some(Novelty::Distance) { 0.0 } else { f32::NEG_INFINITY };
        let detail = if least == 0.0 { "must be a number above 0" } else { "must be a number" };
        require(limit.is_finite() && limit > least, "abstention.novelty_max", || format!("{detail}, it is {limit}"))?;
    }
    if let Some(limit) = abstention.disagreement_max {
        require(limit.is_finite() && limit > 0.0, "abstention.disagreement_max", || format!("must be a number above 0, it is {limit}"))?;
        require(views.flips.len() > 1, "abstention.disagreement_max", || "needs more than one view in views.flips".to_owned())?;
    }
    Ok(())
}

fn check_distances(graph: &GraphSpec) -> Result<(), ManifestError> {
    let fits = graph.output("distances").is_some_and(|(_, spec)| matches!(spec.shape[..], [1, _]));
    require(fits, "abstention.novelty", || {
        "is distance, which needs an output distances of shape [1, centres] in graph.outputs; without one only energy can be measured"
            .to_owned()
    })
}
