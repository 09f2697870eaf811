//! How a batch comes about and what came of it: three gauges of which one closes it, and its messages as tiles.

use std::time::Duration;

use egui::{Color32, RichText, Ui};

use super::filtered_out::filtered_out_ui;
use super::gauges::{Filled, gauges_ui};
use super::message_tiles::{Tile, Tiles};
use crate::command::ClockMode;
use crate::model::Model;
use crate::model::lengths::{so_far, tenths};
use crate::model::queues::{Aftermath, Batch, Collecting, Fate, Queue, Whereabouts};
use crate::model::selection::Selection;
use crate::service::happened::BatchVerdict;
use crate::service::ids::{BatchId, MessageId, QueueName};
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};

/// How often tenths of seconds are drawn anew while the clock goes.
const TENTHS: Duration = Duration::from_millis(100);

/// The batch that is looked at, and below it what is being collected.
pub fn batch_view_ui(
    ui: &mut Ui,
    model: &Model,
    (name, queue, batch): (&QueueName, &Queue, Option<BatchId>),
    selection: &Selection,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    if let Some((id, batch)) = batch.and_then(|id| Some((id, model.batches.get(&id)?))) {
        sent_ui(ui, model, name, (id, batch), selection, actions);
        filtered_out_ui(ui, model, (name, queue, batch.number), selection, actions);
    }
    if let Some(collecting) = &queue.collecting {
        if batch.is_some() {
            ui.add_space(theme::GRID * 4.0);
        }
        collecting_ui(ui, model, (name, queue, collecting), selection, now, actions);
        if model.clock.is_some_and(|clock| clock.mode != ClockMode::Paused) {
            ui.request_repaint_after(TENTHS);
        }
    }
    filtered_out_ui(ui, model, (name, queue, queue.batches_made + 1), selection, actions);
}

fn sent_ui(
    ui: &mut Ui,
    model: &Model,
    name: &QueueName,
    (id, batch): (BatchId, &Batch),
    selection: &Selection,
    actions: &mut Vec<Action>,
) {
    let filled = Filled {
        messages: (batch.messages.len(), batch.batch_size),
        window: (batch.closed_at.since(batch.opened_at), batch.window),
        bytes: batch.bytes,
        bodies_only: false,
        closed_by: Some(batch.closed_by),
    };
    gauges_ui(ui, "the batch", &filled);
    ui.add_space(theme::GRID * 3.0);
    let shown = widgets::section(ui, &sent_words(model, batch), |ui| {
        let shown = widgets::small_button(ui, "Why?")
            .accessible_name("Why this batch")
            .on_hover_text("What closed it, and what came of it");
        let (words, colour) = outcome_words(batch, &Palette::of(ui));
        ui.label(RichText::new(words).size(SMALL).color(colour));
        shown.clicked()
    });
    if shown {
        actions.push(Action::Select(Selection::Batch(id)));
    }
    let palette = Palette::of(ui);
    let tile = |index: usize| {
        let (message, body) = &batch.messages[index];
        let fate = model.fate(id, batch, *message);
        let (icon, colour) = of_fate(&fate, &palette);
        Tile { id: *message, icon, colour, words: model.fate_words(batch, &fate), body }
    };
    Tiles { group: "sent", model, queue: name, selection }.show(ui, batch.messages.len(), tile, actions);
}

/// When it went to its function, and how long that had it.
fn sent_words(model: &Model, batch: &Batch) -> String {
    let (function, at) = (&batch.function, model.on_ruler(batch.closed_at));
    match &batch.finished {
        Some((_, BatchVerdict::Throttled(_))) => format!("Closed at {at}, not sent: {function} was not free"),
        Some((_, BatchVerdict::RecursiveLoop)) => format!("Closed at {at}, not sent: {function} was stopped as a recursive loop"),
        Some((_, BatchVerdict::MappingGone)) => format!("Closed at {at}, not sent: the mapping to {function} was removed"),
        Some((_, BatchVerdict::Emptied)) => format!("Closed at {at}, not sent: its messages were deleted"),
        None if model.is_held(batch) => format!("Closed at {at}, waits: {function} is not free"),
        None => format!("Sent to {function} at {at}, running"),
        Some(_) => match model.batch_took(batch) {
            Some(length) => format!("Sent to {function} at {at}, {length}"),
            None => format!("Sent to {function} at {at}"),
        },
    }
}

fn outcome_words(batch: &Batch, palette: &Palette) -> (String, Color32) {
    match (&batch.finished, batch.failed_words(), batch.messages.len()) {
        (None, ..) => (String::new(), palette.second),
        (Some((_, verdict)), Some(words), _) if verdict.is_unsent() => (words, palette.throttle),
        (Some(_), Some(words), _) => (words, palette.error),
        (Some(_), None, 1) => ("deleted".to_owned(), palette.second),
        (Some(_), None, all) => (format!("all {all} deleted"), palette.second),
    }
}

/// Colour says nothing alone: what came of a message has an icon and words, too.
fn of_fate(fate: &Fate, palette: &Palette) -> (&'static str, Color32) {
    match fate {
        Fate::Running => (icons::PLAY, palette.batch),
        Fate::Held => (icons::HOURGLASS, palette.throttle),
        Fate::Deleted => (icons::OK, palette.ok),
        Fate::Removed(_) => (icons::TRASH, palette.second),
        Fate::Back(Aftermath { again: None, now: Whereabouts::Moved { .. } }) => (icons::DEAD_LETTER, palette.error),
        Fate::Back(_) => (icons::FAILED, palette.error),
    }
}

fn collecting_ui(
    ui: &mut Ui,
    model: &Model,
    (name, queue, collecting): (&QueueName, &Queue, &Collecting),
    selection: &Selection,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    let left = tenths(collecting.closes_at.since(now));
    let title = format!("Collecting for batch {}", queue.batches_made + 1);
    widgets::section(ui, &title, |ui| {
        let colour = Palette::of(ui).second;
        ui.label(RichText::new(format!("window closes in {left}")).size(SMALL).color(colour));
    });
    if let Some(mapping) = model.mapping_of(name) {
        let filled = Filled {
            messages: (collecting.messages.len(), mapping.batch_size as usize),
            window: (now.since(collecting.opened_at), collecting.closes_at.since(collecting.opened_at)),
            bytes: collecting.bytes,
            bodies_only: true,
            closed_by: None,
        };
        gauges_ui(ui, "what is collected", &filled);
        ui.add_space(theme::GRID * 2.0);
    }
    let palette = Palette::of(ui);
    let tile = |index: usize| {
        let id: MessageId = collecting.messages[index];
        let life = model.lives.get(&id);
        let waits =
            life.and_then(|life| life.received_at()).map_or_else(String::new, |at| format!("waits {}", so_far(now.since(at))));
        Tile { id, icon: icons::MESSAGE, colour: palette.batch, words: waits, body: life.map_or("", |life| &life.body) }
    };
    Tiles { group: "collected", model, queue: name, selection }.show(ui, collecting.messages.len(), tile, actions);
}
