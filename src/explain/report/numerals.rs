//! Numbers as a language writes them, so that what is read never contradicts what was decided.

use super::Language;

/// Below this share, and above the other, only that much is said: no figure of the model is better than that.
const NEARLY_NONE: f32 = 0.01;
const NEARLY_ALL: f32 = 0.99;

/// A share of a whole as it is to be written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Share {
    /// So many percent, with so many decimals.
    Percent(f64, usize),
    /// Less than 1 %, but something.
    NearlyNone,
    /// More than 99 %, but not all.
    NearlyAll,
}

impl Share {
    /// A share that stands alone: in whole percent.
    pub(super) fn whole(share: f64) -> Self {
        match share {
            share if share > 0.0 && share < exact(NEARLY_NONE) => Self::NearlyNone,
            share if share > exact(NEARLY_ALL) && share < 1.0 => Self::NearlyAll,
            share => Self::Percent(share * 100.0, 0),
        }
    }

    /// A probability and the threshold that it was compared with, with as few decimals as tell them apart. A probability under the threshold is
    /// rounded down, so that it never reads as if it had reached it. The same percentages stand on the verdict's screen.
    pub(crate) fn decided(probability: f32, threshold: f32) -> (Self, Self) {
        let percent = |share: f32| f64::from(share) * 100.0;
        if probability < NEARLY_NONE && threshold >= NEARLY_NONE {
            return (Self::NearlyNone, Self::Percent(percent(threshold), 0));
        }
        if probability > NEARLY_ALL && threshold <= NEARLY_ALL {
            return (Self::NearlyAll, Self::Percent(percent(threshold), 0));
        }
        let rounded = |decimals: usize| {
            let unit = 10_f64.powi(decimals as i32);
            let percent = percent(probability) * unit;
            if probability < threshold { percent.floor() / unit } else { percent.round() / unit }
        };
        let is_apart = |decimals: &usize| {
            probability == threshold || format!("{:.decimals$}", rounded(*decimals)) != format!("{:.decimals$}", percent(threshold))
        };
        let decimals = (usize::from(probability.min(threshold) < NEARLY_NONE)..=3).find(is_apart).unwrap_or(3);
        (Self::Percent(rounded(decimals), decimals), Self::Percent(percent(threshold), decimals))
    }
}

/// A number and the limit that it was compared with, with as few decimals from 2 on as tell them apart.
pub(super) fn apart(language: Language, number: f64, limit: f64) -> (String, String) {
    let shown = |decimals: usize| (decimal(language, number, decimals), decimal(language, limit, decimals));
    (2..=6).map(shown).find(|(one, other)| number == limit || one != other).unwrap_or_else(|| shown(6))
}

/// `31.4`, `31,4`, `−0,2`; a dash for what is no number.
pub(super) fn decimal(language: Language, number: f64, decimals: usize) -> String {
    if !number.is_finite() {
        return "–".to_owned();
    }
    let digits = format!("{:.decimals$}", number.abs()).replace('.', language.decimal_mark().encode_utf8(&mut [0; 4]));
    let is_zero = digits.chars().all(|digit| !digit.is_ascii_digit() || digit == '0');
    if number < 0.0 && !is_zero { format!("−{digits}") } else { digits }
}

/// `31 %`, `31%`; a dash for what is no number.
pub(super) fn percent(language: Language, percent: f64, decimals: usize) -> String {
    if !percent.is_finite() {
        return decimal(language, percent, decimals);
    }
    format!("{}{}%", decimal(language, percent, decimals), language.before_percent())
}

/// `6,2 mm`: the camera's scale is known no better than that. Swahili names the unit first (CLDR): `mm 6.2`.
pub(super) fn millimetres(language: Language, length: f64) -> String {
    let length = decimal(language, length, 1);
    if language == Language::Swahili { format!("mm\u{a0}{length}") } else { format!("{length}\u{a0}mm") }
}

/// The shortest decimal number that stands for the same single-precision one, as records write it: 0.31, not 0.310000002384.
pub(super) fn exact(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| f64::from(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_language_has_its_own_marks() {
        let written = |language| (decimal(language, -1234.56, 1), percent(language, 12.4, 0), millimetres(language, 6.25));
        let expected = |one: &str, two: &str, three: &str| (one.to_owned(), two.to_owned(), three.to_owned());
        assert_eq!(written(Language::English), expected("−1234.6", "12\u{a0}%", "6.2\u{a0}mm"));
        assert_eq!(written(Language::Spanish), expected("−1234,6", "12\u{a0}%", "6,2\u{a0}mm"));
        assert_eq!(written(Language::French), expected("−1234,6", "12\u{a0}%", "6,2\u{a0}mm"));
        assert_eq!(written(Language::Portuguese), expected("−1234,6", "12%", "6,2\u{a0}mm"));
        assert_eq!(written(Language::Swahili), expected("−1234.6", "12%", "mm\u{a0}6.2"));
        assert_eq!(decimal(Language::English, -0.001, 2), "0.00");
        assert_eq!(decimal(Language::English, f64::NAN, 2), "–");
    }

    #[test]
    fn a_share_is_never_more_exact_than_the_model() {
        for (share, expected) in [
            (0.0, Share::Percent(0.0, 0)),
            (0.004, Share::NearlyNone),
            (0.5, Share::Percent(50.0, 0)),
            (0.996, Share::NearlyAll),
            (1.0, Share::Percent(100.0, 0)),
        ] {
            assert_eq!(Share::whole(share), expected, "{share}");
        }
    }

    #[test]
    fn a_probability_has_as_few_decimals_as_tell_it_from_its_threshold() {
        let written = |share: Share| match share {
            Share::Percent(number, decimals) => percent(Language::Portuguese, number, decimals),
            Share::NearlyNone => "< 1%".to_owned(),
            Share::NearlyAll => "> 99%".to_owned(),
        };
        for (probability, threshold, expected) in [
            (0.874, 0.12, ["87%", "12%"]),
            (0.1199, 0.12, ["11%", "12%"]),
            (0.1201, 0.12, ["12,01%", "12,00%"]),
            (0.12, 0.12, ["12%", "12%"]),
            (0.3, 0.125, ["30%", "12%"]),
            (0.004, 0.12, ["< 1%", "12%"]),
            (0.996, 0.12, ["> 99%", "12%"]),
            (0.004, 0.006, ["0,4%", "0,6%"]),
            (f32::NAN, 0.12, ["–", "12%"]),
        ] {
            let (one, other) = Share::decided(probability, threshold);
            assert_eq!([written(one), written(other)], expected, "{probability} {threshold}");
        }
    }

    #[test]
    fn numbers_are_told_apart_from_their_limits() {
        let apart = |number, limit| apart(Language::English, number, limit);
        assert_eq!(apart(0.62, 0.35), ("0.62".to_owned(), "0.35".to_owned()));
        assert_eq!(apart(0.3499, 0.35), ("0.3499".to_owned(), "0.3500".to_owned()));
        assert_eq!(apart(0.35, 0.35), ("0.35".to_owned(), "0.35".to_owned()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_on_the_same_side_of_the_threshold(probability in 0.0_f32..=1.0, threshold in 0.0_f32..=1.0) {
            let number = |share: Share| match share {
                Share::Percent(percent, decimals) => format!("{percent:.decimals$}").parse::<f64>().unwrap(),
                Share::NearlyNone => 1.0 - 1e-6,
                Share::NearlyAll => 99.0 + 1e-6,
            };
            let (one, other) = Share::decided(probability, threshold);
            prop_assert_eq!(probability >= threshold, number(one) >= number(other), "{:?} {:?}", one, other);
        }

        #[test]
        fn a_single_precision_number_keeps_its_value(number in prop::num::f32::NORMAL) {
            prop_assert_eq!(exact(number) as f32, number);
        }
    }
}
