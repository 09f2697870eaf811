//! What is under the pointer, what is selected, and bars by name for screen readers.

use egui::{PointerButton, Rect, Response, RichText, Sense, Stroke, StrokeKind, Tooltip, Ui};

use super::TimelinePanel;
use super::geometry::Geometry;
use super::placed::told;
use super::rows::Row;
use super::words::{Card, card, crowd_card};
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::timeline::{Bar, Item, Lane, lay_out};
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};

/// A click this far from a bar is meant for it.
const NEAR: f64 = 4.0;
/// The card at the pointer is at most this wide, in points.
const CARD: f32 = 420.0;

impl TimelinePanel {
    /// The bar under the pointer, with its card beside it.
    pub(super) fn point(&mut self, ui: &Ui, model: &Model, geometry: &Geometry, response: &Response) -> Option<Bar> {
        let pointer = response.hover_pos().filter(|at| geometry.lanes.contains(*at))?;
        let (index, row, lane) = geometry.lanes(model).find(|(index, ..)| geometry.row(*index).contains(pointer))?;
        let at = geometry.position(pointer.x);
        let items = lay_out(lane, &geometry.axis, at - NEAR, at + NEAR, geometry.now);
        let nearest = items.iter().min_by(|a, b| distance(a, at).total_cmp(&distance(b, at)))?;
        if distance(nearest, at) > NEAR {
            return None;
        }
        let (bar, card) = told_card(model, lane, row, nearest, geometry.now);
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        if !self.covered {
            // Below or above the whole row: the bar stays in sight.
            let beside = Rect::from_x_y_ranges(pointer.x..=pointer.x, geometry.row(index).y_range());
            let mut tooltip = Tooltip::for_enabled(response);
            tooltip.popup = tooltip.popup.anchor(beside);
            tooltip.show(|ui| card_ui(ui, &card));
        }
        if response.clicked_by(PointerButton::Primary) {
            self.stand_at(row, &bar);
        }
        Some(bar)
    }

    /// All bars of the thing that is selected.
    pub(super) fn outline(&self, ui: &Ui, geometry: &Geometry, selection: &Selection) {
        if *selection == Selection::Nothing {
            return;
        }
        let painter = ui.painter_at(geometry.lanes);
        let stroke = Stroke::new(1.5, Palette::of(ui).text);
        for placed in self.placed().filter(|placed| placed.count == 1) {
            let target = &placed.bar.target;
            let of = |id| target.request_id() == Some(id);
            if target == selection || matches!(selection, Selection::Invocation(id) if of(*id)) {
                painter.rect_stroke(placed.rect.expand(2.0), 4.0, stroke, StrokeKind::Outside);
            }
        }
    }

    /// Bars by name, for screen readers: under the panel's own clicks, so that those stay one place.
    pub(super) fn names(&self, ui: &Ui, whole: Rect, actions: &mut Vec<Action>) {
        for (number, (placed, name)) in self.named().enumerate() {
            let Some(rect) = Some(placed.rect.intersect(whole)).filter(|rect| rect.is_positive()) else { continue };
            let response = ui.interact(rect, ui.scope_id().with(("bar", number)), Sense::CLICK);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::ListItem, true, name));
            if response.clicked() {
                actions.push(Action::Select(placed.bar.target.clone()));
            }
        }
    }
}

fn told_card(model: &Model, lane: &Lane, row: &Row, item: &Item, now: u64) -> (Bar, Card) {
    let bars = item.bars();
    let failures = lane.failures(bars.start, bars.end);
    let first = told(lane, &bars);
    let bar = lane.bar(first);
    let card = match bars.end - first {
        1 => card(model, &bar, row, now),
        count => crowd_card(row, count, failures),
    };
    (bar, card)
}

fn card_ui(ui: &mut Ui, card: &Card) {
    ui.set_max_width(CARD);
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.label(RichText::new(&card.title).font(theme::medium(SMALL)));
    let colour = Palette::of(ui).second;
    for line in &card.lines {
        ui.label(RichText::new(line).size(SMALL).color(colour));
    }
}

fn distance(item: &Item, at: f64) -> f64 {
    let (left, right) = item.span();
    (left - at).max(at - right).max(0.0)
}
