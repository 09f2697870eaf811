//! What waits: the messages of a queue with the batches made of them, and the function's own asynchronous events.

use egui::{RichText, ScrollArea, Ui};

use super::batch_view;
use super::deleted::DeletedMessages;
use super::message_row::message_row_ui;
use super::queue_header::{Walker, queue_header_ui};
use crate::command::Command;
use crate::model::Model;
use crate::model::queues::Queue;
use crate::model::selection::Selection;
use crate::model::why::short;
use crate::service::happened::RetryReason;
use crate::service::ids::{FunctionName, QueueName};
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::status_bar::{countdown, whole_seconds};
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::widgets;

/// Messages shown that are in no batch; a queue of more says how many there are.
const SHOWN: usize = 500;

/// What a person did in the tab.
#[derive(Default)]
pub struct QueueTab {
    pub deleted: DeletedMessages,
    walker: Walker,
}

impl QueueTab {
    /// `queue` is the one that was chosen; else the one that `function` reads is shown.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        (function, queue): (&FunctionName, Option<&QueueName>),
        selection: &Selection,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) {
        let mappings = model.functions.get(function).and_then(|function| function.mappings.first());
        let name = queue.filter(|queue| model.queues.contains_key(*queue)).or(mappings.map(|mapping| &mapping.queue));
        let shown = name.and_then(|name| Some((name, model.queues.get(name)?)));
        if let Some((name, queue)) = shown {
            self.walker.follow(model, selection);
            queue_header_ui(ui, model, (name, queue), &mut self.walker, &self.deleted, actions);
            ui.add(egui::Separator::default().spacing(2.0));
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            super::padded(ui, |ui| {
                if let Some((name, queue)) = shown {
                    let batch = self.walker.shown(name, queue);
                    batch_view::batch_view_ui(ui, model, (name, queue, batch), selection, now, actions);
                    messages(ui, model, (name, queue), selection, now, actions);
                }
                events(ui, model, function, now, actions);
            });
        });
    }
}

/// Messages that are in no batch.
fn messages(
    ui: &mut Ui,
    model: &Model,
    (name, queue): (&QueueName, &Queue),
    selection: &Selection,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    let palette = Palette::of(ui);
    let (free, count) = queue.in_no_batch(SHOWN);
    if count == 0 {
        if queue.messages.is_empty() && queue.batches.is_empty() {
            let text = match model.mapping_of(name) {
                Some(mapping) => {
                    format!("The queue is empty. Put messages into it and see how {} gets them in batches.", mapping.function)
                }
                None => "The queue is empty.".to_owned(),
            };
            ui.label(RichText::new(text).color(palette.second));
        }
        return;
    }
    ui.add_space(theme::GRID * 3.0);
    let words = if count == 1 { "1 message".to_owned() } else { format!("{} messages", widgets::grouped(count)) };
    widgets::section(ui, "Invisible and waiting", |ui| ui.label(RichText::new(words).size(SMALL).color(palette.second)));
    for message in &free {
        message_row_ui(ui, name, *message, selection, now, actions);
    }
    if count > free.len() {
        widgets::figure(ui, format!("and {} more", widgets::grouped(count - free.len())));
    }
}

/// Asynchronous events that wait in the function's own queue.
fn events(ui: &mut Ui, model: &Model, function: &FunctionName, now: Timestamp, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.add_space(theme::GRID * 3.0);
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
