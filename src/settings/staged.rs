//! What is committed, what is staged, and how one becomes the other.

use std::{path::PathBuf, sync::Arc};

use toml::{Table, Value};

use super::{
    disk::Disk,
    error::SettingsError,
    file::{self, CURRENT, PREVIOUS},
    protected, value,
};
use crate::device::board::{Board, BoardError, KeyInfo};

/// Longest value that is taken, in bytes.
const LONGEST_VALUE: usize = 4096;

/// The settings of this device: those in force, those committed, those staged.
pub struct Settings {
    board_file: PathBuf,
    folder: PathBuf,
    disk: Arc<dyn Disk>,
    /// What the board file says.
    base: Table,
    /// What this run started with.
    running: Table,
    committed: Table,
    /// `None` while nothing is staged.
    staged: Option<Table>,
    keys: Vec<KeyInfo>,
}

/// One key that is to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `capture.hold_ms`.
    pub key: String,
    /// What it is now, as TOML writes it; `None` when its default holds.
    pub from: Option<String>,
    /// What it is to be; `None` when its default is to hold.
    pub to: Option<String>,
}

/// What a roll-back did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rolled {
    /// So many staged changes were dropped; what is committed stays.
    Dropped(usize),
    /// The settings before are committed again.
    Restored,
}

/// Where the value of a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nobody sets it.
    Default,
    /// The board file.
    BoardFile,
    /// Committed over the console.
    Committed,
    /// Staged, not committed.
    Staged,
}

/// A key with its value.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    /// What the key is.
    pub info: &'a KeyInfo,
    /// Its value as TOML writes it; `None` for a key that nothing sets and that has no default.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Source,
    /// Whether the key is legal with the kinds of camera and display that are chosen.
    pub legal: bool,
}

impl Settings {
    /// The settings of a device that runs with `board`, which [`super::load`] gave.
    ///
    /// # Errors
    /// [`SettingsError::Board`] when the board file cannot be read any more. Committed settings that cannot be read count
    /// as none: [`super::load`] has told so.
    pub fn open(board: &Board, disk: Arc<dyn Disk>) -> Result<Self, SettingsError> {
        let read = |cause| BoardError::Read { path: board.file.clone(), cause };
        let text = std::fs::read_to_string(&board.file).map_err(read)?;
        let base = toml::from_str(&text).map_err(|error| read(std::io::Error::new(std::io::ErrorKind::InvalidData, error.to_string())))?;
        let committed = file::read(&*disk, &board.state.join(CURRENT)).ok().flatten().unwrap_or_default();
        Ok(Self {
            board_file: board.file.clone(),
            folder: board.state.clone(),
            disk,
            base,
            running: committed.clone(),
            committed,
            staged: None,
            keys: Board::keys(),
        })
    }

    /// Every key that a board file may have.
    #[must_use]
    pub fn keys(&self) -> &[KeyInfo] {
        &self.keys
    }

    /// Stages `key` to be `text`, as a person types it. Returns what is not complete yet: it keeps [`Settings::commit`] from
    /// committing, but not other keys from being staged.
    ///
    /// # Errors
    /// [`SettingsError::UnknownKey`], [`SettingsError::Protected`], or [`SettingsError::Illegal`] with the legal values.
    pub fn set(&mut self, key: &str, text: &str) -> Result<Vec<String>, SettingsError> {
        let of_key: Vec<&KeyInfo> = self.keys.iter().filter(|info| info.path == key).collect();
        if of_key.is_empty() {
            return Err(self.unknown(key));
        }
        if let Some(reason) = protected::reason(key) {
            return Err(SettingsError::Protected { key: key.to_owned(), reason, board: self.board_file.clone() });
        }
        if text.len() > LONGEST_VALUE {
            let problems = vec![format!("{key}: the value is longer than {LONGEST_VALUE} bytes")];
            return Err(SettingsError::Illegal { problems });
        }
        let mut first_refusal = None;
        for reading in value::readings(text) {
            let mut next = self.next().clone();
            value::put(&mut next, key, reading);
            let problems = self.problems(&next)?;
            let (mut own, rest): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| is_about(problem, key));
            if own.is_empty() {
                self.stage(next);
                return Ok(rest);
            }
            for problem in &mut own {
                if problem.contains("is not a key of") {
                    let conditions: Vec<&str> =
                        of_key.iter().map(|info| info.variant.as_str()).filter(|variant| !variant.is_empty()).collect();
                    let section = key.split('.').next().unwrap_or_default();
                    *problem = format!("{key} is a key only with {}; set {section}.kind first", conditions.join(" or "));
                }
            }
            first_refusal.get_or_insert(own);
        }
        Err(SettingsError::Illegal { problems: first_refusal.unwrap_or_default() })
    }

    /// Stages `key` to be what the board file or its default says. Returns what is not complete then.
    ///
    /// # Errors
    /// [`SettingsError::UnknownKey`], or [`SettingsError::NotSet`].
    pub fn unset(&mut self, key: &str) -> Result<Vec<String>, SettingsError> {
        if !self.keys.iter().any(|info| info.path == key) {
            return Err(self.unknown(key));
        }
        let mut next = self.next().clone();
        if value::take(&mut next, key).is_none() {
            return Err(SettingsError::NotSet { key: key.to_owned() });
        }
        let problems = self.problems(&next)?;
        self.stage(next);
        Ok(problems)
    }

    /// What a commit would change.
    #[must_use]
    pub fn diff(&self) -> Vec<Change> {
        self.staged.as_ref().map_or_else(Vec::new, |staged| self.changes(&self.committed, staged))
    }

    /// What a restart would change: committed since this run started.
    #[must_use]
    pub fn awaiting_restart(&self) -> Vec<Change> {
        self.changes(&self.running, &self.committed)
    }

    /// Commits what is staged. It is on storage when this returns, and comes into force with the next start.
    ///
    /// # Errors
    /// [`SettingsError::NothingStaged`], [`SettingsError::Incomplete`], or [`SettingsError::Storage`]; what is staged stays staged.
    pub fn commit(&mut self) -> Result<Vec<Change>, SettingsError> {
        let changes = self.diff();
        let Some(staged) = self.staged.as_ref() else { return Err(SettingsError::NothingStaged) };
        let problems = self.problems(staged)?;
        if !problems.is_empty() {
            return Err(SettingsError::Incomplete { problems });
        }
        file::commit(&*self.disk, &self.folder, &self.committed, staged)?;
        self.committed = self.staged.take().unwrap_or_default();
        Ok(changes)
    }

    /// Drops what is staged; when nothing is, commits the settings before. A second time undoes that.
    ///
    /// # Errors
    /// [`SettingsError::NoPrevious`], [`SettingsError::Incomplete`] when the settings before do not fit the board file any more,
    /// [`SettingsError::Damaged`] or [`SettingsError::Storage`].
    pub fn roll_back(&mut self) -> Result<Rolled, SettingsError> {
        let dropped = self.diff().len();
        if self.staged.take().is_some() {
            return Ok(Rolled::Dropped(dropped));
        }
        let Some(previous) = file::read(&*self.disk, &self.folder.join(PREVIOUS))? else { return Err(SettingsError::NoPrevious) };
        let problems = self.problems(&previous)?;
        if !problems.is_empty() {
            return Err(SettingsError::Incomplete { problems });
        }
        file::commit(&*self.disk, &self.folder, &self.committed, &previous)?;
        self.committed = previous;
        Ok(Rolled::Restored)
    }

    /// Every key with its value, staged ones included, in the order of the reference.
    #[must_use]
    pub fn shown(&self) -> Vec<Shown<'_>> {
        self.keys.iter().map(|info| self.show(info)).collect()
    }

    /// The key most like `key`.
    #[must_use]
    pub fn nearest(&self, key: &str) -> Option<String> {
        let likeness = |info: &KeyInfo| {
            let last = info.path.rsplit('.').next().unwrap_or_default();
            strsim::jaro_winkler(&info.path, key).max(0.98 * strsim::jaro_winkler(last, key))
        };
        let best = self.keys.iter().map(|info| (likeness(info), &info.path)).max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(likeness, _)| *likeness > 0.7).map(|(_, path)| path.clone())
    }

    fn show<'a>(&self, info: &'a KeyInfo) -> Shown<'a> {
        let next = self.next();
        let (section, _) = info.path.split_once('.').unwrap_or((&info.path, ""));
        let kind_key = format!("{section}.kind");
        let kind = value::get(next, &kind_key).or_else(|| value::get(&self.base, &kind_key)).and_then(Value::as_str);
        let legal = info.variant.is_empty() || kind.is_some_and(|kind| info.variant.contains(&format!("\"{kind}\"")));
        let replaced = value::get(next, &kind_key).is_some_and(|kind| value::get(&self.base, &kind_key) != Some(kind));
        let (found, source) = match (value::get(next, &info.path), value::get(&self.base, &info.path)) {
            (Some(found), _) => {
                let source = if value::get(&self.committed, &info.path) == Some(found) { Source::Committed } else { Source::Staged };
                (Some(value::written(found)), source)
            }
            (None, Some(found)) if legal && !replaced => (Some(value::written(found)), Source::BoardFile),
            _ => (info.default.clone(), Source::Default),
        };
        Shown { info, value: found, source, legal }
    }

    fn next(&self) -> &Table {
        self.staged.as_ref().unwrap_or(&self.committed)
    }

    fn stage(&mut self, next: Table) {
        self.staged = (next != self.committed).then_some(next);
    }

    /// What is wrong with the board file under `settings`, without the places, which nobody can look at.
    fn problems(&self, settings: &Table) -> Result<Vec<String>, SettingsError> {
        match Board::load_with(&self.board_file, settings) {
            Ok(_) => Ok(Vec::new()),
            Err(BoardError::Invalid { problems, .. }) => Ok(problems.into_iter().map(|problem| problem.message).collect()),
            Err(error) => Err(error.into()),
        }
    }

    fn changes(&self, from: &Table, to: &Table) -> Vec<Change> {
        let (old, new) = (value::flat(from), value::flat(to));
        let mut keys: Vec<&String> = old.iter().chain(&new).map(|(key, _)| key).collect();
        keys.sort();
        keys.dedup();
        let now = |all: &[(String, Value)], key: &str| all.iter().find(|(path, _)| path == key).map(|(_, value)| value.clone());
        let or_board = |found: Option<Value>, key: &str| {
            let found = found.or_else(|| value::get(&self.base, key).cloned());
            found.map(|value| value::written(&value))
        };
        let change = |key: &String| {
            let (before, after) = (now(&old, key), now(&new, key));
            (before != after).then(|| Change { key: key.clone(), from: or_board(before, key), to: or_board(after, key) })
        };
        keys.into_iter().filter_map(change).collect()
    }

    fn unknown(&self, key: &str) -> SettingsError {
        let key: String = key.chars().take(64).collect();
        SettingsError::UnknownKey { nearest: self.nearest(&key), key }
    }
}

/// Whether a problem is that of this key's own value; what is missing elsewhere, or does not go with it, is not.
fn is_about(problem: &str, key: &str) -> bool {
    problem.strip_prefix(key).is_some_and(|rest| rest.starts_with(' ') && !rest.starts_with(" is missing"))
}
