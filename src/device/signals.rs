//! Signals of the system: when to stop, and a file-size limit as an ordinary error.

use std::{
    io,
    sync::{Arc, atomic::AtomicBool},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM, SIGXFSZ},
    flag,
};

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

/// Writing beyond a file-size limit becomes an error of that write (EFBIG) instead of the end of the process.
///
/// # Errors
/// What the system says when the handler cannot be installed.
pub fn report_file_size_limit() -> io::Result<()> {
    flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).map(drop)
}
