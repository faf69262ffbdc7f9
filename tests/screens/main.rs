//! What the screens look like: every scene on every supported screen, against committed pictures, and the words on them.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot get its inputs must stop")]

mod explained;
mod legible;
mod outlined;
mod snapshot;
mod support;
