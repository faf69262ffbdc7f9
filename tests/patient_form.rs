//! The case form, pressed button by button.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::collections::{HashSet, VecDeque};

use lentigo::{
    device::Command::{self, Accept, Capture, Details, Down, Retake, Scan, Sleep, Up},
    patient::{
        Context, Field, Phototype, Sex, Site,
        form::{Form, Outcome},
    },
};
use proptest::prelude::*;

fn operators() -> Vec<String> {
    ["AB", "CD"].map(str::to_owned).to_vec()
}

fn after(presses: &[Command]) -> Form {
    let mut form = Form::new(Context::default(), &operators());
    press_all(&mut form, presses);
    form
}

fn press_all(form: &mut Form, presses: &[Command]) {
    for command in presses {
        assert_eq!(form.press(*command), Outcome::Open);
    }
}

fn chosen(form: &Form) -> &'static str {
    form.view().rows.iter().find(|row| row.chosen).unwrap().label
}

#[test]
fn a_whole_case_is_entered_with_three_buttons() {
    let mut form = after(&[Up, Capture, Up, Up, Up, Up, Capture, Down, Capture, Down, Down, Down, Capture, Up, Up, Capture, Down]);
    let expected = Context {
        age: Some(54),
        sex: Some(Sex::Female),
        site: Some(Site::PosteriorTorso),
        phototype: Some(Phototype::V),
        operator: Some("AB".to_owned()),
        case_number: None,
    };
    let view = form.view();
    let values: Vec<&str> = view.rows.iter().map(|row| row.value.as_str()).collect();
    assert_eq!(values, ["54 years", "female", "back", "phototype V", "AB", "unknown"]);
    assert_eq!(chosen(&form), "Operator");
    assert_eq!(form.press(Accept), Outcome::Keep(expected));
}

#[test]
fn leaving_by_details_keeps_nothing_and_retake_forgets_one_field() {
    assert_eq!(after(&[Up, Capture]).press(Details), Outcome::Leave);
    let form = after(&[Up, Capture, Up, Retake]);
    assert!(form.context().is_empty());
    assert_eq!(chosen(&form), "Age");
}

#[test]
fn single_years_are_skipped_where_there_are_none() {
    assert_eq!(chosen(&after(&[Capture])), "Sex");
    let oldest = after(&[Up, Up, Up, Up, Up, Up, Up, Up]);
    assert_eq!(oldest.context().age, Some(120));
    let mut next = oldest.clone();
    next.press(Capture);
    assert_eq!(chosen(&next), "Sex");
    let mut round = oldest;
    round.press(Up);
    assert_eq!(round.context().age, Some(0));
}

#[test]
fn capture_goes_round_through_every_field_that_can_be_entered() {
    let mut seen = Vec::new();
    let mut form = after(&[]);
    for _ in 0..6 {
        seen.push(chosen(&form));
        form.press(Capture);
    }
    assert_eq!(seen, ["Age", "Sex", "Site", "Phototype", "Operator", "Age"]);
}

#[test]
fn an_operator_who_is_not_in_the_list_is_not_lost_by_looking_through_it() {
    let context = Context { operator: Some("Zoë".to_owned()), ..Context::default() };
    let mut form = Form::new(context, &operators());
    press_all(&mut form, &[Capture, Capture, Capture, Capture]);
    assert_eq!(chosen(&form), "Operator");
    form.press(Up);
    assert_eq!(form.context().operator.as_deref(), Some("CD"));
    let mut form = Form::new(Context::default(), &[]);
    press_all(&mut form, &[Capture, Capture, Capture, Capture, Down]);
    assert!(form.context().is_empty());
    assert!(form.view().hint.contains("console"), "{}", form.view().hint);
}

#[test]
fn a_code_that_is_scanned_meanwhile_is_taken_over() {
    let mut form = after(&[Up, Capture]);
    form.learn(&Context { age: Some(120), case_number: Some("C-1".to_owned()), ..Context::default() });
    form.press(Up);
    assert_eq!((form.context().age, form.context().case_number.as_deref()), (Some(0), Some("C-1")));
}

#[test]
fn every_age_is_reached_from_unknown_within_thirteen_presses() {
    let mut farthest = 0;
    let mut reached = HashSet::new();
    let mut places: HashSet<String> = HashSet::new();
    let mut queue = VecDeque::from([(after(&[]), 0)]);
    while let Some((form, presses)) = queue.pop_front() {
        if let Some(age) = form.context().age
            && reached.insert(age)
        {
            farthest = presses;
        }
        for command in [Up, Down, Capture] {
            let mut next = form.clone();
            next.press(command);
            if chosen(&next) == "Age" && places.insert(format!("{:?} {}", next.context().age, next.view().hint)) {
                queue.push_back((next, presses + 1));
            }
        }
    }
    assert_eq!(reached.len(), 121);
    assert_eq!(farthest, 13);
}

proptest! {
    #[test]
    fn any_presses_leave_a_legal_context_one_chosen_field_and_a_way_out(
        presses in proptest::collection::vec(proptest::sample::select(&[Capture, Retake, Up, Down, Scan, Sleep][..]), 0..200),
    ) {
        let mut form = after(&presses);
        prop_assert!(form.context().check().is_ok());
        let view = form.view();
        prop_assert_eq!(view.rows.iter().filter(|row| row.chosen).count(), 1);
        prop_assert_eq!(view.rows.len(), Field::ALL.len());
        prop_assert!(view.hint.ends_with('.'));
        let held = form.context().clone();
        prop_assert_eq!(form.press(Accept), Outcome::Keep(held));
    }

    #[test]
    fn up_undoes_down_wherever_a_value_is_known(fields in 0_usize..6, presses in 1_usize..9) {
        let mut start = vec![Up];
        start.extend(vec![Capture; fields]);
        start.extend(vec![Down; presses]);
        let form = after(&start);
        let mut back = form.clone();
        back.press(Down);
        back.press(Up);
        prop_assert_eq!(back.context(), form.context());
    }
}
