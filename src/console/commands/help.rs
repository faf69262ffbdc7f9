//! `help`: every command, and each at length.

use super::{COMMANDS, Call, Command, Usage, find, nearest};
use crate::console::{
    desk::{Desk, Role},
    reply::{Complaint, Reply},
};

pub(super) const HELP: Command = Command {
    name: "help",
    summary: "commands, or one at length",
    usages: &[Usage { words: "[COMMAND]", role: Role::Operator, meaning: "all commands, or one with every way to use it and an example" }],
    notes: "Tab completes commands, their words, keys of settings and legal values. Up and Down bring back earlier lines. Ctrl-C drops what is \
            being typed or shown; so does a BREAK on the line.",
    example: "help set",
    run,
    complete,
};

fn run(_: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    match call.words.as_slice() {
        [] => Ok(overview(call.role)),
        [name] => find(name).map(at_length).ok_or_else(|| {
            let near = nearest(name, COMMANDS.iter().map(|command| command.name));
            let hint = near.map_or("Type `help` for all commands.".to_owned(), |near| format!("Did you mean `help {near}`?"));
            Complaint::new(format!("there is no command {name}"), hint)
        }),
        _ => Err(HELP.misused("takes one command")),
    }
}

/// Two columns, so that all of it fits on a page.
fn overview(role: Role) -> Reply {
    let cell = |command: &Command| {
        let all_technician = command.usages.iter().all(|usage| usage.role == Role::Technician);
        let mark = if all_technician && role == Role::Operator { '*' } else { ' ' };
        format!("{mark} {:<9}{:<28}", command.name, command.summary)
    };
    let rows = COMMANDS.len().div_ceil(2);
    let (left, right) = COMMANDS.split_at(rows);
    let right = right.iter().map(|command| cell(command)).chain(std::iter::repeat(String::new()));
    let mut reply = left
        .iter()
        .zip(right)
        .fold(Reply::default(), |reply, (left, right)| reply.line(format!("{}{right}", cell(left)).trim_end().to_owned()));
    if role == Role::Operator {
        reply = reply.line("* for technicians: see `help login`.");
    }
    let names: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
    reply.line("`help COMMAND` tells more. Tab completes, Ctrl-C drops.").with("commands", names)
}

fn at_length(command: &'static Command) -> Reply {
    let mut reply = Reply::default().line(format!("{}: {}", command.name, command.summary));
    let mut usages = Vec::new();
    for usage in command.usages {
        let typed = format!("{} {}", command.name, usage.words).trim().to_owned();
        let role = if usage.role == Role::Technician { " (technician)" } else { "" };
        reply = reply.line(format!("  {typed}{role}")).line(format!("      {}", usage.meaning));
        usages.push(serde_json::json!({ "usage": typed, "role": usage.role, "meaning": usage.meaning }));
    }
    if !command.notes.is_empty() {
        reply = reply.line(command.notes);
    }
    reply
        .line(format!("Example: {}", command.example))
        .with("command", command.name)
        .with("usages", usages)
        .with("notes", command.notes)
        .with("example", command.example)
}

fn complete(_: &Desk, words: &[&str]) -> Vec<String> {
    if words.is_empty() { COMMANDS.iter().map(|command| command.name.to_owned()).collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::line::COLUMNS;

    #[test]
    fn the_overview_fits_on_a_page() {
        for role in [Role::Operator, Role::Technician] {
            let rows = overview(role).lines;
            assert!(rows.len() <= 20, "{} rows", rows.len());
            assert!(rows.iter().all(|row| row.len() <= COLUMNS), "{rows:#?}");
            assert!(COMMANDS.iter().all(|command| command.summary.len() < 28 && command.name.len() < 9));
        }
    }
}
