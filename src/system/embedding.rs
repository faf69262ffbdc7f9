//! Embeddings: directions in the space that pictures and criteria share. Nothing here knows what lies in a direction.

use super::SystemError;

/// The shortest vector that still has a direction: of unit vectors added up, shorter ones have cancelled each other but for rounding.
const SHORTEST: f32 = 1e-6;

/// Brings `values` to length 1; `output` is what they are, for the message.
///
/// # Errors
/// [`SystemError::NotFinite`] for a value that is no number, [`SystemError::NoDirection`] when there is nothing that could be brought to length 1.
pub fn to_unit_length(output: &'static str, values: &mut [f32]) -> Result<(), SystemError> {
    if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
        return Err(SystemError::NotFinite { output, value });
    }
    // Squares of f32 never leave the range of f64.
    let length = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    if length < f64::from(SHORTEST) {
        return Err(SystemError::NoDirection { output });
    }
    values.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
    Ok(())
}

/// Cosine of the angle between two vectors of length 1, -1 to 1; 0 of vectors of different dimensions, which have nothing to do with each other.
#[must_use]
pub fn cosine(one: &[f32], other: &[f32]) -> f32 {
    if one.len() != other.len() {
        return 0.0;
    }
    let product: f64 = one.iter().zip(other).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    // Rounding makes a cosine of 1 a little more.
    product.clamp(-1.0, 1.0) as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_has_no_direction_is_an_error_about_the_picture() {
        for mut values in [vec![0.0; 4], vec![1e-9, 0.0], vec![], vec![1.0, f32::NAN], vec![f32::INFINITY, 1.0]] {
            let error = to_unit_length("embedding", &mut values).unwrap_err();
            assert!(error.is_about_the_picture() && error.to_string().contains("embedding"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_direction_is_kept_whatever_the_length(
            values in prop::collection::vec(-1.0_f32..1.0, 2..200).prop_filter("too short", |values| values.iter().any(|v| v.abs() > 0.1)),
            length in prop::sample::select(vec![1e-4_f32, 1.0, 1e30]),
        ) {
            let mut unit = values.clone();
            to_unit_length("embedding", &mut unit).unwrap();
            prop_assert!((cosine(&unit, &unit) - 1.0).abs() < 1e-6);
            let mut longer: Vec<f32> = values.iter().map(|value| value * length).collect();
            to_unit_length("embedding", &mut longer).unwrap();
            prop_assert!(cosine(&unit, &longer) > 1.0 - 1e-5);
            let opposite: Vec<f32> = unit.iter().map(|value| -value).collect();
            prop_assert!(cosine(&unit, &opposite) < -1.0 + 1e-5);
            prop_assert_eq!(cosine(&unit, &unit[1..]), 0.0);
        }
    }
}
