//! What is recorded when a case is closed, as one line of JSON, and the two kinds of lines together.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;

use super::{Line, line::utc};
use crate::{case::Ending, patient::Context};

/// How the verdict over a picture was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingLine {
    /// When, in UTC, by the device's clock.
    #[serde(with = "utc")]
    pub time: Timestamp,
    /// Which case.
    pub case: u64,
    /// Which picture of this case the verdict was about, from 1.
    pub attempt: u32,
    /// How.
    pub closed: Ending,
    /// What was known of the patient by then.
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub context: Context,
}

/// Nothing is known: the line says nothing rather than that.
pub(super) fn is_unknown(context: &Context) -> bool {
    *context == Context::default()
}

/// One line of the records.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Entry {
    /// A picture and what was said of it.
    Picture(Box<Line>),
    /// How the case was closed.
    Closing(ClosingLine),
}

impl Entry {
    /// Which case it is about.
    #[must_use]
    pub fn case(&self) -> u64 {
        match self {
            Self::Picture(line) => line.case,
            Self::Closing(closing) => closing.case,
        }
    }
}

impl<'de> Deserialize<'de> for Entry {
    /// By the key that only one of them has, so that an error names what is wrong with that kind of line.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.get("closed").is_some() {
            serde_json::from_value(value).map(Self::Closing)
        } else {
            serde_json::from_value(value).map(|line| Self::Picture(Box::new(line)))
        }
        .map_err(D::Error::custom)
    }
}
