//! The written report: what it says of a grid of cases in every language, and what holds of every report whatever the facts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

mod facts;
mod from_case;
mod grid;
mod properties;
#[path = "../support/mod.rs"]
mod support;
