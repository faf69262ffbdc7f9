//! Whether what a manifest says can be true: ranges, names that refer to each other, paths that stay inside the folder.

mod criteria;
mod model;

use crate::{
    engine::{GraphSpec, TensorSpec},
    prepare::Recipe,
    quality::RULES,
};

use super::manifest::{Manifest, ManifestError};

/// Checks everything that the text alone can show to be wrong.
pub(super) fn check(manifest: &Manifest) -> Result<(), ManifestError> {
    let Manifest { name, version, graph, prepare, classes, calibration, golden, .. } = manifest;
    require(is_name(name), "name", || format!("must be lower case letters, digits and dashes, it is {name:?}"))?;
    require(is_version(version), "version", || format!("must be three numbers with dots, it is {version:?}"))?;
    check_graph(graph)?;
    check_prepare(prepare)?;
    model::check_inputs(manifest)?;
    model::check_outputs(manifest)?;

    for rule in &RULES {
        let limit = (rule.limit)(&manifest.quality);
        require(limit.is_finite(), &format!("quality.{}", rule.key), || format!("must be a number, it is {limit}"))?;
    }

    model::check_classes(classes)?;
    model::check_calibration(calibration, classes)?;
    model::check_views(&manifest.views)?;
    model::check_abstention(manifest)?;
    criteria::check_criteria(manifest)?;

    unique("operating_points.name", manifest.operating_points.iter().map(|point| &point.name))?;
    for point in &manifest.operating_points {
        require((0.0..=1.0).contains(&point.threshold), "operating_points.threshold", || {
            format!("must be 0 to 1, {} has {}", point.name, point.threshold)
        })?;
        require(point.sensitivity > 0.0 && point.sensitivity <= 1.0, "operating_points.sensitivity", || {
            format!("must be above 0 and at most 1, {} has {}", point.name, point.sensitivity)
        })?;
    }
    let chosen = &manifest.decision.operating_point;
    require(manifest.operating_point(chosen).is_some(), "decision.operating_point", || {
        let known: Vec<&str> = manifest.operating_points.iter().map(|point| point.name.as_str()).collect();
        format!("must be one of the operating points ({}), it is {chosen:?}", known.join(", "))
    })?;

    require(golden.tolerance > 0.0 && golden.tolerance <= 0.1, "golden.tolerance", || {
        format!("must be above 0 and at most 0.1, it is {}", golden.tolerance)
    })?;
    for (key, path) in manifest.named_files() {
        require(stays_inside(path), key, || format!("must be a path inside the bundle, it is {path:?}"))?;
        require(manifest.files.is_empty() || manifest.files.contains_key(path), key, || {
            format!("is {path:?}, which [files] does not list")
        })?;
    }
    for (path, digest) in &manifest.files {
        require(stays_inside(path), "files", || format!("must hold paths inside the bundle, one is {path:?}"))?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        require(is_digest, "files", || format!("must give 64 lower case hexadecimal digits a file, {path:?} has {digest:?}"))?;
    }
    Ok(())
}

fn check_graph(graph: &GraphSpec) -> Result<(), ManifestError> {
    for (key, tensors) in [("graph.inputs", &graph.inputs), ("graph.outputs", &graph.outputs)] {
        require(!tensors.is_empty(), key, || "must list at least one".to_owned())?;
        unique(key, tensors.iter().map(|tensor| &tensor.name))?;
        for TensorSpec { name, shape, .. } in tensors {
            let values = shape.iter().try_fold(1_usize, |product, &length| product.checked_mul(length));
            let fits = values.is_some_and(|values| (1..=GraphSpec::MAX_VALUES).contains(&values));
            require(fits && (1..=6).contains(&shape.len()), key, || {
                format!("must have 1 to 6 axes of at least 1 and at most {} values, {name} has the shape {shape:?}", GraphSpec::MAX_VALUES)
            })?;
        }
    }
    Ok(())
}

fn check_prepare(recipe: &Recipe) -> Result<(), ManifestError> {
    let sizes = Recipe::SIZES;
    require(sizes.contains(&recipe.size), "prepare.size", || {
        format!("must be {} to {} pixels, it is {}", sizes.start(), sizes.end(), recipe.size)
    })?;
    require(recipe.mean.iter().all(|mean| mean.is_finite()), "prepare.mean", || "must be three numbers".to_owned())?;
    let usable = |scale: &f32| scale.is_normal();
    require(recipe.scale.iter().all(usable), "prepare.scale", || "must be three numbers other than 0".to_owned())
}

fn require(holds: bool, key: &str, detail: impl FnOnce() -> String) -> Result<(), ManifestError> {
    if holds { Ok(()) } else { Err(ManifestError::Value { key: key.to_owned(), detail: detail() }) }
}

fn unique<'a>(key: &str, names: impl Iterator<Item = &'a String>) -> Result<(), ManifestError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        require(!name.is_empty() && seen.insert(name), key, || format!("must be names, each once; {name:?} is empty or there twice"))?;
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_version(version: &str) -> bool {
    let numbers: Vec<&str> = version.split('.').collect();
    numbers.len() == 3 && numbers.iter().all(|number| (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}

/// A relative path of plain names with `/` between them. Whether links lead out is seen when the folder is walked.
fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && path.len() <= 255
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !path.contains(['\\', '\0', ':'])
}
