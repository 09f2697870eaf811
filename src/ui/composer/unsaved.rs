//! What would be lost if the window closed now, and saving it, whichever workspace it belongs to.

use std::path::{Path, PathBuf};

use super::Composer;
use super::desk::{Desk, words};
use crate::command::{Command, TextPlace, UnsavedText};
use crate::event::NoticeLevel;
use crate::model::Model;
use crate::service::ids::FunctionName;
use crate::ui::action::Action;

/// A text that no file holds as it is.
pub struct Unsaved {
    /// Whose it is: `event “order placed” of confirm`, `/w/handler.py`.
    pub what: String,
    /// Why it cannot be saved as it is, and what to do first.
    pub blocked: Option<&'static str>,
}

impl Composer {
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
            let function = function_of(model, path)?;
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

/// The function whose handler a file is.
fn function_of(model: &Model, path: &Path) -> Option<FunctionName> {
    let mut names = model.workspace.functions.iter().map(|view| &view.configuration.name);
    names.find(|name| model.code_file(name) == Some(path)).cloned()
}
