//! The evidence behind a verdict: class activation maps as pictures.
