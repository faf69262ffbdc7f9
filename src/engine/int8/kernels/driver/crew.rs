//! Sharing one piece of work among threads, without allocating.

use std::{
    cell::UnsafeCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a thread that finds nothing to do looks for more before it sleeps: longer than the gaps between the steps of an inference, short
/// enough to cost a resting device nothing.
const PATIENCE: Duration = Duration::from_micros(30);

/// A task that panicked; its output is incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of the computation panicked; this is a defect of the program, please report it with the message above")]
pub struct Panicked;

type Job<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Where threads find tasks. It starts no threads itself: whoever does calls [`Self::serve`] in each.
#[derive(Debug)]
pub struct Crew {
    /// Whether anybody serves.
    shared: bool,
    /// What to call for each task. Written while no task is left and none is being done, read by those who have taken a task.
    job: UnsafeCell<Option<*const Job<'static>>>,
    /// All tasks in the upper half, tasks that nobody has taken yet in the lower.
    open: AtomicU64,
    done: AtomicUsize,
    panicked: AtomicBool,
    closed: AtomicBool,
    /// Held by the thread whose work is being done.
    turn: Mutex<()>,
    /// Threads that sleep, or are about to.
    sleepers: AtomicUsize,
    bed: Mutex<()>,
    bell: Condvar,
}

// SAFETY: `job` is the only part that is not `Sync`. It is written by the holder of `turn` before tasks are opened, and read only by threads
// that have taken one of these tasks; the writer does not return before all of them are done.
unsafe impl Sync for Crew {}
// SAFETY: nothing in it belongs to a thread.
unsafe impl Send for Crew {}

impl Crew {
    /// For work that is `shared` with threads that serve, or all done by whoever brings it.
    #[must_use]
    pub fn new(shared: bool) -> Self {
        Self {
            shared,
            job: UnsafeCell::new(None),
            open: AtomicU64::new(0),
            done: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            turn: Mutex::new(()),
            sleepers: AtomicUsize::new(0),
            bed: Mutex::new(()),
            bell: Condvar::new(),
        }
    }

    /// Calls `job(task, worker)` once for every `task < tasks`, here (as worker 0) and on the threads that serve, and returns when all are done.
    /// If another thread's work is being done, everything happens here.
    ///
    /// # Errors
    /// [`Panicked`] when a call panicked.
    pub fn run(&self, tasks: usize, job: &Job) -> Result<(), Panicked> {
        let turn = match self.turn.try_lock() {
            _ if !self.shared || tasks <= 1 || tasks > u32::MAX as usize => None,
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        if turn.is_none() {
            return catch_unwind(AssertUnwindSafe(|| (0..tasks).for_each(|task| job(task, 0)))).map_err(|_| Panicked);
        }
        // SAFETY: only the lifetime changes, and nobody calls the job after this function has returned: see `take`.
        let job = unsafe { std::mem::transmute::<*const Job<'_>, *const Job<'static>>(job) };
        // SAFETY: we hold the turn, and no task is open: nobody reads the job.
        unsafe { *self.job.get() = Some(job) };
        self.done.store(0, Ordering::Relaxed);
        self.panicked.store(false, Ordering::Relaxed);
        // In one order with the sleepers' count, so that either we see a sleeper or it sees the tasks.
        self.open.store((tasks as u64) << 32 | tasks as u64, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            drop(self.lock_bed());
            self.bell.notify_all();
        }
        self.take(0);
        let mut looks = 0u32;
        while self.done.load(Ordering::Acquire) < tasks {
            looks += 1;
            // Whoever does the last task may have been put off by the system.
            if looks.is_multiple_of(1024) { std::thread::yield_now() } else { std::hint::spin_loop() }
        }
        if self.panicked.load(Ordering::Relaxed) { Err(Panicked) } else { Ok(()) }
    }

    /// Does tasks as worker `worker` until [`Self::close`] is called.
    pub fn serve(&self, worker: usize) {
        let mut idle_since = Instant::now();
        while !self.closed.load(Ordering::Relaxed) {
            if self.take(worker) {
                idle_since = Instant::now();
            } else if idle_since.elapsed() < PATIENCE {
                (0..32).for_each(|_| std::hint::spin_loop());
            } else {
                self.sleep();
                idle_since = Instant::now();
            }
        }
    }

    /// Lets all threads that serve return.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        drop(self.lock_bed());
        self.bell.notify_all();
    }

    /// Does tasks while there are any; whether there were.
    fn take(&self, worker: usize) -> bool {
        let mut any = false;
        let mut open = self.open.load(Ordering::Acquire);
        while open as u32 > 0 {
            if let Err(now) = self.open.compare_exchange_weak(open, open - 1, Ordering::AcqRel, Ordering::Acquire) {
                open = now;
                continue;
            }
            any = true;
            let task = (open >> 32) as usize - open as u32 as usize;
            // SAFETY: we have taken a task that `run` opened after it wrote the job, and it does not return, nor does anybody write another job,
            // before we count it as done below.
            let job = unsafe { (*self.job.get()).map(|job| &*job) };
            if let Some(job) = job
                && catch_unwind(AssertUnwindSafe(|| job(task, worker))).is_err()
            {
                self.panicked.store(true, Ordering::Relaxed);
            }
            self.done.fetch_add(1, Ordering::Release);
            open = self.open.load(Ordering::Acquire);
        }
        any
    }

    fn sleep(&self) {
        let mut bed = self.lock_bed();
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while self.open.load(Ordering::SeqCst) as u32 == 0 && !self.closed.load(Ordering::SeqCst) {
            bed = self.bell.wait(bed).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }

    fn lock_bed(&self) -> MutexGuard<'_, ()> {
        self.bed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
