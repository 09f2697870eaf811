//! The trace of a translation: one note for each field, saying where it came from, where it went and what was done to it.

use std::borrow::Cow;

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
    pub from: Cow<'static, str>,
    /// A JSON Pointer into the event, or words for a response; empty for what was dropped.
    pub to: Cow<'static, str>,
    pub change: Change,
    /// Why, if it does not go without saying.
    pub note: Cow<'static, str>,
}

/// The notes of one translation, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trace(Vec<FieldNote>);

impl Trace {
    pub(super) fn add(
        &mut self,
        change: Change,
        from: impl Into<Cow<'static, str>>,
        to: impl Into<Cow<'static, str>>,
        note: impl Into<Cow<'static, str>>,
    ) {
        self.0.push(FieldNote { from: from.into(), to: to.into(), change, note: note.into() });
    }

    pub(super) fn into_notes(self) -> Vec<FieldNote> {
        self.0
    }
}

/// A JSON Pointer to a member whose name may contain anything (RFC 6901).
pub(super) fn pointer(parent: &str, member: &str) -> String {
    format!("{parent}/{}", member.replace('~', "~0").replace('/', "~1"))
}

/// `header Accept (2 lines)`.
pub(super) fn header_words(name: &str, lines: usize) -> String {
    counted("header", name, lines, "lines")
}

/// `query parameter page (2 values)`.
pub(super) fn query_words(name: &str, values: usize) -> String {
    counted("query parameter", name, values, "values")
}

fn counted(what: &str, name: &str, count: usize, unit: &str) -> String {
    if count > 1 { format!("{what} {name} ({count} {unit})") } else { format!("{what} {name}") }
}
