//! `docs/console.md`, written from the list of commands, so that the two cannot drift apart.

use super::commands::COMMANDS;

/// What stands before the commands.
const OPENING: &str = include_str!("reference.md");

/// The whole document.
#[must_use]
pub fn reference() -> String {
    let mut text = OPENING.to_owned();
    text.push_str("\n## Commands\n\n| command | what it does | who may |\n|---|---|---|\n");
    for command in COMMANDS {
        for usage in command.usages {
            text.push_str(&format!("| `{}` | {} | {} |\n", typed(command.name, usage.words), usage.meaning, usage.role.name()));
        }
    }
    for command in COMMANDS {
        text.push_str(&format!("\n### `{}`: {}\n\n", command.name, command.summary));
        for usage in command.usages {
            text.push_str(&format!("- `{}` ({}): {}.\n", typed(command.name, usage.words), usage.role.name(), usage.meaning));
        }
        if !command.notes.is_empty() {
            text.push_str(&format!("\n{}\n", command.notes));
        }
        text.push_str(&format!("\nExample: `{}`\n", command.example));
    }
    text
}

fn typed(name: &str, words: &str) -> String {
    format!("{name} {words}").trim().to_owned()
}
