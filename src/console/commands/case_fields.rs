//! The fields of a [`Context`] by name, read and written as text by way of its own serde form.

use serde_json::{Map, Value};

use crate::patient::Context;

/// One field.
pub(super) struct Field {
    /// Its name on the console.
    pub(super) name: &'static str,
    /// Its name in the serde form.
    key: &'static str,
    /// What it may hold, to come after "must be".
    pub(super) legal: &'static str,
    /// Its values where there are only a few.
    pub(super) values: &'static [&'static str],
}

const UNKNOWN: &str = "unknown";

/// All fields.
pub(super) const ALL: [Field; 6] = [
    Field { name: "age", key: "age", legal: "a whole number of years from 0 to 120, or unknown", values: &[] },
    Field { name: "sex", key: "sex", legal: "female, male or unknown", values: &["female", "male"] },
    Field {
        name: "site",
        key: "site",
        legal: "head-neck, anterior-torso, posterior-torso, lateral-torso, upper-extremity, lower-extremity, palms-soles, oral-genital or unknown",
        values: &[
            "head-neck",
            "anterior-torso",
            "posterior-torso",
            "lateral-torso",
            "upper-extremity",
            "lower-extremity",
            "palms-soles",
            "oral-genital",
        ],
    },
    Field { name: "phototype", key: "phototype", legal: "I, II, III, IV, V, VI or unknown", values: &["I", "II", "III", "IV", "V", "VI"] },
    Field { name: "operator", key: "operator", legal: "1 to 32 characters, or unknown", values: &[] },
    Field { name: "case", key: "case_number", legal: "1 to 64 characters, or unknown", values: &[] },
];

/// The field of that name.
pub(super) fn by_name(name: &str) -> Option<&'static Field> {
    ALL.iter().find(|field| field.name == name)
}

impl Field {
    /// Sets the field from text. Unchanged when it is not legal.
    pub(super) fn set(&self, context: &mut Context, text: &str) -> Result<(), String> {
        let text = text.trim();
        let wrong = || format!("{} must be {}", self.name, self.legal);
        let value = match self.name {
            _ if text == UNKNOWN => Value::Null,
            "age" => text.parse::<u8>().ok().filter(|age| *age <= 120).map(Value::from).ok_or_else(wrong)?,
            "operator" | "case" => {
                let most = if self.name == "case" { 64 } else { 32 };
                let fits = (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
                fits.then(|| Value::from(text)).ok_or_else(wrong)?
            }
            _ => self.values.iter().find(|value| value.eq_ignore_ascii_case(text)).map(|value| Value::from(*value)).ok_or_else(wrong)?,
        };
        let mut all = as_map(context);
        all.insert(self.key.to_owned(), value);
        *context = serde_json::from_value(Value::Object(all)).map_err(|_| wrong())?;
        Ok(())
    }

    /// What is known; "unknown" when nothing is.
    pub(super) fn shown(&self, context: &Context) -> String {
        match as_map(context).get(self.key) {
            None | Some(Value::Null) => UNKNOWN.to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }
}

fn as_map(context: &Context) -> Map<String, Value> {
    match serde_json::to_value(context) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_value_can_be_set_and_is_shown_again() {
        for field in &ALL {
            let samples: Vec<&str> = if field.values.is_empty() { vec!["61"] } else { field.values.to_vec() };
            for value in samples {
                let mut context = Context::default();
                field.set(&mut context, value).unwrap();
                assert_eq!(field.shown(&context), value);
                field.set(&mut context, UNKNOWN).unwrap();
                assert_eq!(context, Context::default());
            }
        }
    }

    #[test]
    fn what_is_not_legal_changes_nothing_and_says_what_is() {
        for (name, value) in [("age", "121"), ("age", "old"), ("sex", "m"), ("site", "elbow"), ("phototype", "VII"), ("operator", "")] {
            let mut context = Context { age: Some(3), ..Context::default() };
            let said = by_name(name).unwrap().set(&mut context, value).unwrap_err();
            assert!(said.starts_with(&format!("{name} must be ")), "{said}");
            assert_eq!(context.age, Some(3));
        }
    }
}
