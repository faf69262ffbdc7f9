//! What the screens look like: every scene on every supported screen, against committed pictures, and the words on them.

mod legible;
mod snapshot;
mod support;
