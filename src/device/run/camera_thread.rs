//! The camera thread: opens the camera, keeps the newest frame where the others find it, takes bursts, and opens it again after any trouble.
//!
//! Must never hand over a frame of a patient who has gone, nor one of a session before a trouble.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender};

use super::{
    message::{Burst, CameraNews, Delivery, Live, Message},
    newest::Newest,
    parts::Parts,
    post::Post,
};
use crate::{
    capture::{self, CaptureError, Captured, reopen::Reopen},
    device::{
        fault,
        link::Trouble,
        seams::Patients,
        supervise::{Doing, Over, Pulse},
    },
    display::monotonic,
};

/// Opening a camera asks the device several times.
const OPENING: Duration = Duration::from_secs(15);
/// How long to wait for a job when there is nothing else to do.
const IDLE: Duration = Duration::from_millis(100);

/// What holds for every generation of the thread.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Which patient is before the lens, from 1.
    pub(super) patient: AtomicU32,
    /// No frames are needed.
    pub(super) rest: AtomicBool,
}

/// What the camera thread shares with the others.
pub(super) struct CameraSide {
    pub(super) parts: Arc<Parts>,
    /// Each burst that is asked for.
    pub(super) bursts: Receiver<Burst>,
    pub(super) wanted: Arc<Wanted>,
    pub(super) newest: Arc<Newest<Delivery>>,
    /// For the console: the last frame that came.
    pub(super) last: Arc<Mutex<Option<Live>>>,
    pub(super) channel: Sender<Message>,
}

/// One life of the thread.
pub(super) fn work(pulse: &Pulse, side: &CameraSide) -> Result<(), Over> {
    let mut worker = Worker {
        pulse,
        side,
        post: Post::new(pulse, &side.channel, Message::Camera),
        reopen: Reopen::default(),
        proven: false,
        patient: 1,
        resting: false,
        burst: None,
        shown: None,
    };
    side.newest.clear();
    // A burst that was asked of a generation before this one was given up with it.
    while side.bursts.try_recv().is_ok() {}
    worker.hear(Duration::ZERO)?;
    loop {
        worker.sleep_while_resting()?;
        pulse.beat(Doing::Opening, OPENING)?;
        match (side.parts.camera)() {
            Ok(camera) => worker.stream(camera)?,
            Err(error) => worker.trouble(&error)?,
        }
    }
}

struct Worker<'a> {
    pulse: &'a Pulse,
    side: &'a CameraSide,
    post: Post<'a, CameraNews>,
    reopen: Reopen,
    /// The conductor knows that it works.
    proven: bool,
    patient: u32,
    resting: bool,
    /// The burst that is asked for.
    burst: Option<Burst>,
    /// The frame that was handed over last: those of a burst must be newer.
    shown: Option<capture::burst::Shown>,
}

impl Worker<'_> {
    /// Takes frames until the camera is to be closed or has gone for good.
    fn stream(&mut self, mut camera: Box<dyn Patients>) -> Result<(), Over> {
        let mut before_lens = 0;
        loop {
            self.hear(Duration::ZERO)?;
            if self.resting && camera.is_live() {
                return Ok(());
            }
            self.sleep_while_resting()?;
            let patience = camera.patience();
            self.pulse.beat(Doing::Capturing, patience)?;
            let captured = if before_lens == self.patient {
                self.one(camera.as_mut(), patience)
            } else {
                let patient = self.patient;
                camera.next_patient(patient).and_then(|()| {
                    before_lens = patient;
                    self.one(camera.as_mut(), patience)
                })
            };
            match captured {
                Ok(One::Frame(captured)) => {
                    let live = self.live(captured, camera.as_ref());
                    self.works(camera.as_ref())?;
                    self.hand_over(live, camera.is_live())?;
                }
                Ok(One::Burst(number, captured)) => {
                    let live = self.live(captured, camera.as_ref());
                    self.works(camera.as_ref())?;
                    // What waits there was taken before the burst.
                    self.side.newest.clear();
                    self.post.tell(CameraNews::Burst { number, sharpest: Ok(live) })?;
                }
                Err(CaptureError::Finished { .. }) => return self.finished(),
                // A real camera opens itself anew when it is asked again.
                Err(error) => self.trouble(&error)?,
            }
        }
    }

    /// One frame, or the sharpest of a burst when one is asked for.
    fn one(&mut self, camera: &mut dyn Patients, patience: Duration) -> Result<One, CaptureError> {
        let Some(asked) = self.burst.take() else { return camera.capture().map(One::Frame) };
        // Whether the thread is still wanted is looked at afterwards.
        let _: Result<(), Over> = self.pulse.beat(Doing::Capturing, patience.saturating_mul(2));
        let sharpness = self.side.parts.sharpness;
        match capture::burst::take(camera, asked.frames, self.shown, &mut |frame| sharpness(frame)) {
            Ok(burst) => Ok(One::Burst(asked.number, burst.sharpest)),
            Err(error) => {
                // The one who asked must hear of it, whatever becomes of the camera.
                self.burst = Some(asked);
                Err(error)
            }
        }
    }

    fn live(&mut self, captured: Captured, camera: &dyn Patients) -> Live {
        let light = if camera.is_dated() { captured.taken_at } else { monotonic() };
        let live = Live { captured: Arc::new(captured), patient: camera.knows_patients().then_some(self.patient), light };
        self.shown = Some(capture::burst::Shown::from(live.captured.as_ref()));
        *self.side.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(live.clone());
        live
    }

    /// A camera that takes frames by itself replaces what nobody took; one that is asked for each waits until it was taken.
    fn hand_over(&mut self, live: Live, is_live: bool) -> Result<(), Over> {
        if is_live {
            self.side.newest.put(Delivery::Frame(live));
            return Ok(());
        }
        let mut waiting = Delivery::Frame(live);
        loop {
            match self.side.newest.put_when_free(waiting, IDLE / 10) {
                None => return Ok(()),
                Some(back) => waiting = back,
            }
            self.pulse.rest()?;
            self.hear(Duration::ZERO)?;
            let stale = matches!(&waiting, Delivery::Frame(live) if !live.may_show(self.patient));
            if stale || self.burst.is_some() {
                return Ok(());
            }
        }
    }

    fn works(&mut self, camera: &dyn Patients) -> Result<(), Over> {
        self.reopen.worked();
        if !self.proven {
            self.proven = true;
            self.post.tell(CameraNews::Works { name: camera.describe(), controls: camera.controls(), live: camera.is_live() })?;
        }
        Ok(())
    }

    /// Tells of it once, and leaves the camera alone for a moment.
    fn trouble(&mut self, error: &CaptureError) -> Result<(), Over> {
        let trouble: Trouble = fault::trouble(error);
        if let Some(Burst { number, .. }) = self.burst.take() {
            self.post.tell(CameraNews::Burst { number, sharpest: Err(trouble.clone()) })?;
        }
        let wait = self.reopen.failed(error).unwrap_or(IDLE);
        tracing::warn!(%error, failures = self.reopen.failures(), "no frame");
        // A damaged frame now and then is nothing to tell of: the next one is at hand.
        let passing = matches!(error, CaptureError::Damaged { .. }) && self.reopen.failures() == 1;
        if !passing {
            self.side.newest.clear();
            if self.proven || self.reopen.failures() <= 2 {
                self.proven = false;
                self.post.tell(CameraNews::Blind(trouble))?;
            }
        }
        self.pulse.rest()?;
        self.hear(wait)
    }

    /// There are no more frames, but the thread stays: a burst must be answered.
    fn finished(&mut self) -> Result<(), Over> {
        let mut end = Some(Delivery::Finished);
        loop {
            self.pulse.rest()?;
            if let Some(delivery) = end.take() {
                end = self.side.newest.put_when_free(delivery, IDLE);
            }
            self.hear(if end.is_some() { Duration::ZERO } else { IDLE })?;
            if let Some(Burst { number, .. }) = self.burst.take() {
                let cause = CaptureError::Finished { source_name: "the replay".to_owned() };
                self.post.tell(CameraNews::Burst { number, sharpest: Err(fault::trouble(&cause)) })?;
            }
        }
    }

    fn sleep_while_resting(&mut self) -> Result<(), Over> {
        while self.resting {
            self.side.newest.clear();
            self.pulse.rest()?;
            self.hear(IDLE)?;
            // Awake again, the camera has to prove itself.
            self.proven = false;
        }
        Ok(())
    }

    /// Listens for `wait` whether a burst is asked for, and looks what else is wanted.
    fn hear(&mut self, wait: Duration) -> Result<(), Over> {
        if let Ok(asked) = self.side.bursts.recv_timeout(wait) {
            self.burst = Some(asked);
        }
        self.resting = self.side.wanted.rest.load(Ordering::Acquire);
        self.patient = self.side.wanted.patient.load(Ordering::Acquire);
        if self.pulse.over() { Err(Over) } else { Ok(()) }
    }
}

enum One {
    Frame(Captured),
    /// With the number of the burst.
    Burst(u64, Captured),
}
