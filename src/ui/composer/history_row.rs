//! A line of the history, in columns that stand below each other.

use egui::text::LayoutJob;
use egui::{Align, Align2, Color32, CornerRadius, FontId, Id, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, pos2};

use super::history_columns::{COLUMNS, Columns, ROOMY, align};
use crate::event::HistoryRow;
use crate::model::selection::InvocationModel;
use crate::model::why::short;
use crate::service::counted::counted;
use crate::service::happened::Outcome;
use crate::service::input::InvocationType;
use crate::ui::icons;
use crate::ui::theme::{self, BODY, Palette, ROW, SMALL};

/// What stands in the columns of a row, without its icon.
pub(super) struct Cells<'a> {
    time: String,
    function: &'a str,
    kind: &'static str,
    name: String,
    error: &'a str,
    duration: String,
}

impl<'a> Cells<'a> {
    /// `roomy` says whether there is room for the day.
    pub fn of(row: &'a HistoryRow, roomy: bool) -> Self {
        let time = row.accepted_at.iso_millis();
        Self {
            time: if roomy { time[5..19].replace('T', " ") } else { time[11..19].to_owned() },
            function: &row.function,
            kind: if roomy { kind(row) } else { short_kind(row) },
            name: row.label.as_deref().map_or_else(|| short(row.request_id), str::to_owned),
            error: row.error_type.as_deref().unwrap_or_default(),
            duration: row.duration.map(|duration| duration.to_string()).unwrap_or_default(),
        }
    }

    /// In the order of the columns.
    pub fn words(&self) -> [(&str, FontId); COLUMNS] {
        [
            (&self.time, theme::mono(SMALL)),
            (self.function, theme::medium(BODY)),
            (self.kind, FontId::proportional(SMALL)),
            (&self.name, FontId::proportional(BODY)),
            (self.error, FontId::proportional(BODY)),
            (&self.duration, theme::mono(SMALL)),
        ]
    }
}

/// A row as the keyboard knows it, wherever in the list it stands.
pub(super) fn row_id(row: &HistoryRow) -> Id {
    Id::unique(("history", row.request_id))
}

/// Draws the line, which is a button.
pub fn history_row_ui(ui: &mut Ui, row: &HistoryRow, columns: &Columns, open: bool) -> Response {
    let palette = Palette::of(ui);
    let (_, rect) = ui.allocate_space(Vec2::new(ui.available_width(), ROW));
    let response = ui.interact(rect, row_id(row), Sense::click());
    let enabled = ui.is_enabled();
    let cells = Cells::of(row, rect.width() > ROOMY);
    let spoken = format!("{} {} {}", row.function, kind(row), cells.name);
    response.widget_info(|| egui::WidgetInfo {
        current_text_value: Some(row.status().to_owned()),
        ..egui::WidgetInfo::labeled(egui::accesskit::Role::Button, enabled, &spoken)
    });
    let corner = CornerRadius::same(theme::CORNER);
    if open || response.hovered() {
        let fill = if open { palette.raised } else { palette.tint(palette.raised, 0.6) };
        ui.painter().rect_filled(rect, corner, fill);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect, corner, Stroke::new(1.0, palette.text), StrokeKind::Inside);
    }
    let (icon, colour) = standing(row, &palette);
    ui.painter().text(pos2(rect.left() + 16.0, rect.center().y), Align2::CENTER_CENTER, icon, theme::icon(14.0), colour);
    let kind = if row.batch_from.is_some() { palette.batch } else { palette.second };
    let colours = [palette.second, palette.text, kind, palette.text, palette.error, palette.second];
    for (column, ((words, font), colour)) in cells.words().into_iter().zip(colours).enumerate() {
        aligned_cell(ui, columns.rect(rect, column), words, font, colour, align(column));
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
    text += row.invocation_type.name();
    text += &match &row.batch_from {
        Some(queue) => format!(": the mapping from queue {queue} invoked it with a batch\n"),
        None => "\n".to_owned(),
    };
    let attempts = counted(row.attempts, "attempt");
    text + &format!("{attempts}, accepted {}\nrequest id {}", row.accepted_at.iso_millis(), row.request_id)
}

/// What kind of invocation it was. What a mapping made has a type, too, but that is not what tells it apart.
fn kind(row: &HistoryRow) -> &'static str {
    if row.batch_from.is_some() { "Batch" } else { row.invocation_type.name() }
}

/// The same in the words of the toolbar, where there is little room.
fn short_kind(row: &HistoryRow) -> &'static str {
    match (&row.batch_from, row.invocation_type) {
        (Some(_), _) => "Batch",
        (None, InvocationType::DryRun) => InvocationType::DryRun.name(),
        (None, of_call) => InvocationModel::of(of_call).name(),
    }
}

/// Words in one line, cut where the column ends.
pub(super) fn cell(ui: &Ui, across: Rect, words: &str, font: FontId, colour: Color32) {
    aligned_cell(ui, across, words, font, colour, Align::Min);
}

/// The same; figures stand at the right edge of their column.
pub(super) fn aligned_cell(ui: &Ui, across: Rect, words: &str, font: FontId, colour: Color32, align: Align) {
    if across.width() < 8.0 || words.is_empty() {
        return;
    }
    let mut job = LayoutJob::simple_singleline(words.to_owned(), font, colour);
    // What fits to the last hundredth is not cut.
    job.wrap = egui::text::TextWrapping::truncate_at_width(across.width() + 0.5);
    let galley = ui.painter().layout_job(job);
    let top = across.center().y - galley.size().y * 0.5;
    let left = align.align_size_within_range(galley.size().x, across.x_range()).min;
    ui.painter().galley(pos2(left, top), galley, colour);
}

fn standing(row: &HistoryRow, palette: &Palette) -> (&'static str, Color32) {
    match row.outcome {
        Some(Outcome::Succeeded) if row.error_type.is_none() => (icons::OK, palette.ok),
        Some(Outcome::Refused) => (icons::WARNING, palette.throttle),
        Some(_) => (icons::FAILED, palette.error),
        None => (icons::HOURGLASS, palette.second),
    }
}
