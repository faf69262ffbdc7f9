//! A place for one thing, of which only the newest is of interest: between the camera and whoever looks at its frames.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A place for one thing. Nothing is ever waited for while its lock is held, so a thread that hangs takes nobody along.
#[derive(Debug)]
pub(super) struct Newest<T> {
    place: Mutex<Option<T>>,
    changed: Condvar,
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self { place: Mutex::new(None), changed: Condvar::new() }
    }
}

impl<T> Newest<T> {
    /// Puts `thing` in the place of what is there.
    pub(super) fn put(&self, thing: T) {
        *self.lock() = Some(thing);
        self.changed.notify_all();
    }

    /// Puts `thing` there once the place is free; gives it back when it is not within `patience`.
    pub(super) fn put_when_free(&self, thing: T, patience: Duration) -> Option<T> {
        let (mut place, _) =
            self.changed.wait_timeout_while(self.lock(), patience, |place| place.is_some()).unwrap_or_else(PoisonError::into_inner);
        if place.is_some() {
            return Some(thing);
        }
        *place = Some(thing);
        drop(place);
        self.changed.notify_all();
        None
    }

    /// Takes what is there, or what comes within `patience`.
    pub(super) fn take(&self, patience: Duration) -> Option<T> {
        let begin = Instant::now();
        let mut place = self.lock();
        loop {
            if let Some(thing) = place.take() {
                drop(place);
                self.changed.notify_all();
                return Some(thing);
            }
            let left = patience.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return None;
            }
            (place, _) = self.changed.wait_timeout(place, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Throws away what is there.
    pub(super) fn clear(&self) {
        self.lock().take();
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        // What is there is whole even if somebody panicked meanwhile: it is only ever replaced.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn only_the_newest_is_there_and_only_once() {
        let newest = Newest::default();
        newest.put(1);
        newest.put(2);
        assert_eq!(newest.take(Duration::ZERO), Some(2));
        assert_eq!(newest.take(Duration::ZERO), None);
    }

    #[test]
    fn who_waits_is_woken_by_what_comes() {
        let newest = Arc::new(Newest::default());
        let giver = Arc::clone(&newest);
        let thread = std::thread::spawn(move || giver.put(7));
        assert_eq!(newest.take(LONG), Some(7));
        thread.join().unwrap();
    }

    #[test]
    fn who_gives_in_step_waits_until_the_last_was_taken() {
        let newest = Arc::new(Newest::default());
        assert_eq!(newest.put_when_free(1, Duration::ZERO), None);
        assert_eq!(newest.put_when_free(2, Duration::ZERO), Some(2));
        let taker = Arc::clone(&newest);
        let thread = std::thread::spawn(move || [taker.take(LONG), taker.take(LONG)]);
        assert_eq!(newest.put_when_free(2, LONG), None);
        assert_eq!(thread.join().unwrap(), [Some(1), Some(2)]);
    }
}
