//! The serial console as a person or a script meets it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

mod bench;
mod commands;
#[path = "../support/criteria.rs"]
mod criteria;
mod device;
mod lines;
mod machine;
mod noise;
mod pins;
mod reference;
#[path = "../support/mod.rs"]
mod support;
mod transcripts;
mod tty;
