//! A record against a pattern.

use serde_json::value::RawValue;

use super::json::{self, Object, Scalar, Value};
use super::mismatch::{Mismatch, TOLD, of_scalar, shortened, wanted};
use super::pattern::{Field, Fields, Test, Wanted};

/// Levels that a pattern may have, and below which no list of a record is looked into: more than anybody writes, few enough
/// for the stack.
pub(super) const DEEPEST: usize = 64;

/// Why it does not match: one of these put right would do, or is a step to it.
type Outcome = Result<(), Vec<Mismatch>>;

/// One record and one pattern.
pub(super) struct Matching<'a> {
    body: &'a str,
    record: &'a str,
    fields: &'a Fields,
    /// Names of the fields down to where it looks.
    path: Vec<String>,
    /// Fields and elements of lists down to where it looks.
    depth: usize,
}

impl<'a> Matching<'a> {
    pub(super) fn new(body: &'a str, record: &'a str, fields: &'a Fields) -> Self {
        Self { body, record, fields, path: Vec::new(), depth: 0 }
    }

    pub(super) fn run(mut self) -> Outcome {
        // Most patterns are about the body alone.
        let metadata: Option<Object<'a>> =
            if asks_for_metadata(self.fields) { serde_json::from_str(self.record).ok() } else { None };
        self.fields(self.fields, metadata.as_ref())
    }

    /// All of the fields of an object; `None` where there is no object.
    fn fields(&mut self, fields: &Fields, object: Option<&Object<'a>>) -> Outcome {
        fields.0.iter().try_for_each(|field| match field {
            Field::Body(wanted) => self.inside("body".to_owned(), |matching| matching.body(wanted)),
            Field::Named(name, wanted) => {
                let value = object.and_then(|object| object.get(name.as_str())).copied();
                self.inside(name.clone(), |matching| matching.value(wanted, value))
            }
            Field::Or(branches) => any(branches, |branch| self.fields(branch, object)),
        })
    }

    fn inside(&mut self, name: String, look: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        self.path.push(name);
        self.depth += 1;
        let outcome = look(self);
        self.depth -= 1;
        self.path.pop();
        outcome
    }

    /// Body and pattern are both JSON or both plain text.
    fn body(&mut self, wanted: &Wanted) -> Outcome {
        let json: Option<&'a RawValue> = serde_json::from_str(self.body).ok();
        match (wanted, json) {
            (Wanted::Inside(_), Some(json)) => self.value(wanted, Some(json)),
            (Wanted::Inside(_), None) => self.mismatch("plain text".to_owned(), "JSON".to_owned()),
            (Wanted::AnyOf(_), Some(_)) => self.mismatch("JSON".to_owned(), "plain text".to_owned()),
            (Wanted::AnyOf(tests), None) => {
                let text = Scalar::Text(self.body.to_owned());
                if tests.iter().any(|test| test.passes(&text)) { Ok(()) } else { self.unlike(&of_scalar(&text), tests) }
            }
        }
    }

    fn value(&mut self, wanted: &Wanted, value: Option<&'a RawValue>) -> Outcome {
        match wanted {
            Wanted::Inside(fields) => self.within(fields, value),
            Wanted::AnyOf(tests) => self.leaf(tests, value),
        }
    }

    /// The fields of an object, or of one in a list.
    fn within(&mut self, fields: &Fields, value: Option<&'a RawValue>) -> Outcome {
        match value.and_then(json::read) {
            Some(Value::Object(object)) => self.fields(fields, Some(&object)),
            Some(Value::List(items)) if !items.is_empty() && self.depth < DEEPEST => {
                any(items.into_iter().enumerate(), |(index, item)| {
                    let last = self.path.pop().unwrap_or_default();
                    let outcome = self.inside(format!("{last}[{index}]"), |matching| matching.within(fields, Some(item)));
                    self.path.push(last);
                    outcome
                })
            }
            Some(Value::List(_) | Value::Scalar(_)) | None => self.fields(fields, None),
        }
    }

    /// A value, or one of a list; what is neither does not exist.
    fn leaf(&self, tests: &[Test], value: Option<&'a RawValue>) -> Outcome {
        let Some(raw) = value else { return self.absent("missing", tests) };
        let mut leaves = Vec::new();
        gather(raw, 0, &mut leaves);
        if leaves.is_empty() {
            let found = match raw.get().as_bytes().first() {
                Some(b'{') => "an object",
                Some(b'[') => "a list without values",
                _ => "no text that can be read",
            };
            return self.absent(found, tests);
        }
        match leaves.iter().any(|leaf| tests.iter().any(|test| test.passes(leaf))) {
            true => Ok(()),
            false if raw.get().starts_with('[') => self.unlike(&shortened(raw.get()), tests),
            false => self.unlike(&of_scalar(&leaves[0]), tests),
        }
    }

    fn absent(&self, found: &str, tests: &[Test]) -> Outcome {
        if tests.contains(&Test::Exists(false)) { Ok(()) } else { self.unlike(found, tests) }
    }

    fn unlike(&self, found: &str, tests: &[Test]) -> Outcome {
        self.mismatch(found.to_owned(), wanted(tests))
    }

    fn mismatch(&self, found: String, wanted: String) -> Outcome {
        Err(vec![Mismatch { path: self.path.join(".").into(), found: found.into(), wanted: wanted.into() }])
    }
}

/// Whether one of them matches.
pub(super) fn any<T>(choices: impl IntoIterator<Item = T>, mut outcome: impl FnMut(T) -> Outcome) -> Outcome {
    let mut mismatches = Vec::new();
    for choice in choices {
        match outcome(choice) {
            Ok(()) => return Ok(()),
            Err(more) => mismatches.extend(more.into_iter().take(TOLD.saturating_sub(mismatches.len()))),
        }
    }
    Err(mismatches)
}

fn asks_for_metadata(fields: &Fields) -> bool {
    fields.0.iter().any(|field| match field {
        Field::Body(_) => false,
        Field::Named(..) => true,
        Field::Or(branches) => branches.iter().any(asks_for_metadata),
    })
}

/// The values of a list, and of lists in it; or the one value that it is.
fn gather(raw: &RawValue, depth: usize, leaves: &mut Vec<Scalar>) {
    match json::read(raw) {
        Some(Value::Scalar(scalar)) => leaves.push(scalar),
        Some(Value::List(items)) if depth < DEEPEST => items.into_iter().for_each(|item| gather(item, depth + 1, leaves)),
        Some(Value::List(_) | Value::Object(_)) | None => {}
    }
}
