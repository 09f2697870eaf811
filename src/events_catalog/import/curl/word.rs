//! A word of a command, as the program gets it.

use std::borrow::Cow;

/// Its bytes, without the quotes, and where it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub bytes: Vec<u8>,
    /// Byte offset in the pasted text.
    pub offset: usize,
}

impl Word {
    pub(super) fn empty(offset: usize) -> Self {
        Self { bytes: Vec::new(), offset }
    }

    /// The word as text; what is no UTF-8 is replaced.
    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}
