//! `case`: what is known of the patient, and what was found. Never logged, never in the history.

use serde_json::{Map, Value};

use super::{
    Call, Command, Usage,
    press::{in_words, refused},
};
use crate::{
    console::{
        desk::{Desk, Role},
        reply::{Complaint, Reply},
        words::rest,
    },
    patient::{Context, Field, FieldError},
    record::WrittenReport,
};

pub(super) const CASE: Command = Command {
    name: "case",
    summary: "patient, and what was found",
    usages: &[
        Usage { words: "show", role: Role::Operator, meaning: "the running case and what is known of its patient; also `case` alone" },
        Usage {
            words: "set FIELD VALUE",
            role: Role::Operator,
            meaning: "age, sex, site, phototype, operator or case (the clinic's own number)",
        },
        Usage { words: "clear [FIELD]", role: Role::Operator, meaning: "this field is unknown; without a field, everything is" },
        Usage {
            words: "report [full]",
            role: Role::Operator,
            meaning: "what was found in the last picture of the running case, in a few sentences; with `full`, all that stands in its record",
        },
    ],
    notes: "Everything may be unknown. It stands in the records from the next picture or acceptance on. These lines do not come back with Up.",
    example: "case set site palms-soles",
    run,
    complete,
};

fn run(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    match call.words.as_slice() {
        [] | ["show"] => Ok(shown(desk)),
        ["report"] => report(desk, false),
        ["report", "full"] => report(desk, true),
        ["set", name, value, more @ ..] => {
            let field = field(name)?;
            // Quotes are there to hold blanks together; without them the rest of the line is the value.
            let value = if more.is_empty() { value } else { rest(call.line, 3) };
            change(desk, |context| context.set(field, value))
        }
        ["clear", name] => {
            let field = field(name)?;
            change(desk, |context| {
                context.clear(field);
                Ok(())
            })
        }
        ["clear"] => change(desk, |context| {
            *context = Context::default();
            Ok(())
        }),
        _ => Err(CASE.misused("that is not a way to use it")),
    }
}

fn change(desk: &Desk, change: impl FnOnce(&mut Context) -> Result<(), FieldError>) -> Result<Reply, Complaint> {
    let mut context = desk.link.status().context;
    change(&mut context).map_err(|error| Complaint::new(error, "Nothing was changed."))?;
    desk.link.describe_patient(context).map_err(refused)?;
    Ok(shown(desk))
}

fn shown(desk: &Desk) -> Reply {
    let status = desk.link.status();
    let mut reply = Reply::default().row("case", status.case.map_or("none".to_owned(), |case| case.to_string()));
    let mut fields = Map::new();
    for field in Field::ALL {
        reply = reply.row(&field.label().to_lowercase(), status.context.shown(field));
        fields.insert(field.name().to_owned(), Value::from(status.context.get(field)));
    }
    reply.with("case", status.case).with("patient", fields)
}

/// What was found, in the language that `report.language` sets.
fn report(desk: &Desk, full: bool) -> Result<Reply, Complaint> {
    let status = desk.link.status();
    let Some(told) = status.told else {
        return Err(Complaint::new("there is no picture of this case yet", "Type `capture`."));
    };
    let mut reply = Reply::default().row("verdict", told.label);
    if let Some(criteria) = &told.criteria {
        reply = reply.row("criteria", in_words(criteria));
    }
    for sentence in told.report.sentences.iter().filter(|sentence| full || sentence.brief) {
        reply = reply.line(&sentence.text);
    }
    let text = if full { told.report.full() } else { told.report.brief() };
    let reply = reply.with("case", status.case).with("label", told.label.text()).with("criteria", told.criteria);
    Ok(reply.with("report", WrittenReport { language: told.report.language, text }))
}

fn field(name: &str) -> Result<Field, Complaint> {
    Field::by_name(name).map_err(|error| Complaint::new(error, "Nothing was changed."))
}

fn complete(_: &Desk, words: &[&str]) -> Vec<String> {
    match words {
        ["report"] => vec!["full".to_owned()],
        ["set" | "clear"] => Field::ALL.map(|field| field.name().to_owned()).to_vec(),
        ["set", name] => {
            let values = Field::by_name(name).map_or_else(|_| Vec::new(), Field::values);
            let unknown = (!values.is_empty()).then_some("unknown");
            values.into_iter().chain(unknown).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}
