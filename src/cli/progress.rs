//! A progress bar on long work, only when a person watches standard error.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Work shorter than this many steps needs no bar.
const WORTH_A_BAR: usize = 4;

/// A bar for `steps` steps; hidden when standard error is no terminal or the work is short.
pub(super) fn bar(steps: usize) -> ProgressBar {
    if steps < WORTH_A_BAR || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(steps as u64);
    // infallible: the template is a constant that a test below parses; the plain style is as good.
    bar.set_style(ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

const TEMPLATE: &str = "{bar:32} {pos}/{len}  {eta} left  {wide_msg}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_right() {
        ProgressStyle::with_template(TEMPLATE).unwrap();
    }
}
