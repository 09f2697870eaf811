//! What the keys do to the text: typing with brackets that close themselves, line ends that indent, whole lines that move.

use std::ops::Range;

use super::document::{Document, Language};
use super::history::EditKind;
use super::motion::{next_place, place_before, word_left, word_right};
use super::selection::Selection;

/// Towards the start or the end of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Back,
    Forward,
}

/// Lines that may be indented at once.
const MOST_LINES: usize = 20_000;

impl Document {
    /// What a person types: pairs close themselves, a closing character typed before itself is stepped over, and a
    /// selection is put between the pair.
    pub fn type_text(&mut self, typed: &str) {
        let mut chars = typed.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            if self.selection.is_empty() && self.steps_over(c) {
                let after = Selection::at(self.selection.caret + c.len_utf8());
                self.selection = after;
                self.goal_column = None;
                return;
            }
            if let Some(close) = closing_of(c) {
                if !self.selection.is_empty() {
                    self.surround(c, close);
                    return;
                }
                if self.closes_itself(c) {
                    self.edit(self.selection.range(), typed, EditKind::Typing);
                    let caret = self.selection.caret;
                    self.edit_with_last(caret..caret, close.encode_utf8(&mut [0; 4]), Selection::at(caret));
                    return;
                }
            }
            if matches!(c, '}' | ']') && self.selection.is_empty() {
                self.outdent_before_closing();
            }
        }
        let kind = if self.selection.is_empty() { EditKind::Typing } else { EditKind::Command };
        self.edit(self.selection.range(), typed, kind);
    }

    /// Text from the clipboard; its line ends become those of the document.
    pub fn paste(&mut self, pasted: &str) {
        let unix = pasted.contains('\r').then(|| pasted.replace("\r\n", "\n").replace('\r', "\n"));
        let text = unix.as_deref().unwrap_or(pasted);
        let windows = (self.newline == "\r\n" && text.contains('\n')).then(|| text.replace('\n', "\r\n"));
        self.edit(self.selection.range(), windows.as_deref().unwrap_or(text), EditKind::Command);
    }

    fn steps_over(&self, c: char) -> bool {
        let caret = self.selection.caret;
        if self.text.char_at(caret) != Some(c) {
            return false;
        }
        match c {
            '}' | ']' | ')' => true,
            '"' if self.language() == Language::Json => {
                self.lexer_state(caret).in_string() && self.text.char_before(caret) != Some('\\')
            }
            '"' | '\'' | '`' => self.text.char_before(caret) != Some('\\'),
            _ => false,
        }
    }

    fn closes_itself(&self, c: char) -> bool {
        let caret = self.selection.caret;
        let behind = self.text.char_at(caret);
        let free = behind.is_none_or(|c| c.is_whitespace() || matches!(c, ',' | '}' | ']' | ')' | ':' | ';'));
        let quote = matches!(c, '"' | '\'' | '`');
        let after_word = self.text.char_before(caret).is_some_and(|c| c.is_alphanumeric() || matches!(c, '"' | '\'' | '\\'));
        let json = self.language() == Language::Json;
        if json && (matches!(c, '(' | '\'' | '`') || self.lexer_state(caret).in_string()) {
            return json && c == '{' && self.text.char_before(caret) == Some('{') && behind != Some('}');
        }
        self.language() != Language::Plain && free && !(quote && after_word)
    }

    fn surround(&mut self, open: char, close: char) {
        let range = self.selection.range();
        let inner = range.start + open.len_utf8()..range.end + open.len_utf8();
        let (open, close) = (open.to_string(), close.to_string());
        let edits = [(range.end..range.end, close.as_str()), (range.start..range.start, open.as_str())];
        self.edit_together(&edits, Selection::of(inner));
    }

    /// A closing bracket on an empty line stands where its partner's line starts.
    fn outdent_before_closing(&mut self) {
        let caret = self.selection.caret;
        let start = self.text.line_start(self.text.line_at(caret));
        let before = self.text.string(start..caret.min(start + 1_024));
        let indent = self.language().indent();
        if self.language() != Language::Python && !before.is_empty() && before.trim().is_empty() && before.ends_with(indent) {
            self.edit(caret - indent.len()..caret, "", EditKind::Typing);
        }
    }

    /// A line end, with the indentation of this line, deeper behind an opening bracket; a closing bracket right behind
    /// the caret gets a line of its own.
    pub fn new_line(&mut self) {
        let range = self.selection.range();
        let start = self.text.line_start(self.text.line_at(range.start));
        let mut indent = self.leading_space(start);
        indent.truncate(range.start - start);
        let before = self.text.char_before(range.start);
        let python_block = self.language() == Language::Python && before == Some(':');
        let opens = before.and_then(|c| if matches!(c, '{' | '[' | '(') { closing_of(c) } else { None });
        let mut inserted = format!("{}{indent}", self.newline);
        if opens.is_some() || python_block {
            inserted.push_str(self.language().indent());
        }
        let caret = range.start + inserted.len();
        if opens.is_some() && self.text.char_at(range.end) == opens {
            inserted.push_str(self.newline);
            inserted.push_str(&indent);
        }
        self.edit_together(&[(range, inserted.as_str())], Selection::at(caret));
    }

    /// Backspace and Delete, with `word` by words. Between the two of an empty pair Backspace takes both.
    pub fn delete(&mut self, direction: Direction, word: bool) {
        if !self.selection.is_empty() {
            self.edit(self.selection.range(), "", EditKind::Command);
            return;
        }
        let caret = self.selection.caret;
        let range = match (direction, word) {
            (Direction::Back, false) => self.backspace_range(caret),
            (Direction::Back, true) => word_left(&self.text, caret)..caret,
            (Direction::Forward, false) => caret..next_place(&self.text, caret),
            (Direction::Forward, true) => caret..word_right(&self.text, caret),
        };
        if !range.is_empty() {
            self.edit(range, "", EditKind::Deleting);
        }
    }

    fn backspace_range(&self, caret: usize) -> Range<usize> {
        let before = self.text.char_before(caret);
        let pair = before.and_then(closing_of).is_some_and(|close| self.text.char_at(caret) == Some(close));
        if pair && self.language() != Language::Plain {
            return caret - 1..caret + 1;
        }
        let start = self.text.line_start(self.text.line_at(caret));
        let indent = self.language().indent();
        let space = self.text.string(start..caret.min(start + 1_024));
        if space.len() == caret - start && !space.is_empty() && space.bytes().all(|b| b == b' ') {
            let step = indent.len();
            return caret - ((space.len() - 1) % step + 1)..caret;
        }
        place_before(&self.text, caret)..caret
    }

    /// Tab: indents the selected lines, else puts in spaces up to the next step.
    pub fn indent(&mut self) {
        let (first, last) = self.selected_lines();
        let indent = self.language().indent();
        if first == last {
            let start = self.text.line_start(first);
            let column = self.selection.range().start - start;
            let spaces = if indent == "\t" { indent } else { &indent[column % indent.len()..] };
            self.edit(self.selection.range(), spaces, EditKind::Command);
            return;
        }
        self.change_lines(first, last, |line| if line.trim().is_empty() { line.to_owned() } else { format!("{indent}{line}") });
    }

    /// Shift+Tab: takes a step of indentation from every selected line.
    pub fn outdent(&mut self) {
        let (first, last) = self.selected_lines();
        let step = self.language().indent().len();
        self.change_lines(first, last, |line| {
            let spaces = line.bytes().take(step).take_while(|b| *b == b' ').count();
            let cut = if line.starts_with('\t') { 1 } else { spaces };
            line[cut..].to_owned()
        });
    }

    /// Replaces the lines by what `change` makes of each, and keeps the selection at the same characters.
    fn change_lines(&mut self, first: usize, last: usize, change: impl Fn(&str) -> String) {
        if last - first > MOST_LINES {
            return;
        }
        let mut edits = Vec::new();
        let mut selection = self.selection;
        for line in first..=last {
            let start = self.text.line_start(line);
            let lead = self.leading_space(start);
            let rest = self.text.char_at(start + lead.len()).filter(|c| !matches!(c, '\n' | '\r')).map_or("", |_| "x");
            let new = change(&format!("{lead}{rest}"));
            let new = new.strip_suffix(rest).unwrap_or(&new).to_owned();
            if new != lead {
                edits.push((start, lead.len(), new));
            }
        }
        let mut shift = 0_isize;
        let mut ordered = Vec::new();
        for (start, length, new) in &edits {
            let grown = new.len().cast_signed() - length.cast_signed();
            for (place, old) in [(&mut selection.anchor, self.selection.anchor), (&mut selection.caret, self.selection.caret)] {
                if old > *start || grown > 0 && old == *start && first == last {
                    *place = place.saturating_add_signed(grown).max(start.saturating_add_signed(shift));
                }
            }
            let at = start.saturating_add_signed(shift);
            ordered.push((at..at + length, new.as_str()));
            shift += grown;
        }
        if !ordered.is_empty() {
            self.edit_together(&ordered, selection);
        }
    }

    /// The first and last line that the selection touches; one that ends at the start of a line leaves that line out.
    pub(super) fn selected_lines(&self) -> (usize, usize) {
        let range = self.selection.range();
        let first = self.text.line_at(range.start);
        let last = self.text.line_at(range.end);
        if last > first && self.text.line_start(last) == range.end { (first, last - 1) } else { (first, last) }
    }

    /// Moves the selected lines by one line.
    pub fn move_lines(&mut self, direction: Direction) {
        let (first, last) = self.selected_lines();
        let (upper, lower) = match direction {
            Direction::Back if first > 0 => (first - 1..first, first..last + 1),
            Direction::Forward if last + 1 < self.text.lines() => (first..last + 1, last + 1..last + 2),
            _ => return,
        };
        let whole = self.text.line_start(upper.start)..self.text.line_range(lower.end - 1).end;
        let above = self.text.string(whole.start..self.text.line_range(upper.end - 1).end);
        let below = self.text.string(self.text.line_start(lower.start)..whole.end);
        let between = self.text.string(whole.start + above.len()..self.text.line_start(lower.start));
        let swapped = format!("{below}{between}{above}");
        let shift = match direction {
            Direction::Back => -(above.len() + between.len()).cast_signed(),
            Direction::Forward => (below.len() + between.len()).cast_signed(),
        };
        let moved = |place: usize| place.saturating_add_signed(shift).min(whole.end);
        let selection = Selection { anchor: moved(self.selection.anchor), caret: moved(self.selection.caret) };
        self.edit_together(&[(whole, swapped.as_str())], selection);
    }

    /// Puts a copy of the selected lines below them and goes there.
    pub fn duplicate_lines(&mut self) {
        let (first, last) = self.selected_lines();
        let end = self.text.line_range(last).end;
        let start = self.text.line_start(first);
        let copy = format!("{}{}", self.newline, self.text.string(start..end));
        let moved = |place: usize| place + copy.len();
        let selection = Selection { anchor: moved(self.selection.anchor), caret: moved(self.selection.caret) };
        self.edit_together(&[(end..end, copy.as_str())], selection);
    }

    /// Takes the selected lines out.
    pub fn delete_lines(&mut self) {
        let (first, last) = self.selected_lines();
        let mut range = self.whole_lines(first, last);
        if last + 1 == self.text.lines() && first > 0 {
            range.start = self.text.line_range(first - 1).end;
        }
        self.edit(range, "", EditKind::Command);
    }

    /// What Copy puts into the clipboard: the selection, without one the line.
    #[must_use]
    pub fn text_to_copy(&self) -> String {
        if !self.selection.is_empty() {
            return self.selected_text();
        }
        let line = self.text.line_at(self.selection.caret);
        self.text.string(self.whole_lines(line, line))
    }

    /// Cut: what [`Document::text_to_copy`] gives, taken out.
    #[must_use]
    pub fn cut(&mut self) -> String {
        let text = self.text_to_copy();
        if self.selection.is_empty() {
            let line = self.text.line_at(self.selection.caret);
            self.edit(self.whole_lines(line, line), "", EditKind::Command);
        } else {
            self.edit(self.selection.range(), "", EditKind::Command);
        }
        text
    }
}

fn closing_of(open: char) -> Option<char> {
    match open {
        '{' => Some('}'),
        '[' => Some(']'),
        '(' => Some(')'),
        '"' => Some('"'),
        '\'' => Some('\''),
        '`' => Some('`'),
        _ => None,
    }
}
