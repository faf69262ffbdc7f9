//! From facts to sentences: which are said, in which order, and what fills them. Words stand in the language files alone.

mod advice;
mod criteria;
mod doubts;
mod draft;

use super::{Facts, Language, Report, brief, text::Text};
use draft::Drafts;

/// Writes up `facts` in `language`. The same facts give the same report.
#[must_use]
pub fn write(facts: &Facts, language: Language) -> Report {
    let mut drafts = Drafts::new(Text::of(language));
    advice::advice(&mut drafts, facts);
    criteria::size(&mut drafts, facts);
    if let Some(explanation) = &facts.explanation {
        criteria::measured(&mut drafts, &explanation.abc);
        criteria::severity(&mut drafts, explanation.severity);
        criteria::picture(&mut drafts, explanation);
    }
    doubts::uncertainty(&mut drafts, facts);
    doubts::contradictions(&mut drafts, facts);
    doubts::not_measured(&mut drafts, facts);
    advice::next_step(&mut drafts, facts.label);
    let (messages, mut sentences) = drafts.into_sentences();
    brief::mark(&messages, &mut sentences);
    Report { language, sentences }
}
