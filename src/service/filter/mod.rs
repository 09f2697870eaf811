//! Filter criteria of an event source mapping: which records a function gets at all (semantics 4.9).
//!
//! A pattern is read once into a tree and matched against each record. Numbers are compared as the text that they are
//! written in, except by `numeric`; so nothing of a record is turned into values that a pattern does not ask for.
//!
//! Where AWS leaves a thing open, this is what holds here (DERIVED):
//! - A body counts as JSON when it is any JSON text, `12` and `"a"` included. A pattern for it is JSON when it is an object,
//!   plain text when it is a list.
//! - Each filter looks at the format of the body for itself: one that fits no text may stand beside one that does.
//! - A list of a record matches when one of its elements does, an element that is an object included.
//! - What is no leaf does not exist for `exists`: neither an object nor an empty list.

mod json;
mod matching;
mod mismatch;
mod number;
mod operator;
mod parse;
mod pattern;
#[cfg(test)]
mod tests;

pub use mismatch::Mismatch;
pub use parse::PatternError;

use std::sync::Arc;

use matching::Matching;
use pattern::Fields;

/// The filters of a mapping: a record goes to the function if one of them lets it through, or if there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterCriteria {
    filters: Vec<Filter>,
}

/// One filter: its pattern as it was written, and what that means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pattern: Arc<str>,
    fields: Arc<Fields>,
}

impl Filter {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Lambda would not take it; the error says where and why.
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        let fields = parse::parse(pattern)?;
        Ok(Self { pattern: pattern.into(), fields: fields.into() })
    }
}

impl FilterCriteria {
    #[must_use]
    pub fn new(filters: Vec<Filter>) -> Self {
        Self { filters }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// The patterns as they were written.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.filters.iter().map(|filter| &*filter.pattern)
    }

    /// Whether a message goes to the function. `body` is its body, and `record` the JSON text of its record in the event,
    /// of which everything but the body is looked at.
    ///
    /// # Errors
    /// No filter lets it through. Any one of these put right would do, or is a step to it.
    pub fn check(&self, body: &str, record: &str) -> Result<(), Vec<Mismatch>> {
        if self.filters.is_empty() {
            return Ok(());
        }
        matching::any(&self.filters, |filter| Matching::new(body, record, &filter.fields).run())
    }
}
