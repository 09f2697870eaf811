//! What waits: the function's own asynchronous events, and the messages of a queue with the batches made of them.

use std::sync::Arc;

use egui::{RichText, ScrollArea, Ui};

use super::batch_view;
use super::message_row::message_row_ui;
use crate::command::Command;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::why::short;
use crate::service::happened::RetryReason;
use crate::service::ids::{FunctionName, QueueName};
use crate::service::input::InvocationSource;
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::status_bar::{countdown, whole_seconds};
use crate::ui::theme::{self, BODY, Palette};
use crate::ui::{icons, widgets};

/// Messages shown; a queue of more says how many there are.
const SHOWN: usize = 500;

pub fn queue_tab_ui(
    ui: &mut Ui,
    model: &Model,
    (function, queue): (&FunctionName, Option<&QueueName>),
    purged: &mut Option<Purged>,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        super::padded(ui, |ui| {
            let mapped =
                model.functions.get(function).and_then(|function| function.mappings.first()).map(|mapping| &mapping.queue);
            if let Some(queue) = queue.filter(|queue| model.queues.contains_key(*queue)).or(mapped) {
                sqs(ui, model, queue, purged, now, actions);
            }
            events(ui, model, function, now, actions);
        });
    });
}

/// Asynchronous events that wait in the function's own queue.
fn events(ui: &mut Ui, model: &Model, function: &FunctionName, now: Timestamp, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.add_space(8.0);
    widgets::section(ui, &format!("Asynchronous events of {function}"), |_| {});
    let mut any = false;
    for (id, invocation) in model.waiting(Some(function)) {
        any = true;
        ui.horizontal(|ui| {
            let name = invocation.label.as_deref().map_or_else(|| short(*id), str::to_owned);
            if ui.link(RichText::new(name).font(theme::medium(BODY))).clicked() {
                actions.push(Action::Select(Selection::Invocation(*id)));
            }
            let age = whole_seconds(now.since(invocation.accepted_at));
            let retry = invocation.retry.as_ref();
            let next = retry.map_or_else(
                || "starting".to_owned(),
                |retry| format!("attempt {} in {}", retry.attempt, countdown(retry.due.since(now))),
            );
            widgets::figure(ui, format!("{age} old, {next}"));
            if let Some(RetryReason::FunctionError { error_type }) = retry.map(|retry| &retry.reason) {
                ui.label(RichText::new(&**error_type).color(palette.error));
            }
            if widgets::small_button(ui, "Retry now").clicked() {
                actions.push(Action::Command(Command::RetryNow(*id)));
            }
            if widgets::small_button(ui, "Edit and retry").clicked() {
                let text = String::from_utf8_lossy(&invocation.payload).into_owned();
                actions.push(Action::ComposeRetry { request_id: *id, text });
            }
            if widgets::small_button(ui, "Drop").clicked() {
                actions.push(Action::Command(Command::DropEvent(*id)));
            }
        });
    }
    if !any {
        ui.label(
            RichText::new("None wait. Send one with Async: if it fails, it waits here for its next attempt.")
                .color(palette.second),
        );
    }
}

fn sqs(ui: &mut Ui, model: &Model, name: &QueueName, purged: &mut Option<Purged>, now: Timestamp, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let Some(queue) = model.queues.get(name) else { return };
    let (waiting, invisible) = queue.depth();
    ui.horizontal(|ui| {
        ui.label(RichText::new(icons::QUEUE).font(theme::icon(16.0)).color(palette.batch));
        ui.label(RichText::new(&**name).font(theme::semibold(theme::LARGE)));
        widgets::figure(
            ui,
            format!("{waiting} waiting, {invisible} invisible, {} processed, {} moved", queue.processed, queue.moved),
        );
    });
    ui.horizontal(|ui| {
        purge(ui, name, queue.messages.is_empty(), purged, actions);
        let source = model.queues.iter().find(|(_, other)| {
            other
                .configuration
                .as_ref()
                .and_then(|configuration| configuration.redrive.as_ref())
                .is_some_and(|redrive| redrive.target == *name)
        });
        if let Some((source, _)) = source
            && ui.add_enabled(waiting > 0, egui::Button::new(format!("Redrive to {source}"))).clicked()
        {
            actions.push(Action::Command(Command::Redrive { from: name.clone(), to: source.clone() }));
        }
    });
    batch_view::batch_view_ui(ui, model, name, now, actions);
    ui.add_space(8.0);
    widgets::section(ui, "Messages", |_| {});
    if queue.messages.is_empty() {
        ui.label(RichText::new("The queue is empty. Choose Queue in the toolbar and send a few.").color(palette.second));
    }
    for (id, message) in queue.messages.iter().take(SHOWN) {
        message_row_ui(ui, name, (*id, message), now, actions);
    }
    if queue.messages.len() > SHOWN {
        widgets::figure(ui, format!("and {} more", queue.messages.len() - SHOWN));
    }
}

/// Messages that were deleted together.
pub struct Purged {
    queue: QueueName,
    bodies: Vec<Arc<str>>,
}

impl Purged {
    #[must_use]
    pub fn of(model: &Model, queue: &QueueName) -> Self {
        let messages = model.queues.get(queue).into_iter().flat_map(|queue| queue.messages.values());
        Self { queue: queue.clone(), bodies: messages.map(|message| message.body.clone()).collect() }
    }
}

/// Deletes every message; they can be put back as new ones.
fn purge(ui: &mut Ui, name: &QueueName, empty: bool, purged: &mut Option<Purged>, actions: &mut Vec<Action>) {
    if ui.add_enabled(!empty, egui::Button::new("Purge")).on_hover_text("Delete every message").clicked() {
        actions.push(Action::Purge(name.clone()));
    }
    let Some(count) = purged.as_ref().filter(|purged| purged.queue == *name).map(|purged| purged.bodies.len()) else { return };
    let text = if count == 1 { "Put 1 message back".to_owned() } else { format!("Put {count} messages back") };
    let tip = "They come as new messages: nobody has received them yet";
    if ui.button(text).on_hover_text(tip).clicked()
        && let Some(Purged { queue, bodies }) = purged.take()
    {
        actions.push(Action::Command(Command::SendMessages { queue, bodies, source: InvocationSource::Workbench }));
    }
}
