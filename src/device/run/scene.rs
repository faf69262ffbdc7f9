//! Scenes that own what they show, on their way to the screen thread.

use std::{sync::Arc, time::Duration};

use super::message::Live;
use crate::{
    capture::Captured,
    case::Case,
    device::link::{Check, Trouble},
    display::scene::{Action, DetailsView, ExplanationView, FormField, Scene, Section, StatusBar, Step},
    explain::{lesion::Scale, report::Report},
    patient::form::FormView,
    quality::Reason,
    verdict::Label,
};

/// What stands around a scene.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Bar {
    pub(super) case: String,
    pub(super) chips: Vec<String>,
    pub(super) notice: Option<String>,
    pub(super) actions: &'static [Action<'static>],
}

/// A scene that owns what it shows.
#[derive(Debug, Clone)]
pub(super) enum OwnedScene {
    Start(Vec<Check>),
    Preview { live: Live, hints: Vec<Reason>, ready: &'static str, bar: Bar },
    Waiting { trouble: Trouble, bar: Bar },
    Captured { captured: Arc<Captured>, bar: Bar },
    Analysing { captured: Arc<Captured>, bar: Bar },
    Case { case: Arc<Case>, positive: Arc<str>, scale: Option<Scale>, bar: Bar },
    Explanation { case: Arc<Case>, report: Arc<Report>, page: usize, after: usize, bar: Bar },
    Details { label: Label, sections: Arc<[Section]>, page: usize, ahead: usize, bar: Bar },
    Closed { words: String, bar: Bar },
    Form { title: String, view: FormView, bar: Bar },
    Scanning { live: Live, bar: Bar },
    Fault { trouble: Trouble, way_back: &'static str, bar: Bar },
    Sleep,
    Pattern,
}

impl OwnedScene {
    /// When the light of its live picture fell, on `CLOCK_MONOTONIC`.
    pub(super) fn light(&self) -> Option<Duration> {
        match self {
            Self::Preview { live, .. } | Self::Scanning { live, .. } => Some(live.light),
            _ => None,
        }
    }

    /// Gives the scene to `show`.
    pub(super) fn with<R>(&self, show: impl FnOnce(&Scene<'_>) -> R) -> R {
        match self {
            Self::Start(checks) => {
                let steps: Vec<Step<'_>> =
                    checks.iter().map(|check| Step { name: check.name, passed: check.passed, detail: &check.detail }).collect();
                show(&Scene::Start { version: env!("CARGO_PKG_VERSION"), steps: &steps })
            }
            Self::Preview { live, hints, ready, bar } => {
                bar.with(|bar| show(&Scene::Preview { frame: &live.captured.frame, hints, ready, bar }))
            }
            Self::Waiting { trouble, bar } => {
                bar.with(|bar| show(&Scene::Waiting { cause: &trouble.cause, next_step: &trouble.next_step, bar }))
            }
            Self::Captured { captured, bar } => bar.with(|bar| show(&Scene::Captured { frame: &captured.frame, bar })),
            Self::Analysing { captured, bar } => bar.with(|bar| show(&Scene::Analysing { frame: &captured.frame, bar })),
            Self::Case { case, positive, scale, bar } => bar.with(|bar| show(&Scene::of(case, positive, *scale, bar))),
            Self::Explanation { case, report, page, after, bar } => bar.with(|bar| match ExplanationView::of(case, report, bar) {
                Some(view) => show(&Scene::Explanation(ExplanationView { page: *page, after: *after, ..view })),
                None => show(&Scene::of(case, "", None, bar)),
            }),
            Self::Details { label, sections, page, ahead, bar } => {
                bar.with(|bar| show(&Scene::Details(DetailsView { label: *label, sections, page: *page, ahead: *ahead, bar })))
            }
            Self::Closed { words, bar } => bar.with(|bar| show(&Scene::Closed { words, bar })),
            Self::Form { title, view, bar } => {
                let fields: Vec<FormField<'_>> =
                    view.rows.iter().map(|row| FormField { label: row.label, value: &row.value, chosen: row.chosen }).collect();
                bar.with(|bar| show(&Scene::Form { title, fields: &fields, hint: &view.hint, bar }))
            }
            Self::Scanning { live, bar } => bar.with(|bar| show(&Scene::Scanning { frame: &live.captured.frame, bar })),
            Self::Fault { trouble, way_back, bar } => {
                bar.with(|bar| show(&Scene::Fault { cause: &trouble.cause, next_step: &trouble.next_step, way_back, bar }))
            }
            Self::Sleep => show(&Scene::Sleep),
            Self::Pattern => show(&Scene::Pattern),
        }
    }
}

impl Bar {
    fn with<R>(&self, show: impl FnOnce(StatusBar<'_>) -> R) -> R {
        let chips: Vec<&str> = self.chips.iter().map(String::as_str).collect();
        show(StatusBar { case: &self.case, chips: &chips, notice: self.notice.as_deref(), actions: self.actions })
    }
}
