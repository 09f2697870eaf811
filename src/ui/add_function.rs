//! Adding a function, and opening another workspace: dialogs with a path field, since a file dialog may not exist.

use std::path::PathBuf;

use egui::{Id, RichText, TextEdit, Ui};

use super::action::Action;
use super::theme::{Palette, SMALL};
use super::widgets;
use crate::command::{Command, NewFunction};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    JavaScript,
    Folder,
    Command,
}

/// A dialog that is open, with what was typed.
#[derive(Default)]
pub struct Dialogs {
    adding: bool,
    opening: bool,
    kind: Kind,
    name: String,
    path: String,
    /// The path that the system's own dialog will give, from a thread of its own.
    picked: Option<crossbeam_channel::Receiver<Option<PathBuf>>>,
}

impl Dialogs {
    pub fn add_function(&mut self) {
        *self = Self { adding: true, ..Self::default() };
    }

    pub fn open_workspace(&mut self) {
        *self = Self { opening: true, ..Self::default() };
    }

    pub fn is_open(&self) -> bool {
        self.adding || self.opening
    }

    pub fn ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        if let Some(path) = self.picked.as_ref().and_then(|picked| picked.try_recv().ok()) {
            self.picked = None;
            if let Some(path) = path {
                self.path = path.display().to_string();
            }
        }
        if self.adding {
            self.adding_ui(ui, actions);
        } else if self.opening {
            self.opening_ui(ui, actions);
        }
    }

    fn adding_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let mut done = false;
        let modal = egui::Modal::new(Id::unique("add function")).show(ui, |ui| {
            ui.set_width(460.0);
            ui.heading("Add a function");
            let kinds = [
                (Kind::JavaScript, "Built-in JavaScript", None),
                (Kind::Folder, "Folder", None),
                (Kind::Command, "Program", None),
            ];
            if let Some(kind) = widgets::segments(ui, self.kind, &kinds) {
                self.kind = kind;
            }
            let colour = Palette::of(ui).second;
            let text = match self.kind {
                Kind::JavaScript => "A new handler file is written into the workspace. Nothing has to be installed.",
                Kind::Folder => "A folder with handler.py, index.mjs or an executable bootstrap; the runtime is detected.",
                Kind::Command => "Any program that speaks the Lambda Runtime API, with its arguments.",
            };
            ui.label(RichText::new(text).size(SMALL).color(colour));
            ui.add(TextEdit::singleline(&mut self.name).hint_text("Name").desired_width(f32::INFINITY))
                .accessible_name("Function name");
            if self.kind != Kind::JavaScript {
                self.path_field(ui, if self.kind == Kind::Folder { "Path of the folder" } else { "Program and arguments" });
            }
            ui.horizontal(|ui| {
                if ui.add_enabled(self.new_function().is_some(), egui::Button::new("Add")).clicked()
                    && let Some(new) = self.new_function()
                {
                    actions.push(Action::Command(Command::AddFunction(new)));
                    done = true;
                }
                done |= ui.button("Cancel").clicked();
            });
        });
        self.adding = !(done || modal.should_close());
    }

    fn new_function(&self) -> Option<NewFunction> {
        let (name, path) = (self.name.trim().to_owned(), self.path.trim());
        match self.kind {
            Kind::JavaScript if !name.is_empty() => Some(NewFunction::JavaScript { name }),
            Kind::Folder if !path.is_empty() => {
                Some(NewFunction::Folder { name: (!name.is_empty()).then_some(name), path: path.into() })
            }
            Kind::Command if !name.is_empty() && !path.is_empty() => {
                Some(NewFunction::Command { name, command: path.split_whitespace().map(str::to_owned).collect() })
            }
            _ => None,
        }
    }

    fn opening_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let mut done = false;
        let modal = egui::Modal::new(Id::unique("open workspace")).show(ui, |ui| {
            ui.set_width(460.0);
            ui.heading("Open a workspace");
            self.path_field(ui, "A folder with an invokelab.toml");
            ui.horizontal(|ui| {
                if ui.add_enabled(!self.path.trim().is_empty(), egui::Button::new("Open")).clicked() {
                    actions.push(Action::OpenWorkspace(self.path.trim().into()));
                    done = true;
                }
                done |= ui.button("Cancel").clicked();
            });
        });
        self.opening = !(done || modal.should_close());
    }

    fn path_field(&mut self, ui: &mut Ui, hint: &str) {
        ui.horizontal(|ui| {
            ui.add(TextEdit::singleline(&mut self.path).hint_text(hint).desired_width(350.0)).accessible_name("Path");
            if ui.button("Browse…").clicked() && self.picked.is_none() {
                self.picked = browse(ui.ctx().clone());
            }
        });
    }
}

/// The system's dialog on a thread of its own; without a portal it gives nothing, and the field is there.
fn browse(ctx: egui::Context) -> Option<crossbeam_channel::Receiver<Option<PathBuf>>> {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let pick = move || {
        // The window may be gone when somebody chooses at last.
        let _ = sender.send(rfd::FileDialog::new().pick_folder());
        ctx.request_repaint();
    };
    std::thread::Builder::new().name("file dialog".into()).spawn(pick).ok().map(|_| receiver)
}
