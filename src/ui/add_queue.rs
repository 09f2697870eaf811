//! Adding a queue: its name, and the function that reads it.

use std::collections::BTreeSet;

use egui::{Align2, ComboBox, Label, RichText, TextEdit, Ui};

use super::action::Action;
use super::add_function::{WIDTH, enter};
use super::theme::{Palette, SMALL};
use super::widgets;
use crate::command::Command;
use crate::model::Model;
use crate::service::ids::{FunctionName, QueueName};

const EXPLANATION: &str = "A standard SQS queue, kept on this machine. A function that reads it gets its messages in batches; \
                           a queue that nobody reads can take failed events and messages.";

/// The dialog, with what was typed.
#[derive(Default)]
pub struct AddQueue {
    open: bool,
    /// The field has not taken the keyboard yet.
    fresh: bool,
    name: String,
    reader: Option<FunctionName>,
    /// The queues there were when another was asked for; the answer is still to come.
    asked: Option<BTreeSet<QueueName>>,
    /// Why the last one was not added.
    refused: Option<String>,
}

impl AddQueue {
    pub fn begin() -> Self {
        Self { open: true, fresh: true, ..Self::default() }
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows why a queue was not added; whether that was asked from here.
    pub fn refuse(&mut self, reason: &str) -> bool {
        let mine = self.open && self.asked.take().is_some();
        if mine {
            self.refused = Some(reason.to_owned());
        }
        mine
    }

    /// The queue that was asked for, once it is there: then the dialog closes.
    pub fn added(&mut self, model: &Model) -> Option<QueueName> {
        let before = self.asked.as_ref()?;
        let new = model.queues.keys().find(|name| !before.contains(*name))?.clone();
        *self = Self::default();
        Some(new)
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        if !self.open {
            return;
        }
        let mut done = false;
        let modal = widgets::dialog(ui, "add queue", WIDTH, |ui| {
            ui.heading("Add a queue");
            let palette = Palette::of(ui);
            ui.add(Label::new(RichText::new(EXPLANATION).size(SMALL).color(palette.second)).wrap());
            let mut entered = self.name_field(ui);
            self.reader_choice(ui, model);
            if let Some(reason) = &self.refused {
                ui.add(Label::new(RichText::new(format!("Not added: {reason}.")).color(palette.error)).wrap());
            }
            ui.horizontal(|ui| {
                let ready = !self.name.trim().is_empty() && self.asked.is_none();
                entered |= ui.add_enabled(ready, egui::Button::new("Add")).clicked();
                if entered && ready {
                    (self.asked, self.refused) = (Some(model.queues.keys().cloned().collect()), None);
                    let name = self.name.trim().to_owned();
                    actions.push(Action::Command(Command::AddQueue { name, reader: self.reader.clone() }));
                }
                done |= ui.button("Cancel").clicked();
            });
        });
        self.open = !(done || modal.should_close());
    }

    /// Whether Enter was pressed in it.
    fn name_field(&mut self, ui: &mut Ui) -> bool {
        let field = TextEdit::singleline(&mut self.name).hint_text("Name").align(Align2::LEFT_CENTER);
        let response = widgets::field(ui, field.desired_width(f32::INFINITY)).accessible_name("Queue name");
        if std::mem::take(&mut self.fresh) {
            response.request_focus();
        }
        enter(ui, &response)
    }

    fn reader_choice(&mut self, ui: &mut Ui, model: &Model) {
        const NOBODY: &str = "nobody";
        ui.horizontal(|ui| {
            ui.label("Read by");
            let chosen = self.reader.as_deref().unwrap_or(NOBODY).to_owned();
            let choice = ComboBox::from_id_salt("reader").selected_text(chosen).show_ui(ui, |ui| {
                ui.selectable_value(&mut self.reader, None, NOBODY);
                for view in &model.workspace.functions {
                    let name = &view.configuration.name;
                    ui.selectable_value(&mut self.reader, Some(name.clone()), &**name);
                }
            });
            choice.response.accessible_name("Read by");
        });
    }
}
