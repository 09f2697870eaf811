//! The handler's code: what is saved here takes effect at the next invoke.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use egui::{Align, Layout, RichText, Ui};

use super::edited_text::EditedText;
use crate::command::Command;
use crate::model::Model;
use crate::model::editor::Language;
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::editor::EditorOptions;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Handler files that were opened; what is typed into them stays, whichever function is looked at.
#[derive(Default)]
pub struct CodeTab {
    files: BTreeMap<PathBuf, EditedText>,
    /// The file that is seen; it was asked for when it came into view.
    seen: Option<PathBuf>,
}

impl CodeTab {
    pub fn loaded(&mut self, path: &Path, text: &str) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.files.entry(path.to_path_buf()).or_insert_with(|| EditedText::of_file(text, Language::of_file(&name)));
    }

    pub fn saved(&mut self, path: &Path) {
        if let Some(file) = self.files.get_mut(path) {
            file.saved();
        }
    }

    /// Saves the file that is seen.
    pub fn save(&mut self, function: &FunctionName, actions: &mut Vec<Action>) {
        let seen = self.seen.as_ref().and_then(|path| self.files.get_mut(path));
        if let Some(file) = seen {
            let text = file.save();
            actions.push(Action::Command(Command::SaveCode { function: function.clone(), text }));
        }
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
        let view = model.workspace.functions.iter().find(|view| view.configuration.name == *function);
        let Some(path) = view.and_then(|view| view.code_file.as_ref()) else {
            self.seen = None;
            let text = "This function runs a program or a folder without a handler file. Its code is yours to edit elsewhere; changes take effect at the next invoke.";
            return widgets::empty(ui, icons::FILE, "No handler file to show", text);
        };
        if self.seen.as_ref() != Some(path) {
            self.seen = Some(path.clone());
            actions.push(Action::Command(Command::LoadCode(function.clone())));
        }
        let Some(file) = self.files.get_mut(path) else {
            ui.spinner();
            return;
        };
        if header(ui, path, file.is_unsaved()) {
            actions.push(Action::Save);
        }
        let colours = Palette::of(ui).editor();
        file.editor.show(ui, &mut file.document, &EditorOptions::new("Code", &colours));
    }
}

/// The file's path, how it stands, and the button that saves it; whether that was pressed.
fn header(ui: &mut Ui, path: &Path, unsaved: bool) -> bool {
    let palette = Palette::of(ui);
    let (note, colour) =
        if unsaved { ("not saved", palette.throttle) } else { ("takes effect at the next invoke", palette.second) };
    super::padded(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(path.display().to_string()).font(theme::mono(SMALL)).color(palette.second));
            let right = ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let pressed = widgets::icon_button(ui, icons::SAVE, "Save code", "Ctrl+S").clicked();
                ui.label(RichText::new(note).size(SMALL).color(colour));
                pressed
            });
            right.inner
        })
        .inner
    })
}
