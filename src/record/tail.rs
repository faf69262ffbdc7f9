//! The end of a log after a power cut: where the last whole line ends, and what hangs over.
//!
//! Every line is on storage before the next one is begun, so only the last can be torn: cut short, or, when the
//! storage had grown the file before it wrote the bytes, holding zeros.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use serde_json::{Map, Value};

/// No line that was written here is longer; a longer one is damage.
const LONGEST_LINE: u64 = 1 << 20;

/// How a log ends.
#[derive(Debug, PartialEq)]
pub(super) struct Tail {
    /// Byte offset after the last whole line: new lines go here.
    pub(super) whole: u64,
    /// Length of the file; more than `whole` when something hangs over.
    pub(super) length: u64,
    /// The number of the last whole line's case; 0 when there is none.
    pub(super) last_case: u64,
}

/// Looks at the end of `file`.
pub(super) fn examine(file: &mut File) -> io::Result<Tail> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut whole = after_last_newline(file, length)?;
    let mut last_case = 0;
    if whole > 0 {
        let start = after_last_newline(file, whole - 1)?;
        match case_of(file, start, whole)? {
            Some(case) => last_case = case,
            None => {
                whole = start;
                if start > 0 {
                    let before = after_last_newline(file, start - 1)?;
                    last_case = case_of(file, before, start)?.unwrap_or(0);
                }
            }
        }
    }
    Ok(Tail { whole, length, last_case })
}

/// The offset after the last newline before `end`; 0 when there is none.
fn after_last_newline(file: &mut File, end: u64) -> io::Result<u64> {
    const CHUNK: u64 = 16 * 1024;
    let mut chunk = vec![0; CHUNK as usize];
    let mut end = end;
    while end > 0 {
        let start = end.saturating_sub(CHUNK);
        let bytes = &mut chunk[..(end - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(bytes)?;
        if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// The number of the case in the line from `start` to `end`; `None` when that is no line of a log.
fn case_of(file: &mut File, start: u64, end: u64) -> io::Result<Option<u64>> {
    if end - start > LONGEST_LINE {
        return Ok(None);
    }
    let mut bytes = vec![0; (end - start) as usize];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut bytes)?;
    // Only what every version of a line has is asked for: a line of another version is not damage.
    let line: Option<Map<String, Value>> = serde_json::from_slice(&bytes).ok();
    Ok(line.and_then(|line| line.get("case")?.as_u64()))
}
