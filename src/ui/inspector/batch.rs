//! A batch: the invocation it was handed over by, and what came of each of its records.

use egui::{AtomExt as _, Button, RichText, Ui, Vec2};

use crate::model::Model;
use crate::model::queues::{Batch, Fate};
use crate::model::selection::Selection;
use crate::model::why::short;
use crate::service::ids::{BatchId, MessageId};
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::widgets;

/// Records that are shown, and characters of each.
const RECORDS: usize = 200;
const LONGEST: usize = 300;
const ROW: f32 = 26.0;

pub fn batch_ui(ui: &mut Ui, model: &Model, id: BatchId, actions: &mut Vec<Action>) {
    let Some(batch) = model.batches.get(&id) else { return };
    ui.add_space(theme::GRID);
    if ui.button("Show the invocation").clicked() {
        actions.push(Action::Select(Selection::Invocation(batch.request_id)));
    }
    widgets::divider(ui);
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        widgets::section(ui, "Records", |_| {});
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    // What failed is looked for first.
    let is_back = |message: &MessageId| batch.brings_back(*message);
    let (failed, fine): (Vec<_>, Vec<_>) = batch.messages.iter().partition(|(message, _)| is_back(message));
    for (message, body) in failed.into_iter().chain(fine).take(RECORDS) {
        record_ui(ui, model, (id, batch), (*message, body), actions);
    }
    if let Some(more) = batch.messages.len().checked_sub(RECORDS).filter(|more| *more > 0) {
        widgets::figure(ui, format!("and {} more in the tab Queue", widgets::grouped(more)));
    }
}

/// The message, what came of it, and the beginning of its body; it opens the message.
fn record_ui(
    ui: &mut Ui,
    model: &Model,
    (id, batch): (BatchId, &Batch),
    (message, body): (MessageId, &str),
    actions: &mut Vec<Action>,
) {
    let palette = Palette::of(ui);
    let fate = model.fate(id, batch, message);
    let words = model.fate_words(batch, &fate);
    let colour = if matches!(fate, Fate::Back(_)) { palette.error } else { palette.second };
    let body: String = body.chars().take(LONGEST).collect();
    let text = (
        RichText::new(short(message)).font(theme::mono(SMALL)),
        RichText::new(body).font(theme::mono(SMALL)).color(palette.second).atom_shrink(true),
    );
    let right = RichText::new(&words).size(SMALL).color(colour);
    let width = ui.available_width();
    let button = Button::selectable(false, text).truncate().shortcut_text(right).min_size(Vec2::new(width, ROW));
    if ui.add(button).accessible_name(format!("Message {}, {words}", short(message))).clicked() {
        let queue = model.lives.get(&message).map_or(&batch.queue, |life| &life.queue);
        actions.push(Action::Select(Selection::Message(queue.clone(), message)));
    }
}
