//! Colours of handler code by syntect, line by line and only as far as a frame's time allows.

use std::sync::{Arc, OnceLock};
use std::thread;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use super::document::Document;
use super::lexer::{Span, TokenKind};

/// Larger documents stay plain, in bytes.
pub const LARGEST: usize = 256 << 10;
/// Longer lines stay plain, in bytes: minified code takes the parser seconds.
const LONGEST_LINE: usize = 2_000;

static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
static LOADING: OnceLock<()> = OnceLock::new();

/// The syntaxes, or `None` while a thread of their own loads them.
fn syntaxes() -> Option<&'static SyntaxSet> {
    if SYNTAXES.get().is_none() {
        LOADING.get_or_init(|| {
            let load = || {
                SYNTAXES.get_or_init(SyntaxSet::load_defaults_newlines);
            };
            if thread::Builder::new().name("syntaxes".to_owned()).spawn(load).is_err() {
                load();
            }
        });
    }
    SYNTAXES.get()
}

#[derive(PartialEq)]
struct ParserState {
    parser: ParseState,
    scopes: ScopeStack,
}

struct Line {
    start: Arc<ParserState>,
    end: Arc<ParserState>,
    spans: Vec<Span>,
}

/// The colours of one document's lines.
#[derive(Default)]
pub struct CodeHighlighter {
    lines: Vec<Option<Line>>,
    /// Every line before this one is right.
    known: usize,
    revision: Option<u64>,
}

impl CodeHighlighter {
    /// Works on until `last_line` is coloured or `go_on` says no. Returns whether there is more to do for these lines.
    pub fn advance(&mut self, document: &Document, last_line: usize, mut go_on: impl FnMut() -> bool) -> bool {
        let Some(extension) = document.language().extension() else { return false };
        if document.len() > LARGEST {
            self.lines.clear();
            self.revision = None;
            return false;
        }
        self.follow(document);
        let last = last_line.min(self.lines.len().saturating_sub(1));
        if self.known > last {
            return false;
        }
        let Some(set) = syntaxes() else { return true };
        let Some(syntax) = set.find_syntax_by_extension(extension) else { return false };
        let mut state = match self.known.checked_sub(1).and_then(|line| self.lines[line].as_ref()) {
            Some(line) => Arc::clone(&line.end),
            None => Arc::new(ParserState { parser: ParseState::new(syntax), scopes: ScopeStack::new() }),
        };
        while self.known <= last {
            let unchanged = self.lines[self.known].as_ref().filter(|line| line.start == state);
            if let Some(line) = unchanged {
                state = Arc::clone(&line.end);
            } else if go_on() {
                let line = parse(document, self.known, set, &state);
                state = Arc::clone(&line.end);
                self.lines[self.known] = Some(line);
            } else {
                return true;
            }
            self.known += 1;
        }
        false
    }

    /// The spans of a line; those of before an edit while it is not done again.
    #[must_use]
    pub fn spans(&self, line: usize) -> Option<&[Span]> {
        self.lines.get(line)?.as_ref().map(|line| line.spans.as_slice())
    }

    fn follow(&mut self, document: &Document) {
        let revision = document.revision();
        if self.revision == Some(revision) {
            return;
        }
        let changes = self.revision.and_then(|before| document.changes().since(before));
        if let Some(changes) = changes {
            for change in changes {
                let end = (change.line + change.removed_lines).min(self.lines.len().saturating_sub(1));
                let fresh = (0..=change.inserted_lines).map(|_| None);
                self.lines.splice(change.line.min(end)..=end, fresh);
                self.known = self.known.min(change.line);
            }
        }
        if self.lines.len() != document.text().lines() || self.revision.is_none() {
            self.lines.clear();
            self.known = 0;
        }
        self.lines.resize_with(document.text().lines(), || None);
        self.revision = Some(revision);
    }
}

fn parse(document: &Document, line: usize, set: &SyntaxSet, start: &Arc<ParserState>) -> Line {
    let range = document.text().line_range(line);
    let plain = || Line { start: Arc::clone(start), end: Arc::clone(start), spans: Vec::new() };
    if range.len() > LONGEST_LINE {
        return plain();
    }
    let mut text = document.text().string(range);
    let length = text.len();
    text.push('\n');
    let mut parser = start.parser.clone();
    let mut scopes = start.scopes.clone();
    let Ok(operations) = parser.parse_line(&text, set) else { return plain() };
    let mut spans = Vec::new();
    let mut at = 0;
    for (offset, operation) in operations {
        let offset = offset.min(length);
        push(&mut spans, offset - at, &scopes);
        at = offset;
        if scopes.apply(&operation).is_err() {
            break;
        }
    }
    push(&mut spans, length.saturating_sub(at), &scopes);
    Line { start: Arc::clone(start), end: Arc::new(ParserState { parser, scopes }), spans }
}

fn push(spans: &mut Vec<Span>, length: usize, scopes: &ScopeStack) {
    if length == 0 {
        return;
    }
    let kind = kind_of(scopes.as_slice());
    match spans.last_mut() {
        Some(last) if last.kind == kind => last.length += length,
        _ => spans.push(Span { length, kind }),
    }
}

/// Prefixes of scope names (TextMate's conventions), and what they are shown as.
const SCOPES: &[(&str, TokenKind)] = &[
    ("comment", TokenKind::Comment),
    ("string", TokenKind::String),
    ("constant.character.escape", TokenKind::String),
    ("constant.numeric", TokenKind::Number),
    ("constant", TokenKind::Literal),
    ("variable.language", TokenKind::Literal),
    ("entity.name.function", TokenKind::Function),
    ("variable.function", TokenKind::Function),
    ("support.function", TokenKind::Function),
    ("entity.name", TokenKind::Type),
    ("support.type", TokenKind::Type),
    ("support.class", TokenKind::Type),
    ("storage", TokenKind::Keyword),
    ("keyword.operator", TokenKind::Punctuation),
    ("keyword", TokenKind::Keyword),
    ("punctuation", TokenKind::Punctuation),
];

fn prefixes() -> &'static [(Scope, TokenKind)] {
    static PREFIXES: OnceLock<Vec<(Scope, TokenKind)>> = OnceLock::new();
    PREFIXES.get_or_init(|| {
        let known = SCOPES.iter().filter_map(|(name, kind)| Some((Scope::new(name).ok()?, *kind)));
        known.collect()
    })
}

/// Innermost scope first; the quotes of a string and the signs of a comment belong to them.
fn kind_of(scopes: &[Scope]) -> TokenKind {
    let kinds = scopes.iter().rev().filter_map(|scope| {
        let known = prefixes().iter().find(|(prefix, _)| prefix.is_prefix_of(*scope));
        known.map(|(_, kind)| *kind)
    });
    let mut found = TokenKind::Plain;
    for kind in kinds {
        match kind {
            TokenKind::String | TokenKind::Comment if matches!(found, TokenKind::Plain | TokenKind::Punctuation) => return kind,
            _ if found == TokenKind::Plain => found = kind,
            _ => {}
        }
    }
    found
}
