//! The environment variables of a function: a row for each, and a line for one more.

use std::collections::BTreeMap;

use egui::{Grid, Key, Label, RichText, TextEdit, Ui};

use super::configuration_tab::SPACING;
use super::setting_row::{SettingRows, VARIABLE, change};
use crate::command::{SettingChange, SettingOwner};
use crate::event::{FunctionView, MASK};
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::widgets;

const GLOSS: &str = "An environment variable of the function; change it here, or take it away with Remove";

/// A variable that is being put together. It stays until the file has it.
#[derive(Default)]
struct NewVariable {
    name: String,
    value: String,
    /// It went to be written into the file as it is.
    sent: bool,
    /// Why it was not written.
    refused: Option<String>,
}

/// What is being put together, by function.
#[derive(Default)]
pub struct VariableSettings {
    new: BTreeMap<FunctionName, NewVariable>,
}

impl VariableSettings {
    /// A variable was not set; whether it was put together here, where the reason is shown from now on.
    pub fn refuse(&mut self, change: &SettingChange, reason: &str) -> bool {
        let SettingOwner::Function(function) = &change.owner else { return false };
        let is_it = |new: &&mut NewVariable| new.sent && change.key.strip_prefix(VARIABLE) == Some(&new.name);
        let Some(new) = self.new.get_mut(function).filter(is_it) else { return false };
        (new.sent, new.refused) = (false, Some(reason.to_owned()));
        true
    }

    pub fn ui(&mut self, rows: &mut SettingRows, ui: &mut Ui, view: &FunctionView, actions: &mut Vec<Action>) {
        widgets::section(ui, "Environment variables", |_| {});
        let owner = SettingOwner::Function(view.configuration.name.clone());
        Grid::new("variables").num_columns(2).spacing(SPACING).show(ui, |ui| {
            for (name, value) in &view.environment {
                if value == MASK {
                    ui.label(RichText::new(name).font(theme::mono(BODY)));
                    widgets::figure(ui, value).on_hover_text("Its value is in env_file, and is not shown");
                    ui.end_row();
                    continue;
                }
                let key = format!("{VARIABLE}{name}");
                let remove = |ui: &mut Ui| widgets::small_button(ui, "Remove").clicked();
                if rows.row_with(ui, &owner, (&key, GLOSS), value, actions, remove) {
                    actions.push(change(&owner, &key, None));
                }
            }
        });
        let new = self.new.entry(view.configuration.name.clone()).or_default();
        if new.sent && view.environment.get(&new.name) == Some(&new.value) {
            *new = NewVariable::default();
        }
        new.ui(ui, &owner, actions);
    }
}

impl NewVariable {
    fn ui(&mut self, ui: &mut Ui, owner: &SettingOwner, actions: &mut Vec<Action>) {
        ui.horizontal(|ui| {
            let name = TextEdit::singleline(&mut self.name).hint_text("NAME").desired_width(120.0);
            let name = widgets::field(ui, name).accessible_name("Variable name");
            let value = TextEdit::singleline(&mut self.value).hint_text("value").desired_width(180.0);
            let value = widgets::field(ui, value).accessible_name("Variable value");
            if name.changed() || value.changed() {
                (self.sent, self.refused) = (false, None);
            }
            let entered = value.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if (ui.button("Set").clicked() || entered) && !self.name.is_empty() {
                (self.sent, self.refused) = (true, None);
                let value = serde_json::Value::String(self.value.clone()).to_string();
                actions.push(change(owner, &format!("{VARIABLE}{}", self.name), Some(value)));
            }
        });
        if let Some(reason) = &self.refused {
            ui.add(Label::new(RichText::new(reason).size(SMALL).color(Palette::of(ui).error)).wrap());
        }
    }
}
