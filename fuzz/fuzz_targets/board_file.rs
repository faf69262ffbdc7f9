//! Any bytes as a board file: an error or a board, never a crash.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Err(error) = lentigo::device::board::Board::parse(text) {
            assert!(!error.to_string().is_empty());
        }
    }
});
