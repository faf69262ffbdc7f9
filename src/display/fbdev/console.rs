//! Keeps the text console off a framebuffer: its cursor and the kernel's messages would be drawn into the picture.
//!
//! `KDSETMODE` is that of Linux `include/uapi/linux/kd.h`. A program that has a KMS screen has no need for this.

use std::{
    fs::{File, OpenOptions},
    path::Path,
};

use rustix::ioctl::{IntegerSetter, ioctl};

/// The console that is being seen.
const ACTIVE: &str = "/dev/tty0";

const KDSETMODE: rustix::ioctl::Opcode = 0x4B3A;
const TEXT: usize = 0;
const GRAPHICS: usize = 1;

/// The text console of the screen, silent until this is dropped.
#[derive(Debug)]
pub(super) struct SilentConsole(File);

impl SilentConsole {
    /// Silences the console; `None` when there is none or it may not be used, as on a board without virtual terminals.
    pub(super) fn take() -> Option<Self> {
        Self::of(Path::new(ACTIVE))
            .inspect_err(|cause| tracing::debug!("{ACTIVE}: the text console stays on the framebuffer: {cause}"))
            .ok()
    }

    fn of(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        set_mode(&file, GRAPHICS)?;
        Ok(Self(file))
    }
}

impl Drop for SilentConsole {
    fn drop(&mut self) {
        // A console that is gone need not speak again.
        let _ = set_mode(&self.0, TEXT);
    }
}

fn set_mode(file: &File, mode: usize) -> std::io::Result<()> {
    // SAFETY: the request takes an integer and no pointer; a file that is no console answers ENOTTY.
    Ok(unsafe { ioctl(file, IntegerSetter::<KDSETMODE>::new_usize(mode)) }?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_console_is_left_alone() {
        assert!(SilentConsole::of(Path::new("/dev/null")).is_err());
        assert!(SilentConsole::of(Path::new("/dev/tty-none")).is_err());
    }
}
