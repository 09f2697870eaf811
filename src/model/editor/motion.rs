//! Where the caret goes: by character, word, row, line and document, and what a double click selects.

use std::ops::Range;

use super::document::Document;
use super::selection::Selection;
use super::text::Text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    Left,
    Right,
    WordLeft,
    WordRight,
    /// By so many rows.
    Up(usize),
    Down(usize),
    /// To the first character that is no space, and from there to the start.
    LineStart,
    LineEnd,
    DocumentStart,
    DocumentEnd,
}

/// Characters that a word may reach, so that a megabyte of base64 does not hold a frame up.
const LONGEST_WORD: usize = 64 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Word,
    Sign,
}

fn class(c: char) -> Class {
    if c.is_whitespace() {
        Class::Space
    } else if c.is_alphanumeric() || c == '_' || super::columns::width(c) == 0 {
        Class::Word
    } else {
        Class::Sign
    }
}

/// The place one character further, combining marks and CRLF taken as a whole.
#[must_use]
pub fn next_place(text: &Text, offset: usize) -> usize {
    let mut chars = text.chars_from(offset).take(64);
    let Some(first) = chars.next() else { return text.len() };
    let mut at = offset + first.len_utf8();
    for c in chars {
        let joins = (first == '\r' && c == '\n' && at == offset + 1) || super::columns::width(c) == 0;
        if !joins {
            break;
        }
        at += c.len_utf8();
    }
    at
}

/// The place one character back.
#[must_use]
pub fn place_before(text: &Text, offset: usize) -> usize {
    let mut at = offset;
    let mut chars = text.chars_back_from(offset).take(64).peekable();
    while let Some(c) = chars.next() {
        at -= c.len_utf8();
        if c == '\n' && chars.peek() == Some(&'\r') {
            return at - 1;
        }
        if super::columns::width(c) > 0 {
            break;
        }
    }
    at
}

/// The start of the word before `offset`.
#[must_use]
pub fn word_left(text: &Text, offset: usize) -> usize {
    let mut at = offset;
    let mut kind = Class::Space;
    for c in text.chars_back_from(offset).take(LONGEST_WORD) {
        let line_end = c == '\n' && at < offset;
        if line_end || kind != Class::Space && class(c) != kind {
            break;
        }
        kind = class(c);
        at -= c.len_utf8();
    }
    at
}

/// The end of the word behind `offset`.
#[must_use]
pub fn word_right(text: &Text, offset: usize) -> usize {
    let mut at = offset;
    let mut kind = Class::Space;
    for c in text.chars_from(offset).take(LONGEST_WORD) {
        let line_end = c == '\n' && at > offset;
        if line_end || kind != Class::Space && class(c) != kind {
            break;
        }
        kind = class(c);
        at += c.len_utf8();
    }
    at
}

/// The characters of one kind around `offset`: what a double click selects.
#[must_use]
pub fn word_at(text: &Text, offset: usize) -> Range<usize> {
    let at = text.char_at(offset).filter(|c| *c != '\n' && *c != '\r');
    let Some(kind) = at.or_else(|| text.char_before(offset).filter(|c| *c != '\n')).map(class) else {
        return offset..offset;
    };
    let same = |c: &char| class(*c) == kind && *c != '\n' && *c != '\r';
    let behind: usize = text.chars_from(offset).take(LONGEST_WORD).take_while(same).map(char::len_utf8).sum();
    let before: usize = text.chars_back_from(offset).take(LONGEST_WORD).take_while(same).map(char::len_utf8).sum();
    offset - before..offset + behind
}

impl Document {
    /// Moves the caret; with `extend` the anchor stays.
    pub fn move_caret(&mut self, motion: Motion, extend: bool) {
        let Selection { anchor, caret } = self.selection;
        let range = self.selection.range();
        let collapses = !extend && anchor != caret;
        let (target, goal) = match motion {
            Motion::Left if collapses => (range.start, None),
            Motion::Right if collapses => (range.end, None),
            Motion::Up(rows) => self.by_rows(caret, -rows.cast_signed()),
            Motion::Down(rows) => self.by_rows(caret, rows.cast_signed()),
            _ => (self.target(motion, caret), None),
        };
        self.select(if extend { Selection { anchor, caret: target } } else { Selection::at(target) });
        self.goal_column = goal;
    }

    fn target(&self, motion: Motion, caret: usize) -> usize {
        let text = &self.text;
        let line = text.line_range(text.line_at(caret));
        match motion {
            Motion::Left => place_before(text, caret),
            Motion::Right => next_place(text, caret),
            Motion::WordLeft => word_left(text, caret),
            Motion::WordRight => word_right(text, caret),
            Motion::LineStart => {
                let first = line.start + self.leading_space(line.start).len();
                if caret == first { line.start } else { first }
            }
            Motion::LineEnd => line.end,
            Motion::DocumentStart => 0,
            Motion::DocumentEnd => text.len(),
            Motion::Up(_) | Motion::Down(_) => caret,
        }
    }

    fn by_rows(&mut self, caret: usize, rows: isize) -> (usize, Option<usize>) {
        let row = self.row_of_line(self.text.line_at(caret));
        let here = self.line_of_row(row);
        let shown = self.row(here);
        let column = self.goal_column.unwrap_or_else(|| self.column_of(&shown, caret));
        let last = self.rows() - 1;
        let Some(target) = row.checked_add_signed(rows) else {
            return (if row == 0 { 0 } else { self.place_in(0, column) }, Some(column));
        };
        if row == last && target > last {
            return (self.text.len(), Some(column));
        }
        (self.place_in(target.min(last), column), Some(column))
    }

    fn place_in(&mut self, row: usize, column: usize) -> usize {
        let line = self.line_of_row(row);
        let shown = self.row(line);
        self.offset_at(&shown, column)
    }

    /// Spaces and tabs at the start of the line that starts at `start`, at most 1,024.
    #[must_use]
    pub(super) fn leading_space(&self, start: usize) -> String {
        self.text.chars_from(start).take(1_024).take_while(|c| matches!(c, ' ' | '\t')).collect()
    }

    /// The end of the word that `offset` is in.
    #[must_use]
    pub fn word_behind(&self, offset: usize) -> usize {
        word_at(&self.text, offset).end
    }

    pub fn select_all(&mut self) {
        self.select(Selection::of(0..self.text.len()));
    }

    /// The word at `offset`; with `extend` from the anchor on.
    pub fn select_word(&mut self, offset: usize) {
        self.select(Selection::of(word_at(&self.text, offset)));
    }

    /// The whole line at `offset` with its line end.
    pub fn select_line(&mut self, offset: usize) {
        let line = self.text.line_at(offset);
        self.select(Selection::of(self.whole_lines(line, line)));
    }

    /// The bytes of lines `first..=last` with the last one's line end.
    #[must_use]
    pub(super) fn whole_lines(&self, first: usize, last: usize) -> Range<usize> {
        let end = if last + 1 < self.text.lines() { self.text.line_start(last + 1) } else { self.text.len() };
        self.text.line_start(first)..end
    }
}
