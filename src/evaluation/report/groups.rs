//! The headline figures by age band, sex, site and set: whether a bundle serves everybody.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    super::answer::{Answer, Question},
    headline::Headline,
};

/// The rows that share one value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// The value: `60-74`, `female`, `back`, `unknown`.
    pub group: String,
    /// Their figures.
    #[serde(flatten)]
    pub figures: Headline,
}

/// Age bands from young to old.
const BANDS: [&str; 6] = ["<30", "30-44", "45-59", "60-74", ">=75", "unknown"];

/// The groups of every attribute: `age`, `sex`, `site`, `dataset`. Age bands come from young to old, the rest by name.
#[must_use]
pub fn groups(question: &Question, answers: &[&Answer]) -> BTreeMap<&'static str, Vec<Group>> {
    let by = |value: &dyn Fn(&Answer) -> String| {
        let mut members: BTreeMap<String, Vec<&Answer>> = BTreeMap::new();
        for answer in answers {
            members.entry(value(answer)).or_default().push(answer);
        }
        let mut groups: Vec<Group> =
            members.into_iter().map(|(group, members)| Group { group, figures: Headline::new(question, &members) }).collect();
        groups.sort_by_key(|group| BANDS.iter().position(|band| *band == group.group));
        groups
    };
    BTreeMap::from([
        ("age", by(&|answer| answer.row.person.age_band().to_owned())),
        ("sex", by(&|answer| answer.row.person.sex.clone())),
        ("site", by(&|answer| answer.row.person.site.clone())),
        ("dataset", by(&|answer| answer.row.dataset.clone())),
    ])
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{answer::examples::*, index::Person},
        *,
    };

    #[test]
    fn every_row_is_in_one_group_of_each_attribute() {
        let question = question(&["benign", "malignant"], true);
        let persons = [("80", "female", "back"), ("20.0", "male", ""), ("", "", "back"), ("61", "female", "ear"), ("29", "male", "ear")];
        let answers: Vec<Answer> = persons
            .iter()
            .enumerate()
            .map(|(i, (age, sex, site))| {
                let mut answer = answer(&i.to_string(), 0.5, Some(true));
                answer.row.person = Person::read(age, sex, site);
                answer
            })
            .collect();
        let found = groups(&question, &answers.iter().collect::<Vec<_>>());
        let names = |of: &str| found[of].iter().map(|group| (group.group.as_str(), group.figures.n)).collect::<Vec<_>>();
        assert_eq!(names("age"), [("<30", 2), ("60-74", 1), (">=75", 1), ("unknown", 1)]);
        assert_eq!(names("sex"), [("female", 2), ("male", 2), ("unknown", 1)]);
        assert_eq!(names("site"), [("back", 2), ("ear", 2), ("unknown", 1)]);
        assert_eq!(names("dataset"), [("one", 5)]);
    }
}
