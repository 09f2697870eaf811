//! Why a filter did not let a record through, as exact as it can be said.

use std::fmt;
use std::sync::Arc;

use super::json::Scalar;
use super::pattern::{Bound, Comparison, Test};

/// Mismatches that are told of one record.
pub(super) const TOLD: usize = 8;
/// Characters of a value that are repeated.
const SHOWN: usize = 40;

/// A field that is not what a pattern asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Where it is in the record: `body.items[0].amount`.
    pub path: Arc<str>,
    /// What is there, as JSON where it is a value: `12`, `missing`, `plain text`.
    pub found: Arc<str>,
    /// What the pattern asks for: `> 100`, `"gold" or "silver"`.
    pub wanted: Arc<str>,
}

impl Mismatch {
    /// The last part of its path: `amount`.
    #[must_use]
    pub fn field(&self) -> &str {
        self.path.rsplit_once('.').map_or(&*self.path, |(_, field)| field)
    }
}

impl fmt::Display for Mismatch {
    /// `body.amount is 12, the filter wants > 100`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, the filter wants {}", self.path, self.found, self.wanted)
    }
}

/// The beginning of a text, with dots for the rest.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What one of these tests asks for.
pub(super) fn wanted(tests: &[Test]) -> String {
    let each: Vec<_> = tests.iter().map(of_test).collect();
    each.join(" or ")
}

fn of_test(test: &Test) -> String {
    match test {
        Test::Equals(value) => of_scalar(value),
        Test::IgnoringCase(text) => format!("{} in any case", quoted(text)),
        Test::AnythingBut(unwanted) => {
            let each: Vec<_> = unwanted.iter().map(of_scalar).collect();
            format!("anything but {}", each.join(" and "))
        }
        Test::Numeric(bounds) => {
            let of_bound = |(comparison, bound): &(Comparison, Bound)| format!("{} {}", comparison.symbol(), bound.text);
            let each: Vec<_> = bounds.iter().map(of_bound).collect();
            each.join(" and ")
        }
        Test::Exists(true) => "any value".to_owned(),
        Test::Exists(false) => "no such field".to_owned(),
        Test::Prefix(prefix) => format!("text that begins with {}", quoted(prefix)),
        Test::Suffix(suffix) => format!("text that ends with {}", quoted(suffix)),
    }
}

/// A value as JSON.
pub(super) fn of_scalar(value: &Scalar) -> String {
    match value {
        Scalar::Null => "null".to_owned(),
        Scalar::Boolean(value) => value.to_string(),
        Scalar::Number(text) => shortened(text),
        Scalar::Text(text) => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(shortened(text)).to_string()
}
