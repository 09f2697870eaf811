//! Finding text in a document of any size: in portions per frame, following edits without starting over.

use std::ops::Range;

use super::changes::Change;
use super::document::Document;
use super::history::EditKind;
use super::selection::Selection;
use super::text::Text;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub text: String,
    pub match_case: bool,
    pub whole_word: bool,
}

/// Where it was found; in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    pub start: usize,
    pub end: usize,
}

/// Bytes searched at once.
const PORTION: usize = 512 << 10;
/// Matches that are kept; more are not counted.
const MOST: usize = 100_000;

/// The matches of a query in a document.
#[derive(Clone, Debug, Default)]
pub struct Search {
    query: Query,
    matches: Vec<Match>,
    /// Everything before this is searched.
    searched: usize,
    revision: u64,
}

impl Search {
    /// Starts over if the query is another one.
    pub fn set_query(&mut self, query: Query) {
        if query != self.query {
            *self = Self { query, ..Self::default() };
        }
    }

    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// In order, without overlap; complete up to what was searched.
    #[must_use]
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// Whether the whole text is searched, or more matches than are kept were found.
    #[must_use]
    pub fn complete(&self, document: &Document) -> bool {
        self.query.text.is_empty() || self.searched >= document.len() || self.full()
    }

    /// More matches than are kept.
    #[must_use]
    pub fn full(&self) -> bool {
        self.matches.len() >= MOST
    }

    /// Follows the edits since the last call and searches another portion. Returns whether more is left.
    pub fn advance(&mut self, document: &Document) -> bool {
        self.follow(document);
        if self.complete(document) {
            return false;
        }
        let end = document.text().floor(self.searched + PORTION);
        let found = find(document.text(), &self.query, self.searched..end);
        self.searched = found.last().map_or(end, |last| last.end.max(end));
        self.matches.extend(found);
        self.matches.truncate(MOST);
        !self.complete(document)
    }

    fn follow(&mut self, document: &Document) {
        let revision = document.revision();
        let revision_before = self.revision;
        if revision_before == revision {
            return;
        }
        self.revision = revision;
        let dirty = match document.changes().since(revision_before) {
            Some(changes) if !self.full() => self.shift(changes),
            _ => None,
        };
        match dirty {
            Some(dirty) if dirty.len() <= PORTION => self.search_again(document.text(), dirty),
            _ => self.restart_from(0),
        }
    }

    /// Moves what lies behind the edits, drops what they touch, and gives the range of the text that is new.
    fn shift<'a>(&mut self, changes: impl Iterator<Item = &'a Change>) -> Option<Range<usize>> {
        let mut dirty: Option<Range<usize>> = None;
        for change in changes {
            let end = change.offset + change.removed;
            self.matches.retain(|found| found.end <= change.offset || found.start >= end);
            for found in self.matches.iter_mut().filter(|found| found.start >= end && found.end > change.offset) {
                found.start = found.start - change.removed + change.inserted;
                found.end = found.end - change.removed + change.inserted;
            }
            self.searched = change.moves(self.searched);
            let new = change.offset..change.offset + change.inserted;
            dirty = Some(match dirty {
                Some(dirty) => change.moves(dirty.start).min(new.start)..change.moves(dirty.end).max(new.end),
                None => new,
            });
        }
        dirty
    }

    /// Searches around an edit until old and new matches agree again.
    fn search_again(&mut self, text: &Text, dirty: Range<usize>) {
        let reach = self.query.text.len() * 3 + 8;
        let kept = self.matches.partition_point(|found| found.end + reach <= dirty.start);
        let before = text.floor(dirty.start.saturating_sub(reach));
        let start = self.matches.get(kept).map_or(before, |first| first.start.min(before));
        let from = self.matches[..kept].last().map_or(start, |last| last.end.max(start));
        let mut to = text.floor(dirty.end + reach);
        for _ in 0..16 {
            if to >= self.searched {
                break;
            }
            let found = find(text, &self.query, from..to);
            let old = self.matches.partition_point(|found| found.start < to).max(kept);
            let ends = [found.last(), self.matches[kept..old].last()].map(|last| last.map_or(0, |last| last.end));
            let agreed = ends[0].max(ends[1]);
            if agreed <= to || ends[0] == ends[1] {
                self.matches.splice(kept..old, found);
                return;
            }
            to = agreed;
        }
        self.restart_from(from);
    }

    fn restart_from(&mut self, offset: usize) {
        self.matches.truncate(self.matches.partition_point(|found| found.end <= offset));
        self.searched = self.searched.min(offset);
    }

    /// The first match that starts at or behind `offset`, else the first one.
    #[must_use]
    pub fn next(&self, offset: usize) -> Option<usize> {
        let index = self.matches.partition_point(|found| found.start < offset);
        if index < self.matches.len() { Some(index) } else { (!self.matches.is_empty()).then_some(0) }
    }

    /// The last match that ends at or before `offset`, else the last one.
    #[must_use]
    pub fn previous(&self, offset: usize) -> Option<usize> {
        let count = self.matches.partition_point(|found| found.end <= offset);
        count.checked_sub(1).or_else(|| self.matches.len().checked_sub(1))
    }

    /// The match that is selected, if one is.
    #[must_use]
    pub fn current(&self, selection: Selection) -> Option<usize> {
        let range = selection.range();
        let index = self.matches.binary_search_by_key(&range.start, |found| found.start).ok()?;
        (self.matches[index].end == range.end).then_some(index)
    }

    /// The matches that touch `range`.
    #[must_use]
    pub fn within(&self, range: &Range<usize>) -> &[Match] {
        let first = self.matches.partition_point(|found| found.end <= range.start);
        let last = self.matches.partition_point(|found| found.start < range.end);
        &self.matches[first..last.max(first)]
    }

    /// Puts `with` in place of the selected match. Returns whether one was selected.
    pub fn replace_current(&mut self, document: &mut Document, with: &str) -> bool {
        let Some(index) = self.current(document.selection()) else { return false };
        let Match { start, end } = self.matches[index];
        document.edit_together(&[(start..end, with)], Selection::at(start + with.len()));
        true
    }

    /// Replaces every match as one step. Searches the whole text first. Returns how many there were.
    pub fn replace_all(&mut self, document: &mut Document, with: &str) -> usize {
        if self.query.text.is_empty() {
            return 0;
        }
        let matches = find(document.text(), &self.query, 0..document.len());
        let (Some(first), Some(last)) = (matches.first(), matches.last()) else { return 0 };
        let (start, end) = (first.start, last.end);
        let mut replaced = String::with_capacity(end - start);
        let mut at = start;
        for found in &matches {
            replaced.extend(document.text().chunks(at..found.start));
            replaced.push_str(with);
            at = found.end;
        }
        document.select(document.selection());
        document.edit(start..end, &replaced, EditKind::Command);
        matches.len()
    }
}

/// Every match that starts in `range`, in order, without overlap.
fn find(text: &Text, query: &Query, range: Range<usize>) -> Vec<Match> {
    let reach = query.text.len() * 3 + 8;
    let start = text.floor(range.start);
    let window = text.string(start..(range.end + reach).min(text.len()));
    let limit = range.end - start;
    let folded = !query.match_case;
    let mut found = Vec::new();
    let mut at = 0;
    while at < limit {
        let hit = if folded { find_folded(&window, &query.text, at) } else { find_exact(&window, &query.text, at) };
        let Some((first, last)) = hit.filter(|(first, _)| *first < limit) else { break };
        let whole = Match { start: start + first, end: start + last };
        if !query.whole_word || is_whole(text, whole) {
            found.push(whole);
            at = last;
        } else {
            at = first + window[first..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

fn find_exact(window: &str, needle: &str, at: usize) -> Option<(usize, usize)> {
    let first = at + window.get(at..)?.find(needle)?;
    Some((first, first + needle.len()))
}

fn find_folded(window: &str, needle: &str, at: usize) -> Option<(usize, usize)> {
    let rest = window.get(at..)?;
    if needle.is_ascii() {
        let first = find_ascii_folded(rest.as_bytes(), needle.as_bytes())?;
        return Some((at + first, at + first + needle.len()));
    }
    let wanted: Vec<char> = needle.chars().flat_map(char::to_lowercase).collect();
    rest.char_indices().find_map(|(first, _)| {
        let length = folded_prefix(&rest[first..], &wanted)?;
        Some((at + first, at + first + length))
    })
}

/// ASCII letters of either case; the first byte is looked for alone, which is fast.
fn find_ascii_folded(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let mut at = 0;
    loop {
        at += haystack.get(at..)?.iter().position(|byte| *byte == lower || *byte == upper)?;
        let behind = haystack.get(at + 1..at + needle.len())?;
        if behind.eq_ignore_ascii_case(rest) {
            return Some(at);
        }
        at += 1;
    }
}

/// How many bytes of `text` are `wanted` in lower case.
fn folded_prefix(text: &str, wanted: &[char]) -> Option<usize> {
    let mut matched = 0;
    for (offset, c) in text.char_indices() {
        for lower in c.to_lowercase() {
            if wanted.get(matched) != Some(&lower) {
                return None;
            }
            matched += 1;
        }
        if matched == wanted.len() {
            return Some(offset + c.len_utf8());
        }
    }
    None
}

fn is_whole(text: &Text, found: Match) -> bool {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let starts_word = part_of_word(text.char_at(found.start));
    let ends_word = part_of_word(text.char_before(found.end));
    !(starts_word && part_of_word(text.char_before(found.start)) || ends_word && part_of_word(text.char_at(found.end)))
}
