//! What is typed but not sent: one document a function and invocation model, each with its undo.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::event::DocumentError;
use crate::events_catalog::json_text;
use crate::model::editor::{Document, Language};
use crate::model::selection::InvocationModel;
use crate::service::ids::FunctionName;

/// Which document: of a function, for an invocation model.
pub type Key = (FunctionName, InvocationModel);

/// What a new document begins with.
const EMPTY: &str = "{}\n";
/// Documents up to this size are looked through on the window's thread, once a revision.
const LOOKED_THROUGH: usize = 256 << 10;

/// A document with the saved event that it came from.
pub struct Draft {
    pub document: Document,
    /// Its name in `events/FUNCTION/`, if it lies there.
    pub saved_as: Option<String>,
    /// What an invocation made from it is called, when it is no saved event.
    pub label: Option<String>,
    /// The text as it was last loaded or saved.
    pub saved_text: String,
    /// What the last check said, and of which revision.
    pub checked: Option<(u64, Option<DocumentError>)>,
    /// A message of a queue for each element, when the document is an array.
    pub one_message_per_element: bool,
    looked: Option<Looked>,
    clean: Option<(u64, bool)>,
}

/// What a small document holds, worked out once a revision.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    revision: u64,
    /// The text between `{{` and `}}`, each once, in order.
    pub variables: Vec<String>,
    /// Elements of the document, when it is an array.
    pub elements: Option<usize>,
}

impl Draft {
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            document: Document::new(text, Language::Json),
            saved_as: None,
            label: None,
            saved_text: text.to_owned(),
            checked: None,
            one_message_per_element: false,
            looked: None,
            clean: None,
        }
    }

    /// Nobody has typed into it, and nothing was loaded.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.saved_as.is_none() && self.label.is_none() && !self.document.can_undo() && !self.document.can_redo()
    }

    /// What it is called: the saved event, else what it came from.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.saved_as.as_deref().or(self.label.as_deref())
    }

    /// Whether the text is another one than was loaded or saved; undoing back to that text makes it clean again.
    pub fn is_dirty(&mut self) -> bool {
        let revision = self.document.revision();
        if let Some((of, clean)) = self.clean
            && of == revision
        {
            return !clean;
        }
        let clean = self.document.len() == self.saved_text.len() && self.document.to_text() == self.saved_text;
        self.clean = Some((revision, clean));
        !clean
    }

    /// The text now is the one that lies on disk.
    pub fn mark_clean(&mut self, text: String) {
        self.saved_text = text;
        self.clean = None;
    }

    /// Another text: without undo while nobody has typed, as one undoable step otherwise.
    pub fn fill(&mut self, text: &str) {
        if self.is_untouched() {
            self.document.load(text);
        } else {
            self.document.replace_all(text);
        }
        text.clone_into(&mut self.saved_text);
        (self.checked, self.clean) = (None, None);
    }

    /// Variables and elements of the present text; nothing for a large one.
    pub fn look(&mut self) -> &Looked {
        let revision = self.document.revision();
        if self.looked.as_ref().is_none_or(|looked| looked.revision != revision) {
            let looked = if self.document.len() > LOOKED_THROUGH {
                Looked { revision, ..Looked::default() }
            } else {
                let text = self.document.to_text();
                let elements = elements(&text).map(|elements| elements.len());
                Looked { revision, variables: variables(&text), elements }
            };
            self.looked = Some(looked);
        }
        self.looked.get_or_insert_default()
    }

    /// Whether the text begins as an array does.
    #[must_use]
    pub fn is_array(&self) -> bool {
        self.document.text().chars_from(0).take(1_024).find(|c| !c.is_whitespace()) == Some('[')
    }

    /// The error of the present text; an older one is not shown at places that have moved.
    #[must_use]
    pub fn error(&self) -> Option<&DocumentError> {
        let (revision, error) = self.checked.as_ref()?;
        error.as_ref().filter(|_| *revision == self.document.revision())
    }
}

/// All documents; what is not there yet is made from its sibling, so that switching the model keeps the event.
#[derive(Default)]
pub struct Drafts {
    drafts: BTreeMap<Key, Draft>,
}

impl Drafts {
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Draft> {
        self.drafts.get(key)
    }

    /// The document of a key. A new one begins with the text of the same function's other models, if there is one.
    pub fn entry(&mut self, key: &Key) -> &mut Draft {
        if !self.drafts.contains_key(key) {
            let siblings = InvocationModel::ALL.into_iter().filter(|model| *model != key.1);
            let sibling = siblings.filter_map(|model| self.drafts.get(&(key.0.clone(), model))).find(|draft| !draft.is_untouched());
            let draft = sibling.map_or_else(|| Draft::new(EMPTY), |sibling| grown_from(sibling, key.1));
            self.drafts.insert(key.clone(), draft);
        }
        self.drafts.entry(key.clone()).or_insert_with(|| Draft::new(EMPTY))
    }

    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        self.drafts.contains_key(key)
    }

    /// Every document that holds this saved event.
    pub fn holding<'a>(&'a mut self, function: &'a str, name: &'a str) -> impl Iterator<Item = &'a mut Draft> {
        let of_function = self.drafts.iter_mut().filter(move |((of, _), _)| **of == *function);
        of_function.map(|(_, draft)| draft).filter(move |draft| draft.saved_as.as_deref() == Some(name))
    }
}

fn grown_from(sibling: &Draft, model: InvocationModel) -> Draft {
    let text = sibling.document.to_text();
    let mut draft = match messages_of(&text).filter(|_| model == InvocationModel::Queue) {
        Some((messages, several)) => {
            let mut draft = Draft::new(&messages);
            draft.one_message_per_element = several;
            draft.label = sibling.name().map(str::to_owned);
            return draft;
        }
        None => Draft::new(&text),
    };
    draft.saved_as.clone_from(&sibling.saved_as);
    draft.label.clone_from(&sibling.label);
    draft.saved_text.clone_from(&sibling.saved_text);
    draft
}

/// The messages that an SQS event was made of, ready to be sent: the body, or an array of bodies and `true`.
#[must_use]
pub fn messages_of(text: &str) -> Option<(String, bool)> {
    #[derive(Deserialize)]
    struct SqsEvent {
        #[serde(rename = "Records")]
        records: Vec<Record>,
    }
    #[derive(Deserialize)]
    struct Record {
        body: String,
        #[serde(rename = "eventSource")]
        source: String,
    }
    if text.len() > LOOKED_THROUGH {
        return None;
    }
    let event: SqsEvent = serde_json::from_str(text).ok()?;
    if event.records.is_empty() || event.records.iter().any(|record| record.source != "aws:sqs") {
        return None;
    }
    let as_json = |body: String| match json_text::check(&body) {
        Ok(()) => body,
        Err(_) => serde_json::Value::String(body).to_string(),
    };
    let mut bodies: Vec<String> = event.records.into_iter().map(|record| as_json(record.body)).collect();
    let several = bodies.len() > 1;
    let whole = if several { format!("[{}]", bodies.join(",")) } else { bodies.swap_remove(0) };
    Some((json_text::format(&whole).unwrap_or(whole) + "\n", several))
}

/// The elements of an array as they are written, strings without their quotes; `None` when it is no array.
#[must_use]
pub fn elements(text: &str) -> Option<Vec<String>> {
    let raw: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(text).ok()?;
    let body = |element: Box<serde_json::value::RawValue>| {
        serde_json::from_str::<String>(element.get())
            .unwrap_or_else(|_| json_text::minify(element.get()).unwrap_or_else(|_| element.get().to_owned()))
    };
    Some(raw.into_iter().map(body).collect())
}

/// Names of variables in a text, each once.
fn variables(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split("{{").skip(1) {
        let Some((name, _)) = part.split_once("}}") else { continue };
        let name = name.trim();
        let is_name = !name.is_empty() && name.len() <= 120 && !name.contains(['\n', '{', '"']);
        if is_name && !found.iter().any(|other| other == name) {
            found.push(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(model: InvocationModel) -> Key {
        ("confirm".into(), model)
    }

    #[test]
    fn each_model_has_its_own_text_that_grows_from_the_other() {
        let mut drafts = Drafts::default();
        let synchronous = key(InvocationModel::Synchronous);
        drafts.entry(&synchronous).fill("{\"a\": 129.00}\n");
        drafts.entry(&synchronous).saved_as = Some("first".into());
        let other = drafts.entry(&key(InvocationModel::Asynchronous));
        assert_eq!(other.document.to_text(), "{\"a\": 129.00}\n");
        assert_eq!(other.saved_as.as_deref(), Some("first"));
        other.document.replace_all("{}");
        assert_eq!(drafts.entry(&synchronous).document.to_text(), "{\"a\": 129.00}\n");
    }

    #[test]
    fn undoing_back_to_the_saved_text_makes_it_clean() {
        let mut draft = Draft::new("{}");
        draft.fill("{\"a\": 1}");
        draft.saved_as = Some("one".into());
        assert!(!draft.is_dirty());
        draft.document.replace_all("{\"a\": 2}");
        assert!(draft.is_dirty());
        draft.document.undo();
        assert!(!draft.is_dirty());
    }

    #[test]
    fn a_text_that_was_typed_is_replaced_undoably() {
        let mut draft = Draft::new(EMPTY);
        draft.document.replace_all("{\"typed\": true}");
        draft.fill("{}");
        assert!(draft.document.undo());
        assert_eq!(draft.document.to_text(), "{\"typed\": true}");
    }

    #[test]
    fn an_sqs_event_becomes_the_messages_it_was_made_of() {
        let record = |body: &str| format!("{{\"body\":{body:?},\"eventSource\":\"aws:sqs\"}}");
        let two = format!("{{\"Records\":[{},{}]}}", record("{\"amount\":129.00}"), record("plain"));
        let (text, several) = messages_of(&two).unwrap();
        assert!(several);
        assert_eq!(elements(&text).unwrap(), ["{\"amount\":129.00}", "plain"]);
        let one = format!("{{\"Records\":[{}]}}", record("{\"n\":1}"));
        assert_eq!(messages_of(&one).unwrap(), ("{\n  \"n\": 1\n}\n".to_owned(), false));
        assert_eq!(messages_of("{\"Records\":[{\"body\":\"x\",\"eventSource\":\"aws:sns\"}]}"), None);
        assert_eq!(messages_of("{}"), None);
    }

    #[test]
    fn variables_are_named_once() {
        let mut draft = Draft::new("{\"at\":\"{{now}}\",\"n\":\"{{ random.int 1 9 }}\",\"again\":\"{{now}}\",\"o\":{\"p\":{\"q\":1}}}");
        assert_eq!(draft.look().variables, ["now", "random.int 1 9"]);
        let mut array = Draft::new("[1, \"two\", {\"three\": 3}]");
        assert_eq!(array.look().elements, Some(3));
        assert!(array.is_array());
    }
}
