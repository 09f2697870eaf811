//! How a batch comes about: three gauges of which one closes it, and its records as tiles.

use egui::{Color32, RichText, Ui, Vec2};

use crate::model::Model;
use crate::model::queues::{Batch, Collecting};
use crate::model::selection::Selection;
use crate::service::configuration::MappingConfiguration;
use crate::service::happened::ClosedBy;
use crate::service::ids::QueueName;
use crate::service::limits::SYNCHRONOUS_PAYLOAD;
use crate::service::time::{Micros, Timestamp};
use crate::ui::action::Action;
use crate::ui::icons;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::widgets;

/// Tiles drawn; more are counted.
const TILES: usize = 200;

pub fn batch_view_ui(ui: &mut Ui, model: &Model, queue: &QueueName, now: Timestamp, actions: &mut Vec<Action>) {
    let Some(mapping) = model.functions.values().flat_map(|function| &function.mappings).find(|mapping| mapping.queue == *queue)
    else {
        return;
    };
    let Some(state) = model.queues.get(queue) else { return };
    ui.add_space(6.0);
    if let Some(collecting) = &state.collecting {
        widgets::section(ui, &format!("Collecting for {}", mapping.function), |_| {});
        gauges(ui, mapping, collecting.messages.len(), Some(now.since(collecting.opened_at)), collecting.bytes, None);
        collected(ui, collecting, now);
    }
    if let Some(batch) = state.last_batch.and_then(|id| model.batches.get(&id).map(|batch| (id, batch))) {
        last_batch(ui, mapping, batch.1, || actions.push(Action::Select(Selection::Batch(batch.0))));
    }
}

fn collected(ui: &mut Ui, collecting: &Collecting, now: Timestamp) {
    let left = collecting.closes_at.since(now);
    widgets::figure(ui, format!("the window closes in {}", crate::ui::status_bar::countdown(left)));
    let palette = Palette::of(ui);
    tiles(ui, collecting.messages.len(), |_| Tile { colour: palette.batch, icon: "", words: "collected" });
}

fn last_batch(ui: &mut Ui, mapping: &MappingConfiguration, batch: &Batch, select: impl FnOnce()) {
    let palette = Palette::of(ui);
    let shown = widgets::section(ui, "Last batch", |ui| widgets::small_button(ui, "Show").clicked());
    if shown {
        select();
    }
    let window = batch.closed_at.since(batch.opened_at);
    gauges(ui, mapping, batch.messages.len(), Some(window), batch.bytes, Some(batch.closed_by));
    let failed = batch.finished.as_ref().map(|(failed, _)| failed.as_slice()).unwrap_or_default();
    let tile = |index: usize| match (&batch.finished, batch.messages.get(index)) {
        (Some(_), Some((id, _))) if failed.contains(id) => {
            Tile { colour: palette.error, icon: icons::FAILED, words: "goes back to the queue" }
        }
        (Some(_), _) => Tile { colour: palette.ok, icon: icons::OK, words: "processed and deleted" },
        (None, _) => Tile { colour: palette.batch, icon: "", words: "the function has it" },
    };
    tiles(ui, batch.messages.len(), tile);
    let text = match &batch.finished {
        None => "the function has it".to_owned(),
        Some((failed, _)) if failed.is_empty() => "all processed and deleted".to_owned(),
        Some((failed, _)) => format!("{} of {} go back to the queue", failed.len(), batch.messages.len()),
    };
    ui.label(RichText::new(text).size(SMALL).color(palette.second));
}

/// Size, window, bytes; the one that closed the batch is named.
fn gauges(
    ui: &mut Ui,
    mapping: &MappingConfiguration,
    records: usize,
    window: Option<Micros>,
    bytes: usize,
    closed_by: Option<ClosedBy>,
) {
    #[expect(clippy::cast_precision_loss, reason = "shares for the eye")]
    let share = |part: usize, whole: usize| part as f32 / whole.max(1) as f32;
    let window = window.unwrap_or_default();
    let micros = |length: Micros| usize::try_from(length.0).unwrap_or(usize::MAX);
    let limit = mapping.maximum_batching_window;
    let window_share = if limit == Micros(0) { 1.0 } else { share(micros(window.min(limit)), micros(limit)) };
    ui.horizontal(|ui| {
        let size = mapping.batch_size as usize;
        gauge(ui, "size", &format!("{records} of {size}"), share(records, size), closed_by == Some(ClosedBy::Size));
        gauge(ui, "window", &format!("{} of {limit}", window.min(limit)), window_share, closed_by == Some(ClosedBy::Window));
        let text = format!("{} of 6 MB", widgets::size(bytes));
        gauge(ui, "bytes", &text, share(bytes, SYNCHRONOUS_PAYLOAD), closed_by == Some(ClosedBy::Bytes));
    });
}

fn gauge(ui: &mut Ui, name: &str, text: &str, share: f32, closed: bool) {
    let palette = Palette::of(ui);
    ui.vertical(|ui| {
        ui.set_width(150.0);
        let title = if closed { format!("{name} · closed it") } else { name.to_owned() };
        let colour = if closed { palette.batch } else { palette.second };
        ui.label(RichText::new(title).font(theme::medium(SMALL)).color(colour));
        let (rect, _) = ui.allocate_exact_size(Vec2::new(140.0, 6.0), egui::Sense::hover());
        ui.painter().rect_filled(rect, 3.0, palette.raised);
        let used = egui::Rect::from_min_size(rect.min, Vec2::new(rect.width() * share.clamp(0.0, 1.0), rect.height()));
        ui.painter().rect_filled(used, 3.0, if closed { palette.batch } else { palette.third });
        widgets::figure(ui, text);
    });
}

/// One record. Colour says nothing alone: what came of it has an icon, too.
struct Tile {
    colour: Color32,
    icon: &'static str,
    words: &'static str,
}

fn tiles(ui: &mut Ui, count: usize, tile: impl Fn(usize) -> Tile) {
    let ink = Palette::of(ui).ground;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(4.0);
        for index in 0..count.min(TILES) {
            let (rect, response) = ui.allocate_exact_size(Vec2::splat(16.0), egui::Sense::hover());
            let Tile { colour, icon, words } = tile(index);
            ui.painter().rect_filled(rect, 3.0, colour);
            ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, icon, theme::icon(12.0), ink);
            response.on_hover_text(format!("record {}: {words}", index + 1));
        }
        if count > TILES {
            widgets::figure(ui, format!("+{}", count - TILES));
        }
    });
}
