//! A document on its way out: variables filled in, as often as it is sent, and divided into what is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::copy_as::{CopyForm, CopyTarget};
use super::variables::{Expansion, expand, places};
use super::{MessageBodies, json_text};
use crate::event::DocumentError;
use crate::service::input::InvocationType;
use crate::service::time::Timestamp;

/// A document and what it is to become.
#[derive(Clone, Debug)]
pub struct Filling {
    pub text: String,
    /// Each has variables of its own.
    pub copies: usize,
    pub now: Timestamp,
    /// `{{seq}}` of the first copy; the others count on.
    pub sequence: u64,
    /// Those of its own, from the `.meta.toml` beside it.
    pub variables: Arc<BTreeMap<String, String>>,
    pub shape: Shape,
}

/// What a document becomes.
#[derive(Clone, Debug)]
pub enum Shape {
    /// An event each.
    Payloads,
    /// Messages; with `one_each` one for every element of a list and every record of an event from SQS.
    Messages { one_each: bool },
    /// A command that sends it from elsewhere.
    Elsewhere(Box<Elsewhere>),
}

/// Whom such a command reaches.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    pub form: CopyForm,
    pub endpoint: String,
    pub region: String,
    /// The workspace's folder.
    pub workspace: String,
    pub function: String,
    pub invocation_type: InvocationType,
}

/// What a document has become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    Payloads(Vec<Bytes>),
    Messages(Vec<Arc<str>>),
    Command(Arc<str>),
}

impl Filling {
    /// Bytes to be gone through.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.len().saturating_mul(self.copies)
    }

    /// Does it; what takes long is not for the window's thread.
    ///
    /// # Errors
    /// A variable that is not known or has no value, with its place.
    pub fn fill(&self) -> Result<Filled, DocumentError> {
        Ok(match &self.shape {
            Shape::Payloads => Filled::Payloads(self.copies(Bytes::from)?),
            Shape::Messages { one_each } => {
                Filled::Messages(self.copies(|document| messages(document, *one_each))?.into_iter().flatten().collect())
            }
            Shape::Elsewhere(target) => {
                let document = self.expanded(0)?;
                Filled::Command((target.form)(&target.with(&document)).into())
            }
        })
    }

    /// What every copy becomes. Copies without variables are all alike.
    fn copies<T: Clone>(&self, make: impl Fn(String) -> T) -> Result<Vec<T>, DocumentError> {
        if places(&self.text).next().is_none() {
            return Ok(vec![make(self.text.clone()); self.copies]);
        }
        (0..self.copies).map(|copy| self.expanded(copy as u64).map(&make)).collect()
    }

    fn expanded(&self, copy: u64) -> Result<String, DocumentError> {
        let seq = self.sequence + copy;
        let (environment, variables) = (&|name: &str| std::env::var(name).ok(), &*self.variables);
        expand(&self.text, &Expansion { now: self.now, seq, seed: self.now.0 ^ (seq << 40), environment, variables })
    }
}

impl Elsewhere {
    /// The same target for another payload.
    #[must_use]
    pub fn new(form: CopyForm, target: &CopyTarget<'_>) -> Self {
        let CopyTarget { endpoint, region, workspace, function, invocation_type, payload: _ } = *target;
        let [endpoint, region, workspace, function] = [endpoint, region, workspace, function].map(str::to_owned);
        Self { form, endpoint, region, workspace, function, invocation_type }
    }

    fn with<'a>(&'a self, payload: &'a str) -> CopyTarget<'a> {
        let Self { form: _, endpoint, region, workspace, function, invocation_type } = self;
        CopyTarget { endpoint, region, workspace, function, invocation_type: *invocation_type, payload }
    }
}

/// The messages that a document is sent as; the body of a record is text and goes out as it is.
fn messages(document: String, one_each: bool) -> Vec<Arc<str>> {
    // A message is text: one line of it is enough.
    let compact = |body: String| json_text::minify(&body).unwrap_or(body).into();
    match MessageBodies::of(&document).filter(|_| one_each) {
        Some(MessageBodies::Elements(bodies)) => bodies.into_iter().map(compact).collect(),
        Some(MessageBodies::Records(bodies)) => bodies.into_iter().map(Arc::from).collect(),
        None => vec![compact(document)],
    }
}

#[cfg(test)]
mod tests {
    use super::super::copy_as;
    use super::*;

    fn filling(text: &str, copies: usize, shape: Shape) -> Filling {
        let (now, variables) = (Timestamp(1_772_359_205_568_000), Arc::default());
        Filling { text: text.into(), copies, now, sequence: 5, variables, shape }
    }

    #[test]
    fn every_copy_has_variables_of_its_own() {
        let filled = filling("{\"n\":{{seq}}}", 2, Shape::Payloads).fill();
        assert_eq!(filled, Ok(Filled::Payloads(vec!["{\"n\":5}".into(), "{\"n\":6}".into()])));
        let Ok(Filled::Payloads(ids)) = filling("{{uuid}}", 2, Shape::Payloads).fill() else { panic!("payloads") };
        assert_ne!(ids[0], ids[1]);
        let plain = filling("{ }", 3, Shape::Payloads).fill();
        assert_eq!(plain, Ok(Filled::Payloads(vec!["{ }".into(); 3])), "byte for byte");
        assert!(filling("{{later}}", 1, Shape::Payloads).fill().is_err());
    }

    #[test]
    fn a_list_becomes_a_message_an_element() {
        let each = filling("[ {{seq}}, \"a\" ]", 2, Shape::Messages { one_each: true }).fill();
        assert_eq!(each, Ok(Filled::Messages(["5", "\"a\"", "6", "\"a\""].map(Arc::from).into())));
        let whole = filling("[ 1 ]", 1, Shape::Messages { one_each: false }).fill();
        assert_eq!(whole, Ok(Filled::Messages(vec!["[1]".into()])));
    }

    #[test]
    fn a_command_sends_what_is_filled_in() {
        let target = Elsewhere {
            form: copy_as::curl,
            endpoint: "http://127.0.0.1:9001".into(),
            region: "eu-central-1".into(),
            workspace: "/w".into(),
            function: "confirm".into(),
            invocation_type: InvocationType::Event,
        };
        let Ok(Filled::Command(text)) = filling("{{seq}}", 1, Shape::Elsewhere(Box::new(target))).fill() else {
            panic!("a command")
        };
        assert!(text.contains("/functions/confirm/invocations") && text.contains("\n5\n"), "{text}");
    }
}
