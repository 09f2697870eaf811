//! A batch: the invocation it was handed over by, and its records.

use egui::{Label, RichText, Ui};

use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::ids::BatchId;
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::widgets;

/// Records that are shown, and characters of each.
const RECORDS: usize = 200;
const LONGEST: usize = 300;

pub fn batch_ui(ui: &mut Ui, model: &Model, id: BatchId, actions: &mut Vec<Action>) {
    let Some(batch) = model.batches.get(&id) else { return };
    ui.add_space(4.0);
    if ui.button("Show the invocation").clicked() {
        actions.push(Action::Select(Selection::Invocation(batch.request_id)));
    }
    widgets::divider(ui);
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        widgets::section(ui, "Records", |_| {});
    });
    let failed = batch.finished.as_ref().map(|(failed, _)| failed.as_slice()).unwrap_or_default();
    let palette = Palette::of(ui);
    for (id, body) in batch.messages.iter().take(RECORDS) {
        let (colour, state) = match failed.contains(id) {
            true => (palette.error, "back  "),
            false => (palette.text, ""),
        };
        let body: String = body.chars().take(LONGEST).collect();
        let text = RichText::new(format!("{state}{body}")).font(theme::mono(SMALL)).color(colour);
        ui.add(Label::new(text).truncate());
    }
}
