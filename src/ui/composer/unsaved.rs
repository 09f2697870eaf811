//! What would be lost if the window closed now, and saving it, whichever workspace it belongs to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Composer;
use super::desk::{Desk, words};
use super::edited_text::EditedText;
use crate::command::{Command, TextPlace, UnsavedText};
use crate::event::NoticeLevel;
use crate::model::Model;
use crate::service::ids::FunctionName;
use crate::ui::action::{Action, ComposerTab};

/// A text that no file holds as it is.
pub struct Unsaved {
    /// Whose it is: `event “order placed” of confirm`, `/w/handler.py`.
    pub what: String,
    /// Why it cannot be saved as it is, and what to do first.
    pub blocked: Option<&'static str>,
}

/// What is said about a function, or a tab of it, that has something which is in no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnsavedMark {
    Edited,
    /// It was left so when the program ended, and nobody has said yet what becomes of it.
    BroughtBack,
}

impl UnsavedMark {
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Edited => "unsaved",
            Self::BroughtBack => "unsaved, from last session",
        }
    }

    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Edited => "It has edits that are not saved.",
            Self::BroughtBack => "It has edits that are not saved, from your last session.",
        }
    }

    fn of(edited: &mut EditedText) -> Self {
        if edited.is_brought_back() { Self::BroughtBack } else { Self::Edited }
    }
}

impl Composer {
    /// Functions of the open workspace with something that is in no file.
    pub fn unsaved_marks(&mut self, model: &Model) -> BTreeMap<FunctionName, UnsavedMark> {
        let mut marks = BTreeMap::new();
        let Some(mut desk) = self.desks().into_iter().next() else { return marks };
        for (place, edited) in desk.unsaved() {
            let mark = UnsavedMark::of(edited);
            let mut add = |function: &FunctionName| {
                let known = marks.entry(function.clone()).or_insert(mark);
                *known = mark.max(*known);
            };
            match &place {
                TextPlace::Event { function, .. } => add(function),
                TextPlace::Code(path) => functions_of(model, path).for_each(add),
            }
        }
        marks
    }

    /// Tabs of the present function with something that is in no file.
    pub(super) fn tab_marks(&mut self, model: &Model) -> Vec<(ComposerTab, UnsavedMark)> {
        let events = self.drafts_here().unsaved().map(|(_, edited)| UnsavedMark::of(edited)).max();
        let path = model.code_file(&self.function);
        let code = path.and_then(|path| self.code.files_mut().get_mut(path));
        let code = code.and_then(|file| file.is_unsaved().then(|| UnsavedMark::of(file)));
        let marks = [(ComposerTab::Event, events), (ComposerTab::Code, code)];
        marks.into_iter().filter_map(|(tab, mark)| Some((tab, mark?))).collect()
    }

    /// Everything under edit, that of the open workspace first.
    pub(super) fn desks(&mut self) -> Vec<Desk<'_>> {
        let folder = &self.workspace.folder;
        let open = Desk { folder, is_open: true, events: &mut self.drafts, code: self.code.files_mut() };
        std::iter::once(open).chain(self.elsewhere.iter_mut().map(Desk::laid_aside)).collect()
    }

    /// Everything that was typed and is in no file, also what belongs to workspaces that were open before.
    pub fn unsaved(&mut self) -> Vec<Unsaved> {
        let mut all = Vec::new();
        for mut desk in self.desks() {
            let (is_open, folder) = (desk.is_open, desk.folder.display().to_string());
            for (place, edited) in desk.unsaved() {
                let is_event = matches!(place, TextPlace::Event { .. });
                let whose = if is_event && !is_open { format!(" in {folder}") } else { String::new() };
                let blocked = blocked(&place, edited.is_undecided(), is_open);
                all.push(Unsaved { what: format!("{}{whose}", words(&place)), blocked });
            }
        }
        all
    }

    /// Sends everything that can be saved to its own file.
    pub fn save_all(&mut self, model: &Model, actions: &mut Vec<Action>) {
        for mut desk in self.desks() {
            let unsaved = desk.unsaved().map(|(place, edited)| (blocked(&place, edited.is_undecided(), true), place));
            let can_be_saved: Vec<_> = unsaved.filter_map(|(blocked, place)| blocked.is_none().then_some(place)).collect();
            for place in can_be_saved {
                let command = if desk.is_open { save_here(&mut desk, &place, model, actions) } else { None };
                let command = command.or_else(|| save_elsewhere(&mut desk, place, actions));
                actions.extend(command.map(Action::Command));
            }
        }
    }

    /// Saves a file that is opened in place of a handler.
    pub(super) fn save_opened(&mut self, path: PathBuf, actions: &mut Vec<Action>) {
        let mut desks = self.desks();
        let Some(open) = desks.iter_mut().find(|desk| desk.is_open) else { return };
        let command = save_elsewhere(open, TextPlace::Code(path), actions);
        actions.extend(command.map(Action::Command));
    }

    /// A text was saved to its own file, or is in none.
    pub(super) fn text_saved(
        &mut self,
        workspace: &Path,
        place: &TextPlace,
        text: &str,
        result: &Result<(), String>,
        actions: &mut Vec<Action>,
    ) {
        let mut desks = self.desks();
        let edited = desks.iter_mut().find(|desk| desk.folder == workspace).and_then(|desk| desk.text_mut(place));
        match (edited, result) {
            (Some(edited), Ok(())) => edited.saved(text),
            (Some(edited), Err(_)) => edited.answered(text),
            (None, _) => {}
        }
        if let Err(reason) = result {
            let text = format!("Not saved: {}: {reason}.", words(place));
            actions.push(Action::Notify(NoticeLevel::Error, text));
        }
    }

    /// Whether the answer to a save is still to come.
    #[must_use]
    pub fn is_saving(&mut self) -> bool {
        self.desks().iter().any(Desk::is_saving)
    }
}

/// As the editor itself saves it, if the open workspace has an event or a handler there.
fn save_here(desk: &mut Desk<'_>, place: &TextPlace, model: &Model, actions: &mut Vec<Action>) -> Option<Command> {
    match place {
        TextPlace::Event { function, name } => {
            let name = name.clone()?;
            let (replaces, text) = desk.events.get_mut(function)?.save_in_place(&name, actions)?;
            Some(Command::SaveEvent { function: function.clone(), name, text, replaces, copy_of: None })
        }
        TextPlace::Code(path) => {
            let function = functions_of(model, path).next()?.clone();
            let (replaces, text) = desk.text_mut(place)?.save(&words(place), actions)?;
            Some(Command::SaveCode { function, text, replaces: replaces? })
        }
    }
}

/// To its own file, whatever that belongs to.
fn save_elsewhere(desk: &mut Desk<'_>, place: TextPlace, actions: &mut Vec<Action>) -> Option<Command> {
    let workspace = desk.folder.to_path_buf();
    let (file, text) = desk.text_mut(&place)?.save(&words(&place), actions)?;
    Some(Command::SaveText { workspace, text: UnsavedText { place, text, file } })
}

/// Why a text cannot be saved as it is, and what to do first.
fn blocked(place: &TextPlace, is_undecided: bool, is_open: bool) -> Option<&'static str> {
    match (place, is_open) {
        (TextPlace::Event { name: None, .. }, true) => Some("has no file yet; give it a name with Save as…"),
        (TextPlace::Event { name: None, .. }, false) => Some("has no file yet; open its workspace and give it a name"),
        (_, true) if is_undecided => Some("its file has changed; keep editing and choose which text stays"),
        (_, false) if is_undecided => Some("its file has changed; open its workspace and choose which text stays"),
        _ => None,
    }
}

/// The functions whose handler a file is.
fn functions_of<'a>(model: &'a Model, path: &'a Path) -> impl Iterator<Item = &'a FunctionName> {
    let functions = model.workspace.functions.iter().filter(move |view| view.code_file.as_deref() == Some(path));
    functions.map(|view| &view.configuration.name)
}
