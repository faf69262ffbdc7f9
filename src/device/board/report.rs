//! `[report]`: in which language reports are written.

use super::section::Section;
use crate::explain::report::Language;

/// In which language reports are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReportBoard {
    /// Of the explanation on the screen and of the report in the records.
    pub language: Language,
}

impl ReportBoard {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let languages = Language::ALL.map(|language| (language.code(), language));
        let language = section
            .choice("language", &languages)
            .means("Language of what is written of a case whose bundle measures criteria, on the screen and in the records: English, Spanish, French, Portuguese or Swahili. Buttons and all other scenes stay as they are.")
            .or_shown(Language::English, "\"en\"");
        section.finish("");
        Self { language }
    }
}
