//! What is on the screen: it follows from the state, and is drawn only when it changes.

use std::sync::Arc;

use super::{
    actions,
    conductor::Conductor,
    scene::{Bar, OwnedScene},
};
use crate::{
    device::{
        board::Trigger,
        link::{Check, Trouble},
        state::{State, WayBack},
    },
    display::scene::{Circumstances, ExplanationView, Row, Section, StatusBar, details_pages, explanation_pages, facts},
    patient::Field,
};

/// What is on the screen, as far as a change of it must be noticed.
#[derive(Debug, Default)]
pub(super) struct Shown {
    key: Option<Key>,
    revision: u64,
    /// The scene of the case was given to the screen when it was assessed.
    case_is_up: bool,
}

/// What a scene hangs on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    /// State in a word; the states over one and the same case share theirs.
    word: &'static str,
    trouble: Option<Trouble>,
    checks: Vec<Check>,
    notice: Option<String>,
    page: usize,
    revision: u64,
}

impl Shown {
    /// Something that is on the screen has changed.
    pub(super) fn changed(&mut self) {
        self.revision += 1;
    }

    /// It is not known what is on the screen.
    pub(super) fn forget(&mut self) {
        self.key = None;
        self.case_is_up = false;
    }

    /// The case scene was just given to the screen.
    pub(super) fn is_case(&mut self) {
        self.forget();
        self.case_is_up = true;
    }
}

impl Conductor {
    /// Gives the screen what is to be seen now, if it does not show it already.
    pub(super) fn present(&mut self) {
        let now = self.clock.now();
        if self.pattern_until.is_some_and(|until| now >= until) {
            self.pattern_until = None;
            self.shown.forget();
        }
        if self.confirm_until.is_some_and(|until| now >= until) {
            self.confirm_until = None;
        }
        let state = self.machine.state().clone();
        let in_case = matches!(state, State::Retake { .. } | State::Verdict(_) | State::Closing { .. });
        let live = matches!(state, State::Preview(_) | State::Scanning { .. }) && self.machine.blind().is_none();
        let pattern = self.pattern_until.is_some();
        let key = Key {
            word: match state {
                _ if pattern => "pattern",
                _ if in_case => "case",
                // From one live picture to the next nothing but the picture changes.
                _ if live => "live",
                _ => state.word(),
            },
            trouble: match &state {
                State::Fault { trouble, .. } => Some(trouble.clone()),
                State::Preview(_) | State::Scanning { .. } => self.machine.blind().cloned(),
                _ => None,
            },
            checks: if matches!(state, State::Boot | State::SelfTest) { self.desk.checks(&self.machine) } else { Vec::new() },
            notice: self.notice(),
            page: self.desk.page,
            revision: self.shown.revision,
        };
        let fresh = std::mem::take(&mut self.fresh) && live && !pattern;
        if self.shown.key.as_ref() == Some(&key) && !fresh {
            return;
        }
        let case_is_up = std::mem::take(&mut self.shown.case_is_up);
        let before = self.shown.key.replace(key).map(|key| key.word);
        if before == Some("sleep") && state.word() != "sleep" {
            self.stage.rest(false);
        }
        if pattern {
            self.stage.live(OwnedScene::Pattern);
            return;
        }
        match state {
            State::Boot | State::SelfTest => self.stage.live(OwnedScene::Start(self.desk.checks(&self.machine))),
            State::Preview(_) | State::Scanning { .. } => self.present_live(),
            State::Form(_) => {
                if let Some(form) = &self.desk.form {
                    let scene = OwnedScene::Form { title: self.desk.title(), view: form.view(), bar: self.bar() };
                    self.stage.live(scene);
                }
            }
            State::Captured(_) => {
                if let Some((live, _)) = &self.desk.seen {
                    self.stage.live(OwnedScene::Captured { captured: Arc::clone(&live.captured), bar: self.bar() });
                }
            }
            State::Analysing(_) => {
                if let Some(live) = &self.desk.taken {
                    self.stage.live(OwnedScene::Analysing { captured: Arc::clone(&live.captured), bar: self.bar() });
                }
            }
            State::Retake { .. } | State::Verdict(_) | State::Closing { .. } => {
                // It was given to the screen when the case was assessed; here it comes back, from the details or after a fault.
                if !case_is_up && let Some(case) = self.desk.case.clone() {
                    self.stage.live(OwnedScene::Case { case, positive: self.positive(), scale: self.scale, bar: self.bar() });
                }
            }
            State::Details(_) => self.present_details(),
            State::Fault { trouble, way } => self.present_fault(trouble, &way),
            State::Sleep(_) => {
                // Dark even where the light behind the screen stays on.
                self.keep(OwnedScene::Sleep);
                self.stage.rest(true);
            }
            State::Ended(_) => {}
        }
    }

    fn present_live(&mut self) {
        let bar = self.bar();
        if let Some(trouble) = self.machine.blind().cloned() {
            self.stage.live(OwnedScene::Waiting { trouble, bar });
            return;
        }
        if let Some(words) = self.confirm_until.and(self.confirmed.clone()) {
            self.stage.live(OwnedScene::Closed { words, bar });
            return;
        }
        let Some((live, hints)) = self.desk.seen.clone() else { return };
        self.stage.live(match self.machine.state() {
            State::Scanning { .. } => OwnedScene::Scanning { live, bar },
            _ => {
                // Where the device takes the picture by itself, nothing is to be done.
                let ready = if self.policy.trigger == Trigger::Press { "Hold still and press Capture." } else { "" };
                OwnedScene::Preview { live, hints, ready, bar }
            }
        });
    }

    fn present_details(&mut self) {
        let (Some(case), Some(sections)) = (self.desk.case.clone(), self.sections()) else { return };
        let (ahead, page, bar) = (self.pages_ahead(), self.desk.page, self.bar());
        self.stage.live(match self.desk.report.clone().filter(|_| page < ahead) {
            Some(report) => OwnedScene::Explanation { case, report, page, after: self.detail_pages(), bar },
            None => OwnedScene::Details { label: case.verdict.label(), sections, page: page - ahead, ahead, bar },
        });
    }

    fn present_fault(&mut self, trouble: Trouble, way: &WayBack) {
        let scene = OwnedScene::Fault { trouble, way_back: actions::way_back(way), bar: self.bar() };
        self.keep(scene);
    }

    /// Gives the screen a scene that must be shown; returns its number.
    pub(super) fn keep(&mut self, scene: OwnedScene) -> u64 {
        self.kept += 1;
        if !self.stage.keep(self.kept, scene) {
            tracing::error!("the screen is behind");
        }
        self.kept
    }

    /// Everything behind the verdict.
    fn sections(&self) -> Option<Arc<[Section]>> {
        let (case, model) = (self.desk.case.as_ref()?, self.desk.model.as_ref()?);
        let context = &self.desk.context;
        let patient = Field::ALL.into_iter().filter(|field| context.knows(*field));
        let rows = patient.map(|field| Row::new(field.label(), context.shown(field))).collect();
        let around = Circumstances {
            limits: &model.limits,
            abstention: &model.abstention,
            classes: &model.classes,
            positive: &model.positive,
            camera: &self.desk.camera.name,
            scale: self.scale,
            patient: rows,
        };
        Some(facts(case, around).into())
    }

    /// How many pages there are behind the verdict on this screen.
    pub(super) fn pages(&self) -> usize {
        self.pages_ahead() + self.detail_pages()
    }

    /// How many of them explain the verdict: the first ones.
    fn pages_ahead(&self) -> usize {
        let (Some(case), Some(report)) = (&self.desk.case, &self.desk.report) else { return 0 };
        let Some(view) = ExplanationView::of(case, report, StatusBar::default()) else { return 0 };
        self.desk.display.as_ref().map_or(1, |(_, (width, height))| explanation_pages(&view, !self.bounded, *width, *height).unwrap_or(1))
    }

    /// How many list the figures.
    fn detail_pages(&self) -> usize {
        let (Some(sections), Some((_, (width, height)))) = (self.sections(), &self.desk.display) else { return 1 };
        details_pages(&sections, !self.bounded, *width, *height).unwrap_or(1)
    }

    pub(super) fn positive(&self) -> Arc<str> {
        self.desk.model.as_ref().map_or("", |model| model.positive.as_str()).into()
    }

    /// What stands around the scene of the present state.
    pub(super) fn bar(&self) -> Bar {
        let before_first = self.desk.patient == 0;
        Bar {
            case: if before_first { String::new() } else { self.desk.title() },
            chips: self.desk.chips(),
            notice: self.notice(),
            // Where nobody is to press anything, no buttons are offered.
            actions: if self.bounded { &[] } else { self.row().words },
        }
    }

    /// What the buttons do now.
    pub(super) fn row(&self) -> actions::Row {
        let explained = self.desk.case.as_ref().is_some_and(|case| case.explanation.is_some());
        actions::row(self.machine.state(), self.machine.blind().is_some(), explained)
    }

    fn notice(&self) -> Option<String> {
        [&self.said, &self.desk.notice, &self.desk.standing].into_iter().find_map(Clone::clone)
    }
}
