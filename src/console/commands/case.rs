//! `case`: what is known of the patient. Never logged, never in the history.

use serde_json::{Map, Value};

use super::{Call, Command, Usage, case_fields, nearest, press::refused};
use crate::{
    console::{
        desk::{Desk, Role},
        reply::{Complaint, Reply},
        words::rest,
    },
    patient::Context,
};

pub(super) const CASE: Command = Command {
    name: "case",
    summary: "what is known of the patient",
    usages: &[
        Usage { words: "show", role: Role::Operator, meaning: "the running case and what is known of its patient; also `case` alone" },
        Usage {
            words: "set FIELD VALUE",
            role: Role::Operator,
            meaning: "age, sex, site, phototype, operator or case (the clinic's own number)",
        },
        Usage { words: "clear [FIELD]", role: Role::Operator, meaning: "this field is unknown; without a field, everything is" },
    ],
    notes: "Everything may be unknown. It stands in the records from the next picture or acceptance on. These lines do not come back with Up.",
    example: "case set site palms-soles",
    run,
    complete,
};

fn run(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    match call.words.as_slice() {
        [] | ["show"] => Ok(shown(desk)),
        ["set", name, _, ..] => {
            let field = field(name)?;
            let typed = rest(call.line, 3);
            // Quotes are there to hold blanks together.
            let value = if call.words.len() == 3 { call.words.get(2).copied().unwrap_or(typed) } else { typed };
            change(desk, |context| field.set(context, value))
        }
        ["clear", name] => {
            let field = field(name)?;
            change(desk, |context| field.set(context, "unknown"))
        }
        ["clear"] => change(desk, |context| {
            *context = Context::default();
            Ok(())
        }),
        _ => Err(CASE.misused("that is not a way to use it")),
    }
}

fn change(desk: &Desk, change: impl FnOnce(&mut Context) -> Result<(), String>) -> Result<Reply, Complaint> {
    let mut context = desk.link.status().context;
    change(&mut context).map_err(|error| Complaint::new(error, "Nothing was changed."))?;
    desk.link.describe_patient(context).map_err(refused)?;
    Ok(shown(desk))
}

fn shown(desk: &Desk) -> Reply {
    let status = desk.link.status();
    let mut reply = Reply::default().row("case", status.case.map_or("none".to_owned(), |case| case.to_string()));
    let mut fields = Map::new();
    for field in &case_fields::ALL {
        let value = field.shown(&status.context);
        let name = if field.name == "case" { "case number" } else { field.name };
        reply = reply.row(name, &value);
        fields.insert(field.name.to_owned(), Value::from(value));
    }
    reply.with("case", status.case).with("patient", fields)
}

fn field(name: &str) -> Result<&'static case_fields::Field, Complaint> {
    case_fields::by_name(name).ok_or_else(|| {
        let names = || case_fields::ALL.iter().map(|field| field.name);
        let near = nearest(name, names()).map_or(String::new(), |near| format!("Did you mean {near}? "));
        let all: Vec<&str> = names().collect();
        Complaint::new(format!("{name} is not known of a patient"), format!("{near}There are: {}.", all.join(", ")))
    })
}

fn complete(_: &Desk, words: &[&str]) -> Vec<String> {
    let names = || case_fields::ALL.iter().map(|field| field.name.to_owned()).collect();
    match words {
        ["set" | "clear"] => names(),
        ["set", name] => case_fields::by_name(name)
            .filter(|field| !field.values.is_empty())
            .map(|field| field.values.iter().copied().chain(["unknown"]).map(str::to_owned).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}
