//! Probabilities as words, so that what is shown never contradicts the label.

use crate::explain::report::Share;

/// `probability` and `threshold` (both in [0, 1]) as percentages with as few decimals as tell them apart: `("12 %", "8 %")`; the same as in the
/// written report, by [`Share::decided`].
pub(super) fn pair(probability: f32, threshold: f32) -> (String, String) {
    let (probability, threshold) = Share::decided(probability, threshold);
    (shown(probability), shown(threshold))
}

fn shown(share: Share) -> String {
    match share {
        Share::Percent(percent, decimals) => written(percent, decimals),
        Share::NearlyNone => format!("< {}", written(1.0, 0)),
        Share::NearlyAll => format!("> {}", written(99.0, 0)),
    }
}

/// A share in [0, 1] as a whole percentage: `95 %`.
pub(super) fn whole(share: f32) -> String {
    written(f64::from(share) * 100.0, 0)
}

fn written(percent: f64, decimals: usize) -> String {
    // No-break space: the sign stays with its number (SI brochure, 9th edition, 5.4.7).
    if percent.is_finite() { format!("{percent:.decimals$}\u{a0}%") } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentages_have_as_few_decimals_as_tell_them_apart() {
        for (probability, threshold, expected) in [
            (0.874, 0.12, ("87\u{a0}%", "12\u{a0}%")),
            (0.1199, 0.12, ("11\u{a0}%", "12\u{a0}%")),
            (0.1201, 0.12, ("12.01\u{a0}%", "12.00\u{a0}%")),
            (0.12, 0.12, ("12\u{a0}%", "12\u{a0}%")),
            (0.004, 0.12, ("< 1\u{a0}%", "12\u{a0}%")),
            (0.996, 0.12, ("> 99\u{a0}%", "12\u{a0}%")),
            (0.004, 0.006, ("0.4\u{a0}%", "0.6\u{a0}%")),
            (f32::NAN, 0.12, ("–", "12\u{a0}%")),
        ] {
            assert_eq!(pair(probability, threshold), (expected.0.to_owned(), expected.1.to_owned()), "{probability} {threshold}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_on_the_same_side_of_the_threshold(probability in 0.0_f32..=1.0, threshold in 0.0_f32..=1.0) {
            let number = |text: &str| {
                let (beyond, digits) = match text.split_once(' ') {
                    Some(("<", digits)) => (-1e-6, digits),
                    Some((_, digits)) => (1e-6, digits),
                    None => (0.0, text),
                };
                digits.trim_end_matches("\u{a0}%").parse::<f64>().unwrap() + beyond
            };
            let (one, other) = pair(probability, threshold);
            prop_assert_eq!(probability >= threshold, number(&one) >= number(&other), "{} {}", one, other);
        }
    }
}
