//! The JSON lexer of the editor: a state of one byte, so that lexing can start at any checkpoint, and marks for what nests.
//!
//! It colours text that is being typed, so it never fails: a string ends at its line end. Whether the text is JSON is decided
//! elsewhere, and so is what a `{{variable}}` is: its brackets nest like others, and its colour is laid over them.

use std::ops::Range;

use super::text::Text;
use crate::events_catalog::variables;

/// What the lexer remembers between two bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    #[default]
    Plain,
    Word,
    Number,
    String,
    Escape,
}

const STATES: [State; 5] = [State::Plain, State::Word, State::Number, State::String, State::Escape];

impl State {
    /// Between the quotes of a string.
    #[must_use]
    pub fn in_string(self) -> bool {
        self as u8 >= State::String as u8
    }
}

const OPEN: u8 = 1;
const CLOSE: u8 = 2;
const COMMA: u8 = 4;

/// Rows of the table: the states, filled up to a power of two, so that no index can lie outside.
const ROWS: usize = 8;

/// For every state and byte: the next state in the low byte, marks in the high one.
static TABLE: [u16; ROWS * 256] = table();

const fn table() -> [u16; ROWS * 256] {
    let mut table = [0; ROWS * 256];
    let mut state = 0;
    while state < STATES.len() {
        let mut byte = 0;
        while byte < 256 {
            let (next, marks) = transition(STATES[state], byte as u8);
            table[state * 256 + byte] = next as u16 | (marks as u16) << 8;
            byte += 1;
        }
        state += 1;
    }
    table
}

const fn transition(state: State, byte: u8) -> (State, u8) {
    match state {
        State::Plain | State::Word | State::Number => plain(state, byte),
        State::Escape if byte != b'\n' => (State::String, 0),
        State::String | State::Escape => string(byte),
    }
}

const fn plain(state: State, byte: u8) -> (State, u8) {
    match byte {
        b'"' => (State::String, 0),
        b'{' | b'[' => (State::Plain, OPEN),
        b'}' | b']' => (State::Plain, CLOSE),
        b',' => (State::Plain, COMMA),
        b':' | b' ' | b'\t' | b'\r' | b'\n' => (State::Plain, 0),
        b'0'..=b'9' | b'-' | b'+' | b'.' if !matches!(state, State::Word) => (State::Number, 0),
        b'e' | b'E' if matches!(state, State::Number) => (State::Number, 0),
        _ => (State::Word, 0),
    }
}

const fn string(byte: u8) -> (State, u8) {
    match byte {
        b'"' | b'\n' => (State::Plain, 0),
        b'\\' => (State::Escape, 0),
        _ => (State::String, 0),
    }
}

#[inline]
fn step(state: State, byte: u8) -> (State, u8) {
    let entry = TABLE[((state as usize) << 8 | byte as usize) & (ROWS * 256 - 1)];
    (STATES[(entry & 0xff) as usize], (entry >> 8) as u8)
}

/// Something that nests or separates, with its offset in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Open(usize),
    Close(usize),
    Comma(usize),
}

/// Lexes `bytes` from `state` on, tells every mark, and gives the state at the end; `base` is the offset of the first byte.
pub fn scan(state: State, bytes: &[u8], base: usize, mut mark: impl FnMut(Mark)) -> State {
    let mut current = state as usize;
    for (index, &byte) in bytes.iter().enumerate() {
        let entry = TABLE[(current << 8 | byte as usize) & (ROWS * 256 - 1)] as usize;
        current = entry & 0xff;
        match (entry >> 8) as u8 {
            OPEN => mark(Mark::Open(base + index)),
            CLOSE => mark(Mark::Close(base + index)),
            COMMA => mark(Mark::Comma(base + index)),
            _ => {}
        }
    }
    STATES[current]
}

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TokenKind {
    #[default]
    Plain,
    Punctuation,
    Key,
    String,
    Number,
    Literal,
    Variable,
    Comment,
    Keyword,
    Function,
    Type,
}

/// A stretch of one kind; `length` in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub length: usize,
    pub kind: TokenKind,
}

/// How far behind the visible stretch the lexer looks for the `:` that makes a string a key.
const LOOK_AHEAD: usize = 2_048;

/// The coloured spans of `range`, which starts in `state`, and the state at its end.
#[must_use]
pub fn spans(text: &Text, range: Range<usize>, state: State) -> (Vec<Span>, State) {
    let stretch = text.string(range.clone());
    let bytes = stretch.as_bytes();
    let mut kinds = vec![TokenKind::Plain; bytes.len()];
    let mut before = state;
    let mut token_start = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        let (after, _) = step(before, byte);
        if after.in_string() && !before.in_string() || is_word(after) && !is_word(before) {
            token_start = index;
        }
        kinds[index] = kind_of(before, after, byte);
        if before.in_string() && !after.in_string() && byte == b'"' && is_key(bytes, index + 1, text, range.start) {
            into_key(&mut kinds[token_start..=index]);
        }
        if is_word(after) && bytes.get(index + 1).is_none_or(|next| !is_word(step(after, *next).0)) {
            let literal = matches!(&bytes[token_start..=index], b"true" | b"false" | b"null");
            kinds[token_start..=index].fill(if literal { TokenKind::Literal } else { TokenKind::Plain });
        }
        before = after;
    }
    if before.in_string() && ends_as_key(text, range.end, before) {
        into_key(&mut kinds[token_start..]);
    }
    lay_over_variables(&mut kinds, text, range);
    (runs(&kinds), before)
}

/// Variables have a colour of their own in and outside of strings, also one of which only a part lies in `range`.
fn lay_over_variables(kinds: &mut [TokenKind], text: &Text, range: Range<usize>) {
    let from = text.floor(range.start.saturating_sub(variables::REACH));
    let near = text.string(from..(range.end + variables::REACH).min(text.len()));
    for variable in variables::places(&near) {
        let [start, end] = [variable.start, variable.end].map(|at| (from + at).saturating_sub(range.start).min(kinds.len()));
        kinds[start..end].fill(TokenKind::Variable);
    }
}

fn is_word(state: State) -> bool {
    state == State::Word
}

fn kind_of(before: State, after: State, byte: u8) -> TokenKind {
    match (before, after) {
        _ if before.in_string() || after.in_string() => TokenKind::String,
        (_, State::Number) => TokenKind::Number,
        (_, State::Word) => TokenKind::Literal,
        _ if byte.is_ascii_whitespace() => TokenKind::Plain,
        _ => TokenKind::Punctuation,
    }
}

fn into_key(kinds: &mut [TokenKind]) {
    for kind in kinds.iter_mut().filter(|kind| **kind == TokenKind::String) {
        *kind = TokenKind::Key;
    }
}

/// Whether a `:` follows `bytes[index..]`, looking on into the text behind the stretch.
fn is_key(bytes: &[u8], index: usize, text: &Text, base: usize) -> bool {
    match bytes[index..].iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(byte) => *byte == b':',
        None => colon_follows(text, base + bytes.len()),
    }
}

fn colon_follows(text: &Text, offset: usize) -> bool {
    text.chars_from(offset).take(LOOK_AHEAD).find(|c| !c.is_whitespace()) == Some(':')
}

/// Whether the string that is open at `offset` turns out to be a key.
fn ends_as_key(text: &Text, offset: usize, state: State) -> bool {
    let mut state = state;
    let mut at = offset;
    for chunk in text.chunks(offset..(offset + LOOK_AHEAD).min(text.len())) {
        for &byte in chunk.as_bytes() {
            let (next, _) = step(state, byte);
            at += 1;
            if !next.in_string() {
                return byte == b'"' && colon_follows(text, at);
            }
            state = next;
        }
    }
    false
}

fn runs(kinds: &[TokenKind]) -> Vec<Span> {
    kinds.chunk_by(|a, b| a == b).map(|run| Span { length: run.len(), kind: run[0] }).collect()
}
