//! Objects and arrays that are folded away: the lines behind the one of their opening bracket are not shown.

use super::blocks::lex_range;
use super::brackets;
use super::changes::Change;
use super::document::{Document, Language};
use super::lexer::{Mark, State};
use super::selection::Selection;

/// A folded pair of brackets on different lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Offsets of the brackets.
    pub open: usize,
    pub close: usize,
    pub open_line: usize,
    pub close_line: usize,
    /// `None` when it was too much to count.
    pub members: Option<usize>,
}

impl Fold {
    /// The words that stand for what is folded away.
    #[must_use]
    pub fn label(&self) -> String {
        match self.members {
            None => "…".to_owned(),
            Some(1) => "… 1 member".to_owned(),
            Some(members) => format!("… {members} members"),
        }
    }
}

/// Lines longer than this, in bytes, get no mark for folding.
const LONGEST_LINE: usize = 16 << 10;

/// The folds of a document, by their opening bracket.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    folds: Vec<Fold>,
}

impl Folds {
    /// The fold whose bracket opens in `line` at or behind `from`, if it is not hidden by another one.
    #[must_use]
    pub fn opening_in(&self, line: usize, from: usize) -> Option<&Fold> {
        let index = self.folds.partition_point(|fold| fold.open < from);
        self.folds.get(index).filter(|fold| fold.open_line == line)
    }

    /// Hidden lines in order, without overlap: behind the first line of a fold up to its last.
    pub fn hidden(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut last = 0;
        self.folds.iter().filter_map(move |fold| {
            let first = fold.open_line.max(last) + 1;
            let inner = fold.close_line <= last;
            last = last.max(fold.close_line);
            (!inner).then_some((first, fold.close_line))
        })
    }

    fn add(&mut self, fold: Fold) {
        let index = self.folds.partition_point(|other| other.open < fold.open);
        if self.folds.get(index).is_none_or(|other| other.open != fold.open) {
            self.folds.insert(index, fold);
        }
    }

    fn remove(&mut self, open: usize) -> bool {
        let before = self.folds.len();
        self.folds.retain(|fold| fold.open != open);
        before != self.folds.len()
    }

    /// Opens every fold that hides `offset`.
    pub fn reveal(&mut self, offset: usize) {
        self.folds.retain(|fold| offset <= fold.open || offset >= fold.close);
    }

    /// Moves the folds behind an edit and opens those that it touches.
    pub fn edited(&mut self, change: &Change) {
        let end = change.offset + change.removed;
        self.folds.retain(|fold| change.offset > fold.close || end <= fold.open);
        for fold in self.folds.iter_mut().filter(|fold| fold.open >= end) {
            fold.open = fold.open - change.removed + change.inserted;
            fold.close = fold.close - change.removed + change.inserted;
            fold.open_line = fold.open_line - change.removed_lines + change.inserted_lines;
            fold.close_line = fold.close_line - change.removed_lines + change.inserted_lines;
        }
    }
}

impl Document {
    /// The outermost bracket that opens in `line` and does not close there.
    #[must_use]
    pub fn foldable(&self, line: usize) -> Option<usize> {
        let range = self.text.line_range(line);
        if self.language() != Language::Json || range.len() > LONGEST_LINE {
            return None;
        }
        self.left_open(range.start, (range.end + 1).min(self.text.len()), self.lexer_state(range.start))
    }

    fn left_open(&self, start: usize, end: usize, state: State) -> Option<usize> {
        let mut open = Vec::new();
        lex_range(&self.text, start..end, state, |mark| match mark {
            Mark::Open(at) => open.push(at),
            Mark::Close(_) => {
                open.pop();
            }
            Mark::Comma(_) => {}
        });
        open.first().copied()
    }

    /// Whether what opens in `line` is folded.
    #[must_use]
    pub fn is_folded(&self, line: usize) -> bool {
        self.folds.opening_in(line, self.text.line_start(line)).is_some()
    }

    /// Folds what opens in `line`, or unfolds it. Returns whether anything changed.
    pub fn toggle_fold(&mut self, line: usize) -> bool {
        let range = self.text.line_range(line);
        if let Some(open) = self.folds.opening_in(line, range.start).map(|fold| fold.open) {
            return self.folds.remove(open);
        }
        let Some(open) = self.foldable(line) else { return false };
        self.fold(open)
    }

    fn fold(&mut self, open: usize) -> bool {
        let Some(close) = brackets::closing(&self.text, &self.blocks, open) else { return false };
        let (open_line, close_line) = (self.text.line_at(open), self.text.line_at(close));
        if open_line == close_line {
            return false;
        }
        let members = brackets::members(&self.text, &self.blocks, open);
        self.folds.add(Fold { open, close, open_line, close_line, members });
        let hidden = |offset: usize| offset > open && offset < close;
        if hidden(self.selection.caret) || hidden(self.selection.anchor) {
            self.selection = Selection::at(open);
        }
        true
    }

    /// Folds what stands at the caret: what opens in its line, else what encloses it.
    pub fn fold_at_caret(&mut self) -> bool {
        let line = self.text.line_at(self.selection.caret);
        if let Some(open) = self.foldable(line) {
            return self.fold(open);
        }
        let enclosing = brackets::enclosing(&self.text, &self.blocks, self.selection.caret, 8);
        enclosing.into_iter().any(|opening| self.fold(opening.offset))
    }

    /// Unfolds what is folded in the line of the caret.
    pub fn unfold_at_caret(&mut self) -> bool {
        let line = self.text.line_at(self.selection.caret);
        let start = self.text.line_start(line);
        let Some(open) = self.folds.opening_in(line, start).map(|fold| fold.open) else { return false };
        self.folds.remove(open)
    }

    pub fn unfold_all(&mut self) {
        self.folds = Folds::default();
    }

    /// Unfolds the pair that opens at `open`.
    pub fn unfold(&mut self, open: usize) -> bool {
        self.folds.remove(open)
    }
}
