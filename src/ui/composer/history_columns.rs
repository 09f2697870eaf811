//! How wide the columns of the history are: as wide as what stands in them, and those that somebody dragged as wide as that.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use egui::accesskit::Role;
use egui::{Align, CursorIcon, FontId, Rect, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

use super::history_row::{Cells, aligned_cell};
use crate::event::HistoryRow;
use crate::ui::theme::{self, Palette};

/// The columns in their order.
pub(super) const COLUMNS: usize = 6;
const NAMES: [&str; COLUMNS] = ["Time (UTC)", "Function", "Type", "Event", "Error", "Duration"];
/// Of these the width follows the room: one that is longer than its share is cut.
const FLEXIBLE: [usize; 3] = [1, 3, ERROR];
const ERROR: usize = 4;
/// What went wrong is whole before anything else, as long as that leaves the others something.
const ERROR_PART: f32 = 0.6;
const LAST: usize = COLUMNS - 1;
/// From this width on there is room for the day.
pub(super) const ROOMY: f32 = 640.0;
const HEADS: f32 = 20.0;
/// Left of the columns stands an icon; between two of them, and right of the last one, is a gap.
const ICON: f32 = 28.0;
const GAP: f32 = 12.0;
/// So much a column gets beyond its words where there is room.
const SLACK: f32 = 28.0;
/// A column is not dragged narrower than this.
const LEAST: f32 = 40.0;
/// Width of what is grabbed between two heads.
const GRIP: f32 = 9.0;

/// Widths of columns that somebody dragged, in points.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DraggedColumns(Vec<Option<f32>>);

impl DraggedColumns {
    fn get(&self, column: usize) -> Option<f32> {
        self.0.get(column).copied().flatten()
    }

    fn set(&mut self, column: usize, width: Option<f32>) {
        self.0.resize(COLUMNS, None);
        self.0[column] = width;
    }
}

/// How wide the words of each column are, none where no row has any; measured anew when the list is another.
#[derive(Default)]
pub(super) struct Needs {
    of: u64,
    widths: [f32; COLUMNS],
}

impl Needs {
    pub fn measure(&mut self, ui: &Ui, rows: &[HistoryRow], roomy: bool) {
        let of = fingerprint(rows, roomy);
        if self.of == of {
            return;
        }
        let width =
            |words: &str, font: FontId| ui.painter().layout_no_wrap(words.to_owned(), font, Palette::of(ui).text).size().x;
        let mut widths = [0.0_f32; COLUMNS];
        for row in rows {
            let cells = Cells::of(row, roomy);
            for (needed, (words, font)) in widths.iter_mut().zip(cells.words()) {
                if !words.is_empty() {
                    *needed = needed.max(width(words, font));
                }
            }
        }
        for (needed, name) in widths.iter_mut().zip(NAMES).filter(|(needed, _)| **needed > 0.0) {
            *needed = needed.max(width(name, head_font()));
        }
        *self = Self { of, widths };
    }
}

fn fingerprint(rows: &[HistoryRow], roomy: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    roomy.hash(&mut hasher);
    for row in rows {
        (row.request_id.0, row.duration.map(|duration| duration.0), &row.error_type, &row.label).hash(&mut hasher);
    }
    // Zero is that of nothing.
    hasher.finish().max(1)
}

/// Figures stand below each other at the right edge.
pub(super) fn align(column: usize) -> Align {
    if column == LAST { Align::Max } else { Align::Min }
}

fn head_font() -> FontId {
    theme::medium(theme::TINY)
}

/// From where to where each column goes, from the left edge of a row; a hidden one has no width.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Columns([(f32, f32); COLUMNS]);

impl Columns {
    /// Shares the width of a row out among its columns.
    pub fn fit(width: f32, needs: &Needs, dragged: &DraggedColumns) -> Self {
        let mut wanted = needs.widths;
        for column in FLEXIBLE.into_iter().filter(|column| needs.widths[*column] > 0.0) {
            wanted[column] = dragged.get(column).unwrap_or(wanted[column]);
        }
        let seen = |column: &usize| wanted[*column] > 0.0;
        #[expect(clippy::cast_precision_loss, reason = "six")]
        let gaps = (0..COLUMNS).filter(seen).count() as f32 * GAP;
        let rigid: f32 = (0..COLUMNS).filter(|column| !FLEXIBLE.contains(column)).map(|column| wanted[column]).sum();
        let room = (width - ICON - gaps - rigid).max(0.0);
        let spare = share(room, &mut wanted);
        let loose = FLEXIBLE.into_iter().filter(|column| wanted[*column] > 0.0 && dragged.get(*column).is_none());
        let loose: Vec<usize> = loose.collect();
        #[expect(clippy::cast_precision_loss, reason = "at most three")]
        let slack = (spare / loose.len().max(1) as f32).min(SLACK);
        loose.into_iter().for_each(|column| wanted[column] += slack);
        let mut left = ICON;
        let spans = wanted.map(|width| {
            let span = (left, left + width);
            left += if width > 0.0 { width + GAP } else { 0.0 };
            span
        });
        let mut columns = Self(spans);
        // Figures stand at the right edge.
        let duration = wanted[LAST];
        columns.0[LAST] = (width - GAP - duration, width - GAP);
        columns
    }

    /// Where a column is in a row.
    pub fn rect(&self, row: Rect, column: usize) -> Rect {
        let (from, to) = self.0[column];
        Rect::from_x_y_ranges(row.left() + from..=row.left() + to, row.y_range())
    }
}

/// Gives every flexible column what it wants; where there is not room for that, the error has up to its part of it, and those
/// that want more than their equal part share what the others leave. Gives back the room that nobody wants.
fn share(room: f32, wanted: &mut [f32; COLUMNS]) -> f32 {
    wanted[ERROR] = wanted[ERROR].min(room * ERROR_PART);
    let mut open: Vec<usize> = FLEXIBLE.into_iter().filter(|column| *column != ERROR && wanted[*column] > 0.0).collect();
    open.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut left = room - wanted[ERROR];
    while let Some(column) = open.first().copied() {
        #[expect(clippy::cast_precision_loss, reason = "at most two")]
        let part = left / open.len() as f32;
        wanted[column] = wanted[column].min(part);
        left -= wanted[column];
        open.remove(0);
    }
    left
}

/// The names of the columns, above them; what is between two of them is dragged, and a double click takes that back.
pub(super) fn heads_ui(ui: &mut Ui, columns: &Columns, needs: &Needs, dragged: &mut DraggedColumns) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEADS), Sense::hover());
    let near = ui.rect_contains_pointer(rect);
    for (column, name) in NAMES.into_iter().enumerate().filter(|(column, _)| needs.widths[*column] > 0.0) {
        let across = columns.rect(rect, column);
        let head = ui.interact(across, ui.scope_id().with(("head", column)), Sense::hover());
        head.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, name));
        aligned_cell(ui, across, name, head_font(), palette.second, align(column));
        if FLEXIBLE.contains(&column) {
            grip(ui, across, (column, name), near, dragged);
        }
    }
}

/// The line that is dragged is seen while the pointer is `near`.
fn grip(ui: &Ui, across: Rect, (column, name): (usize, &str), near: bool, dragged: &mut DraggedColumns) {
    let x = across.right() + GAP * 0.5;
    let rect = Rect::from_center_size(pos2(x, across.center().y), Vec2::new(GRIP, across.height()));
    let sense = Sense::CLICK | Sense::DRAG;
    let grip = ui.interact(rect, ui.scope_id().with(("column", column)), sense).on_hover_cursor(CursorIcon::ResizeColumn);
    if grip.double_clicked() {
        dragged.set(column, None);
    } else if grip.dragged() {
        let width = across.width() + grip.drag_delta().x;
        dragged.set(column, Some(width.max(LEAST)));
    }
    let palette = Palette::of(ui);
    if near || grip.dragged() {
        let colour = if grip.hovered() || grip.dragged() { palette.text } else { palette.edge };
        ui.painter().vline(x, rect.shrink2(Vec2::new(0.0, 3.0)).y_range(), Stroke::new(1.0, colour));
    }
    grip.on_hover_text(format!("Drag to make {name} wider or narrower; a double click fits it"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(width: f32, widths: [f32; COLUMNS], dragged: &DraggedColumns) -> [f32; COLUMNS] {
        Columns::fit(width, &Needs { of: 1, widths }, dragged).0.map(|(from, to)| to - from)
    }

    #[test]
    fn columns_are_as_wide_as_their_words_and_none_where_there_are_none() {
        let needs = [70.0, 60.0, 90.0, 80.0, 0.0, 50.0];
        let used = needs.iter().sum::<f32>() + ICON + 5.0 * GAP;
        assert_eq!(fitted(used, needs, &DraggedColumns::default()), needs);
        let wider = fitted(used + 400.0, needs, &DraggedColumns::default());
        assert_eq!(wider, [70.0, 60.0 + SLACK, 90.0, 80.0 + SLACK, 0.0, 50.0]);
    }

    #[test]
    fn a_long_column_is_cut_before_a_short_one_and_before_the_error() {
        let needs = [70.0, 60.0, 90.0, 400.0, 80.0, 50.0];
        let fitted = fitted(520.0, needs, &DraggedColumns::default());
        assert_eq!((fitted[1], fitted[4]), (60.0, 80.0), "they are whole");
        let used: f32 = fitted.iter().sum::<f32>() + ICON + 6.0 * GAP;
        assert!((used - 520.0).abs() < 0.01, "the long one has all the rest: {fitted:?}");
    }

    #[test]
    fn a_column_that_was_dragged_stays_so_while_it_has_words() {
        let mut dragged = DraggedColumns::default();
        dragged.set(3, Some(200.0));
        dragged.set(4, Some(200.0));
        let fitted = fitted(900.0, [70.0, 60.0, 90.0, 80.0, 0.0, 50.0], &dragged);
        assert_eq!((fitted[3], fitted[4]), (200.0, 0.0));
    }
}
