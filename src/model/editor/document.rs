//! A document under edit: text, selection, history, and everything that has to follow an edit.

use std::ops::Range;

use super::blocks::{Blocks, lex_range};
use super::brackets;
use super::changes::{Change, ChangeLog};
use super::folding::Folds;
use super::history::{Edit, EditKind, History};
use super::lexer::State;
use super::pointer;
use super::selection::Selection;
use super::text::Text;

/// What the text is written in, which decides its colours and how brackets behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    Json,
    JavaScript,
    Python,
    /// By its file extension, `rs` or `toml`, as syntect knows it.
    Other(&'static str),
    Plain,
}

impl Language {
    /// By the extension of a file name.
    #[must_use]
    pub fn of_file(name: &str) -> Self {
        match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "json" => Self::Json,
            "js" | "mjs" | "cjs" | "ts" => Self::JavaScript,
            "py" => Self::Python,
            "rs" => Self::Other("rs"),
            "rb" => Self::Other("rb"),
            "java" => Self::Other("java"),
            "go" => Self::Other("go"),
            "sh" => Self::Other("sh"),
            _ => Self::Plain,
        }
    }

    /// The extension that names its syntax.
    #[must_use]
    pub fn extension(self) -> Option<&'static str> {
        match self {
            Self::JavaScript => Some("js"),
            Self::Python => Some("py"),
            Self::Other(extension) => Some(extension),
            Self::Json | Self::Plain => None,
        }
    }

    /// Spaces that Tab puts in and a new block is indented by.
    #[must_use]
    pub fn indent(self) -> &'static str {
        match self {
            Self::Python => "    ",
            Self::Other("go") => "\t",
            Self::Json | Self::JavaScript | Self::Other(_) | Self::Plain => "  ",
        }
    }
}

/// Bytes lexed at once after an edit; the rest follows with [`Document::continue_work`].
const AT_ONCE: usize = 128 << 10;

/// Text with its selection and history. One caret; the selection reaches from its anchor to it.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub(super) text: Text,
    pub(super) blocks: Blocks,
    pub(super) folds: Folds,
    pub(super) selection: Selection,
    /// The column that moves up and down aim at.
    pub(super) goal_column: Option<usize>,
    pub(super) newline: &'static str,
    history: History,
    changes: ChangeLog,
    language: Language,
}

impl Document {
    #[must_use]
    pub fn new(text: &str, language: Language) -> Self {
        let mut document = Self { language, ..Self::default() };
        document.load(text);
        document
    }

    /// Another text altogether: no undo leads back.
    pub fn load(&mut self, text: &str) {
        self.newline = match text.find('\n') {
            Some(end) if text[..end].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        self.text = Text::new(text);
        self.blocks = Blocks::new(&self.text);
        self.continue_work();
        self.folds = Folds::default();
        self.history = History::default();
        self.selection = Selection::default();
        self.goal_column = None;
        self.changes.restart();
    }

    /// Puts `text` in place of everything, as one step that undo takes back. Only the part that differs is touched.
    pub fn replace_all(&mut self, text: &str) {
        let (start, end, with) = difference(&self.text, text);
        if start == end && with.is_empty() {
            return;
        }
        let line = self.text.line_at(self.selection.caret);
        let column = self.selection.caret - self.text.line_start(line);
        let inserted = with.to_owned();
        self.edit(start..end, &inserted, EditKind::Command);
        let range = self.text.line_range(line);
        self.select(Selection::at(self.text.floor((range.start + column).min(range.end))));
    }

    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    #[must_use]
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// A copy of everything.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.text.to_text()
    }

    /// In bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Changes with every change of the text, undo and redo included.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.changes.revision()
    }

    #[must_use]
    pub fn changes(&self) -> &ChangeLog {
        &self.changes
    }

    #[must_use]
    pub fn selection(&self) -> Selection {
        self.selection
    }

    #[must_use]
    pub fn selected_text(&self) -> String {
        self.text.string(self.selection.range())
    }

    /// Ends the group of typing, so that the next edit is an undo step of its own. Opens folds that hide the caret.
    pub fn select(&mut self, selection: Selection) {
        let within = |offset: usize| self.text.floor(offset);
        self.selection = Selection { anchor: within(selection.anchor), caret: within(selection.caret) };
        self.goal_column = None;
        self.history.close_group();
        self.folds.reveal(self.selection.caret);
    }

    /// Line and column of the caret from 1, the column in characters.
    #[must_use]
    pub fn caret_position(&self) -> (usize, usize) {
        let line = self.text.line_at(self.selection.caret);
        let start = self.text.line_start(line);
        (line + 1, self.text.characters(start..self.selection.caret) + 1)
    }

    /// The offset of a line and a column, both from 1 and kept inside the text, the column in characters.
    #[must_use]
    pub fn offset_of(&self, line: usize, column: usize) -> usize {
        let range = self.text.line_range(line.saturating_sub(1));
        self.text.skip_characters(range.start, column.saturating_sub(1)).min(range.end)
    }

    /// Goes to a line and column, both from 1.
    pub fn go_to(&mut self, line: usize, column: usize) {
        self.select(Selection::at(self.offset_of(line, column)));
    }

    /// The JSON Pointer of the caret; empty for the whole document or when it is not JSON.
    #[must_use]
    pub fn json_pointer(&self) -> String {
        match self.language {
            Language::Json => pointer::json_pointer(&self.text, &self.blocks, self.selection.caret),
            _ => String::new(),
        }
    }

    /// The bracket at the caret (behind it, else before it) and its partner. Nothing while a huge text is being lexed.
    #[must_use]
    pub fn matching_brackets(&self) -> Option<(usize, usize)> {
        let caret = self.selection.caret;
        let places = [Some(caret), caret.checked_sub(1)];
        places.into_iter().flatten().find_map(|at| Some((at, self.partner_of(at)?)))
    }

    fn partner_of(&self, offset: usize) -> Option<usize> {
        if self.language == Language::Json {
            return brackets::partner(&self.text, &self.blocks, offset);
        }
        near_partner(&self.text, offset)
    }

    /// Everything that follows from the text is worked out.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.language != Language::Json || self.blocks.complete()
    }

    /// The state of the JSON lexer at `offset`. Behind a line feed it is always the plain one.
    #[must_use]
    pub fn lexer_state(&self, offset: usize) -> State {
        let start = self.text.line_start(self.text.line_at(offset));
        let after_line_feed = start == 0 || self.text.byte_at(start - 1) == Some(b'\n');
        if after_line_feed && offset - start <= NEAR {
            return lex_range(&self.text, start..offset, State::Plain, |_| {});
        }
        self.blocks.state_at(&self.text, offset)
    }

    /// A portion of what an edit of a huge text left to do. Returns whether more is left.
    pub fn continue_work(&mut self) -> bool {
        self.language == Language::Json && !self.blocks.advance(&self.text, AT_ONCE)
    }

    /// Puts `with` in place of `range` and the caret behind it.
    pub fn edit(&mut self, range: Range<usize>, with: &str, kind: EditKind) {
        let before = self.selection;
        let offset = range.start;
        let removed = self.apply(range, with);
        self.selection = Selection::at(offset + with.len());
        self.goal_column = None;
        let edit = Edit { offset, removed, inserted: with.to_owned() };
        self.history.record(edit, kind, before, self.selection);
    }

    /// Several edits as one step, in order, each with the offsets of its time; then the selection is set.
    pub fn edit_together(&mut self, edits: &[(Range<usize>, &str)], selection: Selection) {
        let before = self.selection;
        for (index, (range, with)) in edits.iter().enumerate() {
            let removed = self.apply(range.clone(), with);
            let edit = Edit { offset: range.start, removed, inserted: (*with).to_owned() };
            if index == 0 {
                self.history.close_group();
                self.history.record(edit, EditKind::Command, before, selection);
            } else {
                self.history.record_in_group(edit, selection);
            }
        }
        self.select(selection);
    }

    /// An edit that belongs to the step before it, such as the bracket that closes the one just typed.
    pub(super) fn edit_with_last(&mut self, range: Range<usize>, with: &str, selection: Selection) {
        let offset = range.start;
        let removed = self.apply(range, with);
        self.selection = selection;
        self.history.record_in_group(Edit { offset, removed, inserted: with.to_owned() }, selection);
    }

    /// Takes back the last step. Returns whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some((edits, selection)) = self.history.undo() else { return false };
        for edit in edits {
            self.apply(edit.offset..edit.offset + edit.inserted.len(), &edit.removed);
        }
        self.select(selection);
        true
    }

    /// Does again what [`Document::undo`] took back. Returns whether there was something.
    pub fn redo(&mut self) -> bool {
        let Some((edits, selection)) = self.history.redo() else { return false };
        for edit in edits {
            self.apply(edit.offset..edit.offset + edit.removed.len(), &edit.inserted);
        }
        self.select(selection);
        true
    }

    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.history.can_undo()
    }

    #[must_use]
    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// The only place where the text changes.
    fn apply(&mut self, range: Range<usize>, with: &str) -> String {
        let lines = self.text.lines();
        let line = self.text.line_at(range.start);
        let removed_lines = self.text.line_at(range.end) - line;
        let removed = self.text.replace(range.clone(), with);
        let inserted_lines = self.text.lines() + removed_lines - lines;
        let (offset, inserted) = (range.start, with.len());
        let change = Change { offset, removed: range.len(), inserted, line, removed_lines, inserted_lines };
        self.blocks.edited(&self.text, offset, range.len(), inserted);
        self.continue_work();
        self.folds.edited(&change);
        self.changes.push(change);
        removed
    }
}

/// The range of `old` that differs from `new`, and what `new` has there.
fn difference<'a>(old: &Text, new: &'a str) -> (usize, usize, &'a str) {
    let mut start = 0;
    for chunk in old.chunks(0..old.len()) {
        let same = chunk.bytes().zip(new[start..].bytes()).take_while(|(a, b)| a == b).count();
        start = new.floor_char_boundary(start + same);
        if same < chunk.len() {
            break;
        }
    }
    start = old.floor(start);
    let most = old.len().min(new.len()) - start;
    let mut tail = 0;
    while tail < most && old.byte_at(old.len() - 1 - tail) == new.as_bytes().get(new.len() - 1 - tail).copied() {
        tail += 1;
    }
    while !new.is_char_boundary(new.len() - tail) || old.floor(old.len() - tail) != old.len() - tail {
        tail -= 1;
    }
    (start, old.len() - tail, &new[start..new.len() - tail])
}

/// How far the partner of a bracket is looked for where no lexer knows strings from code, in characters.
const NEAR: usize = 20_000;

/// The partner of a bracket in code by counting, nearby only.
fn near_partner(text: &Text, offset: usize) -> Option<usize> {
    let bracket = text.char_at(offset)?;
    let (other, forward) = match bracket {
        '(' => (')', true),
        '[' => (']', true),
        '{' => ('}', true),
        ')' => ('(', false),
        ']' => ('[', false),
        '}' => ('{', false),
        _ => return None,
    };
    let mut depth = 0_usize;
    let mut at = offset;
    let step = |c: char, depth: &mut usize| {
        *depth += usize::from(c == bracket);
        *depth -= usize::from(c == other && *depth > 0);
        c == other && *depth == 0
    };
    if forward {
        for c in text.chars_from(offset).take(NEAR) {
            if step(c, &mut depth) {
                return Some(at);
            }
            at += c.len_utf8();
        }
        return None;
    }
    at += 1;
    for c in text.chars_back_from(offset + 1).take(NEAR) {
        at -= c.len_utf8();
        if step(c, &mut depth) {
            return Some(at);
        }
    }
    None
}
