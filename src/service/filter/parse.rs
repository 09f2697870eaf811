//! The text of a pattern into its tree, refused where Lambda would refuse it.

use serde_json::value::RawValue;

use super::json::{self, Object, Value};
use super::matching::DEEPEST;
use super::operator;
use super::pattern::{Field, Fields, Test, Wanted};
use crate::service::limits;

/// Why a pattern is refused, in Lambda's words (semantics 4.12) and in plainer ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid filter pattern definition. {reason}")]
pub struct PatternError {
    /// The byte of the pattern where it goes wrong.
    pub at: usize,
    pub reason: String,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str) -> Result<Fields, PatternError> {
    let length = pattern.chars().count();
    if length > limits::FILTER_PATTERN {
        let reason = format!("It has {length} characters, and a pattern may have {}", limits::FILTER_PATTERN);
        return Err(PatternError { at: 0, reason });
    }
    let raw: &RawValue = serde_json::from_str(pattern).map_err(|error| no_json(pattern, &error))?;
    let mut parser = Parser { pattern, path: Vec::new() };
    match json::read(raw) {
        Some(Value::Object(members)) => parser.fields(raw, &members),
        _ => Err(parser.error(raw, "A pattern is an object, such as {\"body\":{\"status\":[\"paid\"]}}".to_owned())),
    }
}

fn no_json(pattern: &str, error: &serde_json::Error) -> PatternError {
    let lines = pattern.split_inclusive('\n').take(error.line().saturating_sub(1));
    let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    let reason = if error.is_eof() { "Its JSON ends too early" } else { "It is no JSON from here on" };
    PatternError { at: at.min(pattern.len()), reason: reason.to_owned() }
}

/// Where it reads, for its errors.
pub(super) struct Parser<'a> {
    pattern: &'a str,
    /// Names of the fields down to here.
    path: Vec<String>,
}

impl<'a> Parser<'a> {
    pub(super) fn error(&self, raw: &RawValue, reason: String) -> PatternError {
        // A part of the pattern is a slice of it.
        let at = raw.get().as_ptr().addr().saturating_sub(self.pattern.as_ptr().addr());
        PatternError { at: at.min(self.pattern.len()), reason }
    }

    /// The field that it reads, for a sentence about it.
    pub(super) fn here(&self) -> String {
        if self.path.is_empty() { "The pattern".to_owned() } else { self.path.join(".") }
    }

    fn fields(&mut self, raw: &'a RawValue, members: &Object<'a>) -> Result<Fields, PatternError> {
        if members.is_empty() {
            return Err(self.error(raw, format!("{} is an object without a field", self.here())));
        }
        if self.path.len() >= DEEPEST {
            return Err(self.error(raw, format!("It goes deeper than {DEEPEST} levels")));
        }
        let fields = members.iter().map(|(name, value)| self.field(name, value));
        Ok(Fields(fields.collect::<Result<_, _>>()?))
    }

    fn field(&mut self, name: &str, value: &'a RawValue) -> Result<Field, PatternError> {
        let is_body = self.path.iter().all(|name| name == "$or") && name == "body";
        self.path.push(name.to_owned());
        let field = match name {
            "$or" => Field::Or(self.branches(value)?),
            _ if is_body => Field::Body(self.wanted(value)?),
            _ => Field::Named(name.to_owned(), self.wanted(value)?),
        };
        self.path.pop();
        Ok(field)
    }

    fn branches(&mut self, value: &'a RawValue) -> Result<Vec<Fields>, PatternError> {
        const SHAPE: &str = "$or takes a list of two or more objects, such as [{\"a\":[\"x\"]},{\"b\":[\"y\"]}]";
        let Some(Value::List(items)) = json::read(value) else { return Err(self.error(value, SHAPE.to_owned())) };
        if items.len() < 2 {
            return Err(self.error(value, SHAPE.to_owned()));
        }
        let branch = |item: &'a RawValue| match json::read(item) {
            Some(Value::Object(members)) => self.fields(item, &members),
            _ => Err(self.error(item, SHAPE.to_owned())),
        };
        items.into_iter().map(branch).collect()
    }

    fn wanted(&mut self, value: &'a RawValue) -> Result<Wanted, PatternError> {
        match json::read(value) {
            Some(Value::Object(members)) => self.fields(value, &members).map(Wanted::Inside),
            Some(Value::List(items)) if items.is_empty() => {
                Err(self.error(value, format!("The list of {} is empty, so nothing would match it", self.here())))
            }
            Some(Value::List(items)) => {
                Ok(Wanted::AnyOf(items.into_iter().map(|item| self.test(item)).collect::<Result<_, _>>()?))
            }
            Some(Value::Scalar(_)) => {
                Err(self.error(value, format!("What {} may be stands in a list: [{}]", self.here(), value.get())))
            }
            None => Err(self.unreadable(value)),
        }
    }

    fn test(&self, item: &'a RawValue) -> Result<Test, PatternError> {
        match json::read(item) {
            Some(Value::Scalar(scalar)) => Ok(Test::Equals(scalar)),
            Some(Value::Object(members)) => match members.iter().next() {
                Some((name, value)) if members.len() == 1 => operator::read(self, name, value),
                _ => {
                    Err(self.error(item, format!("An entry of {} holds one operator, such as {{\"prefix\":\"a\"}}", self.here())))
                }
            },
            Some(Value::List(_)) => Err(self.error(item, format!("The list of {} holds a list", self.here()))),
            None => Err(self.unreadable(item)),
        }
    }

    pub(super) fn unreadable(&self, value: &RawValue) -> PatternError {
        self.error(value, "It holds half a surrogate pair".to_owned())
    }
}
