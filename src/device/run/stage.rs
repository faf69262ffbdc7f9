//! What the screen thread is to show: live scenes, of which only the newest counts, and kept ones, each of which is shown.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::scene::OwnedScene;

/// Kept scenes that may wait; a screen that is further behind is stuck.
const MOST_KEPT: usize = 16;

/// One thing for the screen thread to do.
#[derive(Debug)]
pub(super) enum Cue {
    /// Show this.
    Show {
        /// Its number, when it is kept.
        kept: Option<u64>,
        /// What.
        scene: OwnedScene,
    },
    /// The glass rests, or wakes up.
    Rest(bool),
    /// Open the display anew.
    Open,
}

/// Between the conductor and the screen thread. Putting something there never waits.
#[derive(Debug, Default)]
pub(super) struct Stage {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    orders: VecDeque<Cue>,
    live: Option<OwnedScene>,
}

impl Stage {
    /// `scene` is shown unless a newer one comes first.
    pub(super) fn live(&self, scene: OwnedScene) {
        self.lock().live = Some(scene);
        self.changed.notify_all();
    }

    /// `scene` is shown, after everything that was kept before it.
    ///
    /// Returns false when too many wait already: the screen is stuck, and is dealt with by whoever watches it.
    pub(super) fn keep(&self, number: u64, scene: OwnedScene) -> bool {
        self.order(Cue::Show { kept: Some(number), scene })
    }

    /// The glass rests, or wakes up.
    pub(super) fn rest(&self, rest: bool) {
        self.order(Cue::Rest(rest));
    }

    /// The display is opened anew.
    pub(super) fn open(&self) {
        self.order(Cue::Open);
    }

    fn order(&self, cue: Cue) -> bool {
        let mut waiting = self.lock();
        if waiting.orders.len() >= MOST_KEPT {
            return false;
        }
        // What was live before is older than this.
        waiting.live = None;
        waiting.orders.push_back(cue);
        drop(waiting);
        self.changed.notify_all();
        true
    }

    /// What is to be done next, if that comes within `patience`.
    pub(super) fn next(&self, patience: Duration) -> Option<Cue> {
        let idle = |waiting: &mut Waiting| waiting.orders.is_empty() && waiting.live.is_none();
        let (mut waiting, _) = self.changed.wait_timeout_while(self.lock(), patience, idle).unwrap_or_else(PoisonError::into_inner);
        waiting.orders.pop_front().or_else(|| waiting.live.take().map(|scene| Cue::Show { kept: None, scene }))
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(stage: &Stage) -> Option<Option<u64>> {
        match stage.next(Duration::ZERO)? {
            Cue::Show { kept, .. } => Some(kept),
            Cue::Rest(_) | Cue::Open => None,
        }
    }

    #[test]
    fn kept_scenes_come_in_order_and_before_a_newer_live_one() {
        let stage = Stage::default();
        stage.live(OwnedScene::Sleep);
        assert!(stage.keep(1, OwnedScene::Sleep) && stage.keep(2, OwnedScene::Sleep));
        stage.live(OwnedScene::Sleep);
        stage.live(OwnedScene::Sleep);
        assert_eq!([shown(&stage), shown(&stage), shown(&stage), shown(&stage)], [Some(Some(1)), Some(Some(2)), Some(None), None]);
    }

    #[test]
    fn a_screen_that_takes_nothing_is_told_of() {
        let stage = Stage::default();
        assert!((0..MOST_KEPT as u64).all(|number| stage.keep(number, OwnedScene::Sleep)));
        assert!(!stage.keep(99, OwnedScene::Sleep));
    }
}
