//! What `lentigo measure` prints of a picture.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::lesion::Trouble;
use crate::explain::abc::Abc;

/// What was measured in a file, or why nothing was.
pub(super) struct Line<'a> {
    pub(super) file: &'a str,
    pub(super) measured: &'a Result<Abc, Trouble>,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("file", self.file)?;
        match self.measured {
            Ok(abc) => {
                for key in Abc::names() {
                    map.serialize_entry(key, &abc.value(key).map(rounded))?;
                }
                map.serialize_entry("cut_off", &abc.size.cut_off)?;
            }
            Err(trouble) => map.serialize_entry("error", &trouble.to_string())?,
        }
        map.end()
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.file)?;
        match self.measured {
            Ok(abc) => {
                for key in Abc::names() {
                    writeln!(f, "  {key:24} {}", abc.value(key).map(rounded).unwrap_or_default())?;
                }
                write!(f, "  {:24} {}", "cut_off", abc.size.cut_off)
            }
            Err(trouble) => write!(f, "  {trouble}"),
        }
    }
}

/// To a millionth: what lies below is rounding and differs between processors.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// What `--help` says of the output.
pub(super) fn help() -> String {
    format!(
        "Measured is the largest centred square of each picture, at 256x256, as on the device; a criterion is that of the lesion's largest part.\n\n\
With --json each picture gives one line: file, {}, then cut_off (true: the lesion reaches the edge of the square, and asymmetry, border and size \
are those of the part that is seen). A picture that has no lesion or cannot be measured gives file and error. Names, order and meaning stay.\n\n\
asymmetry_shape: share of the area without counterpart, 0 to 1; asymmetry_colour: CIELAB units; asymmetry_mirror: grey levels, 0 to 1; \
border_abruptness: CIELAB units; border_curvature: radians a pixel; colour_lab: CIELAB units; colour_hsv: 0 to 1; colour_white to colour_black: \
shares of the lesion; points and score: as in the ABCD rule, without its D; size: shares of the square.\n\n\
Exit codes: 0 everything was measured or has no lesion, 1 some files could not be read, 2 usage, 3 bundle or table.\n\n\
Examples:\n  lentigo measure lesion.jpg --mask lesion-mask.png\n  \
lentigo measure --json --index index.csv --dataset ph2 --masks expert\n  \
lentigo measure --json --index index.csv --masks network --bundle models/bundles/multitask-edge",
        Abc::names().collect::<Vec<_>>().join(", ")
    )
}
