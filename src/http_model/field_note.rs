//! The trace of a translation: one note for each field, saying where it came from, where it went and what was done to it.

use std::fmt::{self, Display};

/// What was done to a field on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    Kept,
    Renamed,
    LowerCased,
    Joined,
    Decoded,
    Base64Encoded,
    Dropped,
    Added,
}

/// One line of the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldNote {
    /// In words: `header Accept (2 lines)`, `/headers/accept`; empty for what was added.
    pub from: String,
    /// A JSON Pointer into the event, or words for a response; empty for what was dropped.
    pub to: String,
    pub change: Change,
    /// Why, if it does not go without saying.
    pub note: String,
}

/// The notes of one translation, in the order of the fields; or none, for a translation that must be quick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace(Option<Vec<FieldNote>>);

impl Trace {
    /// Keeps every note.
    #[must_use]
    pub fn kept() -> Self {
        Self(Some(Vec::new()))
    }

    /// Keeps nothing, and no note is put into words.
    #[must_use]
    pub fn ignored() -> Self {
        Self(None)
    }

    #[must_use]
    pub fn into_notes(self) -> Vec<FieldNote> {
        self.0.unwrap_or_default()
    }

    /// A field is dropped after all: what was said of it before does not hold.
    pub(super) fn drop_after_all(&mut self, from: &str, note: impl Display) {
        if let Some(notes) = &mut self.0 {
            notes.retain(|earlier| earlier.from != from);
        }
        self.add(Change::Dropped, from, "", note);
    }

    pub(super) fn add(&mut self, change: Change, from: impl Display, to: impl Display, note: impl Display) {
        if let Some(notes) = &mut self.0 {
            notes.push(FieldNote { from: from.to_string(), to: to.to_string(), change, note: note.to_string() });
        }
    }
}

/// A JSON Pointer to a member whose name may contain anything (RFC 6901).
pub(super) fn pointer<'a>(parent: &'a str, member: &'a str) -> impl Display + 'a {
    fmt::from_fn(move |f| write!(f, "{parent}/{}", member.replace('~', "~0").replace('/', "~1")))
}

/// `header Accept (2 lines)`.
pub(super) fn header_words(name: &str, lines: usize) -> impl Display {
    counted("header", name, lines, "lines")
}

/// `query parameter page (2 values)`.
pub(super) fn query_words(name: &str, values: usize) -> impl Display {
    counted("query parameter", name, values, "values")
}

fn counted(what: &'static str, name: &str, count: usize, unit: &'static str) -> impl Display {
    fmt::from_fn(move |f| match count {
        0 | 1 => write!(f, "{what} {name}"),
        _ => write!(f, "{what} {name} ({count} {unit})"),
    })
}
