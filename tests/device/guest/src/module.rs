//! The camera's kernel module: which one it is, taking it out, putting it in again.

use std::{
    ffi::CString,
    fs::{self, File},
    io,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::system::{delete_module, finit_module};

/// The list that lentigo loads modules from: a path a line, then options.
const LIST: &str = "/etc/lentigo/modules";

/// A kernel module of the image.
pub struct Module {
    path: String,
    name: String,
    options: String,
}

impl Module {
    /// The module called `name` in the image's list.
    pub fn of_image(name: &str) -> Option<Self> {
        let list = fs::read_to_string(LIST).ok()?;
        list.lines().find_map(|line| {
            let (path, options) = line.split_once(' ').unwrap_or((line, ""));
            (Path::new(path).file_stem()? == name).then(|| Self {
                path: path.to_owned(),
                name: name.to_owned(),
                options: options.to_owned(),
            })
        })
    }

    /// Loads it.
    pub fn load(&self) -> Result<()> {
        let file = File::open(&self.path).with_context(|| format!("opening {}", self.path))?;
        let options = CString::new(self.options.as_str())?;
        finit_module(file, &options, 0).with_context(|| format!("loading {}", self.path))
    }

    /// Unloads it as soon as nobody has it open; waits for that.
    pub fn unload(&self, patience: Duration) -> Result<()> {
        let name = CString::new(self.name.as_str())?;
        let deadline = Instant::now() + patience;
        loop {
            match delete_module(&name, libc_nonblock()) {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() >= deadline => {
                    return Err(io::Error::from(error)).with_context(|| format!("unloading {}: somebody still has it open", self.name));
                }
                Err(_) => sleep(Duration::from_millis(20)),
            }
        }
    }
}

/// `O_NONBLOCK`: fail at once instead of waiting for the module's users (delete_module(2)).
fn libc_nonblock() -> i32 {
    rustix::fs::OFlags::NONBLOCK.bits() as i32
}
