//! Settings of a function, under Lambda's own names; each change goes into `invokelab.toml`.

use std::collections::BTreeMap;

use egui::{Grid, RichText, ScrollArea, TextEdit, Ui};

use crate::command::{Command, SettingChange};
use crate::event::FunctionView;
use crate::model::Model;
use crate::service::configuration::Target;
use crate::service::ids::FunctionName;
use crate::service::input::{Fault, FaultKind};
use crate::ui::action::Action;
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::widgets;

/// Key, plain words.
const SETTINGS: [(&str, &str); 9] = [
    ("handler", "Where the code begins: an export, or file.function"),
    ("timeout", "Seconds after which Lambda stops an invocation, 1 to 900"),
    ("memory_size", "Megabytes, 128 to 10240; the built-in JavaScript runtime is held to it"),
    (
        "reserved_concurrent_executions",
        "How many environments may run at once; 0 switches the function off, empty means unreserved",
    ),
    ("event_invoke.maximum_retry_attempts", "How often an asynchronous event is tried again after an error: 0 to 2"),
    ("event_invoke.maximum_event_age_in_seconds", "How old an asynchronous event may become: 60 to 21600"),
    ("event_invoke.on_success", "queue:NAME or function:NAME: gets a record of each event that succeeded"),
    ("event_invoke.on_failure", "queue:NAME or function:NAME: gets a record of each event that was given up"),
    ("dead_letter.target", "queue:NAME: gets each event that was given up, unchanged"),
];

#[derive(Default)]
pub struct ConfigurationTab {
    function: Option<FunctionName>,
    typed: BTreeMap<&'static str, String>,
    marked: String,
    new_variable: (String, String),
    fault: usize,
    fault_attempts: String,
}

impl ConfigurationTab {
    /// Draws this setting so that the eye finds it.
    pub fn mark(&mut self, key: &str) {
        key.clone_into(&mut self.marked);
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
        let Some(view) = model.workspace.functions.iter().find(|view| view.configuration.name == *function) else { return };
        if self.function.as_ref() != Some(function) {
            self.function = Some(function.clone());
            self.typed.clear();
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            super::padded(ui, |ui| {
                let palette = Palette::of(ui);
                ui.label(
                    RichText::new(format!("{} · {}", view.runtime, view.code.display()))
                        .font(theme::mono(SMALL))
                        .color(palette.second),
                );
                if model.workspace.read_only {
                    ui.label(RichText::new("The workspace is read-only: nothing can be changed here.").color(palette.throttle));
                }
                ui.add_space(6.0);
                Grid::new("settings").num_columns(2).spacing([16.0, 8.0]).show(ui, |ui| {
                    for (key, gloss) in SETTINGS {
                        self.setting(ui, view, key, gloss, actions);
                        ui.end_row();
                    }
                });
                ui.add_space(12.0);
                self.variables(ui, view, actions);
                ui.add_space(12.0);
                self.faults(ui, function, actions);
            });
        });
    }

    fn setting(&mut self, ui: &mut Ui, view: &FunctionView, key: &'static str, gloss: &str, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        let marked = self.marked == key;
        let name = RichText::new(key).font(theme::mono(BODY)).color(if marked { palette.asynchronous } else { palette.text });
        let label = ui.label(name).on_hover_text(gloss);
        if marked {
            ui.painter().rect_stroke(
                label.rect.expand(3.0),
                4.0,
                egui::Stroke::new(1.0, palette.asynchronous),
                egui::StrokeKind::Outside,
            );
        }
        let present = value(view, key);
        let typed = self.typed.entry(key).or_insert_with(|| present.clone());
        let response = ui
            .add(TextEdit::singleline(typed).desired_width(240.0).hint_text("default"))
            .accessible_name(key)
            .on_hover_text(gloss);
        if response.lost_focus() && *typed != present {
            let text = typed.trim();
            let value = (!text.is_empty()).then(|| toml_value(key, text));
            actions.push(Action::Command(Command::ChangeSetting(SettingChange {
                function: view.configuration.name.clone(),
                key: key.to_owned(),
                value,
            })));
            // What the file says after the change is shown again.
            self.typed.remove(key);
        } else if !response.has_focus() && *typed != present {
            *typed = present;
        }
    }

    fn variables(&mut self, ui: &mut Ui, view: &FunctionView, actions: &mut Vec<Action>) {
        widgets::section(ui, "Environment variables", |_| {});
        let change = |name: &str, value: Option<String>| {
            Action::Command(Command::ChangeSetting(SettingChange {
                function: view.configuration.name.clone(),
                key: format!("environment.{name}"),
                value,
            }))
        };
        for (name, value) in &view.environment {
            ui.horizontal(|ui| {
                ui.label(RichText::new(name).font(theme::mono(BODY)));
                widgets::figure(ui, value);
                if ui.small_button("Remove").clicked() {
                    actions.push(change(name, None));
                }
            });
        }
        ui.horizontal(|ui| {
            ui.add(TextEdit::singleline(&mut self.new_variable.0).hint_text("NAME").desired_width(120.0))
                .accessible_name("Variable name");
            ui.add(TextEdit::singleline(&mut self.new_variable.1).hint_text("value").desired_width(180.0))
                .accessible_name("Variable value");
            if ui.button("Set").clicked() && !self.new_variable.0.is_empty() {
                let (name, value) = std::mem::take(&mut self.new_variable);
                actions.push(change(&name, Some(serde_json::Value::String(value).to_string())));
            }
        });
    }

    /// Faults for teaching and testing: the code does not run for the attempts they name.
    fn faults(&mut self, ui: &mut Ui, function: &FunctionName, actions: &mut Vec<Action>) {
        const KINDS: [(&str, FaultKind); 5] = [
            ("throw", FaultKind::Throw),
            ("time out", FaultKind::Timeout),
            ("crash", FaultKind::Crash),
            ("run out of memory", FaultKind::OutOfMemory),
            ("be throttled", FaultKind::Throttle),
        ];
        widgets::section(ui, "Injected faults (until Invokelab closes)", |_| {});
        ui.horizontal(|ui| {
            ui.label("Let attempts");
            ui.add(TextEdit::singleline(&mut self.fault_attempts).hint_text("1, 2").desired_width(60.0))
                .accessible_name("Attempts");
            egui::ComboBox::from_id_salt("fault").selected_text(KINDS[self.fault].0).show_ui(ui, |ui| {
                for (index, (name, _)) in KINDS.iter().enumerate() {
                    ui.selectable_value(&mut self.fault, index, *name);
                }
            });
            if ui.button("Inject").clicked() {
                let attempts = self.fault_attempts.split([',', ' ']).filter_map(|text| text.trim().parse().ok()).collect();
                let fault = Fault { function: function.clone(), attempts, kind: KINDS[self.fault].1 };
                actions.push(Action::Command(Command::SetFaults(vec![fault])));
            }
            if ui.button("No faults").clicked() {
                actions.push(Action::Command(Command::SetFaults(Vec::new())));
            }
        });
    }
}

/// The present value as text; empty for a default that is not written.
fn value(view: &FunctionView, key: &str) -> String {
    let configuration = &view.configuration;
    let target = |target: &Option<Target>| target.as_ref().map(ToString::to_string).unwrap_or_default();
    match key {
        "handler" => configuration.handler.to_string(),
        "timeout" => (configuration.timeout.0 / 1_000_000).to_string(),
        "memory_size" => configuration.memory_size.to_string(),
        "reserved_concurrent_executions" => configuration.reserved_concurrency.map(|value| value.to_string()).unwrap_or_default(),
        "event_invoke.maximum_retry_attempts" => configuration.event_invoke.maximum_retry_attempts.to_string(),
        "event_invoke.maximum_event_age_in_seconds" => (configuration.event_invoke.maximum_event_age.0 / 1_000_000).to_string(),
        "event_invoke.on_success" => target(&configuration.event_invoke.on_success),
        "event_invoke.on_failure" => target(&configuration.event_invoke.on_failure),
        "dead_letter.target" => target(&configuration.dead_letter),
        _ => String::new(),
    }
}

/// Numbers as they are, anything else as a TOML string.
fn toml_value(key: &str, text: &str) -> String {
    let number = text.parse::<u64>().is_ok() && key != "handler";
    if number { text.to_owned() } else { serde_json::Value::String(text.to_owned()).to_string() }
}
