//! `set`, `unset`, `diff`, `commit`, `rollback`: settings, staged until they are committed.

use serde_json::json;

use super::{Call, Command, Usage, nothing_more};
use crate::{
    console::{
        desk::{Desk, Role},
        legal,
        reply::{Complaint, Next, Reply},
        words::rest,
    },
    settings::{Change, Rolled, SettingsError},
};

pub(super) const SET: Command = Command {
    name: "set",
    summary: "stage a setting",
    usages: &[Usage { words: "KEY VALUE", role: Role::Technician, meaning: "stage the key of the board file to have this value" }],
    notes: "Nothing changes until `commit`. Values are checked as in a board file; a text needs quotes only when it looks like a number. \
            `docs/settings.md` lists all keys; `show settings KEY` tells about one. These can be set in the board file only: \
            model.trusted_keys, state.folder, records.folder, console.device.",
    example: "set capture.hold_ms 3000",
    run: set,
    complete: complete_set,
};

pub(super) const UNSET: Command = Command {
    name: "unset",
    summary: "take a setting back",
    usages: &[Usage { words: "KEY", role: Role::Technician, meaning: "stage the key to be as the board file or its default says" }],
    notes: "",
    example: "unset capture.hold_ms",
    run: unset,
    complete: complete_unset,
};

pub(super) const DIFF: Command = Command {
    name: "diff",
    summary: "what a commit would change",
    usages: &[Usage { words: "", role: Role::Operator, meaning: "what is staged, and what is committed but waits for a restart" }],
    notes: "",
    example: "diff",
    run: diff,
    complete: nothing_more,
};

pub(super) const COMMIT: Command = Command {
    name: "commit",
    summary: "keep what is staged",
    usages: &[Usage {
        words: "",
        role: Role::Technician,
        meaning: "write all that is staged to storage, as one; it comes into force with a restart",
    }],
    notes: "Whenever the power goes, the old settings or the new ones are there, never a part. The ones before are kept for `rollback`.",
    example: "commit",
    run: commit,
    complete: nothing_more,
};

pub(super) const ROLLBACK: Command = Command {
    name: "rollback",
    summary: "drop or undo settings",
    usages: &[Usage {
        words: "",
        role: Role::Technician,
        meaning: "drop what is staged; when nothing is, commit the settings before the last commit again",
    }],
    notes: "A rollback of committed settings comes into force with a restart, and a second one undoes it.",
    example: "rollback",
    run: roll_back,
    complete: nothing_more,
};

fn set(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    let [key, _, ..] = call.words.as_slice() else { return Err(SET.misused("takes a key and a value")) };
    let missing = desk.settings.set(key, rest(call.line, 2)).map_err(|error| complaint(&error))?;
    Ok(staged(desk, key, &missing))
}

fn unset(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    let [key] = call.words.as_slice() else { return Err(UNSET.misused("takes a key")) };
    let missing = desk.settings.unset(key).map_err(|error| complaint(&error))?;
    Ok(staged(desk, key, &missing))
}

/// What is staged for `key` now, and what is missing for a whole.
fn staged(desk: &Desk, key: &str, missing: &[String]) -> Reply {
    let change = desk.settings.diff().into_iter().find(|change| change.key == key);
    let mut reply = match &change {
        Some(change) => Reply::default().line(format!("Staged: {}", told(desk, change))),
        None => Reply::default().line(format!("{key} is as it is committed; nothing to do.")),
    };
    for problem in missing {
        reply = reply.line(format!("Before a commit: {problem}"));
    }
    if let Some(change) = &change {
        reply = reply.with("from", &change.from).with("to", &change.to);
    }
    reply.with("key", key).with("staged", change.is_some()).with("missing", missing)
}

fn diff(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    if !call.words.is_empty() {
        return Err(DIFF.misused("takes no more words"));
    }
    let (staged, waiting) = (desk.settings.diff(), desk.settings.awaiting_restart());
    let mut reply = Reply::default();
    if staged.is_empty() {
        reply = reply.line("Nothing is staged.");
    } else {
        reply = reply.line("Staged, in force after `commit` and a restart:");
        reply = staged.iter().fold(reply, |reply, change| reply.line(format!("  {}", told(desk, change))));
    }
    if !waiting.is_empty() {
        reply = reply.line("Committed, in force after a restart:");
        reply = waiting.iter().fold(reply, |reply, change| reply.line(format!("  {}", told(desk, change))));
    }
    Ok(reply.with("staged", listed(&staged)).with("awaiting_restart", listed(&waiting)))
}

fn commit(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    if !call.words.is_empty() {
        return Err(COMMIT.misused("takes no more words"));
    }
    let changes = desk.settings.commit().map_err(|error| complaint(&error))?;
    tracing::info!(keys = changes.len(), "settings were committed over the console");
    let reply = changes.iter().fold(Reply::default(), |reply, change| reply.line(format!("  {}", told(desk, change))));
    let reply = reply.line(format!("{} committed. A restart brings {} into force.", counted(changes.len()), it_or_them(changes.len())));
    Ok(reply.with("committed", listed(&changes)).with("awaiting_restart", true).then(Next::Restart))
}

fn roll_back(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    if !call.words.is_empty() {
        return Err(ROLLBACK.misused("takes no more words"));
    }
    match desk.settings.roll_back().map_err(|error| complaint(&error))? {
        Rolled::Dropped(count) => {
            let text = format!("{} dropped; what is committed stays. `rollback` again goes back to the settings before.", counted(count));
            Ok(Reply::say(text).with("dropped", count).with("restored", false))
        }
        Rolled::Restored => {
            tracing::info!("settings were rolled back over the console");
            let reply = Reply::say("The settings before are committed again. A restart brings them into force.");
            Ok(reply.with("dropped", 0).with("restored", true).with("awaiting_restart", true).then(Next::Restart))
        }
    }
}

fn complaint(error: &SettingsError) -> Complaint {
    let hint = match error {
        SettingsError::UnknownKey { .. } | SettingsError::NotSet { .. } => "`show settings` lists the keys that there are.",
        SettingsError::Protected { .. } => "",
        SettingsError::Illegal { .. } => "Nothing was staged.",
        SettingsError::Incomplete { .. } => "Set what is missing, or drop everything with `rollback`.",
        SettingsError::NothingStaged => "Stage settings with `set KEY VALUE`.",
        SettingsError::NoPrevious => "Nothing was ever committed on this device.",
        SettingsError::Storage { .. } => "Look at `show health` for room on the storage.",
        SettingsError::Damaged { .. } | SettingsError::Board(_) => "Look at the file on a computer.",
    };
    Complaint::new(error, hint)
}

fn told(desk: &Desk, change: &Change) -> String {
    let default = desk.settings.keys().iter().find(|info| info.path == change.key).and_then(|info| info.default.as_deref());
    let shown = |value: &Option<String>| match (value, default) {
        (Some(value), _) => value.clone(),
        (None, Some(default)) => format!("{default} (default)"),
        (None, None) => "not set".to_owned(),
    };
    format!("{}: {} -> {}", change.key, shown(&change.from), shown(&change.to))
}

fn listed(changes: &[Change]) -> Vec<serde_json::Value> {
    changes.iter().map(|change| json!({ "key": change.key, "from": change.from, "to": change.to })).collect()
}

fn counted(count: usize) -> String {
    if count == 1 { "1 setting".to_owned() } else { format!("{count} settings") }
}

fn it_or_them(count: usize) -> &'static str {
    if count == 1 { "it" } else { "them" }
}

fn complete_set(desk: &Desk, words: &[&str]) -> Vec<String> {
    match words {
        [] => legal::settable(&desk.settings),
        [key] => legal::values(&desk.settings, key),
        _ => Vec::new(),
    }
}

fn complete_unset(desk: &Desk, words: &[&str]) -> Vec<String> {
    if words.is_empty() { legal::overlaid(&desk.settings) } else { Vec::new() }
}
