//! Undo and redo as inverse edits, grouped as a person thinks of them: a word typed, a run of deletions, one command.

use super::selection::Selection;

/// What was replaced where; applying it backwards undoes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// In bytes.
    pub offset: usize,
    pub removed: String,
    pub inserted: String,
}

/// Whether an edit may join the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditKind {
    Typing,
    Deleting,
    /// A step of its own.
    Command,
}

#[derive(Clone, Debug)]
struct Group {
    edits: Vec<Edit>,
    kind: EditKind,
    before: Selection,
    after: Selection,
    bytes: usize,
}

/// Text that may be kept for undoing, in bytes.
const MOST_BYTES: usize = 128 << 20;

#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Group>,
    undone: Vec<Group>,
    bytes: usize,
    closed: bool,
}

impl History {
    /// The next edit starts a step of its own, whatever it is.
    pub fn close_group(&mut self) {
        self.closed = true;
    }

    /// Keeps an edit that was made; typing and deleting join the step before where they continue it.
    pub fn record(&mut self, edit: Edit, kind: EditKind, before: Selection, after: Selection) {
        self.forget_undone();
        let bytes = edit.removed.len() + edit.inserted.len();
        self.bytes += bytes;
        let joins = !self.closed && self.done.last().is_some_and(|group| joins(group, &edit, kind));
        self.closed = false;
        if joins && let Some(group) = self.done.last_mut() {
            group.bytes += bytes;
            group.after = after;
            join(group, edit);
        } else {
            self.done.push(Group { edits: vec![edit], kind, before, after, bytes });
        }
        self.forget_oldest();
    }

    /// Adds to the last step, so that one undo takes both back.
    pub fn record_in_group(&mut self, edit: Edit, after: Selection) {
        self.forget_undone();
        let bytes = edit.removed.len() + edit.inserted.len();
        if let Some(group) = self.done.last_mut() {
            group.edits.push(edit);
            group.after = after;
            group.bytes += bytes;
            self.bytes += bytes;
        }
    }

    /// The edits to take back, last first, and the selection from before them.
    pub fn undo(&mut self) -> Option<(Vec<Edit>, Selection)> {
        let group = self.done.pop()?;
        self.closed = true;
        let edits = group.edits.iter().rev().cloned().collect();
        let selection = group.before;
        self.undone.push(group);
        Some((edits, selection))
    }

    /// The edits to do again, in order, and the selection from after them.
    pub fn redo(&mut self) -> Option<(Vec<Edit>, Selection)> {
        let group = self.undone.pop()?;
        self.closed = true;
        let found = (group.edits.clone(), group.after);
        self.done.push(group);
        Some(found)
    }

    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    fn forget_undone(&mut self) {
        for group in self.undone.drain(..) {
            self.bytes -= group.bytes;
        }
    }

    fn forget_oldest(&mut self) {
        while self.bytes > MOST_BYTES && self.done.len() > 1 {
            self.bytes -= self.done.remove(0).bytes;
        }
    }
}

fn joins(group: &Group, edit: &Edit, kind: EditKind) -> bool {
    let Some(last) = group.edits.last() else { return false };
    if kind != group.kind || edit.inserted.contains('\n') {
        return false;
    }
    match kind {
        EditKind::Typing => {
            let starts_word = last.inserted.ends_with(char::is_whitespace) && !edit.inserted.starts_with(char::is_whitespace);
            edit.removed.is_empty() && edit.offset == last.offset + last.inserted.len() && !starts_word
        }
        EditKind::Deleting => {
            edit.offset + edit.removed.len() == last.offset || edit.offset == last.offset && edit.inserted.is_empty()
        }
        EditKind::Command => false,
    }
}

fn join(group: &mut Group, edit: Edit) {
    let Some(last) = group.edits.last_mut() else { return };
    if group.kind == EditKind::Typing {
        last.inserted.push_str(&edit.inserted);
    } else if edit.offset == last.offset {
        last.removed.push_str(&edit.removed);
    } else {
        last.removed.insert_str(0, &edit.removed);
        last.offset = edit.offset;
    }
}
