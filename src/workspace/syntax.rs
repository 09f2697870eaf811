//! Reading TOML that a person is in the middle of writing: places of problems, and what can be saved of a broken file.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Table, TomlError};

use crate::event::{FilePlace, Problem, ProblemKind};

/// Broken places that are stepped over before the rest of the file is given up.
const REPAIRS: usize = 40;

/// The text of a file and the problems found in it.
pub(super) struct Source<'a> {
    file: PathBuf,
    text: &'a str,
    problems: RefCell<Vec<Problem>>,
    /// Files that the text names and that were read, or looked for, together with it.
    read_with_it: RefCell<BTreeSet<PathBuf>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &Path, text: &'a str) -> Self {
        Self { file: file.to_path_buf(), text, problems: RefCell::default(), read_with_it: RefCell::default() }
    }

    /// Reports what is wrong at `span`, or with the whole file.
    pub(super) fn problem(&self, span: Option<Range<usize>>, message: impl Into<String>) {
        self.push(span, message.into(), ProblemKind::Mistake);
    }

    /// Reports what Lambda takes and what will hardly do what was meant.
    pub(super) fn advice(&self, span: Option<Range<usize>>, message: impl Into<String>) {
        self.push(span, message.into(), ProblemKind::Advice);
    }

    /// Reports what is wrong with a line, from 1, of another file that the text names; each once.
    pub(super) fn problem_of(&self, file: &Path, line: usize, message: &str) {
        let problem =
            Problem { file: file.to_path_buf(), line, column: 1, message: message.to_owned(), kind: ProblemKind::Mistake };
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// Reports a known key of a later capability.
    pub(super) fn not_active_yet(&self, span: Option<Range<usize>>, message: impl Into<String>) {
        self.push(span, message.into(), ProblemKind::NotActiveYet);
    }

    /// The place of the byte `at` of a text whose value stands at `span`; where it is written with escapes, its beginning.
    pub(super) fn place_in_text(&self, span: Range<usize>, text: &str, at: usize) -> Range<usize> {
        let written = self.text.get(span.clone()).unwrap_or_default();
        written.find(text).map_or(span.clone(), |quote| span.start + quote + at..span.end)
    }

    /// Line and column of a place.
    pub(super) fn place(&self, span: Option<Range<usize>>) -> Option<FilePlace> {
        let (line, column) = line_and_column(self.text, span?.start);
        Some(FilePlace { file: self.file.clone(), line, column })
    }

    fn push(&self, span: Option<Range<usize>>, message: String, kind: ProblemKind) {
        let (line, column) = span.map_or((0, 0), |span| line_and_column(self.text, span.start));
        self.problems.borrow_mut().push(Problem { file: self.file.clone(), line, column, message, kind });
    }

    /// Notes a file whose content counts as if it stood in this one; behind a link, the file that it leads to as well.
    pub(super) fn reads(&self, path: &Path) {
        let mut read_with_it = self.read_with_it.borrow_mut();
        read_with_it.extend(std::fs::canonicalize(path));
        read_with_it.insert(path.to_path_buf());
    }

    pub(super) fn take_read_with_it(&self) -> BTreeSet<PathBuf> {
        self.read_with_it.take()
    }

    pub(super) fn has_problems(&self) -> bool {
        !self.problems.borrow().is_empty()
    }

    /// The problems, in the order of their places.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }
}

/// Line and column of a byte, from 1, the column in characters.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The sentence of a syntax error in `text`.
pub(super) fn sentence(text: &str, error: &TomlError) -> String {
    let at = error.span().map_or(text.len(), |span| span.start.min(text.len()));
    let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
    let ends_here = after.trim_start_matches([' ', '\t', '\r']);
    if before.trim_end_matches([' ', '\t']).ends_with('=') && (ends_here.is_empty() || ends_here.starts_with(['\n', '#'])) {
        return "this is not TOML: a value is missing after =".to_owned();
    }
    format!("this is not TOML: {}", error.message().replace('\n', ", "))
}

/// Parses the file of `source`. Lines that are not TOML are reported and left out, so that one typing error does not take
/// every function down; all other places keep their byte offsets.
pub(super) fn parse(source: &Source) -> Table {
    let mut text = source.text.to_owned();
    for _ in 0..REPAIRS {
        match Document::parse(text.clone()) {
            Ok(document) => return document.into_table(),
            Err(error) => {
                let span = error.span().unwrap_or(0..text.len());
                source.problem(Some(span.clone()), sentence(&text, &error));
                blank_out(&mut text, span.start);
            }
        }
    }
    source.problem(None, "the file has too many broken places to be read; repair those that are listed first");
    Table::new()
}

/// Overwrites the line of `offset` with spaces. A broken table header takes the lines up to the next header with it: they
/// would land in the table before.
fn blank_out(text: &mut String, offset: usize) {
    let offset = offset.min(text.len());
    let before = text.as_bytes()[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    // An error at the end of a text is about its last line that says something.
    let start = if text[before..].trim().is_empty() {
        let written = text[..before].trim_end().len();
        text[..written].rfind('\n').map_or(0, |newline| newline + 1)
    } else {
        before
    };
    let mut end = line_end(text, start);
    if text[start..end].trim_start().starts_with('[') {
        while end < text.len() && !text[end..].trim_start_matches(['\n', '\r', ' ', '\t']).starts_with('[') {
            end = line_end(text, end);
        }
    }
    let blank: String = text[start..end].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(start..end, &blank);
}

/// The byte after the newline that ends the line of `start`.
fn line_end(text: &str, start: usize) -> usize {
    text[start..].find('\n').map_or(text.len(), |newline| start + newline + 1)
}
