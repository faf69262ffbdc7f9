//! The written report: what it says of a grid of cases in every language, and what holds of every report whatever the facts.

#[path = "../support/mod.rs"]
#[allow(dead_code)]
mod support;

mod facts;
mod from_case;
mod grid;
mod properties;
