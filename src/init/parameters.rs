//! `lentigo.*` on the kernel's command line.

use std::{path::PathBuf, time::Duration};

/// What the kernel's command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// `lentigo.board=PATH`: the board file; `/etc/lentigo/board.toml` when left out.
    pub board: PathBuf,
    /// `lentigo.data=DEVICE`: the ext4 partition for records and settings; memory when left out.
    pub data: Option<PathBuf>,
    /// `lentigo.reboot_s=SECONDS`: how long a failure that cannot be mended stays on the screen before the board reboots; 30 when left
    /// out, 3600 at most.
    pub reboot_after: Duration,
    /// Parameters that are not understood, each with what is wrong.
    pub wrong: Vec<String>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { board: PathBuf::from("/etc/lentigo/board.toml"), data: None, reboot_after: Duration::from_secs(30), wrong: Vec::new() }
    }
}

impl Parameters {
    /// Reads a command line as `/proc/cmdline` has it. Takes any text; the last of several values counts, as it does for the kernel.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        let mut parameters = Self::default();
        for word in words(line) {
            let Some(assignment) = word.strip_prefix("lentigo.") else { continue };
            let (key, value) = assignment.split_once('=').unwrap_or((assignment, ""));
            // A path from the root, for PID 1 is nowhere else.
            let path = Some(value).filter(|value| value.starts_with('/')).map(PathBuf::from);
            match (key, path, value.parse::<u64>()) {
                ("board", Some(path), _) => parameters.board = path,
                ("data", Some(path), _) => parameters.data = Some(path),
                ("reboot_s", _, Ok(seconds @ 0..=3600)) => parameters.reboot_after = Duration::from_secs(seconds),
                ("board" | "data", ..) => parameters.wrong.push(format!("lentigo.{key} must be an absolute path; it is \"{value}\"")),
                ("reboot_s", ..) => parameters.wrong.push(format!("lentigo.{key} must be seconds from 0 to 3600; it is \"{value}\"")),
                _ => {
                    let legal = "lentigo.board, lentigo.data, lentigo.reboot_s";
                    parameters.wrong.push(format!("lentigo.{key} is no parameter; there are {legal}"));
                }
            }
        }
        parameters
    }
}

/// The words of a kernel command line: white space parts them unless it is within double quotes, which are not part of the word.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ours_are_picked_out_and_quotes_hold_words_together() {
        let line = "console=ttyAMA0 root=/dev/ram lentigo.board=/etc/a.toml quiet lentigo.data=\"/dev/disk/by label\" lentigo.reboot_s=5\n";
        let expected = Parameters {
            board: "/etc/a.toml".into(),
            data: Some("/dev/disk/by label".into()),
            reboot_after: Duration::from_secs(5),
            wrong: Vec::new(),
        };
        assert_eq!(Parameters::parse(line), expected);
        assert_eq!(Parameters::parse("quiet lentigo.data=/dev/a lentigo.data=/dev/b").data, Some("/dev/b".into()));
    }

    #[test]
    fn what_is_not_understood_is_told_and_changes_nothing() {
        let parameters = Parameters::parse("lentigo.bord=/a lentigo.data=vda lentigo.reboot_s=-1 lentigo.board");
        assert_eq!(parameters.wrong.len(), 4, "{:?}", parameters.wrong);
        assert_eq!(Parameters { wrong: Vec::new(), ..parameters }, Parameters::default());
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_others_parameters_never_count(line in "[a-z .=\"/0-9\\n]{0,200}") {
            let parameters = Parameters::parse(&line);
            if !line.contains("lentigo.") {
                prop_assert_eq!(parameters, Parameters::default());
            }
        }

        #[test]
        fn any_path_without_quotes_survives_quoting(path in "/[^\"\\x00]{0,60}") {
            let parameters = Parameters::parse(&format!("lentigo.data=\"{path}\" quiet"));
            prop_assert_eq!(parameters.data, Some(PathBuf::from(path)));
        }
    }
}
