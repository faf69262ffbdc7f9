//! `export`: records over the line, or into a folder on removable storage.

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};

use super::{Call, Command, Usage, removable};
use crate::{
    console::{
        desk::{Desk, Role},
        reply::{Complaint, Reply},
    },
    record::{
        RecordLog,
        export::{Export, Form, Selection},
    },
};

pub(super) const EXPORT: Command = Command {
    name: "export",
    summary: "take records out",
    usages: &[
        Usage { words: "csv [OPTIONS]", role: Role::Technician, meaning: "as a table with a head" },
        Usage { words: "jsonl [OPTIONS]", role: Role::Technician, meaning: "as lines of JSON, as they stand in the records" },
    ],
    notes: "OPTIONS are any of `--to FOLDER` (a new file there, such as on a memory stick, instead of over the line), `--cases FIRST-LAST`, \
            `--since DATE` and `--until DATE` (2026-11-22, in UTC, both days included, or a time such as 2026-11-22T18:00:00Z), and \
            `--with-context` (also what is known of the patients, which otherwise stays here). Over the line the records stand between \
            a line that says how many there are and one that says `end`.",
    example: "export csv --to /media/usb --since 2026-11-01",
    run,
    complete,
};

struct Wanted<'a> {
    selection: Selection,
    folder: Option<&'a str>,
}

fn run(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    let (form, extension) = match call.words.first() {
        Some(&"csv") => (Form::Csv, "csv"),
        Some(&"jsonl") => (Form::JsonLines, "jsonl"),
        _ => return Err(EXPORT.misused("takes csv or jsonl")),
    };
    let wanted = wanted(call.words.get(1..).unwrap_or_default())?;
    let with_context = wanted.selection.with_context;
    let path = desk.board.records.join(RecordLog::FILE_NAME);
    let export = Export::open(&path, wanted.selection, form).map_err(unreadable)?;
    tracing::info!(records = export.records(), with_context, to_folder = wanted.folder.is_some(), "records are exported");
    let mut reply = counted(&export);
    let text = export.text().map_err(unreadable)?;
    if let Some(folder) = wanted.folder {
        let name = format!("lentigo-records-{}", removable::stamp());
        let file = removable::write(folder, &name, extension, |file| {
            for line in text {
                writeln!(file, "{}", line.map_err(std::io::Error::other)?)?;
            }
            Ok(())
        })?;
        let file = file.display().to_string();
        return Ok(reply.line(format!("Written to {file}.")).with("file", file));
    }
    // A log that cannot be read any further ends the text with the reason instead of the end.
    let end = std::iter::once(Ok("end".to_owned()));
    let lines = text.map(|line| line.map_err(|error| error.to_string()));
    reply.stream = Some(if call.machine {
        // Lines of JSON are values already; rows of CSV are texts.
        let quoted = move |line: Result<String, String>| match line {
            Ok(line) if form == Form::JsonLines => line,
            Ok(text) | Err(text) => serde_json::Value::from(text).to_string(),
        };
        let mut first = true;
        let separated = lines.map(quoted).map(move |line| if std::mem::take(&mut first) { line } else { format!(",{line}") });
        ("records", Box::new(separated))
    } else {
        ("records", Box::new(lines.chain(end).map(|line: Result<String, String>| format!("{}\r\n", line.unwrap_or_else(|error| error)))))
    });
    Ok(reply)
}

fn counted(export: &Export) -> Reply {
    let records = export.records();
    let mut reply = Reply::default().line(format!("{records} record{}", if records == 1 { "" } else { "s" }));
    if export.damaged() > 0 {
        reply = reply.line(format!("{} damaged lines are left out", export.damaged()));
    }
    if !export.withheld().is_empty() {
        let keys: Vec<&str> = export.withheld().iter().map(String::as_str).collect();
        reply = reply.line(format!("left out without --with-context: {}", keys.join(", ")));
    }
    reply.with("count", records).with("damaged", export.damaged()).with("withheld", export.withheld())
}

fn unreadable(error: impl ToString) -> Complaint {
    Complaint::new(error, "Look at `show health`, and at the storage on a computer.")
}

fn wanted<'a>(words: &[&'a str]) -> Result<Wanted<'a>, Complaint> {
    let mut wanted = Wanted { selection: Selection::default(), folder: None };
    let mut rest = words.iter().copied();
    while let Some(word) = rest.next() {
        if word == "--with-context" {
            wanted.selection.with_context = true;
            continue;
        }
        if !matches!(word, "--to" | "--cases" | "--since" | "--until") {
            return Err(EXPORT.misused(&format!("{word} is none of its options")));
        }
        let value = rest.next().ok_or_else(|| EXPORT.misused(&format!("{word} needs a value")))?;
        match word {
            "--to" => wanted.folder = Some(value),
            "--cases" => wanted.selection.cases = Some(cases(value)?),
            "--since" => wanted.selection.since = Some(moment(value, 0)?),
            _ => wanted.selection.until = Some(moment(value, 1)?),
        }
    }
    Ok(wanted)
}

fn cases(text: &str) -> Result<std::ops::RangeInclusive<u64>, Complaint> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err(EXPORT.misused("--cases takes a number such as 7, or two such as 7-12")),
    }
}

/// The start of a day, `days` later; or a time as it is.
fn moment(text: &str, days: i64) -> Result<Timestamp, Complaint> {
    let day = || {
        let date: Date = text.parse().ok()?;
        date.checked_add(Span::new().try_days(days).ok()?).ok()?.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp())
    };
    text.parse().ok().or_else(day).ok_or_else(|| EXPORT.misused(&format!("{text} is no date such as 2026-11-22")))
}

fn complete(_: &Desk, words: &[&str]) -> Vec<String> {
    match words.last() {
        None | Some(&("--to" | "--cases" | "--since" | "--until")) => Vec::new(),
        Some(_) => ["--to", "--cases", "--since", "--until", "--with-context"].map(str::to_owned).to_vec(),
    }
}
