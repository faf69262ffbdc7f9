//! What is known of a patient: what is read, what is refused, and what must never be printed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use lentigo::patient::{Context, Field, Phototype, Sex, Site, code, form::Form};
use proptest::prelude::*;

/// Any text that an operator or a case number may be.
fn free(longest: usize) -> impl Strategy<Value = Option<String>> {
    proptest::option::of(proptest::collection::vec(any::<char>(), 1..=longest).prop_map(String::from_iter).prop_filter_map(
        "legal text only",
        move |text| {
            let mut context = Context::default();
            context.set(Field::Operator, &text.chars().take(32).collect::<String>()).ok()?;
            context.operator
        },
    ))
}

fn contexts() -> impl Strategy<Value = Context> {
    (
        proptest::option::of(0..=Context::OLDEST),
        proptest::option::of(proptest::sample::select(&Sex::ALL[..])),
        proptest::option::of(proptest::sample::select(&Site::ALL[..])),
        proptest::option::of(proptest::sample::select(&Phototype::ALL[..])),
        free(32),
        free(32),
    )
        .prop_map(|(age, sex, site, phototype, operator, case_number)| Context { age, sex, site, phototype, operator, case_number })
}

fn complaint(field: Field, text: &str) -> String {
    Context::default().set(field, text).expect_err("must be refused").to_string()
}

fn read(field: Field, text: &str) -> String {
    let mut context = Context::default();
    context.set(field, text).unwrap_or_else(|error| panic!("{text}: {error}"));
    context.get(field).unwrap_or_else(|| "unknown".to_owned())
}

#[test]
fn screens_say_it_in_short_words_and_records_in_stable_ones() {
    let context = Context {
        age: Some(54),
        sex: Some(Sex::Female),
        site: Some(Site::PosteriorTorso),
        phototype: Some(Phototype::III),
        operator: Some("Zoë Ångström".to_owned()),
        case_number: None,
    };
    let shown: Vec<String> = Field::ALL.iter().map(|field| context.shown(*field)).collect();
    assert_eq!(shown, ["54 years", "female", "back", "phototype III", "Zoë Ångström", "unknown"]);
    assert_eq!(
        serde_json::to_string(&context).unwrap(),
        r#"{"age":54,"sex":"female","site":"posterior-torso","phototype":"III","operator":"Zoë Ångström"}"#
    );
    assert_eq!(Context { age: Some(1), ..Context::default() }.shown(Field::Age), "1 year");
}

#[test]
fn every_value_that_help_lists_is_read_as_itself() {
    for field in Field::ALL {
        for value in field.values() {
            assert_eq!(read(field, value), value);
            assert!(field.legal().contains(value), "{} does not name {value}", field.legal());
        }
    }
}

#[test]
fn fields_are_read_as_people_say_them() {
    assert_eq!(read(Field::Age, " 54 years "), "54");
    assert_eq!(read(Field::Age, "0"), "0");
    assert_eq!(read(Field::Age, "Unknown"), "unknown");
    assert_eq!(read(Field::Sex, "F"), "female");
    assert_eq!(read(Field::Site, "Head/Neck"), "head-neck");
    assert_eq!(read(Field::Site, "anterior torso"), "anterior-torso");
    assert_eq!(read(Field::Site, "BACK"), "posterior-torso");
    assert_eq!(read(Field::Phototype, "iv"), "IV");
    assert_eq!(read(Field::Phototype, "type 6"), "VI");
    assert_eq!(read(Field::Operator, "  AB "), "AB");
    assert_eq!(read(Field::Case, "C-1042 / é漢"), "C-1042 / é漢");
    assert_eq!(Field::by_name("Case_Number").unwrap(), Field::Case);
}

#[test]
fn a_word_that_could_mean_two_sites_is_not_guessed() {
    for word in ["hand", "foot", "trunk", "torso", "extremity"] {
        assert!(Context::default().set(Field::Site, word).is_err(), "{word}");
    }
}

#[test]
fn what_is_refused_is_answered_with_the_legal_values_and_the_nearest() {
    assert_eq!(complaint(Field::Age, "121"), "age must be a whole number of years from 0 to 120, or unknown; did you mean 120?");
    assert_eq!(complaint(Field::Age, "-3"), "age must be a whole number of years from 0 to 120, or unknown; did you mean 0?");
    assert_eq!(complaint(Field::Age, "old"), "age must be a whole number of years from 0 to 120, or unknown");
    assert_eq!(complaint(Field::Sex, "femal"), "sex must be female, male or unknown; did you mean female?");
    assert!(complaint(Field::Site, "anterior-tors").ends_with("; did you mean anterior-torso?"));
    assert!(complaint(Field::Site, "").ends_with("or unknown"));
    assert_eq!(complaint(Field::Phototype, "7"), "phototype must be I, II, III, IV, V, VI or unknown");
    assert_eq!(complaint(Field::Operator, &"x".repeat(33)), "operator must be 1 to 32 characters without control characters, or unknown");
    assert!(Context::default().set(Field::Operator, &"é".repeat(32)).is_ok());
    for text in ["", "  ", "a\tb", "a\u{7f}b", "a\u{202e}b", "a\nb", &"x".repeat(65)] {
        assert!(Context::default().set(Field::Case, text).is_err(), "{text:?}");
    }
    assert_eq!(
        Field::by_name("fototype").unwrap_err().to_string(),
        "the fields of a case are age, sex, site, phototype, operator and case; did you mean phototype?"
    );
}

#[test]
fn a_refused_value_leaves_the_field_as_it_was() {
    let mut context = Context { age: Some(54), ..Context::default() };
    assert!(context.set(Field::Age, "540").is_err());
    assert_eq!(context.age, Some(54));
    context.set(Field::Age, "unknown").unwrap();
    assert!(context.is_empty());
}

#[test]
fn json_is_held_to_the_same_rules() {
    for json in [
        r#"{"age":121}"#,
        r#"{"age":-1}"#,
        r#"{"age":300}"#,
        r#"{"sex":"x"}"#,
        r#"{"site":"hand"}"#,
        r#"{"phototype":"VII"}"#,
        r#"{"operator":""}"#,
        r#"{"operator":"a\u0007b"}"#,
        r#"{"name":"x"}"#,
    ] {
        assert!(serde_json::from_str::<Context>(json).is_err(), "{json}");
    }
    assert!(serde_json::from_str::<Context>(&format!(r#"{{"case_number":"{}"}}"#, "x".repeat(65))).is_err());
    for (field, value) in [
        ("age", "777"),
        ("age", r#""777""#),
        ("sex", r#""777""#),
        ("site", "777"),
        ("phototype", r#""777""#),
        ("operator", "777"),
        ("case_number", r#""777\u0000""#),
    ] {
        let error = serde_json::from_str::<Context>(&format!("{{\"{field}\":{value}}}")).unwrap_err().to_string();
        assert!(error.contains("or unknown") && !error.contains("777"), "{error}");
    }
    assert_eq!(serde_json::from_str::<Context>(r#"{"age":null,"operator":"unknown"}"#).unwrap(), Context::default());
}

#[test]
fn learning_replaces_what_the_other_knows_and_keeps_the_rest() {
    let mut context = Context { age: Some(54), sex: Some(Sex::Male), ..Context::default() };
    context.learn(&Context { sex: Some(Sex::Female), case_number: Some("7".to_owned()), ..Context::default() });
    assert_eq!(context, Context { age: Some(54), sex: Some(Sex::Female), case_number: Some("7".to_owned()), ..Context::default() });
}

#[test]
fn values_that_only_code_can_put_in_are_found_by_the_check() {
    assert!(Context { age: Some(121), ..Context::default() }.check().is_err());
    assert!(Context { operator: Some(" a".to_owned()), ..Context::default() }.check().is_err());
    assert!(Context { case_number: Some("unknown".to_owned()), ..Context::default() }.check().is_err());
}

proptest! {
    #[test]
    fn a_context_comes_back_from_json_and_from_a_code(context in contexts()) {
        prop_assert!(context.check().is_ok());
        let json = serde_json::to_string(&context).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Context>(&json).unwrap(), &context);
        let text = code::encode(&context);
        prop_assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        let said = code::decode(&text).unwrap();
        prop_assert_eq!((&said.context, said.notices.len()), (&context, 0));
    }

    #[test]
    fn what_a_screen_says_is_read_again(context in contexts()) {
        let mut again = Context::default();
        for field in Field::ALL {
            again.set(field, &context.shown(field)).unwrap();
        }
        prop_assert_eq!(again, context);
    }

    #[test]
    fn any_text_is_a_legal_value_or_an_error_that_names_them(text in any::<String>(), at in 0_usize..6) {
        let field = Field::ALL[at];
        let mut context = Context::default();
        match context.set(field, &text) {
            Ok(()) => prop_assert!(context.check().is_ok()),
            Err(error) => prop_assert!(error.to_string().contains(field.legal())),
        }
    }

    #[test]
    fn nothing_that_gets_into_a_log_repeats_a_value(secret in "[A-Z]{12}", age in 100_u8..=120) {
        let context = Context { age: Some(age), case_number: Some(secret.clone()), operator: Some(secret.clone()), ..Context::default() };
        let form = Form::new(context.clone(), &[]);
        let said = code::decode(&format!("LENTIGO1;{secret}={secret};age={secret};case={secret}")).unwrap();
        let refused = Context::default().set(Field::Sex, &secret);
        let printed = format!("{context:?} {form:?} {:?} {said:?} {refused:?} {:?}", form.view(), code::decode(&format!("{secret}\u{1}")));
        prop_assert!(!printed.contains(&secret) && !printed.contains(&age.to_string()), "{}", printed);
        prop_assert!(printed.contains("Context(knows age, operator, case)"), "{}", printed);
    }
}
