//! Everything under edit of one workspace: its events and its handler files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::code_tab::{OpenFiles, language_of};
use super::drafts::Drafts;
use super::edited_text::EditedText;
use crate::command::{TextPlace, UnsavedText};
use crate::service::ids::FunctionName;

/// The events of each function.
pub(super) type Events = BTreeMap<FunctionName, Drafts>;

/// What is laid aside while another workspace is open.
#[derive(Default)]
pub(super) struct LaidAside {
    pub events: Events,
    pub code: OpenFiles,
}

/// What is under edit in a workspace, be it open or laid aside.
pub(super) struct Desk<'a> {
    pub folder: &'a Path,
    /// The workspace is open.
    pub is_open: bool,
    pub events: &'a mut Events,
    pub code: &'a mut OpenFiles,
}

impl<'a> Desk<'a> {
    pub fn laid_aside((folder, aside): (&'a PathBuf, &'a mut LaidAside)) -> Self {
        Self { folder, is_open: false, events: &mut aside.events, code: &mut aside.code }
    }

    /// Everything that was typed and is in no file.
    pub fn unsaved(&mut self) -> impl Iterator<Item = (TextPlace, &mut EditedText)> {
        let events = self.events.iter_mut().flat_map(|(function, drafts)| {
            let place = |name: Option<&str>| TextPlace::Event { function: function.clone(), name: name.map(str::to_owned) };
            drafts.unsaved().map(move |(name, edited)| (place(name), edited))
        });
        let code = self.code.iter_mut().filter_map(|(path, edited)| {
            let is_unsaved = edited.is_unsaved();
            is_unsaved.then(|| (TextPlace::Code(path.clone()), edited))
        });
        events.chain(code)
    }

    /// The text of a place, if it is open.
    pub fn text_mut(&mut self, place: &TextPlace) -> Option<&mut EditedText> {
        match place {
            TextPlace::Event { function, name } => Some(&mut self.events.get_mut(function)?.get_mut(name.as_deref())?.edited),
            TextPlace::Code(path) => self.code.get_mut(path),
        }
    }

    /// Puts a text back as it was left when the program ended; whether no other edits have its place.
    pub fn bring_back(&mut self, text: UnsavedText) -> bool {
        let UnsavedText { place, text, file } = text;
        match place {
            TextPlace::Event { function, name } => self.events.entry(function).or_default().bring_back(name, &text, file),
            TextPlace::Code(path) => {
                let is_free = self.code.get_mut(&path).is_none_or(|edited| !edited.is_unsaved());
                if is_free {
                    let edited = EditedText::brought_back(&text, file, "", language_of(&path));
                    self.code.insert(path, edited);
                }
                is_free
            }
        }
    }

    /// Whether the answer to a save is still to come.
    pub fn is_saving(&self) -> bool {
        self.events.values().any(Drafts::is_saving) || self.code.values().any(|file| file.saving().is_some())
    }
}

/// What a text is called where several are named: `event “order placed” of confirm`, `/w/handler.py`.
pub(super) fn words(place: &TextPlace) -> String {
    match place {
        TextPlace::Event { function, name: Some(name) } => format!("event “{name}” of {function}"),
        TextPlace::Event { function, name: None } => format!("an event without a name of {function}"),
        TextPlace::Code(path) => path.display().to_string(),
    }
}

/// A text as it goes to be kept.
pub(super) fn kept(place: TextPlace, edited: &EditedText) -> UnsavedText {
    UnsavedText { place, text: edited.document.to_text(), file: edited.file().map(Arc::clone) }
}
