//! Menus of bars and of the ground between them, and how a bar comes into view.

use egui::{Rect, Response};

use super::TimelinePanel;
use super::rows::Row;
use super::tools::TimelineAction;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::timeline::{Bar, BarKind};
use crate::service::ids::RequestId;
use crate::ui::action::Action;
use crate::ui::menus::{Group, MenuItem, context_menu_at, menu_items_ui, of_selection};
use crate::ui::theme::LANE;

/// Where a bar stands that is brought into view, as a share of the width.
const AT: f64 = 0.3;
/// Bars of a lane that are looked through for an invocation, from the moment on at which it was accepted.
const LOOKED_AT: usize = 64;

impl TimelinePanel {
    /// Brings the bars of an invocation into view with the next frame; a filter that hides them is taken away.
    pub fn reveal(&mut self, id: RequestId) {
        self.filter.clear();
        self.revealed = Some(id);
    }

    /// Looks at a stretch of time alone, in microseconds, which has this share of the width.
    pub(super) fn zoom_to(&mut self, from: u64, to: u64, share: f64) {
        let Some((axis, width)) = self.last_axis() else { return };
        let (left, right) = (axis.position(from), axis.position(to));
        let factor = width * share / (right - left).max(1.0);
        let anchor = (axis.time(f64::midpoint(left, right)), width / 2.0);
        (self.anchor, self.zoom, self.follow) = (Some(anchor), Some(axis.zoom().by(factor)), false);
    }

    /// Scrolls to the first run of the invocation that is to be seen, or to where it waits.
    pub(super) fn scroll_to_revealed(&mut self, model: &Model, rows: &[Row], lanes: Rect) {
        let Some(id) = self.revealed.take() else { return };
        let Some(accepted) = model.invocations.get(&id).map(|invocation| invocation.accepted_at.0) else { return };
        let found = rows.iter().enumerate().filter_map(|(index, row)| {
            let lane = model.timeline.lane_of(&row.key, row.sub)?;
            let bars = (lane.first_after(accepted)..lane.len()).take(LOOKED_AT);
            let bar = bars.map(|bar| lane.bar(bar)).find(|bar| bar.target.request_id() == Some(id))?;
            Some((index, bar))
        });
        let Some((row, bar)) = found.min_by_key(|(_, bar)| (!matches!(bar.kind, BarKind::Run(_)), bar.start)) else { return };
        self.anchor = Some((bar.start, f64::from(lanes.width()) * AT));
        self.follow = false;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred lanes")]
        let top = row as f32 * LANE;
        self.rows_scroll = (top - lanes.height() * 0.5).max(0.0);
    }

    /// What the menu is about is what was pressed, or what is selected when the keyboard asks for it.
    pub(super) fn menu(
        &mut self,
        response: &Response,
        model: &Model,
        pointed: Option<Bar>,
        selection: &Selection,
        actions: &mut Vec<Action>,
    ) {
        if response.secondary_clicked() {
            actions.extend(pointed.as_ref().map(|bar| Action::Select(bar.target.clone())));
            self.menu_of = pointed;
        }
        let selected = self.placed().find(|placed| placed.bar.target == *selection);
        // The keyboard may ask for it now; it hangs from the bar then.
        let place = selected.map_or(response.rect, |placed| placed.rect.intersect(response.rect));
        if response.has_focus() && !response.secondary_clicked() && !response.context_menu_opened() {
            self.menu_of = selected.map(|placed| placed.bar.clone());
        }
        let marked = self.marked.is_some();
        let (bar, now) = (self.menu_of.as_ref(), model.clock.map_or(0, |clock| clock.now.0));
        context_menu_at(response, place, |ui| match bar {
            Some(bar) => menu_items_ui(ui, of_bar(model, bar, now), actions),
            None => menu_items_ui(ui, of_ground(marked), actions),
        });
    }
}

fn of_bar(model: &Model, bar: &Bar, now: u64) -> Vec<MenuItem> {
    let to = bar.end.unwrap_or(now).max(bar.start + 1);
    let zoom = TimelineAction::ZoomTo { from: bar.start, to };
    let mut items = of_selection(model, &bar.target).1;
    items.retain(|item| item.name != "Show in the timeline");
    items.push(MenuItem::new(Group::Show, "Zoom to it", [Action::Timeline(zoom)]));
    items.sort_by_key(|item| item.group);
    items
}

fn of_ground(marked: bool) -> Vec<MenuItem> {
    let range = marked.then_some(("Zoom to what is marked", "Z", TimelineAction::ZoomToRange));
    let always = [
        ("Fit everything", "0", TimelineAction::Fit),
        ("Zoom in", "+", TimelineAction::ZoomIn),
        ("Zoom out", "-", TimelineAction::ZoomOut),
        ("Fold waits, or unfold them", "", TimelineAction::Fold),
        ("Follow now, or stay", "", TimelineAction::Follow),
    ];
    let item = |(name, key, action)| MenuItem::new(Group::Show, name, [Action::Timeline(action)]).with_shortcut(key);
    range.into_iter().chain(always).map(item).collect()
}
