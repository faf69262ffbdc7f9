//! `%XX` for bytes that a code cannot carry as they are (RFC 3986, 2.1).

/// `text` with every byte as `%XX` but printable ASCII other than `%` and `;`.
pub(super) fn encode(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'%' | b';' => written.push_str(&format!("%{byte:02X}")),
            b' '..=b'~' => written.push(char::from(byte)),
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}

/// The text again; `None` when a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = after.get(..2)?;
            let digit = |at: usize| char::from(digits[at]).to_digit(16);
            // Two hexadecimal digits make a byte.
            bytes.push((digit(0)? * 16 + digit(1)?) as u8);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}
