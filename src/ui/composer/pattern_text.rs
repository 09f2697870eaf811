//! JSON patterns one after the other, as they are typed: where the first wrong one goes wrong, and how that is marked.

use std::ops::Range;
use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{Galley, Stroke, TextBuffer, TextFormat, Ui};
use serde_json::value::RawValue;

use crate::service::filter::Filter;
use crate::ui::theme::{self, Palette, SMALL};

/// The JSON texts that stand one after the other, each with the byte at which it begins. From the first that is none, the
/// rest is one entry: it is refused with its reason.
pub(super) fn json_texts(text: &str) -> Vec<(usize, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let mut texts = Vec::new();
    loop {
        let start = values.byte_offset();
        let start = start + text[start..].len() - text[start..].trim_start().len();
        match values.next() {
            None => return texts,
            Some(Ok(value)) => texts.push((start, value.get())),
            Some(Err(_)) => {
                texts.push((start, text[start..].trim_end()));
                return texts;
            }
        }
    }
}

/// Where a pattern goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The bytes that are marked.
    marked: Range<usize>,
    /// From 1, the column in characters.
    line: usize,
    column: usize,
    reason: String,
}

impl Wrong {
    /// The first place at which Lambda would not take the patterns.
    pub(super) fn of(text: &str) -> Option<Self> {
        let refused = |(start, pattern): (usize, &str)| Filter::new(pattern).err().map(|error| (start + error.at, error));
        let (at, error) = json_texts(text).into_iter().find_map(refused)?;
        let before = text.get(..at)?;
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Some(Self {
            marked: marked(text, at),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            reason: error.to_string(),
        })
    }

    /// `line 1, column 14: Invalid filter pattern definition. ...`
    pub(super) fn sentence(&self) -> String {
        format!("line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

/// The word that begins at a byte; at the end of the text its last character.
fn marked(text: &str, at: usize) -> Range<usize> {
    let rest = &text[at..];
    let Some(first) = rest.chars().next() else {
        return text.char_indices().next_back().map_or(0, |(last, _)| last)..text.len();
    };
    let ends = |c: char| c.is_whitespace() || ",:[]{}".contains(c);
    let length = first.len_utf8() + rest[first.len_utf8()..].find(ends).unwrap_or(rest.len() - first.len_utf8());
    at..at + if ends(first) { first.len_utf8() } else { length }
}

/// The text as its field shows it, underlined where it goes wrong.
pub(super) fn layout(ui: &Ui, text: &dyn TextBuffer, width: f32) -> Arc<Galley> {
    let palette = Palette::of(ui);
    let text = text.as_str();
    let marked = Wrong::of(text).map_or(text.len()..text.len(), |wrong| wrong.marked);
    let plain = TextFormat::simple(theme::mono(SMALL), palette.text);
    let wrong = TextFormat { color: palette.error, underline: Stroke::new(1.5, palette.error), ..plain.clone() };
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    job.append(&text[..marked.start], 0.0, plain.clone());
    job.append(&text[marked.clone()], 0.0, wrong);
    job.append(&text[marked.end..], 0.0, plain);
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wrong_place_is_found_in_the_text_as_it_is_typed() {
        for (typed, expected) in [
            ("{\"body\":[\"a\"]}\n  {\"body\":[{\"prefix\":5}]}", Some((2, 22, "5"))),
            ("{\"body\":5}", Some((1, 9, "5"))),
            ("{\"body\":[\"a\"", Some((1, 12, "\""))),
            ("{\"ä\":[\"a\"]} body", Some((1, 13, "body"))),
            ("{\"body\":[\"a\"]}", None),
            ("", None),
        ] {
            let found = Wrong::of(typed);
            let found = found.as_ref().map(|wrong| (wrong.line, wrong.column, &typed[wrong.marked.clone()]));
            assert_eq!(found, expected, "{typed}");
        }
    }

    #[test]
    fn every_beginning_of_a_text_has_its_mark_inside() {
        let text = "{\"body\":{\"ä\":[{\"numeric\":[\">\",100]}]}}\n{\"body\":[\"b\"]}";
        for (end, _) in text.char_indices() {
            let typed = &text[..end];
            if let Some(wrong) = Wrong::of(typed) {
                assert!(typed.get(wrong.marked.clone()).is_some_and(|marked| !marked.is_empty()), "{typed}: {wrong:?}");
            }
        }
    }
}
