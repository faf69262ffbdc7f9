//! Payloads of codes: what counts, what is left out, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use lentigo::patient::{
    Context, Field, Phototype, Sex, Site,
    code::{self, CodeError, Notice},
};
use proptest::prelude::*;

fn said(text: &str) -> (Context, Vec<String>) {
    let said = code::decode(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    (said.context, said.notices.iter().map(Notice::to_string).collect())
}

#[test]
fn a_full_code_says_everything() {
    let (context, notices) = said("LENTIGO1;age=54;sex=female;site=back;phototype=III;operator=AB;case=C-1042");
    assert_eq!(
        context,
        Context {
            age: Some(54),
            sex: Some(Sex::Female),
            site: Some(Site::PosteriorTorso),
            phototype: Some(Phototype::III),
            operator: Some("AB".to_owned()),
            case_number: Some("C-1042".to_owned()),
        }
    );
    assert!(notices.is_empty(), "{notices:?}");
}

#[test]
fn order_case_empty_parts_and_unknown_values_do_not_matter() {
    let (context, notices) = said(" lentigo1;; Sex = M ;AGE=unknown;operator=; site=unknown;\n");
    assert_eq!(context, Context { sex: Some(Sex::Male), ..Context::default() });
    assert!(notices.is_empty(), "{notices:?}");
    assert_eq!(said("LENTIGO1").0, Context::default());
}

#[test]
fn percent_signs_carry_any_text_and_an_equals_sign_needs_none() {
    let (context, _) = said("LENTIGO1;case=a%3Bb%25c=d;operator=Zo%C3%AB");
    assert_eq!(context.case_number.as_deref(), Some("a;b%c=d"));
    assert_eq!(context.operator.as_deref(), Some("Zoë"));
    assert_eq!(code::encode(&context), "LENTIGO1;operator=Zo%C3%AB;case=a%3Bb%25c=d");
}

#[test]
fn what_is_wrong_is_left_out_with_a_notice_and_the_rest_counts() {
    let (context, notices) = said("LENTIGO1;age=540;shoe=43;sex=f;sex=m;case=%zz;site=head-nek;loose");
    assert_eq!(context, Context { sex: Some(Sex::Female), ..Context::default() });
    assert_eq!(
        notices,
        [
            "left out from the code: age must be a whole number of years from 0 to 120, or unknown; did you mean 120?",
            "the code says something that is not used here: its part 2 was left out",
            "the code says sex twice: the first counts",
            "left out from the code: case must be 1 to 64 characters without control characters, or unknown",
            "left out from the code: site must be head-neck, anterior-torso, posterior-torso, lateral-torso, upper-extremity, \
             lower-extremity, palms-soles, oral-genital or unknown; did you mean head-neck?",
            "the code says something that is not used here: its part 7 was left out",
        ]
    );
}

#[test]
fn any_other_short_text_is_a_case_number() {
    for text in ["C-1042", "4006381333931", "Fall 7; Müller", "LENTIGO", "LENTIGO-7;x", &"é".repeat(64)] {
        assert_eq!(said(text).0, Context { case_number: Some(text.to_owned()), ..Context::default() });
    }
}

#[test]
fn another_version_and_what_is_no_case_are_refused() {
    let error = code::decode("LENTIGO2;age=54").unwrap_err();
    assert_eq!(error, CodeError::Version { found: "2".to_owned() });
    assert!(error.to_string().contains("version 2") && error.to_string().contains("version 1"), "{error}");
    assert!(matches!(code::decode("LENTIGO99999999999999999999;age=54"), Err(CodeError::Version { .. })));
    for text in ["", "   ", "a\u{1}b", &"x".repeat(65)] {
        assert_eq!(code::decode(text), Err(CodeError::Foreign), "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_legal_case_or_an_error(text in any::<String>()) {
        if let Ok(said) = code::decode(&text) {
            prop_assert!(said.context.check().is_ok());
        }
    }

    #[test]
    fn any_pairs_are_read_without_loss_of_the_good_ones(
        rubbish in proptest::collection::vec("[a-z%=é \u{0}-\u{10ffff}]{0,12}".prop_filter("no end of a pair", |text| !text.contains(';')), 0..6),
        at in 0_usize..6, age in 0_u8..=120,
    ) {
        // A part that happens to name the age itself comes first or second; only then may it win.
        prop_assume!(rubbish.iter().all(|part| part.split('=').next().and_then(|key| Field::by_name(key).ok()) != Some(Field::Age)));
        let mut parts = rubbish.clone();
        parts.insert(at.min(rubbish.len()), format!("age={age}"));
        let said = code::decode(&format!("LENTIGO1;{}", parts.join(";"))).unwrap();
        prop_assert_eq!(said.context.age, Some(age));
    }
}
