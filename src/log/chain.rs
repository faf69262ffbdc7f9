//! An error with all its causes, in one line.

use std::{error::Error, fmt};

/// `error` and its causes, each once: `cannot record: the storage is full: No space left on device`.
#[must_use]
pub fn chain<'a>(error: &'a (dyn Error + 'a)) -> Chain<'a> {
    Chain(error)
}

/// What [`chain`] returns; to be logged with `%`.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a>(&'a (dyn Error + 'a));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Many messages have their cause's within them already.
            if !said.contains(&text) {
                write!(f, ": {text}")?;
                said = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Layered {
        #[error("cannot record")]
        Outer(#[source] Box<Layered>),
        #[error("cannot write: {0}")]
        Told(#[source] std::io::Error),
    }

    #[test]
    fn every_cause_stands_there_and_none_twice() {
        let error = Layered::Outer(Box::new(Layered::Told(std::io::Error::other("no space left"))));
        assert_eq!(chain(&error).to_string(), "cannot record: cannot write: no space left");
    }
}
