//! Reading typed values out of TOML tables. What is wrong is reported with its place and read as if it were not there.

use std::ops::{Range, RangeInclusive};

use toml_edit::{Item, TableLike, Value};

use super::syntax::Source;
use super::values;
use crate::service::time::Micros;

/// A table of the file, with its path for messages.
#[derive(Clone)]
pub(super) struct Section<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) path: String,
    pub(super) span: Option<Range<usize>>,
    table: &'a dyn TableLike,
}

impl<'a> Section<'a> {
    pub(super) fn new(source: &'a Source<'a>, table: &'a dyn TableLike) -> Self {
        Self { source, path: String::new(), span: None, table }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The place of a value, else of its table.
    pub(super) fn span_of(&self, key: &str) -> Option<Range<usize>> {
        let item = self.table.get(key);
        item.and_then(Item::span).or_else(|| self.table.key(key).and_then(toml_edit::Key::span)).or_else(|| self.span.clone())
    }

    /// Reports something about `key`.
    pub(super) fn problem(&self, key: &str, message: impl Into<String>) {
        self.source.problem(self.span_of(key), message);
    }

    fn wrong_type(&self, key: &str, wanted: &str) {
        let found = self.table.get(key).map_or("nothing", Item::type_name);
        self.problem(key, format!("{} must be {wanted}, not {}", self.named(key), with_article(found)));
    }

    fn named(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn string(&self, key: &str) -> Option<String> {
        let item = self.table.get(key)?;
        let text = item.as_str();
        if text.is_none() {
            self.wrong_type(key, "a string in quotes");
        }
        text.map(str::to_owned)
    }

    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        let item = self.table.get(key)?;
        let value = item.as_bool();
        if value.is_none() {
            self.wrong_type(key, "true or false");
        }
        value
    }

    /// A whole number in `range`; `member` is Lambda's own name for it, with its unit.
    pub(super) fn integer(&self, key: &str, range: RangeInclusive<u32>, member: &str) -> Option<u32> {
        let item = self.table.get(key)?;
        let Some(number) = item.as_integer() else {
            self.wrong_type(key, "a whole number");
            return None;
        };
        let in_range = u32::try_from(number).ok().filter(|number| range.contains(number));
        if in_range.is_none() {
            let (low, high) = range.into_inner();
            self.problem(key, format!("{} is {number}, but {member} goes from {low} to {high}", self.named(key)));
        }
        in_range
    }

    /// Whole seconds in `range`, as Lambda takes them.
    pub(super) fn seconds(&self, key: &str, range: RangeInclusive<u32>, member: &str) -> Option<Micros> {
        let length = self.duration(key)?;
        let (low, high) = range.into_inner();
        if length < Micros::from_secs(low.into()) || length > Micros::from_secs(high.into()) {
            let message =
                format!("{} is {}, but {member} goes from {low} to {high} seconds", self.named(key), in_seconds(length));
            self.problem(key, message);
            return None;
        }
        if !length.0.is_multiple_of(1_000_000) {
            self.problem(key, format!("{} is {}, but {member} takes whole seconds", self.named(key), in_seconds(length)));
            return None;
        }
        Some(length)
    }

    /// Seconds, or a string with a unit.
    pub(super) fn duration(&self, key: &str) -> Option<Micros> {
        let item = self.table.get(key)?;
        let length = match item.as_value() {
            Some(Value::Integer(number)) => values::seconds(integer_as_float(*number.value())),
            Some(Value::Float(number)) => values::seconds(*number.value()),
            Some(Value::String(text)) => values::duration(text.value()),
            _ => {
                self.wrong_type(key, "seconds or a time such as \"90s\"");
                return None;
            }
        };
        length.map_err(|message| self.problem(key, format!("{}: {message}", self.named(key)))).ok()
    }

    /// Seconds that may be negative: -1 says something of its own to an HTTP API.
    pub(super) fn signed_seconds(&self, key: &str) -> Option<i64> {
        if let Some(number) = self.table.get(key)?.as_integer() {
            return Some(number);
        }
        i64::try_from(self.duration(key)?.0 / 1_000_000).ok()
    }

    /// A list of strings.
    pub(super) fn strings(&self, key: &str) -> Option<Vec<String>> {
        let item = self.table.get(key)?;
        let list: Option<Vec<String>> =
            item.as_array().and_then(|array| array.iter().map(|value| value.as_str().map(str::to_owned)).collect());
        if list.is_none() {
            self.wrong_type(key, "a list of strings, such as [\"a\", \"b\"]");
        }
        list
    }

    /// The values of a list.
    pub(super) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table.get(key)
    }

    /// The key-value pairs of the table, in the order of the file.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Item)> + use<'a> {
        self.table.iter()
    }

    /// The table under `key`.
    pub(super) fn section(&self, key: &str) -> Option<Section<'a>> {
        let item = self.table.get(key)?;
        let table = item.as_table_like()?;
        Some(Section { source: self.source, path: self.named(key), span: self.key_span(key), table })
    }

    /// The tables under `key` that a person named, in the order of the file.
    pub(super) fn named_sections(&self, key: &str) -> Vec<(String, Section<'a>)> {
        let Some(outer) = self.section(key) else { return Vec::new() };
        let name_and_section = |(name, _): (&str, &Item)| Some((name.to_owned(), outer.section(name)?));
        outer.table.iter().filter_map(name_and_section).collect()
    }

    /// The tables of the list under `key`.
    pub(super) fn list(&self, key: &str) -> Vec<Section<'a>> {
        let path = self.named(key);
        let section = |table: &'a dyn TableLike, span| Section { source: self.source, path: path.clone(), span, table };
        match self.table.get(key) {
            Some(Item::ArrayOfTables(tables)) => tables.iter().map(|table| section(table, table.span())).collect(),
            Some(Item::Value(Value::Array(array))) => {
                array.iter().filter_map(|value| Some(section(value.as_inline_table()?, value.span()))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.table.key(key).and_then(toml_edit::Key::span).or_else(|| self.table.get(key).and_then(Item::span))
    }
}

/// A length in the unit of its bounds, to the microsecond: 21,601 s are not the 6 h that 21,600 are.
pub(super) fn in_seconds(length: Micros) -> String {
    let text = format!("{}.{:06}", length.0 / 1_000_000, length.0 % 1_000_000);
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

#[expect(clippy::cast_precision_loss, reason = "seconds beyond 2^53 are refused anyway")]
fn integer_as_float(number: i64) -> f64 {
    number as f64
}

fn with_article(type_name: &str) -> String {
    let article = if type_name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {type_name}")
}
