//! A session on the bench: a fake device, a folder for its state, a clock that a test turns, and a terminal that takes everything.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use lentigo::{
    console::{Desk, LogSource, Pins, Session},
    settings::{self, Settings, Storage},
};
use tempfile::TempDir;

use crate::device::FakeDevice;

pub(crate) const BOARD: &str = "\
[camera]
kind = \"phantom\"
width = 160
height = 120
[display]
kind = \"png\"
folder = \"screens\"
[model]
bundle = \"bundles/asff-tiny\"
[records]
folder = \"records\"
[state]
folder = \"state\"
[console]
banner = \"Ward 4, dermatology\"
idle_s = 60
";

pub(crate) struct Logged(pub(crate) Mutex<Vec<String>>);

impl LogSource for Logged {
    fn lines(&self, count: usize) -> Vec<String> {
        let all = self.0.lock().unwrap();
        all[all.len().saturating_sub(count)..].to_vec()
    }
}

pub(crate) struct Bench {
    folder: TempDir,
    pub(crate) device: Arc<FakeDevice>,
    pub(crate) logs: Arc<Logged>,
    pub(crate) session: Session,
    pub(crate) now: Duration,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("board.toml"), BOARD).unwrap();
        let (device, logs, now) = (FakeDevice::new(), Arc::new(Logged(Mutex::default())), Duration::from_secs(1));
        let session = Session::new(desk(&folder, &device, &logs, now), now);
        let mut bench = Self { folder, device, logs, session, now };
        bench.session.greet();
        bench
    }

    /// One at which a technician sits. The PIN is 271828.
    pub(crate) fn technician() -> Self {
        let mut bench = Self::new();
        bench.line("pin");
        bench.line("271828");
        assert!(bench.line("271828").contains("You are a technician."));
        bench
    }

    /// One in machine mode with a technician.
    pub(crate) fn machine() -> Self {
        let mut bench = Self::technician();
        bench.line("machine on");
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The power goes and comes back.
    pub(crate) fn power_cycle(&mut self) {
        self.now = Duration::from_secs(1);
        self.session = Session::new(self.desk(), self.now);
        self.session.greet();
    }

    pub(crate) fn desk(&self) -> Desk {
        desk(&self.folder, &self.device, &self.logs, self.now)
    }

    pub(crate) fn line(&mut self, text: &str) -> String {
        self.bytes(format!("{text}\r").as_bytes())
    }

    /// Types, and gives back everything that is sent for it, as long as nothing more is waited for.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> String {
        self.session.feed(bytes, self.now);
        self.output()
    }

    pub(crate) fn output(&mut self) -> String {
        let mut all = Vec::new();
        loop {
            let pending = self.session.pending().to_vec();
            if pending.is_empty() {
                return String::from_utf8(all).expect("only text is sent");
            }
            self.session.sent(pending.len(), self.now);
            all.extend(pending);
            assert!(all.len() < 4 << 20, "output without end");
        }
    }

    pub(crate) fn wait(&mut self, time: Duration) -> String {
        self.now += time;
        self.session.tick(self.now);
        self.output()
    }
}

fn desk(folder: &TempDir, device: &Arc<FakeDevice>, logs: &Arc<Logged>, now: Duration) -> Desk {
    let board = settings::load(&folder.path().join("board.toml")).unwrap().board;
    let pins = Pins::open(&board.state, Arc::new(Storage), now);
    let settings = Settings::open(&board, Arc::new(Storage)).unwrap();
    Desk { board, link: device.clone(), settings, pins, logs: logs.clone() }
}
