//! Why a pasted text cannot be read: where, what, and what to do about it.

use std::fmt;

/// A text that cannot be read. Its sentence names the place, the problem and the repair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem} {repair}")]
pub struct ImportError {
    pub place: Place,
    /// A sentence.
    pub problem: String,
    /// What to do, as a sentence.
    pub repair: String,
}

/// Where something stands in what was pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Both from 1; columns count characters.
    Text { line: usize, column: usize },
    /// A member of a JSON document, such as `log.entries[1].request.url`.
    Member(String),
}

impl Place {
    /// The place of a byte offset; an offset inside a character counts as that character's.
    #[must_use]
    pub fn of_offset(text: &str, offset: usize) -> Self {
        let before: Vec<char> = text.char_indices().take_while(|(at, _)| *at < offset).map(|(_, c)| c).collect();
        let line = before.iter().filter(|c| **c == '\n').count() + 1;
        let column = before.iter().rev().take_while(|c| **c != '\n').count() + 1;
        Self::Text { line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { line, column } => write!(formatter, "line {line}, column {column}"),
            Self::Member(path) => formatter.write_str(path),
        }
    }
}

impl ImportError {
    /// A problem at a byte offset of `text`.
    pub(super) fn at(text: &str, offset: usize, problem: impl Into<String>, repair: impl Into<String>) -> Self {
        Self { place: Place::of_offset(text, offset), problem: problem.into(), repair: repair.into() }
    }

    /// A problem of a member of a JSON document.
    pub(super) fn in_member(path: impl Into<String>, problem: impl Into<String>, repair: impl Into<String>) -> Self {
        Self { place: Place::Member(path.into()), problem: problem.into(), repair: repair.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters() {
        for (offset, line, column) in [(0, 1, 1), (1, 1, 2), (3, 1, 3), (4, 2, 1), (5, 2, 2), (99, 2, 2)] {
            assert_eq!(Place::of_offset("aü\nb", offset), Place::Text { line, column }, "{offset}");
        }
    }
}
