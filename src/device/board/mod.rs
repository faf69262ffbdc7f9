//! The board file: which camera, display, bundle and policy this device runs with.
//!
//! A board is data, not code: a new board is a new TOML file. `boards/README.md` says what each key means.
//! Relative paths in a board file start from the folder that the board file is in, so that a checkout and an installed
//! device read it alike.
//!
//! [`Board::parse`] and [`Board::load`] never look whether a device is there, so that a board file can be checked on another
//! computer; [`Board::check_present`] does, at start. No threshold, class order or preprocessing is set here: those come with the bundle.

mod attached;
mod camera;
mod console;
mod display;
mod error;
mod findings;
mod inputs;
mod optics;
mod policy;
mod power;
mod presence;
mod reference;
mod report;
mod section;
mod supervision;

use std::path::{Path, PathBuf};

use tracing::level_filters::LevelFilter;

pub use camera::{CameraBoard, PhantomBoard, RawBoard, ReplayBoard, V4l2Board};
pub use console::{ConsoleBoard, Flow};
pub use display::{DisplayBoard, FbdevBoard, KmsBoard, LightBoard, PngBoard, SpiBoard};
pub use error::{BoardError, Problem};
pub use findings::KeyInfo;
pub use inputs::{ButtonsBoard, DeviceChoice, HoldingBoard, InputsBoard, KeysBoard, Pull, TouchBoard};
pub use optics::OpticsBoard;
pub use policy::{CapturePolicy, Closing, Trigger};
pub use power::PowerBoard;
pub use report::ReportBoard;
pub use supervision::SupervisionBoard;

use findings::Findings;
use section::Section;

use crate::engine::int8::kernels::Family;

/// Everything that a board file says, checked, with defaults filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// The board file; `board.toml` when it was parsed from text.
    pub file: PathBuf,
    /// Where frames come from.
    pub camera: CameraBoard,
    /// How large things are before its lens.
    pub optics: OpticsBoard,
    /// Where screens go.
    pub display: DisplayBoard,
    /// Which model speaks.
    pub model: ModelBoard,
    /// In which language reports are written.
    pub report: ReportBoard,
    /// When a picture is taken and how often it is tried.
    pub capture: CapturePolicy,
    /// Buttons, keys and touch.
    pub inputs: InputsBoard,
    /// The serial console.
    pub console: ConsoleBoard,
    /// Watchdog, heat and health.
    pub supervision: SupervisionBoard,
    /// When the device sleeps.
    pub power: PowerBoard,
    /// Folder of the records.
    pub records: PathBuf,
    /// Folder of what the device writes for itself: committed settings, PINs.
    pub state: PathBuf,
    /// The least severe messages that are logged.
    pub log_level: LevelFilter,
}

/// Which model speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelBoard {
    /// Folder of the bundle.
    pub bundle: PathBuf,
    /// Name of one of the bundle's operating points; the bundle's own choice when `None`.
    pub operating_point: Option<String>,
    /// Minisign public keys in base64 whose signature on a bundle is accepted beside that of the release keys.
    pub trusted_keys: Vec<String>,
    /// Threads that share the network's work; 0 is one for each of the fastest cores.
    pub threads: u8,
    /// The family whose int8 kernels run; the fastest that the processor has when `None`.
    pub kernels: Option<Family>,
}

impl Board {
    /// A board file is small; what is larger is some other file.
    const LONGEST: u64 = 1 << 20;

    /// Reads and checks a board file and makes its paths absolute.
    ///
    /// # Errors
    /// [`BoardError::Read`] when the file cannot be read, else as [`Board::parse`].
    pub fn load(path: &Path) -> Result<Self, BoardError> {
        let mut board = Self::read(&Self::text(path)?, path)?;
        board.resolve(&Self::folder(path)?);
        Ok(board)
    }

    /// As [`Board::load`], with `settings` laid over what the file says. A table of settings that names another `kind` than the
    /// file stands in the place of the file's, whose other keys would have no meaning there.
    ///
    /// # Errors
    /// As [`Board::load`]; problems of the settings have no place, since they stand in no file that a person edits.
    pub fn load_with(path: &Path, settings: &toml::Table) -> Result<Self, BoardError> {
        let text = Self::text(path)?;
        // The file's own mistakes come first, with their places.
        Self::read(&text, path)?;
        let syntax = |message: String| BoardError::Syntax { path: path.to_owned(), problem: Problem { place: None, message } };
        let mut table: toml::Table = toml::from_str(&text).map_err(|error| syntax(error.message().to_owned()))?;
        lay_over(&mut table, settings);
        let merged = toml::to_string(&table).map_err(|error| syntax(error.to_string()))?;
        let mut board = Self::read(&merged, path).map_err(|mut error| {
            if let BoardError::Invalid { problems, .. } = &mut error {
                problems.iter_mut().for_each(|problem| problem.place = None);
            }
            error
        })?;
        board.resolve(&Self::folder(path)?);
        Ok(board)
    }

    fn text(path: &Path) -> Result<String, BoardError> {
        let read = |cause| BoardError::Read { path: path.to_owned(), cause };
        let length = std::fs::metadata(path).map_err(read)?.len();
        if length > Self::LONGEST {
            let cause = format!("it has {length} bytes, more than any board file ({} at most)", Self::LONGEST);
            return Err(read(std::io::Error::new(std::io::ErrorKind::InvalidData, cause)));
        }
        std::fs::read_to_string(path).map_err(read)
    }

    fn folder(path: &Path) -> Result<PathBuf, BoardError> {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::canonicalize(folder).map_err(|cause| BoardError::Read { path: path.to_owned(), cause })
    }

    /// Checks the text of a board file; paths stay as written. Takes any text.
    ///
    /// # Errors
    /// [`BoardError::Syntax`] when `text` is no TOML, [`BoardError::Invalid`] with every unknown key, wrong type,
    /// value out of range and missing key.
    pub fn parse(text: &str) -> Result<Self, BoardError> {
        Self::read(text, Path::new("board.toml"))
    }

    /// Every legal key with what it may hold and its default, for documentation and help.
    #[must_use]
    pub fn keys() -> Vec<KeyInfo> {
        let mut all: Vec<KeyInfo> = Vec::new();
        for camera in ["phantom", "v4l2", "replay"] {
            for display in ["png", "kms", "fbdev", "spi"] {
                let text = format!("[camera]\nkind = \"{camera}\"\n[display]\nkind = \"{display}\"\n");
                let mut findings = Findings::default();
                if let Ok(table) = toml::de::DeTable::parse(&text) {
                    let _ = Self::from_table(&text, table.get_ref(), Path::new(""), &mut findings);
                }
                for key in findings.keys {
                    if !all.contains(&key) {
                        all.push(key);
                    }
                }
            }
        }
        all
    }

    fn read(text: &str, path: &Path) -> Result<Self, BoardError> {
        let table = toml::de::DeTable::parse(text).map_err(|error| {
            let place = error.span().and_then(|span| findings::place(text, span.start));
            BoardError::Syntax { path: path.to_owned(), problem: Problem { place, message: error.message().to_owned() } }
        })?;
        let mut findings = Findings::default();
        let board = Self::from_table(text, table.get_ref(), path, &mut findings);
        match (board, findings.into_problems()) {
            (Some(board), problems) if problems.is_empty() => Ok(board),
            (_, problems) => Err(BoardError::Invalid { path: path.to_owned(), problems }),
        }
    }

    /// `None` only after a problem. Every section is read even so, for all problems to be found at once.
    fn from_table(text: &str, table: &toml::de::DeTable<'_>, path: &Path, findings: &mut Findings) -> Option<Self> {
        let mut root = Section::root(text, table, findings);
        let camera = CameraBoard::read(root.section("camera"));
        let optics = OpticsBoard::read(root.section("optics"));
        let display = DisplayBoard::read(root.section("display"));
        let model = ModelBoard::read(root.section("model"));
        let report = ReportBoard::read(root.section("report"));
        let capture = CapturePolicy::read(root.section("capture"));
        let inputs = InputsBoard::read(root.section("inputs"));
        let console = ConsoleBoard::read(root.section("console"));
        let supervision = SupervisionBoard::read(root.section("supervision"));
        let power = PowerBoard::read(root.section("power"));
        let mut section = root.section("records");
        let records = section
            .path("folder", "a folder for the records, made when it is not there")
            .means("Must be set. `records.jsonl` gets one line a picture, readable by its owner only. A line torn by a power cut is set apart as `torn-*.part`.")
            .required();
        section.finish("");
        let mut section = root.section("state");
        let state = section
            .path("folder", "a folder for what the device writes for itself, made when it is not there")
            .means("Settings committed over the console, PINs, console history. Left out: `state` beside the folder of the records.")
            .optional();
        section.finish("");
        let mut section = root.section("log");
        let levels = [
            ("error", LevelFilter::ERROR),
            ("warn", LevelFilter::WARN),
            ("info", LevelFilter::INFO),
            ("debug", LevelFilter::DEBUG),
            ("trace", LevelFilter::TRACE),
        ];
        let log_level = section
            .choice("level", &levels)
            .means("The least severe messages that are logged. Nothing about a patient is ever logged.")
            .or_shown(LevelFilter::INFO, "\"info\"");
        section.finish("");
        root.finish("");
        let records = records?;
        let state = state.unwrap_or_else(|| records.parent().unwrap_or(Path::new("")).join("state"));
        Some(Self {
            file: path.to_owned(),
            camera: camera?,
            optics,
            display: display?,
            model: model?,
            report,
            capture,
            inputs,
            console,
            supervision,
            power,
            records,
            state,
            log_level,
        })
    }

    fn resolve(&mut self, folder: &Path) {
        let from_folder = |path: &mut PathBuf| *path = join_from(folder, path);
        match &mut self.camera {
            CameraBoard::Phantom(_) => {}
            CameraBoard::V4l2(camera) => from_folder(&mut camera.device),
            CameraBoard::Replay(camera) => from_folder(&mut camera.path),
        }
        match &mut self.display {
            DisplayBoard::Png(display) => from_folder(&mut display.folder),
            DisplayBoard::Kms(display) => {
                display.device.iter_mut().for_each(from_folder);
                display.light.backlight.iter_mut().for_each(from_folder);
            }
            DisplayBoard::Fbdev(display) => {
                from_folder(&mut display.device);
                display.light.backlight.iter_mut().for_each(from_folder);
            }
            DisplayBoard::Spi(display) => {
                from_folder(&mut display.pins.device);
                from_folder(&mut display.pins.gpio_chip);
            }
        }
        from_folder(&mut self.model.bundle);
        from_folder(&mut self.records);
        from_folder(&mut self.state);
        self.console.device.iter_mut().for_each(from_folder);
    }
}

/// `path` as seen from `folder`. Leading `..` are taken off `folder`, which is canonical and so has no symbolic links that this could get wrong.
fn join_from(folder: &Path, path: &Path) -> PathBuf {
    let mut folder = folder.to_owned();
    let mut rest = path;
    while let Ok(after) = rest.strip_prefix("..") {
        folder.pop();
        rest = after;
    }
    // `join` leaves an absolute path as it is.
    folder.join(rest)
}

/// Lays `over` over `table`, key by key.
fn lay_over(table: &mut toml::Table, over: &toml::Table) {
    use toml::Value;
    for (name, value) in over {
        match (table.get_mut(name), value) {
            (Some(Value::Table(below)), Value::Table(above)) => {
                if above.get("kind").is_some_and(|kind| below.get("kind") != Some(kind)) {
                    below.clear();
                }
                lay_over(below, above);
            }
            _ => {
                table.insert(name.clone(), value.clone());
            }
        }
    }
}

impl ModelBoard {
    fn read(mut section: Section<'_>) -> Option<Self> {
        let bundle = section.path("bundle", "a bundle's folder").means("Must be set.").required();
        let named = |text: &str| !text.is_empty() && text.len() <= 64;
        let operating_point = section
            .text("operating_point", "the name of one of the bundle's operating points", named)
            .means("Left out: the bundle's own choice. `lentigo bundle show` lists them.")
            .optional();
        let key = |text: &str| minisign_verify::PublicKey::from_base64(text).is_ok();
        let trusted_keys = section
            .texts("trusted_keys", "a list of minisign public keys, each as 56 characters of base64", key)
            .means("Whose signature on a bundle is accepted, beside the release key that is built in: the second line of each `.pub` file.")
            .or_shown(Vec::new(), "[]");
        let threads = section.integer("threads", 1..=16, "threads").means("Threads that share the network's work; left out, one for each of the fastest cores (all of them where they are alike). With more than 1, `infer` in the records counts the main thread's part only.").or_shown(0, "all fast cores");
        let families: Vec<_> = std::iter::once(("auto", None)).chain(Family::ALL.map(|family| (family.name(), Some(family)))).collect();
        let kernels = section.choice("kernels", &families).means("Which kernels compute the int8 network; \"auto\": the fastest that the processor has. All give the same bytes. One that the processor lacks is an error at start. The environment variable `LENTIGO_KERNELS` outweighs this key.").or_shown(None, "\"auto\"");
        section.finish("");
        Some(Self { bundle: bundle?, operating_point, trusted_keys, threads, kernels })
    }
}
