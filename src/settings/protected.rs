//! Keys that only the board file may set.
//!
//! Whoever can edit the board file holds the storage medium; whoever knows the PIN holds a cable. The second must not
//! be able to make the device trust other models, to shed its PIN, to scatter its records, or to lock everybody out.

/// Each key with the reason.
pub const PROTECTED: &[(&str, &str)] = &[
    ("model.trusted_keys", "it decides whose models this device believes"),
    ("state.folder", "PIN and settings lie there; another folder would be a way around the PIN"),
    ("records.folder", "records stay in one place, so that none is overlooked and case numbers go on"),
    ("console.device", "a console that is somewhere else cannot be used to put it right"),
];

/// Why `key` must not be set here.
pub(super) fn reason(key: &str) -> Option<&'static str> {
    PROTECTED.iter().find(|(path, _)| *path == key).map(|(_, reason)| *reason)
}
