//! The criteria behind an answer as the figures take them, and as columns of `predictions.csv`.

use crate::{
    case::Explanation,
    evaluation::criteria::{Criteria, Criterion},
    explain::{
        abc::Abc,
        severity::{Level, Scales},
    },
};

/// What `explanation` holds, with the numbers that `scales` take their levels from.
pub(super) fn of(explanation: &Explanation, scales: &Scales) -> Criteria {
    let Explanation { abc, severity, read, agreement, embedding, criteria_embedding, prototypes, .. } = explanation;
    let measured = [&scales.asymmetry, &scales.border, &scales.colour];
    Criteria {
        measures: Abc::names().map(|name| (name, abc.value(name).unwrap_or(f64::NAN))).collect(),
        measured: measured.map(|scale| abc.value(&scale.measure).unwrap_or(f64::NAN)),
        points: [abc.asymmetry.points, abc.border.points, abc.colour.points].map(f64::from),
        read: read.map(|read| read.map(f64::from)),
        severity: [severity.asymmetry, severity.border, severity.colour, severity.overall].map(Level::number),
        agreement: f64::from(*agreement),
        embedding: embedding.clone(),
        criteria_embedding: criteria_embedding.clone(),
        nearest: prototypes.first().map(|nearest| nearest.level.number()),
    }
}

/// Names of the columns: levels, reading, agreement, nearest prototype, and every measured number.
pub(super) fn columns() -> Vec<String> {
    let levels = Criterion::ALL.map(Criterion::name).into_iter().chain(["overall"]).map(|name| format!("severity_{name}"));
    let read = Criterion::ALL.map(|criterion| format!("read_{}", criterion.name()));
    let rest = ["agreement", "nearest_prototype"].into_iter().chain(Abc::names()).map(str::to_owned);
    levels.chain(read).chain(rest).collect()
}

/// The cells under [`columns`]; all empty of an image without a lesion to measure.
pub(super) fn cells(criteria: Option<&Criteria>) -> Vec<String> {
    let Some(criteria) = criteria else { return vec![String::new(); columns().len()] };
    let number = |value: f64| format!("{value:.6}");
    let mut cells: Vec<String> = criteria.severity.iter().map(ToString::to_string).collect();
    cells.extend((0..Criterion::ALL.len()).map(|at| criteria.read.map(|read| number(read[at])).unwrap_or_default()));
    cells.push(number(criteria.agreement));
    cells.push(criteria.nearest.map(|level| level.to_string()).unwrap_or_default());
    cells.extend(criteria.measures.iter().map(|(_, value)| number(*value)));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_cell() {
        let measures = Abc::names().enumerate().map(|(at, name)| (name, at as f64)).collect();
        let mut criteria = Criteria {
            measures,
            measured: [0.0; 3],
            points: [0.0; 3],
            read: Some([0.5, 1.5, 2.5]),
            severity: [1, 2, 3, 4],
            agreement: -0.25,
            embedding: vec![],
            criteria_embedding: vec![],
            nearest: Some(5),
        };
        let cell = |criteria: Option<&Criteria>, column: &str| {
            let at = columns().iter().position(|name| name == column).unwrap();
            cells(criteria)[at].clone()
        };
        for (column, expected) in [
            ("severity_overall", "4"),
            ("read_colour", "2.500000"),
            ("agreement", "-0.250000"),
            ("nearest_prototype", "5"),
            (Abc::KEYS[0], "0.000000"),
            (Abc::SCORE, "28.000000"),
        ] {
            assert_eq!(cell(Some(&criteria), column), expected, "{column}");
        }
        criteria.read = None;
        assert_eq!((cell(Some(&criteria), "read_border"), cell(None, "agreement")), (String::new(), String::new()));
        assert_eq!((cells(Some(&criteria)).len(), cells(None).len()), (columns().len(), columns().len()));
    }
}
