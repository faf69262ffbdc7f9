//! How the limits are set: from the measurements of real dermoscopic images.
//!
//! Each limit is the value beyond which its [`Rule::tail`](super::Rule) of the surveyed images lies, rounded towards
//! lenience. The tails are small, so that nearly every real image passes; how much of what is clearly bad is refused
//! must be measured apart, on degraded images. Pure: reads no file and knows no data set.

use super::limits::{RULES, Refuses, Rule};
use super::{Limits, Measurements};

/// Limits are rounded to this many steps a unit.
const STEPS: f64 = 1000.0;

/// The measurements of many real images.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    images: Vec<Measurements>,
}

impl FromIterator<Measurements> for Survey {
    fn from_iter<I: IntoIterator<Item = Measurements>>(images: I) -> Self {
        Self { images: images.into_iter().collect() }
    }
}

impl Survey {
    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The value of one measurement at rank `q` in [0, 1], linear between neighbours (Hyndman and Fan's type 7, as
    /// NumPy's default); `None` without images.
    #[must_use]
    pub fn quantile(&self, measured: impl Fn(&Measurements) -> f32, q: f64) -> Option<f32> {
        let mut values: Vec<f32> = self.images.iter().map(measured).collect();
        values.sort_unstable_by(f32::total_cmp);
        let rank = values.len().checked_sub(1)? as f64 * q.clamp(0.0, 1.0);
        let (low, high) = (*values.get(rank.floor() as usize)?, *values.get(rank.ceil() as usize)?);
        Some(low + (high - low) * rank.fract() as f32)
    }

    /// Limits that leave each rule's tail of these images on its refused side; `None` without images.
    #[must_use]
    pub fn propose(&self) -> Option<Limits> {
        let [shorter_side, exposure, dark_share, mean, bright_share, glare_share, focus, presence, cut_off, share] = &RULES;
        Some(Limits {
            shorter_side_min: self.limit(shorter_side)?,
            exposure_min: self.limit(exposure)?,
            dark_share_max: self.limit(dark_share)?,
            mean_max: self.limit(mean)?,
            bright_share_max: self.limit(bright_share)?,
            glare_share_max: self.limit(glare_share)?,
            focus_min: self.limit(focus)?,
            lesion_presence_min: self.limit(presence)?,
            lesion_cut_off_max: self.limit(cut_off)?,
            lesion_share_min: self.limit(share)?,
        })
    }

    fn limit(&self, rule: &Rule) -> Option<f32> {
        let lenient = match rule.refuses {
            Refuses::Below => (f64::from(self.quantile(rule.measured, rule.tail)?) * STEPS).floor(),
            Refuses::Above => (f64::from(self.quantile(rule.measured, 1.0 - rule.tail)?) * STEPS).ceil(),
        };
        Some((lenient / STEPS) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Survey {
        (0..=1000)
            .map(|step| {
                let value = step as f32 / 1000.0;
                Measurements {
                    focus: value,
                    glare_share: value,
                    shorter_side: 150.0 + step as f32,
                    exposure: -value,
                    ..Measurements::default()
                }
            })
            .collect()
    }

    #[test]
    fn quantiles_lie_between_the_neighbouring_images() {
        let survey: Survey = [0.0, 1.0, 3.0].into_iter().map(|focus| Measurements { focus, ..Measurements::default() }).collect();
        assert_eq!(survey.quantile(|m| m.focus, 0.0), Some(0.0));
        assert_eq!(survey.quantile(|m| m.focus, 0.75), Some(2.0));
        assert_eq!(survey.quantile(|m| m.focus, 2.0), Some(3.0));
        assert_eq!(Survey::default().quantile(|m| m.focus, 0.5), None);
        assert_eq!(Survey::default().propose(), None);
    }

    #[test]
    fn each_proposed_limit_refuses_at_most_its_tail() {
        let survey = ramp();
        let limits = survey.propose().expect("there are images");
        assert_eq!(limits.shorter_side_min, 150.0);
        for rule in &RULES {
            let refused = survey.images.iter().filter(|image| rule.broken(&limits, image)).count();
            assert!(refused as f64 <= rule.tail * survey.len() as f64, "{}: {refused}", rule.key);
        }
        let refused = |key: &str| {
            let rule = RULES.iter().find(|rule| rule.key == key).expect("a rule of that name");
            survey.images.iter().filter(|image| rule.broken(&limits, image)).count()
        };
        assert!(refused("focus_min") >= 4 && refused("glare_share_max") >= 4);
    }
}
