//! The handler's code: what is saved here takes effect at the next invoke. Another file of the workspace may be opened in its
//! place: one that something points at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use egui::{Align, Layout, RichText, Ui};

use super::edited_text::EditedText;
use crate::command::Command;
use crate::event::FilePlace;
use crate::model::Model;
use crate::model::editor::Language;
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::editor::EditorOptions;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Handler files under edit.
pub(super) type OpenFiles = BTreeMap<PathBuf, EditedText>;

/// Handler files that were opened; what is typed into them stays, whichever function is looked at.
#[derive(Default)]
pub struct CodeTab {
    files: OpenFiles,
    /// Files of which it was told that they run without their edits, and the revision that they had; once is enough until there
    /// are other edits.
    told: BTreeMap<PathBuf, u64>,
    /// What is done once the handler of a function is saved.
    then: BTreeMap<FunctionName, Command>,
    /// The file that is seen; it was asked for when it came into view.
    seen: Option<PathBuf>,
    /// It came into view and takes the keyboard as soon as it is there.
    take_focus: bool,
    /// Line and column that are gone to as soon as it is there, from 1.
    place: Option<(usize, usize)>,
    /// The file that is opened in place of the handler.
    opened: Option<PathBuf>,
}

impl CodeTab {
    pub fn loaded(&mut self, path: &Path, text: &str) {
        match self.files.get_mut(path) {
            Some(file) => file.read(text),
            None => drop(self.files.insert(path.to_path_buf(), EditedText::of_file(text, language_of(path)))),
        }
    }

    /// The files that are open. Those of another workspace are opened in their place.
    pub fn change_files(&mut self, files: OpenFiles) -> OpenFiles {
        let before = std::mem::take(self);
        self.files = files;
        before.files
    }

    pub fn files_mut(&mut self) -> &mut OpenFiles {
        &mut self.files
    }

    pub fn saved(&mut self, function: &FunctionName, path: &Path, text: &str, actions: &mut Vec<Action>) {
        let Some(file) = self.files.get_mut(path) else { return };
        file.saved(text);
        self.told.remove(path);
        // An earlier save of the file may be answered while the one that something follows is under way.
        if file.saving().is_none() {
            actions.extend(self.then.remove(function).map(Action::Command));
        }
    }

    /// A text that was sent to be saved is in no file; which file it was for is not known where that is gone.
    pub fn not_saved(&mut self, function: &FunctionName, text: &str, held: Option<&(PathBuf, String)>) {
        self.then.remove(function);
        self.files.values_mut().for_each(|file| file.answered(text));
        if let Some((path, held)) = held {
            self.loaded(path, held);
        }
    }

    /// Reads a file again that was opened before.
    pub fn changed(&self, function: &FunctionName, path: &Path, actions: &mut Vec<Action>) {
        if self.files.contains_key(path) {
            actions.push(Action::Command(Command::LoadCode(function.clone())));
        }
    }

    /// Another tab is seen.
    pub fn leave(&mut self) {
        (self.seen, self.place, self.opened) = (None, None, None);
    }

    /// Opens a file in place of the handler; whether it is seen already.
    pub fn open(&mut self, place: &FilePlace) -> bool {
        self.opened = Some(place.file.clone());
        self.go_to(place.line, place.column);
        self.seen.as_ref() == Some(&place.file)
    }

    /// The file that is opened in place of the handler.
    #[must_use]
    pub fn opened(&self) -> Option<&Path> {
        self.opened.as_deref()
    }

    /// Goes back to the handler.
    pub fn close(&mut self) {
        self.opened = None;
    }

    /// Puts the keyboard into the editor.
    pub fn focus(&mut self) {
        self.take_focus = true;
    }

    /// Goes to a place in the file that comes into view, from 1.
    pub fn go_to(&mut self, line: usize, column: usize) {
        self.place = Some((line, column));
        self.take_focus = true;
    }

    /// The text that is seen.
    pub fn seen_mut(&mut self) -> Option<&mut EditedText> {
        self.files.get_mut(self.seen.as_ref()?)
    }

    /// Saves the file that is seen, unless somebody else has changed it.
    pub fn save(&mut self, function: &FunctionName, actions: &mut Vec<Action>) {
        if let Some(path) = self.seen.clone() {
            self.save_file(function, &path, None, actions);
        }
    }

    /// Saves a file of a function that was opened; what follows is done once it is saved.
    pub fn save_file(&mut self, function: &FunctionName, path: &Path, then: Option<Command>, actions: &mut Vec<Action>) {
        let saved = self.files.get_mut(path).and_then(|file| file.save(&path.display().to_string(), actions));
        let Some((Some(replaces), text)) = saved else { return };
        if let Some(then) = then {
            self.then.insert(function.clone(), then);
        }
        actions.push(Action::Command(Command::SaveCode { function: function.clone(), text, replaces }));
    }

    /// Whether a file that runs now has edits that are not saved, and nobody was told yet.
    pub fn runs_unsaved(&mut self, path: &Path) -> bool {
        let Some(file) = self.files.get_mut(path) else { return false };
        let revision = file.document.revision();
        file.is_unsaved() && self.told.insert(path.to_path_buf(), revision) != Some(revision)
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
        let opened = self.opened.clone();
        let handler = model.code_file(function);
        let Some(path) = opened.as_deref().or(handler) else {
            self.leave();
            let text = "This function runs a program or a folder without a handler file. Its code is yours to edit elsewhere; changes take effect at the next invoke.";
            return widgets::empty(ui, icons::FILE, "No handler file to show", text);
        };
        if self.seen.as_deref() != Some(path) {
            self.seen = Some(path.to_path_buf());
            self.take_focus = true;
            actions.push(Action::Command(match &opened {
                Some(file) => Command::LoadFile(file.clone()),
                None => Command::LoadCode(function.clone()),
            }));
        }
        let Some(file) = self.files.get_mut(path) else {
            ui.spinner();
            return;
        };
        if std::mem::take(&mut self.take_focus) {
            file.editor.request_focus();
        }
        if let Some((line, column)) = self.place.take() {
            file.document.go_to(line, column);
            file.editor.reveal_caret();
        }
        let unsaved = file.is_unsaved();
        if !unsaved {
            self.told.remove(path);
        }
        super::padded(ui, |ui| {
            let back = opened.is_some().then(|| handler.map_or("Close the file", |_| "Back to the handler"));
            match header(ui, model, path, unsaved, back) {
                Some(Pressed::Save) => actions.push(Action::Save),
                Some(Pressed::Back) => self.opened = None,
                None => {}
            }
        });
        super::ruled_off(ui);
        let colours = Palette::of(ui).editor();
        file.show(ui, &EditorOptions::new("Code", &colours));
    }
}

/// What a file is written in, by its name.
pub(super) fn language_of(path: &Path) -> Language {
    Language::of_file(&path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
}

/// What was pressed above the editor.
enum Pressed {
    Save,
    Back,
}

/// The file's path, how it stands, the button that saves it, and the way back to the handler, if another file is seen.
fn header(ui: &mut Ui, model: &Model, path: &Path, unsaved: bool, back: Option<&str>) -> Option<Pressed> {
    let palette = Palette::of(ui);
    let (note, colour) = match (unsaved, back) {
        (true, _) => ("not saved", palette.throttle),
        (false, Some(_)) => ("takes effect once it is saved", palette.second),
        (false, None) => ("takes effect at the next invoke", palette.second),
    };
    ui.horizontal(|ui| {
        let back = back.is_some_and(|back| widgets::small_button(ui, back).clicked());
        let shown = RichText::new(model.shown_path(path).to_string()).font(theme::mono(SMALL)).color(palette.second);
        ui.label(shown).on_hover_text(path.display().to_string());
        let right = ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let pressed = widgets::icon_button(ui, icons::SAVE, "Save code", "Ctrl+S").clicked();
            ui.label(RichText::new(note).size(SMALL).color(colour));
            pressed
        });
        if back { Some(Pressed::Back) } else { right.inner.then_some(Pressed::Save) }
    })
    .inner
}
