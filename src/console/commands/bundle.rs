//! `bundle`: the model at work, those that are installed, and which one is to be used.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Call, Command, Usage, nearest};
use crate::{
    bundle::Bundle,
    console::{
        desk::{Desk, Role},
        reply::{Complaint, Reply},
    },
};

pub(super) const BUNDLE: Command = Command {
    name: "bundle",
    summary: "the model, and others",
    usages: &[
        Usage { words: "show", role: Role::Operator, meaning: "what the bundle at work says about itself; also `bundle` alone" },
        Usage { words: "list", role: Role::Operator, meaning: "the bundles that are installed beside it" },
        Usage {
            words: "verify [NAME]",
            role: Role::Operator,
            meaning: "check signature and digests of a bundle, the one at work when no name is given",
        },
        Usage {
            words: "choose NAME",
            role: Role::Technician,
            meaning: "check an installed bundle and stage it as the setting `model.bundle`",
        },
    ],
    notes: "A bundle that is not signed by a key that this device trusts cannot be chosen. The golden case is run when the device starts with it.",
    example: "bundle verify",
    run,
    complete,
};

fn run(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    match call.words.as_slice() {
        [] | ["show"] => show(desk),
        ["list"] => Ok(list(desk)),
        ["verify"] => verify(desk, &desk.board.model.bundle.clone()),
        ["verify", name] => verify(desk, &installed(desk, name)?),
        ["choose", name] => choose(desk, name),
        _ => Err(BUNDLE.misused("that is not a way to use it")),
    }
}

fn show(desk: &Desk) -> Result<Reply, Complaint> {
    let bundle = open(desk, &desk.board.model.bundle)?;
    let (id, manifest) = (bundle.id(), bundle.manifest());
    let mut reply = Reply::default()
        .row("bundle", format_args!("{} {}, manifest {}", id.name, id.version, id.digest))
        .row("summary", &manifest.summary)
        .row("system", &manifest.system)
        .row("licence", &manifest.licence)
        .row("trained on", manifest.trained_on.join(", "))
        .row("classes", manifest.classes.names.join(", "));
    let in_force = desk.link.status().operating_point;
    let mut points = Vec::new();
    for point in &manifest.operating_points {
        let mark = if in_force.as_deref() == Some(point.name.as_str()) { ", in force" } else { "" };
        reply = reply.row("operating point", format_args!("{}: refer at {:.4}{mark}", point.name, point.threshold));
        points.push(json!({ "name": point.name, "threshold": point.threshold }));
    }
    Ok(reply
        .with("bundle", id)
        .with("summary", &manifest.summary)
        .with("system", &manifest.system)
        .with("classes", &manifest.classes.names)
        .with("operating_points", points)
        .with("operating_point", in_force))
}

fn list(desk: &Desk) -> Reply {
    let mut reply = Reply::default();
    let mut found = Vec::new();
    for (name, folder) in all_installed(desk) {
        let at_work = folder == desk.board.model.bundle;
        let mark = if at_work { "  (at work)" } else { "" };
        let told = match open(desk, &folder) {
            Ok(bundle) => {
                let id = bundle.id();
                found.push(json!({ "name": name, "bundle": id, "at_work": at_work }));
                format!("{} {}, manifest {}", id.name, id.version, id.digest)
            }
            Err(complaint) => {
                found.push(json!({ "name": name, "problem": complaint.error, "at_work": at_work }));
                format!("cannot be used: {}", complaint.error)
            }
        };
        reply = reply.row(&name, format_args!("{told}{mark}"));
    }
    if found.is_empty() {
        reply = reply.line("No bundle is installed.");
    }
    reply.with("bundles", found)
}

fn verify(desk: &Desk, folder: &Path) -> Result<Reply, Complaint> {
    let bundle = open(desk, folder)?;
    let (id, files) = (bundle.id(), bundle.manifest().files.len());
    let text = format!("{} {}: the signature is trusted, {files} files have the right digest.", id.name, id.version);
    Ok(Reply::say(text).with("bundle", id).with("files", files))
}

fn choose(desk: &mut Desk, name: &str) -> Result<Reply, Complaint> {
    let folder = installed(desk, name)?;
    let bundle = open(desk, &folder)?;
    if let Some(point) = &desk.board.model.operating_point
        && !bundle.manifest().operating_points.iter().any(|known| known.name == *point)
    {
        let names: Vec<&str> = bundle.manifest().operating_points.iter().map(|point| point.name.as_str()).collect();
        let hint = format!("Set model.operating_point to one of {} first, or `unset` it.", names.join(", "));
        return Err(Complaint::new(format!("{name} has no operating point {point}, which is set"), hint));
    }
    let path = folder.display().to_string();
    desk.settings.set("model.bundle", &path).map_err(|error| Complaint::new(error, "Nothing was staged."))?;
    let id = bundle.id();
    let text = format!("{} {} is staged. `commit` keeps it; a restart brings it into force.", id.name, id.version);
    Ok(Reply::say(text).with("bundle", id).with("staged", "model.bundle"))
}

fn open(desk: &Desk, folder: &Path) -> Result<Bundle, Complaint> {
    desk.board.model.trust().and_then(|trust| Bundle::open(folder, &trust)).map_err(|error| Complaint::new(error, ""))
}

fn installed(desk: &Desk, name: &str) -> Result<PathBuf, Complaint> {
    let all = all_installed(desk);
    if let Some((_, folder)) = all.iter().find(|(known, _)| known == name) {
        return Ok(folder.clone());
    }
    let near = nearest(name, all.iter().map(|(name, _)| name.as_str())).map_or(String::new(), |near| format!("Did you mean {near}? "));
    Err(Complaint::new(format!("no bundle {name} is installed"), format!("{near}`bundle list` lists those that are.")))
}

/// Folders with a manifest beside that of the bundle at work, by name.
fn all_installed(desk: &Desk) -> Vec<(String, PathBuf)> {
    let Some(parent) = desk.board.model.bundle.parent() else { return Vec::new() };
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut all: Vec<(String, PathBuf)> = entries
        .filter(|entry| entry.path().join("manifest.toml").is_file())
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .collect();
    all.sort();
    all
}

fn complete(desk: &Desk, words: &[&str]) -> Vec<String> {
    match words {
        ["verify" | "choose"] => all_installed(desk).into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}
