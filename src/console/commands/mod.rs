//! The commands of the console, one file each; [`COMMANDS`] is the list that help, completion and `docs/console.md` are made of.
//!
//! Who may do what stands in the list and is checked in one place, [`carry_out`], before a command runs.

mod access;
mod bundle;
mod case;
mod export;
mod help;
mod log;
mod modes;
mod power;
mod press;
mod removable;
mod settings;
mod show;
mod test;

pub(in crate::console) use press::refused;

use super::{
    desk::{Desk, Role},
    reply::{Complaint, Reply},
    words,
};

/// One command.
pub struct Command {
    /// What is typed.
    pub name: &'static str,
    /// What it does, in half a sentence.
    pub summary: &'static str,
    /// Every way to use it.
    pub usages: &'static [Usage],
    /// What else a person should know; may be empty.
    pub notes: &'static str,
    /// A line that can be typed as it stands.
    pub example: &'static str,
    /// Carries it out.
    pub run: fn(&mut Desk, &Call<'_>) -> Result<Reply, Complaint>,
    /// What may stand after the words that were typed, beside the words of the usages.
    pub complete: fn(&Desk, &[&str]) -> Vec<String>,
}

/// One way to use a command.
pub struct Usage {
    /// What stands after the name: lower case as it is, upper case to be filled in, brackets around what may be left out.
    pub words: &'static str,
    /// Who may.
    pub role: Role,
    /// What it does, in half a sentence.
    pub meaning: &'static str,
}

/// A command as it was typed.
pub struct Call<'a> {
    /// The words after its name.
    pub words: Vec<&'a str>,
    /// The whole line.
    pub line: &'a str,
    /// Who typed it.
    pub role: Role,
    /// A script reads the answer.
    pub machine: bool,
}

/// All commands, in the order of help.
pub const COMMANDS: &[&Command] = &[
    &show::SHOW,
    &press::CAPTURE,
    &press::ACCEPT,
    &press::RETAKE,
    &press::DETAILS,
    &press::UP,
    &press::DOWN,
    &press::SCAN,
    &press::SLEEP,
    &case::CASE,
    &test::TEST,
    &log::LOG,
    &bundle::BUNDLE,
    &access::LOGIN,
    &access::LOGOUT,
    &access::PIN,
    &settings::SET,
    &settings::UNSET,
    &settings::DIFF,
    &settings::COMMIT,
    &settings::ROLLBACK,
    &export::EXPORT,
    &power::RESTART,
    &power::REBOOT,
    &modes::MACHINE,
    &modes::PAGING,
    &help::HELP,
];

/// The command of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().copied().find(|command| command.name == name)
}

/// Carries out a line that has at least one word.
///
/// # Errors
/// [`Complaint`] when there is no such command, the role is not enough, or the command says so.
pub fn carry_out(desk: &mut Desk, line: &str, role: Role, machine: bool) -> Result<Reply, Complaint> {
    let typed = words::words(line).map_err(|words::Unclosed(quote)| {
        Complaint::new(format!("a {quote} is not closed"), format!("Close the {quote}, or leave it out."))
    })?;
    let Some((name, rest)) = typed.split_first() else { return Ok(Reply::default()) };
    let command = find(name).ok_or_else(|| unknown(name))?;
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    if let Some(usage) = command.usage_of(&rest)
        && role < usage.role
    {
        let hint = if desk.pins.is_set() { "Type `login` first." } else { "No PIN is set yet: type `pin` to set one." };
        let words = format!("{name} {}", usage.words);
        return Err(Complaint::new(format!("`{}` is for technicians", words.trim()), hint));
    }
    (command.run)(desk, &Call { words: rest, line, role, machine })
}

impl Command {
    /// The usage that was meant: the one with the same first word, else one without a word of its own.
    #[must_use]
    pub fn usage_of(&self, words: &[&str]) -> Option<&'static Usage> {
        let own = |usage: &&Usage| usage.own_word().is_some_and(|own| words.first() == Some(&own));
        self.usages.iter().find(own).or_else(|| self.usages.iter().find(|usage| usage.own_word().is_none())).or(self.usages.first())
    }

    /// Said when it was used in a way that there is not.
    #[must_use]
    pub fn misused(&self, problem: &str) -> Complaint {
        let ways: Vec<String> = self.usages.iter().map(|usage| format!("`{}`", format!("{} {}", self.name, usage.words).trim())).collect();
        Complaint::new(format!("{}: {problem}", self.name), format!("Type {}.", ways.join(" or ")))
    }
}

impl Usage {
    /// The first word, when it is to be typed as it stands.
    #[must_use]
    pub fn own_word(&self) -> Option<&'static str> {
        self.words.split(' ').next().filter(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
    }
}

/// For commands whose words are all in their usages.
fn nothing_more(_: &Desk, _: &[&str]) -> Vec<String> {
    Vec::new()
}

fn unknown(name: &str) -> Complaint {
    let name: String = name.chars().take(40).collect();
    let nearest = nearest(&name, COMMANDS.iter().map(|command| command.name));
    let hint =
        nearest.map_or("Type `help` for all commands.".to_owned(), |near| format!("Did you mean `{near}`? Type `help` for all commands."));
    Complaint::new(format!("there is no command {name}"), hint)
}

/// The word that is most like `given`, when one is at all.
fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let best = known.map(|word| (strsim::jaro_winkler(word, given), word)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(likeness, _)| *likeness > 0.75).map(|(_, word)| word)
}
