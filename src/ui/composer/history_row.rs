//! A line of the history, in columns that stand below each other.

use egui::text::LayoutJob;
use egui::{Align2, Color32, CornerRadius, FontId, Rect, Response, Sense, Ui, Vec2, pos2};

use crate::event::HistoryRow;
use crate::model::why::short;
use crate::service::happened::Outcome;
use crate::ui::icons;
use crate::ui::theme::{self, BODY, Palette, ROW, SMALL};

/// From this width on there is room for the day and for the kind of error.
const ROOMY: f32 = 640.0;
const HEADS: f32 = 20.0;
const ICON: f32 = 24.0;
const TIME: f32 = 74.0;
const DAY_AND_TIME: f32 = 118.0;
const TYPE: f32 = 112.0;
const DURATION: f32 = 76.0;
const GAP: f32 = 10.0;

/// The names of the columns, above them.
pub fn history_heads_ui(ui: &mut Ui) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEADS), Sense::hover());
    let font = theme::medium(theme::TINY);
    let names = ["Time (UTC)", "Function", "Type", "Event", "Error"];
    for (name, across) in names.into_iter().zip(columns(rect, rect.width() > ROOMY)) {
        cell(ui, across, name, font.clone(), palette.third);
    }
    let right = pos2(rect.right() - GAP, rect.center().y);
    ui.painter().text(right, Align2::RIGHT_CENTER, "Duration", font, palette.third);
}

/// Draws the line, which is a button.
pub fn history_row_ui(ui: &mut Ui, row: &HistoryRow, open: bool) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    let enabled = ui.is_enabled();
    let name = row.label.as_deref().map_or_else(|| short(row.request_id), str::to_owned);
    let kind = kind(row, &palette);
    let spoken = format!("{} {} {name}", row.function, kind.0);
    response.widget_info(|| egui::WidgetInfo {
        current_text_value: Some(row.status().to_owned()),
        ..egui::WidgetInfo::labeled(egui::accesskit::Role::Button, enabled, &spoken)
    });
    if open || response.hovered() || response.has_focus() {
        let fill = if open { palette.raised } else { palette.tint(palette.raised, 0.6) };
        ui.painter().rect_filled(rect, CornerRadius::same(theme::CORNER), fill);
    }
    let (icon, colour) = standing(row, &palette);
    ui.painter().text(pos2(rect.left() + 16.0, rect.center().y), Align2::CENTER_CENTER, icon, theme::icon(14.0), colour);
    let roomy = rect.width() > ROOMY;
    let time = row.accepted_at.iso_millis();
    let time = if roomy { time[5..19].replace('T', " ") } else { time[11..19].to_owned() };
    let error = row.error_type.as_deref().unwrap_or_default();
    let text = FontId::proportional(BODY);
    let cells = [
        (time.as_str(), theme::mono(SMALL), palette.second),
        (&row.function, theme::medium(BODY), palette.text),
        (kind.0, FontId::proportional(SMALL), kind.1),
        (&name, text.clone(), palette.text),
        (error, text, palette.error),
    ];
    for ((words, font, colour), across) in cells.into_iter().zip(columns(rect, roomy)) {
        cell(ui, across, words, font, colour);
    }
    if let Some(duration) = row.duration {
        let right = pos2(rect.right() - GAP, rect.center().y);
        ui.painter().text(right, Align2::RIGHT_CENTER, duration.to_string(), theme::mono(SMALL), palette.second);
    }
    response.on_hover_text(described(row))
}

/// Everything that the line has no room for.
fn described(row: &HistoryRow) -> String {
    let status = row.status();
    let mut text = match &row.error_type {
        Some(error) => format!("{status}: {error}\n"),
        None => format!("{status}\n"),
    };
    if let Some(queue) = &row.batch_from {
        text += &format!("{}: the mapping from queue {queue} invoked it with a batch\n", row.invocation_type.name());
    }
    let attempts = if row.attempts == 1 { "1 attempt".to_owned() } else { format!("{} attempts", row.attempts) };
    text + &format!("{attempts}, accepted {}\nrequest id {}", row.accepted_at.iso_millis(), row.request_id)
}

/// What kind of invocation it was. What a mapping made has a type, too, but that is not what tells it apart.
fn kind(row: &HistoryRow, palette: &Palette) -> (&'static str, Color32) {
    match row.batch_from {
        Some(_) => ("Batch", palette.batch),
        None => (row.invocation_type.name(), palette.second),
    }
}

/// Time, function, type, name, error.
fn columns(rect: Rect, roomy: bool) -> [Rect; 5] {
    let time = if roomy { DAY_AND_TIME } else { TIME };
    let rest = (rect.width() - ICON - time - TYPE - DURATION - GAP * 2.0).max(0.0);
    let [function, name, error] = if roomy { [0.28, 0.40, 0.32] } else { [0.38, 0.62, 0.0] }.map(|share| rest * share);
    let mut left = rect.left() + ICON + 4.0;
    [time, function, TYPE, name, error].map(|width| {
        let column = Rect::from_x_y_ranges(left..=(left + width - GAP).max(left), rect.y_range());
        left += width;
        column
    })
}

/// Words in one line, cut where the column ends.
pub(super) fn cell(ui: &Ui, across: Rect, words: &str, font: FontId, colour: Color32) {
    if across.width() < 8.0 || words.is_empty() {
        return;
    }
    let mut job = LayoutJob::simple_singleline(words.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(across.width());
    let galley = ui.painter().layout_job(job);
    let top = across.center().y - galley.size().y * 0.5;
    ui.painter().galley(pos2(across.left(), top), galley, colour);
}

fn standing(row: &HistoryRow, palette: &Palette) -> (&'static str, Color32) {
    match row.outcome {
        Some(Outcome::Succeeded) if row.error_type.is_none() => (icons::OK, palette.ok),
        Some(Outcome::Refused) => (icons::WARNING, palette.throttle),
        Some(_) => (icons::FAILED, palette.error),
        None => (icons::HOURGLASS, palette.second),
    }
}
