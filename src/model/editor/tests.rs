//! The document against oracles: a `String` for edits, whole lexing for checkpoints, counting for brackets.

use std::ops::Range;

use super::blocks::{Blocks, lex_range};
use super::lexer::Mark;
use super::*;

/// A small generator, so that every run makes the same edits.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    ",",
    ":",
    "{{now}}",
    "\n",
    "\r\n",
    "\t",
    "a",
    "12.50",
    "true",
    "é",
    "漢字",
    "e\u{301}",
    "\"key\": [1, 2, {\"x\": null}],\n",
    "}}",
    "  ",
    "{{",
    "😀",
];

fn random_text(random: &mut Random, pieces: usize) -> String {
    (0..pieces).map(|_| PIECES[random.below(PIECES.len())]).collect()
}

fn random_range(random: &mut Random, text: &str, most: usize) -> Range<usize> {
    let start = text.floor_char_boundary(random.below(text.len() + 1));
    let end = text.floor_char_boundary((start + random.below(most)).min(text.len()));
    start..end.max(start)
}

/// The marks of the whole text, lexed in one go.
fn marks(text: &str) -> Vec<Mark> {
    let mut found = Vec::new();
    let text = Text::new(text);
    lex_range(&text, 0..text.len(), State::Plain, |mark| found.push(mark));
    found
}

/// Partner of every bracket, by a stack over the whole text.
fn partners(text: &str) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut pairs = Vec::new();
    for mark in marks(text) {
        match mark {
            Mark::Open(at) => open.push(at),
            Mark::Close(at) => {
                if let Some(start) = open.pop() {
                    pairs.push((start, at));
                }
            }
            Mark::Comma(_) => {}
        }
    }
    pairs
}

#[test]
fn random_edits_agree_with_a_string_and_undo_leads_back_to_the_start() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for round in 0..6 {
        let first = random_text(&mut random, 800 * (round + 1));
        let mut oracle = first.clone();
        let mut document = Document::new(&first, Language::Json);
        for _ in 0..300 {
            let range = random_range(&mut random, &oracle, 60);
            let pieces = random.below(4);
            let with = random_text(&mut random, pieces);
            document.edit(range.clone(), &with, EditKind::Command);
            oracle.replace_range(range, &with);
            assert_eq!(document.len(), oracle.len());
        }
        assert_eq!(document.to_text(), oracle);
        while document.undo() {}
        assert_eq!(document.to_text(), first);
        while document.redo() {}
        assert_eq!(document.to_text(), oracle);
    }
}

#[test]
fn lexing_after_random_edits_agrees_with_lexing_everything() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut document = Document::new(&random_text(&mut random, 12_000), Language::Json);
    for _ in 0..200 {
        let text = document.to_text();
        let range = random_range(&mut random, &text, 9_000);
        let pieces = random.below(2_500);
        let with = random_text(&mut random, pieces);
        document.edit(range, &with, EditKind::Command);
        while document.continue_work() {}
        let text = document.to_text();
        for _ in 0..20 {
            let offset = text.floor_char_boundary(random.below(text.len() + 1));
            let whole = lex_range(document.text(), 0..offset, State::Plain, |_| {});
            assert_eq!(document.lexer_state(offset), whole, "at {offset}");
            assert_eq!(document.blocks.state_at(document.text(), offset), whole, "by blocks at {offset}");
        }
    }
}

#[test]
fn partners_agree_with_a_stack_over_the_whole_text() {
    let mut random = Random(77);
    let mut document = Document::new(&random_text(&mut random, 9_000), Language::Json);
    for _ in 0..40 {
        let text = document.to_text();
        let range = random_range(&mut random, &text, 50);
        let with = random_text(&mut random, 30);
        document.edit(range, &with, EditKind::Command);
        while document.continue_work() {}
        let text = document.to_text();
        let pairs = partners(&text);
        for _ in 0..30 {
            let (open, close) = pairs[random.below(pairs.len())];
            document.select(Selection::at(open));
            assert_eq!(document.matching_brackets(), Some((open, close)), "forward from {open}");
            document.select(Selection::at(close));
            assert_eq!(document.matching_brackets(), Some((close, open)), "back from {close}");
        }
    }
}

/// An array of so many records, pretty or in one line.
fn records(count: usize, pretty: bool) -> String {
    let (line, indent) = if pretty { ("\n", "  ") } else { ("", "") };
    let record = |index: usize| format!("{indent}{{\"id\": {index}, \"name\": \"record {index}\", \"tags\": [\"a\", \"b\"]}}");
    let all: Vec<String> = (0..count).map(record).collect();
    format!("{{\"a/b\": true,{line}\"records\": [{line}{}{line}]}}", all.join(&format!(",{line}")))
}

#[test]
fn json_pointer_names_member_and_index_across_many_blocks() {
    for pretty in [true, false] {
        let text = records(5_000, pretty);
        let mut document = Document::new(&text, Language::Json);
        while document.continue_work() {}
        let at = |needle: &str| text.find(needle).unwrap();
        let cases = [
            ("true", "/a~1b"),
            ("record 4321", "/records/4321/name"),
            ("{\"id\": 17,", "/records/17"),
            ("\"records\"", "/records"),
            ("0, \"name\"", "/records/0/id"),
        ];
        for (needle, pointer) in cases {
            document.select(Selection::at(at(needle)));
            assert_eq!(document.json_pointer(), pointer, "at {needle}");
        }
        let tag = at("record 4999") + text[at("record 4999")..].find("\"b\"").unwrap();
        document.select(Selection::at(tag));
        assert_eq!(document.json_pointer(), "/records/4999/tags/1");
        document.select(Selection::at(0));
        assert_eq!(document.json_pointer(), "");
    }
}

#[test]
fn json_pointer_agrees_with_counting_in_random_nesting() {
    let mut random = Random(4);
    let mut text = String::new();
    let mut open = Vec::new();
    while text.len() < 60_000 {
        match random.below(6) {
            0 | 1 => {
                text.push('[');
                open.push(());
            }
            2 if open.len() > 3 => {
                text.push(']');
                open.pop();
            }
            _ => text.push_str("7,"),
        }
    }
    let mut document = Document::new(&text, Language::Json);
    while document.continue_work() {}
    for _ in 0..60 {
        let offset = random.below(text.len());
        let mut counts: Vec<usize> = Vec::new();
        for byte in text[..offset].bytes() {
            match byte {
                b'[' => counts.push(0),
                b']' => {
                    counts.pop();
                }
                b',' => *counts.last_mut().into_iter().next().unwrap_or(&mut 0) += 1,
                _ => {}
            }
        }
        let start = counts.len().saturating_sub(64);
        let expected: String = counts[start..].iter().map(|count| format!("/{count}")).collect();
        document.select(Selection::at(offset));
        assert_eq!(document.json_pointer().trim_start_matches('…'), expected, "at {offset}");
    }
}

fn kinds(text: &str) -> Vec<(String, TokenKind)> {
    let whole = Text::new(text);
    let (found, _) = spans(&whole, 0..text.len(), State::Plain);
    let mut at = 0;
    let mut named = Vec::new();
    for span in found {
        named.push((text[at..at + span.length].to_owned(), span.kind));
        at += span.length;
    }
    assert_eq!(at, text.len());
    named.retain(|(part, _)| !part.trim().is_empty());
    named
}

#[test]
fn colours_tell_keys_values_and_variables() {
    let found = kinds(r#"{"at": "x {{now}} \" y", "n": -1.50e3, "ok": true, "id": {{seq}}}"#);
    let expect = [
        ("{", TokenKind::Punctuation),
        ("\"at\"", TokenKind::Key),
        (":", TokenKind::Punctuation),
        ("\"x ", TokenKind::String),
        ("{{now}}", TokenKind::Variable),
        (" \\\" y\"", TokenKind::String),
        (",", TokenKind::Punctuation),
        ("\"n\"", TokenKind::Key),
        (":", TokenKind::Punctuation),
        ("-1.50e3", TokenKind::Number),
        (",", TokenKind::Punctuation),
        ("\"ok\"", TokenKind::Key),
        (":", TokenKind::Punctuation),
        ("true", TokenKind::Literal),
        (",", TokenKind::Punctuation),
        ("\"id\"", TokenKind::Key),
        (":", TokenKind::Punctuation),
        ("{{seq}}", TokenKind::Variable),
        ("}", TokenKind::Punctuation),
    ];
    let expect: Vec<_> = expect.iter().map(|(text, kind)| ((*text).to_owned(), *kind)).collect();
    assert_eq!(found, expect);
}

#[test]
fn what_is_coloured_as_a_variable_is_what_is_filled_in() {
    let mut random = Random(0x1234_5678_9abc_def1);
    for _ in 0..200 {
        let text = random_text(&mut random, 60);
        let whole = Text::new(&text);
        let expected: Vec<_> = crate::events_catalog::variables::places(&text).flatten().collect();
        let range = random_range(&mut random, &text, 80);
        let state = lex_range(&whole, 0..range.start, State::Plain, |_| {});
        let mut at = range.start;
        for span in spans(&whole, range.clone(), state).0 {
            let coloured = span.kind == TokenKind::Variable;
            assert!((at..at + span.length).all(|byte| expected.contains(&byte) == coloured), "{at} of {range:?} in {text}");
            at += span.length;
        }
        assert_eq!(at, range.end);
    }
    let long = format!("{{\"a\": {{{{{}}}}}}}", "x".repeat(121));
    assert!(kinds(&long).iter().all(|(_, kind)| *kind != TokenKind::Variable), "longer than a variable can be");
    assert!(kinds("[{{\"a\": 1}}]").iter().all(|(_, kind)| *kind != TokenKind::Variable));
}

fn typed(start: &str, caret: usize, keys: &[&str]) -> (String, usize) {
    let mut document = Document::new(start, Language::Json);
    document.select(Selection::at(caret));
    for key in keys {
        match *key {
            "<enter>" => document.new_line(),
            "<back>" => document.delete(Direction::Back, false),
            "<tab>" => document.indent(),
            text => document.type_text(text),
        }
    }
    let caret = document.selection().caret;
    let text = document.to_text();
    while document.undo() {}
    assert_eq!(document.to_text(), start, "undo of {keys:?}");
    (text, caret)
}

#[test]
fn brackets_and_quotes_close_themselves() {
    assert_eq!(typed("", 0, &["{", "\"", "a", "\"", ":", "[", "1", "]", "}"]), ("{\"a\":[1]}".to_owned(), 9));
    assert_eq!(typed("", 0, &["{", "<enter>", "\"", "a"]), ("{\n  \"a\"\n}".to_owned(), 6));
    assert_eq!(typed("", 0, &["[", "<back>"]), (String::new(), 0));
    assert_eq!(typed("x", 0, &["\""]), ("\"x".to_owned(), 1));
    assert_eq!(typed("\"\"", 1, &["{", "{", "n", "}", "}"]), ("\"{{n}}\"".to_owned(), 6));
    assert_eq!(typed("[\n    ", 6, &["]"]), ("[\n  ]".to_owned(), 5));
    assert_eq!(typed("a\n b", 4, &["<tab>"]), ("a\n b  ".to_owned(), 6));
}

#[test]
fn typing_is_undone_by_words() {
    let mut document = Document::new("", Language::Plain);
    for c in "one two".chars() {
        document.type_text(&c.to_string());
    }
    document.undo();
    assert_eq!(document.to_text(), "one ");
    document.undo();
    assert_eq!(document.to_text(), "");
    document.redo();
    document.redo();
    assert_eq!(document.to_text(), "one two");
    assert!(!document.redo());
}

#[test]
fn a_selection_is_put_between_the_pair() {
    let mut document = Document::new("value", Language::Json);
    document.select_all();
    document.type_text("\"");
    assert_eq!(document.to_text(), "\"value\"");
    assert_eq!(document.selected_text(), "value");
}

#[test]
fn lines_move_double_and_indent_as_one_step() {
    let mut document = Document::new("a\nb\nc", Language::Json);
    document.select(Selection::at(0));
    document.move_lines(Direction::Forward);
    assert_eq!(document.to_text(), "b\na\nc");
    document.move_lines(Direction::Forward);
    assert_eq!(document.to_text(), "b\nc\na");
    document.move_lines(Direction::Back);
    assert_eq!((document.to_text().as_str(), document.selection().caret), ("b\na\nc", 2));
    document.duplicate_lines();
    assert_eq!((document.to_text().as_str(), document.selection().caret), ("b\na\na\nc", 4));
    document.select_all();
    document.indent();
    assert_eq!(document.to_text(), "  b\n  a\n  a\n  c");
    document.outdent();
    assert_eq!(document.to_text(), "b\na\na\nc");
    document.undo();
    assert_eq!(document.to_text(), "  b\n  a\n  a\n  c");
    document.select(Selection::at(0));
    document.delete_lines();
    assert_eq!(document.to_text(), "  a\n  a\n  c");
}

#[test]
fn the_caret_moves_by_words_rows_and_wide_characters() {
    let mut document = Document::new("{ \"order_id\": 12 }\n漢字x\n\te\u{301}z", Language::Json);
    let mut go = |motion| {
        document.move_caret(motion, false);
        document.selection().caret
    };
    assert_eq!(go(Motion::WordRight), 1);
    assert_eq!(go(Motion::WordRight), 3);
    assert_eq!(go(Motion::WordRight), 11);
    assert_eq!(go(Motion::WordLeft), 3);
    assert_eq!(go(Motion::Down(1)), 19 + 3, "column 3 is inside the second wide character, so before it");
    assert_eq!(go(Motion::Right), 25);
    assert_eq!(go(Motion::LineEnd), 26);
    assert_eq!(go(Motion::Down(1)), 27 + 4, "column 5 is behind a tab of four and the accented letter");
    assert_eq!(go(Motion::Left), 28, "a letter and its accent are one step");
    assert_eq!(go(Motion::DocumentEnd), 32);
    assert_eq!(go(Motion::LineStart), 28);
    assert_eq!(go(Motion::LineStart), 27);
}

#[test]
fn folds_hide_lines_and_follow_edits() {
    let text = "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {\n    \"c\": 3\n  }\n}\n";
    let mut document = Document::new(text, Language::Json);
    assert!(document.toggle_fold(1));
    assert_eq!(document.rows(), document.text().lines() - 3);
    let row = document.row(1);
    assert!(matches!(&row.pieces[1], Piece::Folded { label, .. } if label == "… 2 members"), "{row:?}");
    assert!(matches!(&row.pieces[2], Piece::Text { range, .. } if &text[range.clone()] == "],"));
    assert_eq!((document.line_of_row(2), document.row_of_line(3), document.row_of_line(5)), (5, 1, 2));
    document.edit(0..0, "\n\n", EditKind::Command);
    assert_eq!(document.line_of_row(4), 7, "the fold moved with its text");
    document.go_to(5, 1);
    assert_eq!(document.rows(), document.text().lines(), "a caret inside opens the fold");
    document.undo();
    assert!(document.toggle_fold(0));
    assert_eq!(document.rows(), 2);
    assert!(document.toggle_fold(0));
    assert_eq!(document.rows(), document.text().lines());
}

#[test]
fn columns_of_long_lines_go_there_and_back() {
    let mut random = Random(5);
    let text: String =
        (0..6_000).map(|_| PIECES[random.below(PIECES.len())]).filter(|piece| !piece.contains(['\n', '\r'])).collect();
    let mut document = Document::new(&text, Language::Json);
    assert_eq!(document.rows(), 1);
    let row = document.row(0);
    let columns: usize = text.chars().map(|c| if c == '\t' { 1 } else { width(c) }).sum();
    assert_eq!(row.columns, columns);
    for _ in 0..200 {
        let offset = text.floor_char_boundary(random.below(text.len()));
        let column = document.column_of(&row, offset);
        let expected: usize = text[..offset].chars().map(|c| if c == '\t' { 1 } else { width(c) }).sum();
        assert_eq!(column, expected);
        let back = document.offset_at(&row, column);
        assert_eq!(document.column_of(&row, back), column, "from {offset} to {back}");
    }
}

/// Every match, the plain way.
fn matches(text: &str, query: &Query) -> Vec<Match> {
    let fold = |text: &str| if query.match_case { text.to_owned() } else { text.to_ascii_lowercase() };
    let (text, needle) = (fold(text), fold(&query.text));
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(&needle)).map(|start| start + at) {
        let end = start + needle.len();
        let inner = is_word(text[..start].chars().next_back()) || is_word(text[end..].chars().next());
        if query.whole_word && inner {
            at = start + 1;
        } else {
            found.push(Match { start, end });
            at = end;
        }
    }
    found
}

#[test]
fn matches_follow_random_edits() {
    let mut random = Random(99);
    for query in [
        Query { text: "a".to_owned(), match_case: true, whole_word: false },
        Query { text: "aa".to_owned(), match_case: false, whole_word: false },
        Query { text: "TRUE".to_owned(), match_case: false, whole_word: true },
    ] {
        let mut document = Document::new(&random_text(&mut random, 4_000), Language::Json);
        let mut search = Search::default();
        search.set_query(query.clone());
        while search.advance(&document) {}
        for _ in 0..100 {
            for _ in 0..=random.below(3) {
                let text = document.to_text();
                let range = random_range(&mut random, &text, 12);
                let pieces = random.below(5);
                let with = random_text(&mut random, pieces).replace("é", "aaa");
                document.edit(range, &with, EditKind::Command);
            }
            while search.advance(&document) {}
            assert_eq!(search.matches(), matches(&document.to_text(), &query), "{query:?}");
        }
    }
}

#[test]
fn replacing_all_is_one_step() {
    let mut document = Document::new("a-A-a ab", Language::Plain);
    let mut search = Search::default();
    search.set_query(Query { text: "a".to_owned(), match_case: false, whole_word: true });
    while search.advance(&document) {}
    assert_eq!(search.replace_all(&mut document, "xyz"), 3);
    assert_eq!(document.to_text(), "xyz-xyz-xyz ab");
    document.undo();
    assert_eq!(document.to_text(), "a-A-a ab");
}

#[test]
fn replacing_everything_touches_only_what_differs() {
    let mut document = Document::new("{\"a\":1,\"é\":2}", Language::Json);
    document.select(Selection::at(3));
    document.replace_all("{\"a\":1,\"è\":2}");
    assert_eq!(document.to_text(), "{\"a\":1,\"è\":2}");
    assert_eq!(document.selection().caret, 3);
    document.undo();
    assert_eq!(document.to_text(), "{\"a\":1,\"é\":2}");
}

#[test]
fn pasted_line_ends_become_those_of_the_document() {
    let mut document = Document::new("a\r\nb", Language::Plain);
    document.paste("1\n2");
    assert_eq!(document.to_text(), "1\r\n2a\r\nb");
    document.select(Selection::at(4));
    document.move_caret(Motion::LineEnd, false);
    document.move_caret(Motion::Right, false);
    assert_eq!(document.caret_position(), (3, 1));
    document.delete(Direction::Back, false);
    assert_eq!(document.to_text(), "1\r\n2ab");
}

#[test]
fn code_is_coloured_line_by_line_and_follows_edits() {
    let mut document =
        Document::new("// note\nexport const handler = async () => {\n  return \"x\";\n};\n", Language::JavaScript);
    let mut highlighter = CodeHighlighter::default();
    let mut tries = 0;
    while highlighter.advance(&document, 10, || true) {
        std::thread::yield_now();
        tries += 1;
        assert!(tries < 100_000_000, "the syntaxes do not load");
    }
    assert_eq!(highlighter.spans(0).unwrap()[0].kind, TokenKind::Comment);
    let has = |highlighter: &CodeHighlighter, line, kind| highlighter.spans(line).unwrap().iter().any(|span| span.kind == kind);
    assert!(has(&highlighter, 1, TokenKind::Keyword) && has(&highlighter, 2, TokenKind::String));
    document.edit(0..0, "/*\n", EditKind::Command);
    while highlighter.advance(&document, 10, || true) {}
    assert_eq!(highlighter.spans(3).unwrap()[0].kind, TokenKind::Comment, "everything is a comment now");
    document.undo();
    while highlighter.advance(&document, 10, || true) {}
    assert!(has(&highlighter, 2, TokenKind::String));
    let length: usize = highlighter.spans(1).unwrap().iter().map(|span| span.length).sum();
    assert_eq!(length, document.text().line_range(1).len());
}

#[test]
fn an_unclosed_quote_in_one_long_line_is_worked_off_in_portions() {
    let text = records(60_000, false);
    let mut document = Document::new(&text, Language::Json);
    while document.continue_work() {}
    document.edit(1..1, "\"", EditKind::Typing);
    assert!(!document.settled());
    assert_eq!(document.matching_brackets(), None);
    while document.continue_work() {}
    let whole = lex_range(document.text(), 0..text.len() / 2, State::Plain, |_| {});
    assert_eq!(document.lexer_state(text.len() / 2), whole);
    document.undo();
    while document.continue_work() {}
    document.select(Selection::at(0));
    assert_eq!(document.matching_brackets(), Some((0, text.len() - 1)));
}

#[test]
fn an_empty_text_gets_blocks_with_its_first_edit() {
    let mut blocks = Blocks::new(&Text::new(""));
    let text = Text::new("[1]");
    blocks.edited(&text, 0, 0, 3);
    assert!(blocks.advance(&text, 10));
    assert_eq!(brackets::closing(&text, &blocks, 0), Some(2));
}
