//! The event source mappings of a function, with the queues that they read.

use egui::{ComboBox, Grid, RichText, Ui};

use super::configuration_tab::SPACING;
use super::setting_row::SettingRows;
use super::setting_value::FILTER_CRITERIA;
use crate::command::{Command, SettingOwner};
use crate::model::Model;
use crate::service::configuration::MappingConfiguration;
use crate::service::ids::{FunctionName, QueueName};
use crate::ui::action::Action;
use crate::ui::theme::Palette;
use crate::ui::widgets;

const MAPPING: [(&str, &str); 3] = [
    ("batch_size", "Records a batch holds at most: 1 to 10000, more than 10 only with a window"),
    ("maximum_batching_window_in_seconds", "How long records are collected before a batch that is not full is sent: 0 to 300"),
    ("scaling_config.maximum_concurrency", "How many batches may run at once: 2 to 1000; empty means no limit of its own"),
];
const REPORT: (&str, &str) =
    ("function_response_types", "ReportBatchItemFailures: only the messages the function names come back");
const FILTER: (&str, &str) = (
    FILTER_CRITERIA,
    "JSON patterns, at most 5: a message that fits none of them is deleted, and the function never gets it. Empty: every message",
);
const ENABLED: (&str, &str) = ("enabled", "Off: the queue is not read");
const QUEUE: [(&str, &str); 4] = [
    ("visibility_timeout", "Seconds for which a received message is invisible: 0 to 43200, at least the function's timeout"),
    (
        "message_retention_period",
        "Seconds after which a message that nobody processed is deleted: 60 to 1209600 (14 days). Of a dead-letter queue, too, it counts from when the message was sent at first",
    ),
    ("redrive.target", "queue:NAME: where a message goes that was received too often"),
    ("redrive.max_receive_count", "How often a message is received before it is moved"),
];

/// Which queue the function may read as well.
#[derive(Default)]
pub struct MappingSettings {
    chosen: Option<QueueName>,
}

impl MappingSettings {
    /// `queue` is the one that was chosen in the list of functions and queues, if any.
    pub fn ui(
        &mut self,
        rows: &mut SettingRows,
        ui: &mut Ui,
        model: &Model,
        (function, queue): (&FunctionName, Option<&QueueName>),
        actions: &mut Vec<Action>,
    ) {
        let mappings = model.functions.get(function).map(|function| function.mappings.as_slice()).unwrap_or_default();
        for mapping in mappings {
            mapping_ui(rows, ui, mapping, actions);
            ui.add_space(12.0);
            queue_ui(rows, ui, model, &mapping.queue, actions);
            ui.add_space(12.0);
        }
        let unread: Vec<&QueueName> =
            model.queues.keys().filter(|name| mappings.iter().all(|mapping| mapping.queue != **name)).collect();
        let queue = queue.filter(|queue| unread.contains(queue));
        if let Some(queue) = queue {
            queue_ui(rows, ui, model, queue, actions);
            ui.add_space(12.0);
        }
        self.more(ui, function, &unread, queue, actions);
    }

    /// Lets the function read one of the queues that it does not read yet.
    fn more(
        &mut self,
        ui: &mut Ui,
        function: &FunctionName,
        unread: &[&QueueName],
        queue: Option<&QueueName>,
        actions: &mut Vec<Action>,
    ) {
        widgets::section(ui, "Read a queue in batches", |_| {});
        let chosen = self.chosen.as_ref().filter(|chosen| unread.contains(chosen)).or(queue);
        let Some(mut chosen) = chosen.or(unread.first().copied()).cloned() else {
            let text = RichText::new("There is no queue that it does not read.").color(Palette::of(ui).second);
            ui.horizontal(|ui| {
                ui.label(text);
                if widgets::small_button(ui, "Add a queue").clicked() {
                    actions.push(Action::OpenAddQueue);
                }
            });
            return;
        };
        ui.horizontal(|ui| {
            let before = chosen.clone();
            let choice = ComboBox::from_id_salt("unread queue").selected_text(&*chosen).show_ui(ui, |ui| {
                for name in unread {
                    ui.selectable_value(&mut chosen, (*name).clone(), &***name);
                }
            });
            choice.response.accessible_name("Queue to read");
            let add =
                ui.button("Add the mapping").on_hover_text("An event source mapping: Lambda receives the messages and invokes");
            if add.clicked() {
                actions.push(Action::Command(Command::AddMapping { function: function.clone(), queue: chosen.clone() }));
            }
            if chosen != before {
                self.chosen = Some(chosen);
            }
        });
    }
}

fn mapping_ui(rows: &mut SettingRows, ui: &mut Ui, mapping: &MappingConfiguration, actions: &mut Vec<Action>) {
    let (function, queue) = (mapping.function.clone(), mapping.queue.clone());
    widgets::section(ui, &format!("Event source mapping from queue {queue}"), |ui| {
        if widgets::small_button(ui, "Remove").on_hover_text("The queue stays, with its messages").clicked() {
            let (function, queue) = (function.clone(), queue.clone());
            actions.push(Action::Command(Command::RemoveMapping { function, queue }));
        }
    });
    let owner = SettingOwner::Mapping { function, queue: queue.clone() };
    Grid::new(("mapping", &queue)).num_columns(2).spacing(SPACING).show(ui, |ui| {
        let window = (mapping.maximum_batching_window.0 / 1_000_000).to_string();
        let concurrency = mapping.maximum_concurrency.map(|most| most.to_string()).unwrap_or_default();
        let values = [mapping.batch_size.to_string(), window, concurrency];
        for (setting, value) in MAPPING.into_iter().zip(values) {
            rows.row(ui, &owner, setting, &value, actions);
        }
        let patterns: Vec<_> = mapping.filter_criteria.patterns().collect();
        rows.row(ui, &owner, FILTER, &patterns.join("\n"), actions);
        let on = [Some("[\"ReportBatchItemFailures\"]"), None];
        rows.switch(ui, &owner, REPORT, mapping.report_batch_item_failures, on, actions);
        rows.switch(ui, &owner, ENABLED, mapping.enabled, [None, Some("false")], actions);
    });
}

fn queue_ui(rows: &mut SettingRows, ui: &mut Ui, model: &Model, name: &QueueName, actions: &mut Vec<Action>) {
    let Some(queue) = model.queues.get(name) else { return };
    let Some(configuration) = queue.configuration.as_ref() else { return };
    widgets::section(ui, &format!("Queue {name}"), |ui| {
        let tip = if queue.messages.is_empty() { "Its mappings go with it" } else { "It holds messages: purge it first" };
        let remove = |ui: &mut Ui| widgets::small_button(ui, "Remove the queue");
        let response = ui.add_enabled_ui(queue.messages.is_empty(), remove).inner;
        if response.on_hover_text(tip).on_disabled_hover_text(tip).clicked() {
            actions.push(Action::Command(Command::RemoveQueue(name.clone())));
        }
    });
    let owner = SettingOwner::Queue(name.clone());
    Grid::new(("queue", name)).num_columns(2).spacing(SPACING).show(ui, |ui| {
        let visibility = (configuration.visibility_timeout.0 / 1_000_000).to_string();
        let retention = (configuration.message_retention_period.0 / 1_000_000).to_string();
        let redrive = configuration.redrive.as_ref();
        let target = redrive.map(|redrive| format!("queue:{}", redrive.target)).unwrap_or_default();
        let count = redrive.map(|redrive| redrive.max_receive_count.to_string()).unwrap_or_default();
        for (setting, value) in QUEUE.into_iter().zip([visibility, retention, target, count]) {
            rows.row(ui, &owner, setting, &value, actions);
        }
    });
}
