//! The settings reference, written from the code that reads board files, so that the two cannot drift apart.

use super::{Board, KeyInfo};

/// What each section is for, in the order of the reference.
const SECTIONS: &[(&str, &str)] = &[
    ("camera", "where frames come from"),
    ("optics", "how large things are before the lens"),
    ("display", "where screens go"),
    ("model", "which model speaks"),
    ("report", "what is written of a case"),
    ("capture", "when a picture is taken"),
    ("inputs", "buttons, keys and touch"),
    ("console", "the serial console"),
    ("supervision", "watchdog, heat and health"),
    ("power", "sleep"),
    ("records", "what is kept"),
    ("state", "settings, PINs and other things that the device writes for itself"),
    ("log", "what is told"),
];

impl Board {
    /// `docs/settings.md`: every key of a board file with what it may hold, its default and its meaning.
    #[must_use]
    pub fn reference() -> String {
        let keys = Self::keys();
        let mut text = String::from(
            "# Settings\n\n\
             Every key of a board file. Written by `lentigo board reference`; do not edit.\n\n\
             Relative paths start from the folder that the board file is in. Default \"none\": the meaning says whether the key must be set, or what\n\
             leaving it out does. Unknown keys, wrong types and values out of range are errors, all listed at once (`lentigo board check FILE`).\n\
             The serial console changes the same keys: `set capture.hold_ms 3000`, then `commit`.\n",
        );
        for (section, purpose) in SECTIONS {
            let of_section = || keys.iter().filter(|key| section_of(key) == *section);
            if of_section().next().is_none() {
                continue;
            }
            text.push_str(&format!("\n## `[{section}]`: {purpose}\n"));
            let mut variants: Vec<&str> = Vec::new();
            for key in of_section() {
                if !variants.contains(&key.variant.as_str()) {
                    variants.push(&key.variant);
                }
            }
            for variant in variants {
                if !variant.is_empty() {
                    text.push_str(&format!("\n### `{variant}`\n"));
                }
                text.push_str("\n| key | what it may hold | default | meaning |\n|---|---|---|---|\n");
                for key in of_section().filter(|key| key.variant == variant) {
                    text.push_str(&row(key));
                }
            }
        }
        text
    }
}

/// `camera` of `camera.width`; `inputs` of `inputs.capture.line`.
fn section_of(key: &KeyInfo) -> &str {
    key.path.split('.').next().unwrap_or_default()
}

fn row(key: &KeyInfo) -> String {
    let name = key.path.split_once('.').map_or(key.path.as_str(), |(_, rest)| rest);
    let default = key.default.as_deref().map_or("none".to_owned(), |default| format!("`{default}`"));
    // A bar would end the cell.
    let cell = |text: &str| text.replace('|', "\\|");
    format!("| `{name}` | {} | {} | {} |\n", cell(&key.legal), cell(&default), cell(key.meaning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_in_a_known_section_and_says_what_it_is_for() {
        for key in Board::keys() {
            assert!(SECTIONS.iter().any(|(section, _)| *section == section_of(&key)), "{} stands in no section of the reference", key.path);
            assert!(key.meaning.ends_with('.'), "{} says nothing about itself", key.path);
        }
    }
}
