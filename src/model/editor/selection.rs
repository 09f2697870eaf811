//! The caret and the other end of the selection.

use std::ops::Range;

/// Byte offsets on character boundaries; equal when nothing is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub anchor: usize,
    pub caret: usize,
}

impl Selection {
    #[must_use]
    pub fn at(caret: usize) -> Self {
        Self { anchor: caret, caret }
    }

    #[must_use]
    pub fn of(range: Range<usize>) -> Self {
        Self { anchor: range.start, caret: range.end }
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.anchor == self.caret
    }

    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.anchor.min(self.caret)..self.anchor.max(self.caret)
    }
}
