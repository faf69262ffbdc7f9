//! A line as words: separated by blanks, with "double" or 'single' quotes around a word that holds blanks.

/// Why a line has no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclosed(pub char);

/// The words of a line. A quote inside of a word stands for itself, so that `[1,"a"]` and `O'Neill` need no care.
///
/// # Errors
/// [`Unclosed`] for a quote at the start of a word that is not closed.
pub(super) fn words(line: &str) -> Result<Vec<String>, Unclosed> {
    let mut found = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '"' | '\'' => {
                let inside = rest.get(1..).unwrap_or_default();
                let close = inside.find(first).ok_or(Unclosed(first))?;
                (inside.get(..close).unwrap_or_default(), inside.get(close + 1..).unwrap_or_default())
            }
            _ => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        found.push(word.to_owned());
        rest = after.trim_start();
    }
    Ok(found)
}

/// Everything after the first `count` words, as it was typed: a value of a setting keeps its quotes and blanks.
#[must_use]
pub(super) fn rest(line: &str, count: usize) -> &str {
    (0..count).fold(line.trim(), |rest, _| rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_hold_blanks_together() {
        assert_eq!(words("  case set operator \"Dr A\" 'b c'").unwrap(), ["case", "set", "operator", "Dr A", "b c"]);
        assert_eq!(words("x [1,\"a\"] O'Neill").unwrap(), ["x", "[1,\"a\"]", "O'Neill"]);
        assert_eq!(words("x \"open"), Err(Unclosed('"')));
        assert_eq!(words("  ").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn the_rest_of_a_line_is_as_typed() {
        assert_eq!(rest(" set  console.banner  \"Ward  4\" ", 2), "\"Ward  4\"");
        assert_eq!(rest("set", 2), "");
    }

    proptest! {
        #[test]
        fn any_line_is_words_or_unclosed(line in "\\PC{0,80}", count in 0_usize..5) {
            let _ = words(&line);
            prop_assert!(line.contains(rest(&line, count)));
        }
    }
}
