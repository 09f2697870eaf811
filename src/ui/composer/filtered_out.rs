//! What the filter of a mapping left out while a batch was collected, as tiles below it.

use egui::Ui;

use super::message_tiles::{Tile, Tiles};
use crate::model::Model;
use crate::model::queues::{Life, Queue};
use crate::model::selection::Selection;
use crate::service::ids::QueueName;
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette};
use crate::ui::{icons, widgets};

/// `batch` is the number of the batch.
pub fn filtered_out_ui(
    ui: &mut Ui,
    model: &Model,
    (name, queue, batch): (&QueueName, &Queue, u64),
    selection: &Selection,
    actions: &mut Vec<Action>,
) {
    let messages = queue.left_out.beside(batch);
    if messages.is_empty() {
        return;
    }
    ui.add_space(theme::GRID * 4.0);
    widgets::section(ui, "Left out by the filter, deleted", |ui| widgets::figure(ui, widgets::grouped(messages.len())));
    let palette = Palette::of(ui);
    let colour = palette.tint(palette.third, 0.6);
    let tile = |index: usize| {
        let life = model.lives.get(&messages[index]);
        Tile {
            id: messages[index],
            icon: icons::FUNNEL_X,
            colour,
            words: life.map_or_else(String::new, reason),
            body: life.map_or("", |life| &life.body),
        }
    };
    let group = if batch > queue.batches_made { "left out of the next" } else { "left out" };
    Tiles { group, model, queue: name, selection }.show(ui, messages.len(), tile, actions);
}

/// `amount 12`
fn reason(life: &Life) -> String {
    let first = life.left_out().and_then(|(_, mismatches)| mismatches.first());
    first.map_or_else(String::new, |mismatch| format!("{} {}", mismatch.field(), mismatch.found))
}
