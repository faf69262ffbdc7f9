//! Signals of the system: when to stop or to start anew, and a file-size limit as an ordinary error.

use std::{
    io::{self, Read},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ},
    flag,
    low_level::pipe,
};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// SIGINT or SIGTERM: a clean end. A second one ends the process at once, for nobody must be left with a device that hangs.
    Stop,
    /// SIGHUP: a clean end, and then this program anew, with the settings as they are then.
    Restart,
}

/// A flag that the first SIGINT or SIGTERM sets. A second one ends the process at once, for a person must not be left with a device that hangs.
///
/// # Errors
/// What the system says when a handler cannot be installed.
pub fn stop_flag() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the flag is still unset when the first signal looks at it.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Calls `wake` with what each signal asks for, in a thread of its own, where it may do anything but wait long. `stop` is the flag of
/// [`stop_flag`], which must have been called before: it is set by the time that `wake` hears of [`Asked::Stop`].
///
/// # Errors
/// What the system says when a handler cannot be installed or there is no thread.
pub fn on_signal(stop: Arc<AtomicBool>, mut wake: impl FnMut(Asked) + Send + 'static) -> io::Result<()> {
    let restart = Arc::new(AtomicBool::new(false));
    flag::register(SIGHUP, Arc::clone(&restart))?;
    // A handler may hardly do anything; writing a byte to a socket wakes a thread that may.
    let (mut wakes, woken) = UnixStream::pair()?;
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Handlers run in the order of their registration: the flags are set before the byte is written.
        pipe::register(signal, woken.try_clone()?)?;
    }
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut bytes = [0; 16];
        let mut stopping = false;
        loop {
            match wakes.read(&mut bytes) {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return,
                Ok(_) | Err(_) => {}
            }
            if restart.swap(false, Ordering::SeqCst) {
                wake(Asked::Restart);
            }
            if stop.load(Ordering::SeqCst) && !std::mem::replace(&mut stopping, true) {
                wake(Asked::Stop);
            }
        }
    })?;
    Ok(())
}

/// Writing beyond a file-size limit becomes an error of that write (EFBIG) instead of the end of the process.
///
/// # Errors
/// What the system says when the handler cannot be installed.
pub fn report_file_size_limit() -> io::Result<()> {
    flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).map(drop)
}
