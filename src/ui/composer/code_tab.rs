//! The handler's code: what is saved here takes effect at the next invoke.

use std::path::{Path, PathBuf};

use egui::{Align, Layout, RichText, Ui};

use crate::command::Command;
use crate::model::Model;
use crate::model::editor::{Document, Language};
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::editor::{CodeEditor, EditorOptions};
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};

struct Open {
    function: FunctionName,
    path: PathBuf,
    document: Document,
    saved_at: u64,
}

#[derive(Default)]
pub struct CodeTab {
    open: Option<Open>,
    asked: Option<FunctionName>,
    editor: CodeEditor,
}

impl CodeTab {
    pub fn loaded(&mut self, function: &FunctionName, path: &Path, text: &str) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let document = Document::new(text, Language::of_file(&name));
        let saved_at = document.revision();
        self.open = Some(Open { function: function.clone(), path: path.to_path_buf(), document, saved_at });
        self.editor.reset();
    }

    pub fn saved(&mut self, function: &FunctionName) {
        if let Some(open) = self.open.as_mut().filter(|open| open.function == *function) {
            open.saved_at = open.document.revision();
        }
    }

    pub fn save(&mut self, function: &FunctionName, actions: &mut Vec<Action>) {
        if let Some(open) = self.open.as_ref().filter(|open| open.function == *function) {
            let text = open.document.to_text();
            actions.push(Action::Command(Command::SaveCode { function: function.clone(), text }));
        }
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        let view = model.workspace.functions.iter().find(|view| view.configuration.name == *function);
        if view.is_none_or(|view| view.code_file.is_none()) {
            let text = "This function runs a program or a folder without a handler file. Its code is yours to edit elsewhere; changes take effect at the next invoke.";
            return widgets::empty(ui, icons::FILE, "No handler file to show", text);
        }
        if self.open.as_ref().is_none_or(|open| open.function != *function) {
            if self.asked.as_ref() != Some(function) {
                self.asked = Some(function.clone());
                actions.push(Action::Command(Command::LoadCode(function.clone())));
            }
            ui.spinner();
            return;
        }
        self.asked = None;
        let Some(open) = &mut self.open else { return };
        let dirty = open.document.revision() != open.saved_at;
        super::padded(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new(open.path.display().to_string()).font(theme::mono(SMALL)).color(palette.second));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let note = if dirty { "not saved" } else { "takes effect at the next invoke" };
                    if widgets::icon_button(ui, icons::SAVE, "Save code", "Ctrl+S").clicked() {
                        let text = open.document.to_text();
                        actions.push(Action::Command(Command::SaveCode { function: function.clone(), text }));
                    }
                    ui.label(RichText::new(note).size(SMALL).color(if dirty { palette.throttle } else { palette.second }));
                });
            });
        });
        let colours = palette.editor();
        self.editor.show(ui, &mut open.document, &EditorOptions::new("Code", &colours));
    }
}
