//! What the conductor makes of the messages of its threads.

use std::sync::Arc;

use super::{
    conductor::Conductor,
    message::{AnalysisNews, CameraNews, Look, Message, Opened, PictureId, ScreenNews, Watched, ending_message},
    scene::OwnedScene,
};
use crate::{
    device::{
        command::Command,
        link::Told,
        news::News,
        state::{Event, Found, Part, State, Thread},
        supervise::{self, Report, health_trouble, thread_trouble},
    },
    display::scene::bar_action_at,
    health::{Memory, preview_interval},
    input::code::Sight,
};

impl Conductor {
    pub(super) fn hear(&mut self, message: Message) {
        match message {
            Message::Camera(news) => {
                self.progress.made(supervise::Part::Camera);
                if let Some(news) = news.current() {
                    self.camera_says(news);
                }
            }
            Message::Analysis(news) => {
                if let Some(news) = news.current() {
                    self.analysis_says(news);
                }
            }
            Message::Screen(news) => {
                if let Some(news) = news.current() {
                    self.screen_says(news);
                }
            }
            Message::Press(command) => self.press(command),
            Message::Tap(x, y) => self.tap(x, y),
            Message::Request(request) => self.request(request),
            Message::Watched(watched) => self.watched(watched),
        }
    }

    fn camera_says(&mut self, news: CameraNews) {
        match news {
            CameraNews::Works { name, controls, live } => {
                let camera = &mut self.desk.camera;
                if !camera.name.is_empty() {
                    camera.reopened += 1;
                }
                (camera.name, camera.controls, camera.live) = (name, controls, true);
                self.camera_is_live = live;
                self.blind_since = None;
                self.happened(Event::Works(Part::Camera));
            }
            CameraNews::Blind(trouble) => {
                self.desk.camera.live = false;
                self.desk.seen = None;
                self.blind_since.get_or_insert(self.clock.now());
                self.telling.push_back(News::CameraTrouble(trouble.clone()));
                self.happened(Event::Blind(trouble));
            }
            // An answer to a burst that was given up says nothing about the one that is waited for now.
            CameraNews::Burst { number, .. } if number != self.desk.burst => {}
            CameraNews::Burst { sharpest: Ok(live), .. } => {
                if matches!(self.machine.state(), State::Captured(_)) && live.may_show(self.desk.patient) {
                    self.desk.taken = Some(live);
                    self.happened(Event::Taken);
                }
            }
            CameraNews::Burst { sharpest: Err(trouble), .. } => self.happened(Event::NotTaken(trouble)),
        }
    }

    fn analysis_says(&mut self, news: AnalysisNews) {
        match news {
            AnalysisNews::Opened(Opened::Model(model)) => {
                self.desk.model = Some(model);
                self.looking = false;
                self.happened(Event::Works(Part::Model));
            }
            AnalysisNews::Opened(Opened::Records { last_case, set_apart }) => {
                self.desk.last_case = self.desk.last_case.max(last_case);
                if let Some(path) = set_apart {
                    self.telling.push_back(News::TornRecord(path));
                }
                self.happened(Event::Works(Part::Records));
            }
            AnalysisNews::Broken(part, trouble) => {
                tracing::error!(part = part.name(), cause = trouble.detail, "a part does not work");
                self.happened(Event::Broken(part, trouble));
            }
            AnalysisNews::Looked(look) => self.looked(look),
            AnalysisNews::Assessed { id, .. } | AnalysisNews::NotAssessed(id, ..) if !self.awaits(id) => {
                // It stays in the records; a picture that was given up must not appear as the verdict of another.
                self.desk.last_case = self.desk.last_case.max(id.case);
                tracing::info!(number = id.case, attempt = id.attempt, "a picture that was given up is answered for");
            }
            AnalysisNews::Assessed { case, report, found, .. } => {
                self.desk.last_case = self.desk.last_case.max(self.desk.case_number);
                let news = self.news_of_case(&case.verdict);
                // The device's own count, which says nothing about anybody.
                let (number, attempt) = (self.desk.case_number, self.desk.attempt);
                tracing::info!(number, attempt, "recorded");
                self.desk.case = Some(Arc::clone(&case));
                self.desk.told = Some(Arc::new(Told::of(&case, &report)));
                self.desk.report = Some(report);
                self.desk.page = 0;
                self.happened(Event::Assessed(found));
                self.keep_case(Arc::clone(&case), news);
                self.assessed(&case, found);
            }
            AnalysisNews::NotAssessed(_, part, trouble) => self.happened(Event::NotAssessed(part, trouble)),
            AnalysisNews::Closed(closing, Ok(())) => {
                self.desk.last_case = self.desk.last_case.max(closing.case);
                let words = format!("{} {}.", self.desk.title(), ending_message(closing.closed));
                self.happened(Event::Closed);
                self.closed(closing.case, closing.closed, words);
            }
            AnalysisNews::Closed(_, Err(trouble)) => self.happened(Event::NotClosed(trouble)),
            AnalysisNews::Tested(checks) => self.tested(checks),
        }
    }

    /// The answer for this picture is waited for.
    fn awaits(&self, id: PictureId) -> bool {
        let awaited = PictureId { case: self.desk.case_number, attempt: self.desk.attempt };
        matches!(self.machine.state(), State::Analysing(_)) && id == awaited
    }

    fn looked(&mut self, look: Look) {
        self.looking = false;
        match look {
            Look::Nothing => {}
            Look::Finished => self.happened(Event::Finished),
            Look::Frame { live, hints, code } => {
                let now = self.clock.now();
                self.desk.camera.frame(now);
                self.progress.made(supervise::Part::Camera);
                self.next_look = now.saturating_add(preview_interval(self.desk.level.heat));
                // Looked at before the patient changed, or before the camera was gone.
                if !live.may_show(self.desk.patient) || !self.desk.camera.live {
                    return;
                }
                let good = hints.is_empty();
                self.desk.seen = Some((live, hints));
                self.fresh = true;
                self.happened(Event::Frame { good });
                if let Some(sight) = code {
                    self.code(sight);
                }
            }
        }
    }

    /// What was seen while a code was looked for.
    fn code(&mut self, sight: Sight) {
        // Nobody looks for one any more.
        if !matches!(self.machine.state(), State::Scanning { .. }) {
            return;
        }
        let hint = sight.hint();
        if let Sight::Case(said) = sight {
            self.desk.context.learn(&said.context);
            self.happened(Event::Code);
            self.said = said.notices.first().map(ToString::to_string);
        } else {
            self.said = hint;
        }
    }

    pub(super) fn screen_says(&mut self, news: ScreenNews) {
        match news {
            ScreenNews::Works { name, size } => {
                let again = self.desk.display.replace((name, size)).is_some();
                if again {
                    self.shown.forget();
                }
                self.happened(Event::Works(Part::Display));
            }
            ScreenNews::Broken(trouble) => self.happened(Event::Broken(Part::Display, trouble)),
            ScreenNews::Shown { kept, picture, latency } => {
                self.progress.made(supervise::Part::Screen);
                self.kept_shown = self.kept_shown.max(kept.unwrap_or(0));
                if let Some(latency) = latency {
                    self.desk.latency(latency);
                }
                if kept.is_some() && kept == self.verdict_scene.take_if(|number| Some(*number) == kept) {
                    self.desk.last_verdict = Some(self.clock.now().saturating_sub(self.desk.asked));
                }
                while let Some((number, _)) = self.untold.front()
                    && kept.is_some_and(|kept| *number <= kept)
                    && let Some((number, mut news)) = self.untold.pop_front()
                {
                    if Some(number) == kept {
                        news.seen_at(picture.clone());
                    }
                    self.telling.push_back(news);
                }
            }
        }
    }

    pub(super) fn press(&mut self, command: Command) {
        self.refused = None;
        self.happened(Event::Press(command));
        if let Some(hint) = self.refused {
            tracing::debug!(%command, hint, "a press did nothing");
        }
    }

    /// A tap on the action bar is the action there; any tap wakes the device up.
    fn tap(&mut self, x: f32, y: f32) {
        if matches!(self.machine.state(), State::Sleep(_)) {
            return self.press(Command::Accept);
        }
        let Some((_, (width, height))) = self.desk.display else { return };
        let row = self.row();
        let at = bar_action_at(x * width as f32, y * height as f32, row.commands.len(), width, height);
        if let Some(command) = at.and_then(|at| row.commands.get(at)) {
            self.press(*command);
        }
    }

    /// What the supervisor has seen.
    fn watched(&mut self, watched: Watched) {
        self.desk.threads = watched.threads;
        for report in watched.reports {
            let trouble = thread_trouble(&report);
            match report {
                Report::Restarted { name, .. } => {
                    if let Some(thread) = thread_named(name) {
                        match thread {
                            Thread::Analysis => self.looking = false,
                            Thread::Screen => self.shown.forget(),
                            _ => {}
                        }
                        self.happened(Event::Restarted(thread));
                    }
                }
                Report::GaveUp { name, .. } => {
                    if let (Some(thread), Some(trouble)) = (thread_named(name), trouble) {
                        self.happened(Event::GaveUp(thread, trouble));
                    }
                }
                Report::Finished { .. } | Report::Stuck { .. } => {}
            }
        }
        if let Some((reading, level)) = watched.health {
            let trouble = health_trouble(level, &reading);
            (self.desk.health, self.desk.level) = (reading, level);
            match trouble.clone() {
                Some(trouble) if level.forbids_work() => self.happened(Event::Unfit(trouble)),
                _ => self.happened(Event::Fit),
            }
            self.desk.notice = trouble.map(|trouble| trouble.cause);
            if level.memory == Memory::Beyond {
                self.happened(Event::Overgrown);
            }
        }
    }

    /// The scene of a case that was just assessed stands on the screen for as long as its state says, and is told of.
    fn keep_case(&mut self, case: Arc<crate::case::Case>, news: News) {
        let scene = OwnedScene::Case { case, positive: self.positive(), scale: self.scale, bar: self.bar() };
        let number = self.keep(scene);
        self.verdict_scene = Some(number);
        self.untold.push_back((number, news));
        self.shown.is_case();
    }
}

fn thread_named(name: &str) -> Option<Thread> {
    Thread::ALL.into_iter().find(|thread| thread.name() == name)
}

/// What is told of a picture in a word, for the console.
pub(super) fn state_message(found: Found) -> &'static str {
    match found {
        Found::Answer => "The picture is assessed and recorded; accept it, or take it again.",
        Found::Refused => "The picture is not good enough; take it again.",
        Found::GivenUp => "No picture was good enough; refer by clinical judgement.",
    }
}
