//! Refuses to build with a language file of the report that lacks a message or a variable, has one too many, or does not parse.

#[path = "src/explain/report/check.rs"]
mod check;
#[path = "src/explain/report/keys.rs"]
mod keys;

use std::{fs, path::Path};

const TEXTS: &str = "src/explain/report/text";
const LANGUAGES: [(&str, &str); 5] = [("en", "English"), ("es", "Spanish"), ("fr", "French"), ("pt", "Portuguese"), ("sw", "Swahili")];

fn main() {
    println!("cargo::rerun-if-changed={TEXTS}");
    for (code, name) in LANGUAGES {
        let file = format!("{TEXTS}/{code}.ftl");
        match fs::read_to_string(Path::new(&file)) {
            Ok(source) => check::faults(&file, &source).iter().for_each(|fault| println!("cargo::error={name}: {fault}")),
            Err(error) => println!("cargo::error={name}: {file} cannot be read ({error}): copy en.ftl there and translate it."),
        }
    }
    for file in fs::read_dir(TEXTS).into_iter().flatten().flatten() {
        let file = file.file_name();
        if !LANGUAGES.iter().any(|(code, _)| *file == *format!("{code}.ftl")) {
            println!(
                "cargo::error={TEXTS}/{}: no language of the report: remove it, or add the language to build.rs and language.rs.",
                file.display()
            );
        }
    }
}
