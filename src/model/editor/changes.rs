//! A short log of edits, so that what is derived from a document (matches, colours) can follow without starting over.

use std::collections::VecDeque;

/// What an edit changed, without the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// In bytes.
    pub offset: usize,
    pub removed: usize,
    pub inserted: usize,
    /// The line of `offset`, and how many line ends went and came.
    pub line: usize,
    pub removed_lines: usize,
    pub inserted_lines: usize,
}

impl Change {
    /// Where a place is after the edit; inside of what was removed, the end of what came.
    #[must_use]
    pub fn moves(&self, place: usize) -> usize {
        if place < self.offset || place == self.offset && self.removed > 0 {
            place
        } else if place < self.offset + self.removed {
            self.offset + self.inserted
        } else {
            place - self.removed + self.inserted
        }
    }
}

/// Changes that are kept; who is further behind starts over.
const MOST: usize = 512;

#[derive(Clone, Debug, Default)]
pub struct ChangeLog {
    changes: VecDeque<Change>,
    revision: u64,
}

impl ChangeLog {
    /// Grows by one with every change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn push(&mut self, change: Change) {
        self.revision += 1;
        self.changes.push_back(change);
        if self.changes.len() > MOST {
            self.changes.pop_front();
        }
    }

    /// Everything changed: nobody can follow.
    pub fn restart(&mut self) {
        self.revision += 1;
        self.changes.clear();
    }

    /// The changes after `revision`, oldest first, or `None` when they are not kept any more.
    pub fn since(&self, revision: u64) -> Option<impl Iterator<Item = &Change>> {
        let missing = usize::try_from(self.revision.checked_sub(revision)?).ok()?;
        let skip = self.changes.len().checked_sub(missing)?;
        Some(self.changes.iter().skip(skip))
    }
}
