//! Scrolling in rows and columns as f64, which a document of millions of lines needs, and its slim bars.

use egui::{Id, Rect, Response, Sense, Ui, pos2};

use super::colours::EditorColours;
use super::layout::Metrics;
use crate::model::editor::Document;

/// Thickness of a bar, and the least length of its handle, in points.
const BAR: f32 = 10.0;
const SHORTEST: f32 = 24.0;
/// Columns kept free beside the caret.
const MARGIN: f64 = 4.0;

/// The row and column at the top left.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scroll {
    pub top: f64,
    pub left: f64,
    /// Columns of the widest row that was seen in the revision `widest_of` of the document.
    pub widest: usize,
    pub widest_of: u64,
}

impl Scroll {
    pub fn wheel(&mut self, ui: &Ui, response: &Response, metrics: &Metrics) {
        if response.contains_pointer() {
            let delta = ui.input(|input| input.smooth_scroll_delta());
            self.top -= f64::from(delta.y / metrics.row_height);
            self.left -= f64::from(delta.x / metrics.advance);
        }
    }

    /// Scrolls as little as it takes to see the cell; but back to the beginning of lines when it is seen from there.
    pub fn reveal(&mut self, row: usize, column: usize, metrics: &Metrics) {
        let (row, column) = (row as f64, column as f64);
        self.top = self.top.min(row).max(row + 1.5 - metrics.rows());
        let columns = (metrics.columns() - MARGIN).max(1.0);
        if column < self.left + MARGIN {
            self.left = if column <= columns { 0.0 } else { column - MARGIN };
        }
        self.left = self.left.max(column - columns);
        self.widest = self.widest.max(column as usize + 1);
    }

    pub fn keep_inside(&mut self, document: &Document, metrics: &Metrics) {
        self.top = self.top.clamp(0.0, last_top(document, metrics));
        self.left = self.left.clamp(0.0, self.last_left(metrics));
    }

    fn last_left(&self, metrics: &Metrics) -> f64 {
        (self.widest as f64 + MARGIN - metrics.columns()).max(0.0)
    }
}

fn last_top(document: &Document, metrics: &Metrics) -> f64 {
    (document.rows() as f64 + 1.0 - metrics.rows()).max(0.0)
}

/// Draws the bars that are needed and moves by them.
pub fn show(ui: &Ui, scroll: &mut Scroll, document: &Document, colours: &EditorColours, metrics: &Metrics, id: Id) {
    let rect = metrics.rect;
    let bottom = last_top(document, metrics);
    if bottom > 0.0 {
        let track = Rect::from_min_max(pos2(rect.right() - BAR, rect.top()), rect.max);
        let visible = metrics.rows() / (bottom + metrics.rows());
        bar(ui, id.with("vertical bar"), track, true, visible, &mut scroll.top, bottom, colours);
    }
    let right = scroll.last_left(metrics);
    if right > 0.0 {
        let track = Rect::from_min_max(pos2(metrics.text.left(), rect.bottom() - BAR), pos2(rect.right() - BAR, rect.bottom()));
        let visible = metrics.columns() / (right + metrics.columns());
        bar(ui, id.with("horizontal bar"), track, false, visible, &mut scroll.left, right, colours);
    }
}

#[expect(clippy::too_many_arguments, reason = "a bar is its track, its share and its value; it has one caller")]
fn bar(ui: &Ui, id: Id, track: Rect, vertical: bool, visible: f64, value: &mut f64, last: f64, colours: &EditorColours) {
    let response = ui.interact(track, id, Sense::drag());
    let length = if vertical { track.height() } else { track.width() };
    let handle = (length * visible as f32).clamp(SHORTEST.min(length), length);
    let room = f64::from(length - handle).max(1.0);
    if let Some(pos) = response.interact_pointer_pos() {
        let along = if vertical { pos.y - track.top() } else { pos.x - track.left() };
        let start = (*value / last * room) as f32;
        if response.drag_started() && !(start..start + handle).contains(&along) {
            *value = f64::from(along - handle / 2.0) / room * last;
        } else {
            let delta = if vertical { response.drag_delta().y } else { response.drag_delta().x };
            *value += f64::from(delta) / room * last;
        }
        *value = value.clamp(0.0, last);
    }
    let start = (*value / last * room) as f32;
    let inset = if response.hovered() || response.dragged() { 2.0 } else { 3.5 };
    let shape = if vertical {
        let top = track.top() + start;
        Rect::from_min_max(pos2(track.left() + inset, top + 2.0), pos2(track.right() - inset, top + handle - 2.0))
    } else {
        let left = track.left() + start;
        Rect::from_min_max(pos2(left + 2.0, track.top() + inset), pos2(left + handle - 2.0, track.bottom() - inset))
    };
    let hovered = response.hovered() || response.dragged();
    let colour = if hovered { colours.scroll_bar_hovered } else { colours.scroll_bar };
    ui.painter().rect_filled(shape, 3.0, colour);
}
