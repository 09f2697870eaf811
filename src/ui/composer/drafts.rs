//! The events of a function that are under edit: a document for every saved event that was opened, and one without a name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::edited_text::EditedText;
use crate::event::{DocumentError, EventMeta, NoticeLevel};
use crate::events_catalog::MessageBodies;
use crate::model::editor::Language;
use crate::ui::action::Action;

/// What an event begins with.
const BLANK: &str = "{}\n";

/// An event under edit.
pub(super) struct Draft {
    pub edited: EditedText,
    /// Of the saved event.
    pub meta: EventMeta,
    /// What the last check of a revision said.
    pub checked: Option<(u64, Option<DocumentError>)>,
    /// What invocations made of a document without a name are called.
    label: Option<String>,
    /// The revision to which it was composed: a template, say, that nobody has edited is no loss.
    composed: u64,
    /// The name that was asked for when it was sent to be saved.
    saving_as: Option<String>,
    /// What the document of a revision is made of when it goes to a queue, and how many of them.
    parts: Option<(u64, Option<(&'static str, usize)>)>,
}

impl Draft {
    fn new(edited: EditedText) -> Self {
        Self { edited, meta: EventMeta::default(), checked: None, label: None, composed: 0, saving_as: None, parts: None }
    }

    /// What belongs to the event is this now; its variables may be others.
    fn go_by(&mut self, meta: EventMeta) {
        if self.meta != meta {
            self.meta = meta;
            self.checked = None;
        }
    }

    /// The name and the number of the parts that a document consists of when each can be a message of its own.
    pub fn parts(&mut self) -> Option<(&'static str, usize)> {
        let document = &self.edited.document;
        let revision = document.revision();
        if let Some((_, parts)) = self.parts.filter(|(of, _)| *of == revision) {
            return parts;
        }
        // A larger one is no message, and not worth the time of a frame.
        let small = document.len() <= crate::service::limits::MESSAGE_BODY;
        let bodies = small.then(|| MessageBodies::of(&document.to_text())).flatten();
        let parts = bodies.map(|bodies| match &bodies {
            MessageBodies::Records(_) => ("record", bodies.count()),
            MessageBodies::Elements(_) => ("element", bodies.count()),
        });
        self.parts = Some((revision, parts));
        parts
    }
}

/// The events of one function. What is typed into one stays while another is looked at, so that neither an undo nor a
/// save can put the text of one under the name of another.
pub(super) struct Drafts {
    /// The saved event that is seen; `None` for the document without a name.
    seen: Option<String>,
    documents: BTreeMap<Option<String>, Draft>,
}

impl Default for Drafts {
    fn default() -> Self {
        let blank = Draft::new(EditedText::without_file(BLANK, Language::Json));
        Self { seen: None, documents: BTreeMap::from([(None, blank)]) }
    }
}

impl Drafts {
    /// The name of the saved event that is seen.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.seen.as_deref()
    }

    /// What invocations of the event that is seen are called.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.name().or_else(|| self.seen()?.label.as_deref())
    }

    #[must_use]
    pub fn seen(&self) -> Option<&Draft> {
        self.documents.get(&self.seen)
    }

    pub fn seen_mut(&mut self) -> &mut Draft {
        self.document(self.seen.clone())
    }

    /// The document of a saved event, or the one without a name, if it was opened.
    pub fn get_mut(&mut self, name: Option<&str>) -> Option<&mut Draft> {
        self.documents.get_mut(&name.map(str::to_owned))
    }

    fn document(&mut self, name: Option<String>) -> &mut Draft {
        self.documents.entry(name).or_insert_with(|| Draft::new(EditedText::without_file(BLANK, Language::Json)))
    }

    /// Shows a saved event if it was opened before.
    pub fn show(&mut self, name: &str) {
        let name = Some(name.to_owned());
        if self.documents.contains_key(&name) {
            self.seen = name;
        }
    }

    /// The file of a saved event was read. An opened one follows it where it is; another one is opened.
    pub fn read(&mut self, name: &str, text: &str, meta: &EventMeta) {
        match self.get_mut(Some(name)) {
            Some(draft) => {
                draft.edited.read(text);
                draft.go_by(meta.clone());
            }
            None => {
                self.seen = Some(name.to_owned());
                let draft = Draft { meta: meta.clone(), ..Draft::new(EditedText::of_file(text, Language::Json)) };
                self.documents.insert(self.seen.clone(), draft);
            }
        }
    }

    /// The event that is seen as it goes to be saved under a name, and what the file of that name must hold then.
    pub fn save(&mut self, name: &str, actions: &mut Vec<Action>) -> Option<(Option<Arc<str>>, String)> {
        let elsewhere = self.name() != Some(name);
        if elsewhere && self.is_unsaved(name) {
            let text = format!("Not saved: “{name}” is open with edits of its own. Save those first, or choose another name.");
            actions.push(Action::Notify(NoticeLevel::Warning, text));
            return None;
        }
        if !elsewhere {
            return self.save_in_place(name, actions);
        }
        let draft = self.seen_mut();
        draft.saving_as = Some(name.to_owned());
        Some((None, draft.edited.save_elsewhere()))
    }

    /// Shows a document that no file holds, if there is one: a saved event that was deleted, or the one without a name.
    pub fn open_without_file(&mut self, name: Option<&str>) {
        let name = name.map(str::to_owned);
        if self.documents.get(&name).is_some_and(|draft| draft.edited.file().is_none()) {
            self.seen = name;
        }
    }

    /// Puts a text into the document without a name, as one step that undo takes back, and shows it.
    pub fn compose(&mut self, text: &str, label: Option<String>) {
        self.seen = None;
        let draft = self.document(None);
        draft.edited.document.replace_all(text);
        draft.label = label;
        draft.composed = draft.edited.document.revision();
    }

    /// A text that was sent to be saved as `asked` is in the file of `name`.
    pub fn saved(&mut self, asked: &str, name: &str, text: &str, meta: &EventMeta) {
        let Some(sent) = self.answered(asked, text) else { return };
        let renamed = self.rename(sent, name);
        let draft = self.document(Some(name.to_owned()));
        if renamed {
            draft.edited.saved(text)
        } else {
            draft.edited.read(text)
        }
        draft.go_by(meta.clone());
    }

    /// A text that was sent to be saved as `asked` is in no file. Where the file of `name` holds another, the document goes
    /// by that name and asks which of both stays.
    pub fn not_saved(&mut self, asked: &str, name: &str, text: &str, held: Option<&str>) {
        let Some(sent) = self.answered(asked, text) else { return };
        if let Some(held) = held {
            self.rename(sent, name);
            self.document(Some(name.to_owned())).edited.read(held);
        }
    }

    /// The name of the document whose text was sent to be saved as `asked`; it waits for this answer no more.
    fn answered(&mut self, asked: &str, text: &str) -> Option<Option<String>> {
        let sent = |draft: &Draft| draft.saving_as.as_deref() == Some(asked);
        let exactly = |draft: &Draft| sent(draft) && draft.edited.saving() == Some(text);
        // The first of two saves is answered while the document waits for the second.
        let found = self.documents.iter().find(|(_, draft)| exactly(draft));
        let name = found.or_else(|| self.documents.iter().find(|(_, draft)| sent(draft)))?.0.clone();
        let draft = self.documents.get_mut(&name)?;
        draft.edited.answered(text);
        if draft.edited.saving().is_none() {
            draft.saving_as = None;
        }
        Some(name)
    }

    /// Gives a document another name; whether it has it now. It takes the place of none with edits of its own.
    fn rename(&mut self, before: Option<String>, name: &str) -> bool {
        if before.as_deref() == Some(name) {
            return true;
        }
        if self.is_unsaved(name) {
            return false;
        }
        let Some(mut draft) = self.documents.remove(&before) else { return false };
        draft.edited.file_removed();
        // What belonged to the other event stays with that one.
        draft.go_by(EventMeta::default());
        let name = Some(name.to_owned());
        if self.seen == before {
            self.seen.clone_from(&name);
        }
        self.documents.insert(name, draft);
        true
    }

    /// These saved events there are. What else was opened has no file any more; its text stays.
    pub fn files_are(&mut self, names: &[String]) {
        for (name, draft) in &mut self.documents {
            if draft.edited.file().is_some() && name.as_ref().is_some_and(|name| !names.contains(name)) {
                draft.edited.file_removed();
            }
        }
    }

    /// Names of the saved events that are open.
    pub fn opened(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().filter(|(_, draft)| draft.edited.file().is_some()).filter_map(|(name, _)| name.as_deref())
    }

    /// Whether the document of a saved event holds something that its file does not.
    pub fn is_unsaved(&mut self, name: &str) -> bool {
        self.get_mut(Some(name)).is_some_and(|draft| draft.edited.is_unsaved())
    }

    /// The documents that hold something typed which no file does, with their names; the one without a name first.
    pub fn unsaved(&mut self) -> impl Iterator<Item = (Option<&str>, &mut EditedText)> {
        self.documents.iter_mut().filter_map(|(name, draft)| {
            let is_typed = name.is_some() || draft.edited.document.revision() != draft.composed;
            let is_blank = draft.edited.document.text().is(BLANK);
            (is_typed && !is_blank && draft.edited.is_unsaved()).then_some((name.as_deref(), &mut draft.edited))
        })
    }

    /// Shows a document as it was left when the program ended; whether no other edits have its place.
    pub fn bring_back(&mut self, name: Option<String>, text: &str, file: Option<Arc<str>>) -> bool {
        if self.unsaved().any(|(other, _)| other == name.as_deref()) {
            return false;
        }
        let draft = Draft::new(EditedText::brought_back(text, file, BLANK, Language::Json));
        self.seen.clone_from(&name);
        self.documents.insert(name, draft);
        true
    }

    /// An event as it goes to be saved under its own name, whether it is seen or not.
    pub fn save_in_place(&mut self, name: &str, actions: &mut Vec<Action>) -> Option<(Option<Arc<str>>, String)> {
        let draft = self.get_mut(Some(name))?;
        let saved = draft.edited.save(&format!("“{name}”"), actions)?;
        draft.saving_as = Some(name.to_owned());
        Some(saved)
    }

    /// Whether the answer to a save is still to come.
    #[must_use]
    pub fn is_saving(&self) -> bool {
        self.documents.values().any(|draft| draft.edited.saving().is_some())
    }

    /// Documents that no file holds and that are not blank; the one without a name first.
    #[must_use]
    pub fn without_file(&self) -> Vec<Option<String>> {
        let kept = |draft: &Draft| draft.edited.file().is_none() && !draft.edited.document.text().is(BLANK);
        self.documents.iter().filter(|(_, draft)| kept(draft)).map(|(name, _)| name.clone()).collect()
    }

    /// The text that the file of the event that is seen holds.
    #[must_use]
    pub fn file(&self) -> Option<&Arc<str>> {
        self.seen()?.edited.file()
    }
}
