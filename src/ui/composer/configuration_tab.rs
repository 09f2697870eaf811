//! Settings of a function, under Lambda's own names; each change goes into `invokelab.toml`.

use egui::{Grid, RichText, ScrollArea, TextEdit, Ui};

use super::setting_row::{SettingRows, change};
use crate::command::{Command, SettingChange, SettingOwner};
use crate::event::FunctionView;
use crate::model::Model;
use crate::service::configuration::{MappingConfiguration, Target};
use crate::service::ids::{FunctionName, QueueName};
use crate::service::input::{Fault, FaultKind};
use crate::service::time::Micros;
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

const MAPPING: [(&str, &str); 3] = [
    ("batch_size", "Records a batch holds at most: 1 to 10000, more than 10 only with a window"),
    ("maximum_batching_window_in_seconds", "How long records are collected before a batch that is not full is sent: 0 to 300"),
    ("scaling_config.maximum_concurrency", "How many batches may run at once: 2 to 1000; empty means no limit of its own"),
];
const REPORT: (&str, &str) =
    ("function_response_types", "ReportBatchItemFailures: only the messages the function names come back");
const ENABLED: (&str, &str) = ("enabled", "Off: the queue is not read");
const QUEUE: [(&str, &str); 3] = [
    ("visibility_timeout", "Seconds for which a received message is invisible: 0 to 43200, at least the function's timeout"),
    ("redrive.target", "queue:NAME: where a message goes that was received too often"),
    ("redrive.max_receive_count", "How often a message is received before it is moved"),
];
pub(super) const SPACING: [f32; 2] = [16.0, 8.0];

#[derive(Default)]
pub struct ConfigurationTab {
    rows: SettingRows,
    new_variable: (String, String),
    fault: usize,
    fault_attempts: String,
}

impl ConfigurationTab {
    /// Scrolls to this setting, and draws it so that the eye finds it.
    pub fn mark(&mut self, owner: SettingOwner, key: String) {
        self.rows.mark(owner, key);
    }

    /// A setting that was typed here was not changed; whether it was typed here.
    pub fn refuse(&mut self, change: &SettingChange, reason: &str) -> bool {
        self.rows.refuse(change, reason)
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
                self.variables(ui, view, actions);
                ui.add_space(12.0);
                super::url_settings::url_settings_ui(&mut self.rows, ui, view, actions);
                ui.add_space(12.0);
                super::cors_settings::api_settings_ui(&mut self.rows, ui, model, view, actions);
                let mappings = model.functions.get(function).map(|function| function.mappings.as_slice()).unwrap_or_default();
                for mapping in mappings {
                    self.mapping(ui, model, mapping, actions);
                    ui.add_space(12.0);
                }
                if let Some(queue) = queue.filter(|queue| !mappings.iter().any(|mapping| mapping.queue == **queue)) {
                    self.queue(ui, model, queue, actions);
                    ui.add_space(12.0);
                }
                self.faults(ui, function, actions);
            });
        });
    }

    /// The mapping of a queue to the function, and the queue itself.
    fn mapping(&mut self, ui: &mut Ui, model: &Model, mapping: &MappingConfiguration, actions: &mut Vec<Action>) {
        let (function, queue) = (mapping.function.clone(), mapping.queue.clone());
        widgets::section(ui, &format!("Event source mapping from queue {queue}"), |_| {});
        let owner = SettingOwner::Mapping { function, queue: queue.clone() };
        Grid::new(("mapping", &queue)).num_columns(2).spacing(SPACING).show(ui, |ui| {
            let window = (mapping.maximum_batching_window.0 / 1_000_000).to_string();
            let concurrency = mapping.maximum_concurrency.map(|most| most.to_string()).unwrap_or_default();
            let values = [mapping.batch_size.to_string(), window, concurrency];
            for (setting, value) in MAPPING.into_iter().zip(values) {
                self.rows.row(ui, &owner, setting, &value, actions);
            }
            let on = [Some("[\"ReportBatchItemFailures\"]"), None];
            self.rows.switch(ui, &owner, REPORT, mapping.report_batch_item_failures, on, actions);
            self.rows.switch(ui, &owner, ENABLED, mapping.enabled, [None, Some("false")], actions);
        });
        ui.add_space(12.0);
        self.queue(ui, model, &queue, actions);
    }

    fn queue(&mut self, ui: &mut Ui, model: &Model, name: &QueueName, actions: &mut Vec<Action>) {
        let Some(queue) = model.queues.get(name).and_then(|queue| queue.configuration.as_ref()) else { return };
        widgets::section(ui, &format!("Queue {name}"), |_| {});
        let owner = SettingOwner::Queue(name.clone());
        Grid::new(("queue", name)).num_columns(2).spacing(SPACING).show(ui, |ui| {
            let visibility = (queue.visibility_timeout.0 / 1_000_000).to_string();
            let redrive = queue.redrive.as_ref();
            let target = redrive.map(|redrive| format!("queue:{}", redrive.target)).unwrap_or_default();
            let count = redrive.map(|redrive| redrive.max_receive_count.to_string()).unwrap_or_default();
            for (setting, value) in QUEUE.into_iter().zip([visibility, target, count]) {
                self.rows.row(ui, &owner, setting, &value, actions);
            }
        });
    }

    fn variables(&mut self, ui: &mut Ui, view: &FunctionView, actions: &mut Vec<Action>) {
        widgets::section(ui, "Environment variables", |_| {});
        let owner = SettingOwner::Function(view.configuration.name.clone());
        let change = |name: &str, value| change(&owner, &format!("environment.{name}"), value);
        for (name, value) in &view.environment {
            ui.horizontal(|ui| {
                ui.label(RichText::new(name).font(theme::mono(BODY)));
                widgets::figure(ui, value);
                if widgets::small_button(ui, "Remove").clicked() {
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
        const KINDS: [(&str, FaultKind); 7] = [
            ("throw", FaultKind::Throw),
            ("time out", FaultKind::Timeout),
            ("crash", FaultKind::Crash),
            ("run out of memory", FaultKind::OutOfMemory),
            ("be throttled", FaultKind::Throttle),
            ("begin 2 s late", FaultKind::Slow(Micros::from_secs(2))),
            ("fail in init", FaultKind::InitFailure),
        ];
        widgets::section(ui, "Injected faults (until Invokelab closes)", |_| {});
        ui.horizontal(|ui| {
            ui.label("Let attempts");
            ui.add(TextEdit::singleline(&mut self.fault_attempts).hint_text("1, 2").desired_width(60.0))
                .accessible_name("Attempts");
            let kinds = egui::ComboBox::from_id_salt("fault").selected_text(KINDS[self.fault].0).show_ui(ui, |ui| {
                for (index, (name, _)) in KINDS.iter().enumerate() {
                    ui.selectable_value(&mut self.fault, index, *name);
                }
            });
            kinds.response.accessible_name("Fault");
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
