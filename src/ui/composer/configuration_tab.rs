//! Settings of a function, under Lambda's own names; each change goes into `invokelab.toml`.

use egui::{Grid, RichText, ScrollArea, Ui};

use super::fault_settings::FaultSettings;
use super::mapping_settings::MappingSettings;
use super::setting_row::SettingRows;
use super::variable_settings::VariableSettings;
use crate::command::{SettingChange, SettingOwner};
use crate::event::FunctionView;
use crate::model::Model;
use crate::service::configuration::Target;
use crate::service::ids::{FunctionName, QueueName};
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};

/// Key, plain words.
const SETTINGS: [(&str, &str); 10] = [
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
    ("recursive_loop", "Terminate: Lambda stops it once it was invoked 16 times in one chain of requests; Allow: it goes on"),
];

pub(super) const SPACING: [f32; 2] = [16.0, 8.0];

#[derive(Default)]
pub struct ConfigurationTab {
    rows: SettingRows,
    mappings: MappingSettings,
    variables: VariableSettings,
    faults: FaultSettings,
}

impl ConfigurationTab {
    /// Scrolls to this setting, and draws it so that the eye finds it.
    pub fn mark(&mut self, owner: SettingOwner, key: String) {
        self.rows.mark(owner, key);
    }

    /// A setting that was typed here was not changed; whether it was typed here.
    pub fn refuse(&mut self, change: &SettingChange, reason: &str) -> bool {
        self.variables.refuse(change, reason) || self.rows.refuse(change, reason)
    }

    /// Whether what has the keyboard is the field of a setting.
    #[must_use]
    pub fn is_typing(&self, focused: Option<egui::Id>) -> bool {
        self.rows.is_typing(focused)
    }

    /// `queue` is the one that was chosen in the list of functions and queues, if any.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        function: &FunctionName,
        queue: Option<&QueueName>,
        actions: &mut Vec<Action>,
    ) {
        let Some(view) = model.workspace.functions.iter().find(|view| view.configuration.name == *function) else { return };
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            super::padded(ui, |ui| {
                let palette = Palette::of(ui);
                ui.label(
                    RichText::new(format!("{} · {}", view.runtime, model.shown_path(&view.code)))
                        .font(theme::mono(SMALL))
                        .color(palette.second),
                )
                .on_hover_text(view.code.display().to_string());
                if model.workspace.read_only {
                    ui.label(RichText::new("The workspace is read-only: nothing can be changed here.").color(palette.throttle));
                }
                ui.add_space(6.0);
                let owner = SettingOwner::Function(function.clone());
                Grid::new("settings").num_columns(2).spacing(SPACING).show(ui, |ui| {
                    for setting in SETTINGS {
                        self.rows.row(ui, &owner, setting, &value(view, setting.0), actions);
                    }
                });
                ui.add_space(12.0);
                self.variables.ui(&mut self.rows, ui, view, actions);
                ui.add_space(12.0);
                super::url_settings::url_settings_ui(&mut self.rows, ui, view, actions);
                ui.add_space(12.0);
                super::route_settings::route_settings_ui(&mut self.rows, ui, model, view, actions);
                ui.add_space(12.0);
                super::cors_settings::api_settings_ui(&mut self.rows, ui, model, view, actions);
                super::policy_settings::policy_settings_ui(&mut self.rows, ui, model, view, actions);
                ui.add_space(12.0);
                self.mappings.ui(&mut self.rows, ui, model, (function, queue), actions);
                ui.add_space(12.0);
                super::workspace_settings::workspace_settings_ui(&mut self.rows, ui, model, actions);
                ui.add_space(12.0);
                self.faults.ui(ui, model, function, actions);
            });
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
        "recursive_loop" => configuration.recursive_loop.name().to_owned(),
        "dead_letter.target" => target(&configuration.dead_letter),
        _ => String::new(),
    }
}
