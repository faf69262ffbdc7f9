//! Values as a person types them, and keys in a table by their dotted path.

use toml::{Table, Value};

/// What `text` may mean, likeliest first: a value as TOML writes it, or plain text without quotes.
pub(super) fn readings(text: &str) -> Vec<Value> {
    let plain = Value::String(text.to_owned());
    // A newline or a second key cannot come in this way: the table must have exactly the one key.
    let written = toml::from_str::<Table>(&format!("v = {text}")).ok().filter(|table| table.len() == 1);
    match written.and_then(|mut table| table.remove("v")) {
        Some(value @ (Value::Table(_) | Value::Datetime(_))) => vec![plain, value],
        Some(value) if value == plain => vec![plain],
        Some(value @ Value::String(_)) => vec![value],
        Some(value) => vec![value, plain],
        None => vec![plain],
    }
}

/// As TOML writes it: `"text"`, `3000`, `[1, 2]`.
pub(super) fn written(value: &Value) -> String {
    value.to_string()
}

/// The value at `path`, such as `camera.width`.
pub(super) fn get<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    let (last, folders) = split(path)?;
    let mut table = table;
    for name in folders {
        table = table.get(name)?.as_table()?;
    }
    table.get(last)
}

/// Puts a value at `path`; anything in the way that is no table goes.
pub(super) fn put(table: &mut Table, path: &str, value: Value) {
    let Some((last, folders)) = split(path) else { return };
    let mut table = table;
    for name in folders {
        let entry = table.entry(name).or_insert_with(|| Value::Table(Table::new()));
        if !entry.is_table() {
            *entry = Value::Table(Table::new());
        }
        let Value::Table(inner) = entry else { return };
        table = inner;
    }
    table.insert(last.to_owned(), value);
}

/// Takes the value at `path` out, with tables that are empty then.
pub(super) fn take(table: &mut Table, path: &str) -> Option<Value> {
    let Some((first, rest)) = path.split_once('.') else { return table.remove(path) };
    let inner = table.get_mut(first)?.as_table_mut()?;
    let value = take(inner, rest);
    if inner.is_empty() {
        table.remove(first);
    }
    value
}

/// Every value with its path, in the order of the table.
pub(super) fn flat(table: &Table) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    gather(table, "", &mut all);
    all
}

fn gather(table: &Table, prefix: &str, all: &mut Vec<(String, Value)>) {
    for (name, value) in table {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(inner) => gather(inner, &path, all),
            value => all.push((path, value.clone())),
        }
    }
}

fn split(path: &str) -> Option<(&str, Vec<&str>)> {
    let mut names: Vec<&str> = path.split('.').collect();
    Some((names.pop()?, names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_number_a_word_or_a_list() {
        assert_eq!(readings("3000")[0], Value::Integer(3000));
        assert_eq!(readings("true")[0], Value::Boolean(true));
        assert_eq!(readings("steady"), [Value::String("steady".to_owned())]);
        assert_eq!(readings("\"steady\""), [Value::String("steady".to_owned())]);
        assert_eq!(readings("[1, 2]")[0], Value::Array(vec![Value::Integer(1), Value::Integer(2)]));
        assert_eq!(readings("/dev/video0"), [Value::String("/dev/video0".to_owned())]);
        assert_eq!(readings("95")[1], Value::String("95".to_owned()));
    }

    #[test]
    fn a_second_key_cannot_be_slipped_in() {
        let slipped = "1\nw = 2";
        assert_eq!(readings(slipped), [Value::String(slipped.to_owned())]);
    }

    #[test]
    fn paths_lead_to_values_and_empty_tables_go() {
        let mut table = Table::new();
        put(&mut table, "inputs.capture.line", Value::Integer(17));
        assert_eq!(get(&table, "inputs.capture.line"), Some(&Value::Integer(17)));
        assert_eq!(flat(&table), [("inputs.capture.line".to_owned(), Value::Integer(17))]);
        assert_eq!(take(&mut table, "inputs.capture.other"), None);
        assert_eq!(take(&mut table, "inputs.capture.line"), Some(Value::Integer(17)));
        assert!(table.is_empty());
    }
}
