//! Whether a language file holds every message of the report, no other, and shows each variable whatever the numbers: what a person would
//! otherwise find out on the device.
//!
//! Included by `build.rs`, where a fault fails the build, and by tests; so it may use nothing of this crate but `keys`.

use std::collections::BTreeSet;

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey},
    parser::parse_runtime,
};

use super::keys::Message;

/// The plural forms of all five languages (CLDR cardinals, for whole numbers under a million).
const FORMS: [&str; 2] = ["one", "other"];

/// What is wrong with the language file `file` that holds `source`: one line a fault, with what to do. Empty when nothing is.
pub(crate) fn faults(file: &str, source: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let resource = match parse_runtime(source) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            for error in errors {
                let line = source.as_bytes().iter().take(error.pos.start).filter(|byte| **byte == b'\n').count() + 1;
                faults.push(format!("{file}:{line}: not Fluent syntax: {error}. Mend that line; the message that begins there is lost."));
            }
            resource
        }
    };
    let mut found = BTreeSet::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let id = message.id.name;
                let fault = |what: String| format!("{file}: message `{id}` {what}");
                if !found.insert(id) {
                    faults.push(fault("stands there twice: remove one.".to_owned()));
                }
                if !message.attributes.is_empty() {
                    faults.push(fault("has attributes, which the report never reads: make it plain text.".to_owned()));
                }
                let Some(known) = Message::ALL.iter().find(|known| known.id() == id) else {
                    faults.push(fault("is none of the report's: remove it, or name it in src/explain/report/keys.rs.".to_owned()));
                    continue;
                };
                match &message.value {
                    Some(pattern) => faults.extend(pattern_faults(pattern, known.variables()).into_iter().map(fault)),
                    None => faults.push(fault("has no text: translate it from en.ftl.".to_owned())),
                }
            }
            Entry::Term(term) => faults.push(format!("{file}: term `-{}` is not used by the report: write its words out.", term.id.name)),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) | Entry::Junk { .. } => {}
        }
    }
    for missing in Message::ALL.iter().filter(|message| !found.contains(message.id())) {
        let variables = match missing.variables() {
            [] => "it has no variables".to_owned(),
            names => format!("it must show {}", listed(names)),
        };
        faults.push(format!("{file}: message `{}` is missing: translate it from en.ftl; {variables}.", missing.id()));
    }
    faults
}

/// What is wrong with the text of a message that has these `variables`.
fn pattern_faults(pattern: &Pattern<&str>, variables: &[&str]) -> Vec<String> {
    let mut use_of = Use::default();
    use_of.read(pattern);
    let mut faults = use_of.faults;
    let shown = shown(pattern);
    let unshown: Vec<&str> = variables.iter().copied().filter(|name| !shown.contains(name)).collect();
    if !unshown.is_empty() {
        faults
            .push(format!("does not show {} in each of its forms: a sentence must show the numbers that it came from.", listed(&unshown)));
    }
    let unknown: Vec<&str> = use_of.variables.iter().copied().filter(|name| !variables.contains(name)).collect();
    if !unknown.is_empty() {
        faults.push(format!("names {}, which it does not have: it has {}.", listed(&unknown), listed(variables)));
    }
    faults
}

/// `$one, $other`
fn listed(names: &[&str]) -> String {
    match names {
        [] => "no variables".to_owned(),
        names => names.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", "),
    }
}

/// Variables that stand in the text whichever forms are chosen.
fn shown<'s>(pattern: &Pattern<&'s str>) -> BTreeSet<&'s str> {
    let mut names = BTreeSet::new();
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(InlineExpression::VariableReference { id }) } => {
                names.insert(id.name);
            }
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                let each = variants.iter().map(|variant| shown(&variant.value));
                names.extend(each.reduce(|all, one| all.intersection(&one).copied().collect()).unwrap_or_default());
            }
            PatternElement::Placeable { .. } | PatternElement::TextElement { .. } => {}
        }
    }
    names
}

/// What a text makes use of.
#[derive(Default)]
struct Use<'s> {
    variables: BTreeSet<&'s str>,
    faults: Vec<String>,
}

impl<'s> Use<'s> {
    fn read(&mut self, pattern: &Pattern<&'s str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { .. } => {}
                PatternElement::Placeable { expression: Expression::Inline(expression) } => self.read_inline(expression),
                PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                    self.read_inline(selector);
                    for variant in variants {
                        if let VariantKey::Identifier { name } = variant.key
                            && !FORMS.contains(&name)
                        {
                            self.faults
                                .push(format!("has a form [{name}] that is never chosen: there are [{}] and numbers.", FORMS.join("], [")));
                        }
                        self.read(&variant.value);
                    }
                }
            }
        }
    }

    fn read_inline(&mut self, expression: &InlineExpression<&'s str>) {
        match expression {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name);
            }
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
            InlineExpression::FunctionReference { .. }
            | InlineExpression::MessageReference { .. }
            | InlineExpression::TermReference { .. }
            | InlineExpression::Placeable { .. } => {
                self.faults.push("refers to another message or calls a function: only variables may stand in braces.".to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = include_str!("text/en.ftl");

    /// What is said of the English file after `from` became `to` in it.
    fn changed(from: &str, to: &str) -> Vec<String> {
        assert!(ENGLISH.contains(from), "{from}");
        faults("en.ftl", &ENGLISH.replace(from, to))
    }

    #[test]
    fn all_languages_are_whole() {
        for language in crate::explain::report::Language::ALL {
            let path = format!("{}/src/explain/report/text/{language}.ftl", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(faults(language.code(), &std::fs::read_to_string(path).unwrap()), [""; 0]);
        }
    }

    #[test]
    fn a_missing_message_is_named_with_its_variables() {
        assert_eq!(changed("low = low\n", ""), ["en.ftl: message `low` is missing: translate it from en.ftl; it has no variables."]);
        assert_eq!(
            changed("level = level { $level } of 5\n", ""),
            ["en.ftl: message `level` is missing: translate it from en.ftl; it must show $level."]
        );
    }

    #[test]
    fn a_message_that_is_left_over_or_twice_is_named() {
        let left_over = ["en.ftl: message `lower` is none of the report's: remove it, or name it in src/explain/report/keys.rs."];
        assert_eq!(changed("low = low\n", "low = low\nlower = low\n"), left_over);
        assert_eq!(changed("low = low\n", "low = low\nlow = low\n"), ["en.ftl: message `low` stands there twice: remove one."]);
        assert_eq!(
            changed("low = low\n", "low = low\n-low = low\n"),
            ["en.ftl: term `-low` is not used by the report: write its words out."]
        );
    }

    #[test]
    fn a_variable_that_is_not_shown_in_every_form_is_named() {
        let unshown =
            ["en.ftl: message `level` does not show $level in each of its forms: a sentence must show the numbers that it came from."];
        assert_eq!(changed("level = level { $level } of 5", "level = level of 5"), unshown);
        assert_eq!(
            changed("level = level { $level } of 5", "level = { $level ->\n    [one] level one\n   *[other] level { $level }\n }"),
            unshown
        );
        assert_eq!(
            changed("level = level { $level } of 5", "level = { $level ->\n    [one] a { $level }\n   *[other] b { $level }\n }"),
            [""; 0]
        );
    }

    #[test]
    fn a_variable_that_the_message_does_not_have_is_named() {
        let unknown = ["en.ftl: message `level` names $number, which it does not have: it has $level."];
        assert_eq!(changed("level = level { $level } of 5", "level = level { $level } of { $number }"), unknown);
        assert_eq!(
            changed("low = low\n", "low = { $low }\n"),
            ["en.ftl: message `low` names $low, which it does not have: it has no variables."]
        );
    }

    #[test]
    fn what_does_not_parse_is_named_with_its_line() {
        let faults = changed("low = low\n", "low = { low\n");
        let line = ENGLISH.lines().position(|line| line == "low = low").unwrap() + 1;
        assert!(faults[0].starts_with(&format!("en.ftl:{}: not Fluent syntax: ", line + 1)), "{faults:?}");
        assert!(
            faults.contains(&"en.ftl: message `low` is missing: translate it from en.ftl; it has no variables.".to_owned()),
            "{faults:?}"
        );
    }

    #[test]
    fn only_variables_and_plural_forms_may_stand_in_braces() {
        let referring = ["en.ftl: message `low` refers to another message or calls a function: only variables may stand in braces."];
        assert_eq!(changed("low = low\n", "low = { high }\n"), referring);
        assert_eq!(changed("low = low\n", "low = { NUMBER(1) }\n"), referring);
        let attributes = ["en.ftl: message `low` has attributes, which the report never reads: make it plain text."];
        assert_eq!(changed("low = low\n", "low = low\n    .more = more\n"), attributes);
        assert_eq!(changed("low = low\n", "low =\n    .more = more\n")[1], "en.ftl: message `low` has no text: translate it from en.ftl.");
        let form = ["en.ftl: message `level` has a form [few] that is never chosen: there are [one], [other] and numbers."];
        assert_eq!(
            changed("level = level { $level } of 5", "level = { $level ->\n    [few] a { $level }\n   *[other] b { $level }\n }"),
            form
        );
    }
}
