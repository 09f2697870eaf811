//! Adding a function, and opening another workspace: dialogs with a path field, since a file dialog may not exist.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use egui::{Align2, Key, Label, Response, RichText, TextEdit, Ui};

use super::action::Action;
use super::add_queue::AddQueue;
use super::theme::{Palette, SMALL};
use super::widgets;
use crate::command::{Command, NewFunction};
use crate::event::WorkspaceView;
use crate::model::Model;
use crate::service::ids::{FunctionName, QueueName};

/// Width of the dialogs.
pub(super) const WIDTH: f32 = 460.0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    JavaScript,
    Folder,
    Command,
}

impl Kind {
    fn text(self) -> &'static str {
        match self {
            Self::JavaScript => "A new handler file is written into the workspace. Nothing has to be installed.",
            Self::Folder => "A folder with handler.py, index.mjs or an executable bootstrap; the runtime is detected.",
            Self::Command => "Any program that speaks the Lambda Runtime API, with its arguments.",
        }
    }
}

/// A dialog that is open, with what was typed.
#[derive(Default)]
pub struct Dialogs {
    adding: bool,
    opening: bool,
    /// The first field has not taken the keyboard yet.
    fresh: bool,
    kind: Kind,
    name: String,
    path: String,
    /// The functions there were when another was asked for; the answer is still to come.
    asked: Option<BTreeSet<FunctionName>>,
    /// The workspace that was open when another was asked for; the answer is still to come.
    left: Option<Arc<WorkspaceView>>,
    /// Why the last one was not added or opened.
    refused: Option<String>,
    /// The path that the system's own dialog will give, from a thread of its own.
    picked: Option<crossbeam_channel::Receiver<Option<PathBuf>>>,
    queue: AddQueue,
}

impl Dialogs {
    pub fn add_function(&mut self) {
        *self = Self { adding: true, fresh: true, ..Self::default() };
    }

    pub fn add_queue(&mut self) {
        *self = Self { queue: AddQueue::begin(), ..Self::default() };
    }

    /// The queue that was asked for, once it is there: then the dialog closes.
    pub fn added_queue(&mut self, model: &Model) -> Option<QueueName> {
        self.queue.added(model)
    }

    /// Shows why a function or a queue was not added; whether that was asked from here.
    pub fn refuse(&mut self, reason: &str) -> bool {
        let mine = self.adding && self.asked.take().is_some();
        self.show_refused(mine, reason) || self.queue.refuse(reason)
    }

    /// Shows why a workspace was not opened; whether that was asked from here.
    pub fn refuse_workspace(&mut self, reason: &str) -> bool {
        let mine = self.opening && self.left.take().is_some();
        self.show_refused(mine, reason)
    }

    fn show_refused(&mut self, mine: bool, reason: &str) -> bool {
        if mine {
            self.refused = Some(reason.to_owned());
        }
        mine
    }

    /// The function that was asked for, once it is there: then the dialog closes.
    pub fn added(&mut self, model: &Model) -> Option<FunctionName> {
        let before = self.asked.as_ref()?;
        let mut names = model.workspace.functions.iter().map(|view| &view.configuration.name);
        let new = names.rfind(|name| !before.contains(*name))?.clone();
        *self = Self::default();
        Some(new)
    }

    /// Closes once the workspace that was asked for is there.
    pub fn close_opened(&mut self, model: &Model) {
        if self.left.as_ref().is_some_and(|left| !Arc::ptr_eq(left, &model.workspace)) {
            *self = Self::default();
        }
    }

    pub fn open_workspace(&mut self) {
        *self = Self { opening: true, fresh: true, ..Self::default() };
    }

    pub fn is_open(&self) -> bool {
        self.adding || self.opening || self.queue.is_open()
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        if let Some(path) = self.picked.as_ref().and_then(|picked| picked.try_recv().ok()) {
            self.picked = None;
            if let Some(path) = path {
                self.path = path.display().to_string();
            }
        }
        if self.adding {
            self.adding_ui(ui, model, actions);
        } else if self.opening {
            self.opening_ui(ui, model, actions);
        }
        self.queue.ui(ui, model, actions);
    }

    fn adding_ui(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let mut done = false;
        let modal = widgets::dialog(ui, "add function", WIDTH, |ui| {
            ui.heading("Add a function");
            let kinds = [
                (Kind::JavaScript, "Built-in JavaScript", None),
                (Kind::Folder, "Folder", None),
                (Kind::Command, "Program", None),
            ];
            if let Some(kind) = widgets::segments(ui, self.kind, &kinds) {
                (self.kind, self.fresh, self.refused) = (kind, true, None);
            }
            let palette = Palette::of(ui);
            ui.label(RichText::new(self.kind.text()).size(SMALL).color(palette.second));
            let mut entered = self.fields(ui);
            if let Some(reason) = &self.refused {
                ui.add(Label::new(RichText::new(format!("Not added: {reason}.")).color(palette.error)).wrap());
            }
            ui.horizontal(|ui| {
                let new = self.new_function().filter(|_| self.asked.is_none());
                entered |= ui.add_enabled(new.is_some(), egui::Button::new("Add")).clicked();
                if let Some(new) = new.filter(|_| entered) {
                    let names = model.workspace.functions.iter().map(|view| view.configuration.name.clone());
                    (self.asked, self.refused) = (Some(names.collect()), None);
                    actions.push(Action::Command(Command::AddFunction(new)));
                }
                done |= ui.button("Cancel").clicked();
            });
        });
        self.adding = !(done || modal.should_close());
    }

    /// The fields of the chosen kind; whether Enter was pressed in one.
    fn fields(&mut self, ui: &mut Ui) -> bool {
        let mut entered = false;
        match self.kind {
            Kind::JavaScript => {}
            Kind::Folder => entered |= self.path_field(ui, "Path of the folder"),
            Kind::Command => entered |= self.path_field(ui, "Program and arguments"),
        }
        let hint = if self.kind == Kind::Folder { "Name (optional: that of the folder)" } else { "Name" };
        let field = TextEdit::singleline(&mut self.name).hint_text(hint).align(Align2::LEFT_CENTER);
        let response = widgets::field(ui, field.desired_width(f32::INFINITY)).accessible_name("Function name");
        if std::mem::take(&mut self.fresh) {
            response.request_focus();
        }
        entered | enter(ui, &response)
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

    fn opening_ui(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let mut cancelled = false;
        let modal = widgets::dialog(ui, "open workspace", WIDTH, |ui| {
            ui.heading("Open a workspace");
            let entered = self.path_field(ui, "A folder with an invokelab.toml");
            if let Some(reason) = &self.refused {
                ui.add(Label::new(RichText::new(reason).color(Palette::of(ui).error)).wrap());
            }
            ui.horizontal(|ui| {
                let ready = !self.path.trim().is_empty() && self.left.is_none();
                let path = PathBuf::from(self.path.trim());
                let mut asked = None;
                if ui.add_enabled(ready, egui::Button::new("Open")).clicked() || (entered && ready) {
                    asked = Some(Action::OpenWorkspace(path.clone()));
                }
                let make = ui.add_enabled(ready, egui::Button::new("Make it a workspace"));
                if make.on_hover_text("Writes an invokelab.toml into a folder that has none, and opens it").clicked() {
                    asked = Some(Action::Command(Command::CreateWorkspace(path)));
                }
                if let Some(asked) = asked {
                    (self.left, self.refused) = (Some(Arc::clone(&model.workspace)), None);
                    actions.push(asked);
                }
                cancelled = ui.button("Cancel").clicked();
            });
        });
        self.opening = !(cancelled || modal.should_close());
    }

    /// Whether Enter was pressed in it.
    fn path_field(&mut self, ui: &mut Ui, hint: &str) -> bool {
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut self.path).hint_text(hint.to_owned()).align(Align2::LEFT_CENTER);
            let response = widgets::field(ui, field.desired_width(WIDTH - 100.0)).accessible_name("Path");
            if std::mem::take(&mut self.fresh) {
                response.request_focus();
            }
            if ui.button("Browse…").clicked() && self.picked.is_none() {
                self.picked = browse(ui.ctx().clone());
            }
            enter(ui, &response)
        })
        .inner
    }
}

/// Whether Enter was pressed in a field; it keeps the keyboard.
pub(super) fn enter(ui: &Ui, response: &Response) -> bool {
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if entered {
        // What was typed may have to be corrected.
        response.request_focus();
    }
    entered
}

/// The system's dialog on a thread of its own; without a portal it gives nothing, and the field is there.
pub(super) fn browse(ctx: egui::Context) -> Option<crossbeam_channel::Receiver<Option<PathBuf>>> {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let pick = move || {
        // The window may be gone when somebody chooses at last.
        let _ = sender.send(rfd::FileDialog::new().pick_folder());
        ctx.request_repaint();
    };
    std::thread::Builder::new().name("file dialog".into()).spawn(pick).ok().map(|_| receiver)
}
