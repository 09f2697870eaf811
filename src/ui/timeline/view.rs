//! The panel: zoom and pan, hover, selection, keyboard.

use std::sync::Arc;

use egui::epaint::Mesh;
use egui::{Align2, Color32, EventFilter, Key, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::filter::Found;
use super::flags::{Flag, draw_flags, flags};
use super::future::future;
use super::geometry::{self, Geometry, RULER};
use super::labels::{labels, shadow};
use super::paint::{self, BarMesh};
use super::placed::{Link, Placed, describe, links, place, words};
use super::rows::{Row, rows};
use super::sent::{rows_of, scrolled_to};
use super::tools::TimelineAction;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::timeline::{Axis, Bar, BarKind, Item, LaneKey, Zoom, lay_out};
use crate::service::ids::RequestId;
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::docking::Pane;
use crate::ui::theme::{self, LANE, Palette, SMALL, TINY};
use crate::ui::{icons, widgets};

/// A click this far from a bar is meant for it.
const NEAR: f64 = 4.0;
/// Bars that screen readers (and tests) find by name.
const NAMED: usize = 120;
/// Where now stands when it is followed: the rest is for what is due.
const NOW_AT: f64 = 0.6;

/// What the bars of a frame were drawn from; they are used again while it is the same.
#[derive(Clone, PartialEq)]
struct Drawn {
    version: u64,
    rect: Rect,
    axis: Axis,
    scroll: f64,
    now: u64,
    dark: bool,
    rows: usize,
    filter: String,
}

struct Cached {
    drawn: Drawn,
    mesh: Arc<Mesh>,
    placed: Vec<Placed>,
    links: Vec<Link>,
    words: Vec<String>,
    /// Of the first [`NAMED`].
    names: Vec<String>,
}

/// Zoom, pan and choices of the timeline.
pub struct TimelinePanel {
    pub(super) fold: bool,
    pub(super) follow: bool,
    /// `None` fits everything into the width.
    pub(super) zoom: Option<Zoom>,
    pub(super) scroll: f64,
    pub(super) rows_scroll: f32,
    pub(super) filter: String,
    found: Found,
    /// A moment that stays at a place of the panel, in points from its left, while one zooms.
    pub(super) anchor: Option<(u64, f64)>,
    cached: Option<Cached>,
    /// An invocation that comes into view with the next frame.
    pub(super) revealed: Option<RequestId>,
    /// What the menu is about; nothing for the ground between bars.
    pub(super) menu_of: Option<Bar>,
    /// What was sent last: its lanes stay in view until somebody scrolls or selects something else.
    sent: Option<Selection>,
}

impl Default for TimelinePanel {
    fn default() -> Self {
        Self {
            fold: true,
            follow: true,
            zoom: None,
            scroll: 0.0,
            rows_scroll: 0.0,
            filter: String::new(),
            found: Found::default(),
            anchor: None,
            cached: None,
            revealed: None,
            menu_of: None,
            sent: None,
        }
    }
}

impl TimelinePanel {
    pub fn ui(&mut self, ui: &mut Ui, model: &Model, selection: &Selection, now: Timestamp, actions: &mut Vec<Action>) {
        self.tools(ui, model);
        let whole = ui.available_rect_before_wrap();
        if model.timeline.first().is_none() {
            return widgets::empty(
                ui,
                icons::HOURGLASS,
                "Nothing has happened yet",
                "Send an event: its call, its waits and its runs appear here, and what is due ahead of now.",
            );
        }
        self.found.look(model, &self.filter, now.0);
        let rows = rows(model, &self.found);
        if rows.is_empty() {
            let title = format!("Nothing matches “{}”", self.filter.trim());
            let text = "The filter finds names of lanes, functions, request ids, labels and what is written on bars.";
            return widgets::empty(ui, icons::SEARCH, &title, text);
        }
        self.names(ui, whole, actions);
        let response = ui.interact(whole, Pane::Timeline.id(), Sense::click_and_drag());
        let enabled = ui.is_enabled();
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Canvas, enabled, "Timeline"));
        let (body, lanes) = Geometry::parts(whole);
        self.scroll_to_revealed(model, &rows, lanes);
        self.keep_in_view(model, &rows, selection, lanes.height());
        self.move_about(ui, &response, body, rows.len());
        let axis = geometry::axis(model, now, self.zoom, self.fold, f64::from(body.width()));
        self.settle(&axis, now, f64::from(body.width()));
        let geometry =
            Geometry { axis, rows, whole, body, lanes, scroll: self.scroll, rows_scroll: self.rows_scroll, now: now.0 };
        let flags = flags(ui, model, &geometry);
        self.draw(ui, model, &geometry, &flags);
        future(ui, model, &geometry, &flags);
        draw_flags(ui, &geometry, &flags);
        // Words come last: no line goes through them.
        if let Some(cached) = &self.cached {
            labels(ui, &geometry, &cached.placed, &cached.words, &flags);
        }
        let hit = self.point(ui, model, &geometry, &response);
        if response.clicked() {
            response.request_focus();
            actions.push(Action::Select(hit.as_ref().map(|bar| bar.target.clone()).unwrap_or_default()));
        }
        self.menu(&response, model, hit, selection, actions);
        self.outline(ui, &geometry, selection);
        self.keys(ui, &response, model, &geometry.rows, selection, actions);
    }

    /// Bars that stand alone in this frame.
    pub(super) fn placed(&self) -> impl Iterator<Item = &Placed> {
        self.cached.iter().flat_map(|cached| &cached.placed)
    }

    /// Brings the lanes of something that was sent into view as soon as they are there.
    pub fn keep_sent_in_view(&mut self, sent: Selection) {
        self.sent = Some(sent);
    }

    fn keep_in_view(&mut self, model: &Model, rows: &[Row], selection: &Selection, height: f32) {
        let sent = self.sent.take_if(|sent| sent == selection);
        if let Some(rows) = sent.as_ref().and_then(|sent| rows_of(model, rows, sent)) {
            self.rows_scroll = scrolled_to(&rows, self.rows_scroll, height);
        }
        self.sent = sent;
    }

    /// The axis of the last frame, and the width it had.
    pub(super) fn last_axis(&self) -> Option<(&Axis, f64)> {
        self.cached.as_ref().map(|cached| (&cached.drawn.axis, f64::from(cached.drawn.rect.width())))
    }

    fn move_about(&mut self, ui: &Ui, response: &Response, body: Rect, rows: usize) {
        let (scroll, zoom, pointer) =
            ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta(), input.pointer.hover_pos()));
        if response.hovered() {
            if (zoom - 1.0).abs() > 1e-3 {
                self.zoom_by(f64::from(zoom), pointer.map(|at| f64::from(at.x - body.left())));
            }
            if scroll.x != 0.0 {
                self.scroll -= f64::from(scroll.x);
                self.follow = false;
            }
            self.rows_scroll -= scroll.y;
            self.sent.take_if(|_| scroll.y != 0.0);
        }
        if response.dragged() {
            self.scroll -= f64::from(response.drag_delta().x);
            self.rows_scroll -= response.drag_delta().y;
            self.sent = None;
            self.follow = false;
        }
        #[expect(clippy::cast_precision_loss, reason = "a few hundred lanes")]
        let tall = (rows as f32 * LANE + RULER - body.height()).max(0.0);
        self.rows_scroll = self.rows_scroll.clamp(0.0, tall);
    }

    /// Keeps the anchor or now in view, and the axis on screen.
    fn settle(&mut self, axis: &Axis, now: Timestamp, width: f64) {
        if let Some((time, at)) = self.anchor.take() {
            self.scroll = axis.position(time) - at;
        } else if self.follow {
            self.scroll = axis.position(now.0) - width * NOW_AT;
        }
        self.scroll = self.scroll.clamp(0.0, (axis.width() - width).max(0.0));
    }

    fn draw(&mut self, ui: &Ui, model: &Model, geometry: &Geometry, flags: &[Flag]) {
        let palette = Palette::of(ui);
        let inside = ui.painter_at(geometry.body);
        inside.rect_filled(geometry.body, 0.0, palette.ground);
        let zero = model.timeline.first().map_or(geometry.now, |first| first.0);
        paint::ruler(&inside, geometry, zero, flags, &palette);
        paint::folds(&inside, geometry, flags, &palette);
        ui.painter_at(geometry.whole).hline(geometry.whole.x_range(), geometry.lanes.top(), Stroke::new(1.0, palette.hairline));
        let drawn = Drawn {
            version: model.timeline.version,
            rect: geometry.lanes.translate(vec2(0.0, self.rows_scroll)),
            axis: geometry.axis.clone(),
            scroll: self.scroll,
            now: if model.is_running() || model.is_waiting() { geometry.now } else { 0 },
            dark: palette.dark,
            rows: geometry.rows.len(),
            filter: self.found.wanted().to_owned(),
        };
        if self.cached.as_ref().is_none_or(|cached| cached.drawn != drawn) {
            self.cached = Some(cached(drawn, ui, model, geometry, &self.found));
        }
        self.headers(ui, geometry, &palette);
        if let Some(cached) = &self.cached {
            let bars = ui.painter_at(geometry.lanes);
            bars.add(Shape::Mesh(Arc::clone(&cached.mesh)));
            paint::links(&bars, &cached.links);
        }
        playhead(ui, geometry, &palette);
    }

    fn headers(&self, ui: &Ui, geometry: &Geometry, palette: &Palette) {
        let rect = geometry.whole;
        let header = Rect::from_min_max(pos2(rect.left(), geometry.lanes.top()), pos2(geometry.lanes.left(), rect.bottom()));
        let painter = ui.painter_at(header);
        painter.rect_filled(header, 0.0, palette.panel);
        let below = ui.painter_at(Rect::from_min_max(pos2(rect.left(), geometry.lanes.top()), rect.max));
        for (index, row) in geometry.rows.iter().enumerate() {
            let at = geometry.row(index);
            let left = header.left() + if row.indented { 24.0 } else { 12.0 };
            let font = if row.indented { egui::FontId::proportional(SMALL) } else { theme::medium(SMALL) };
            let colour = if row.indented { palette.second } else { palette.text };
            let name = painter.text(pos2(left, at.center().y), Align2::LEFT_CENTER, &row.name, font, colour);
            if row.indented {
                // It belongs to the row above.
                let (left, middle) = (header.left() + 14.5, at.center().y);
                let elbow = vec![pos2(left, at.top() + 4.0), pos2(left, middle), pos2(left + 6.0, middle)];
                painter.line(elbow, Stroke::new(1.0, palette.third));
            }
            let note = pos2(header.right() - 8.0, at.center().y);
            if name.right() + 60.0 < header.right() {
                painter.text(note, Align2::RIGHT_CENTER, &row.note, egui::FontId::proportional(TINY), palette.third);
            }
            below.hline(rect.x_range(), at.bottom(), Stroke::new(1.0, palette.tint(palette.hairline, 0.6)));
        }
        ui.painter_at(rect).vline(header.right(), rect.y_range(), Stroke::new(1.0, palette.hairline));
    }

    /// The bar under the pointer, with its words.
    fn point(&self, ui: &Ui, model: &Model, geometry: &Geometry, response: &Response) -> Option<Bar> {
        let pointer = response.hover_pos().filter(|at| geometry.lanes.contains(*at))?;
        let (_, row, lane) = geometry.lanes(model).find(|(index, ..)| geometry.row(*index).contains(pointer))?;
        let at = geometry.position(pointer.x);
        let items = lay_out(lane, &geometry.axis, at - NEAR, at + NEAR, geometry.now);
        let nearest = items.iter().min_by(|a, b| distance(a, at).total_cmp(&distance(b, at)))?;
        if distance(nearest, at) > NEAR {
            return None;
        }
        let (bar, text) = match nearest {
            Item::Bar { index, .. } | Item::Crowd { first: index, count: 1, .. } => {
                let bar = lane.bar(*index);
                let text = describe(model, &bar, &row.name, geometry.now);
                (bar, text)
            }
            Item::Crowd { first, count, failures, .. } => {
                (lane.bar(*first), format!("{count} bars, {failures} failed: zoom in to tell them apart"))
            }
        };
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        response.clone().on_hover_text_at_pointer(text);
        Some(bar)
    }

    /// All bars of the thing that is selected.
    fn outline(&self, ui: &Ui, geometry: &Geometry, selection: &Selection) {
        let Some(cached) = self.cached.as_ref().filter(|_| *selection != Selection::Nothing) else { return };
        let painter = ui.painter_at(geometry.lanes);
        let stroke = Stroke::new(1.5, Palette::of(ui).text);
        for placed in &cached.placed {
            let target = &placed.bar.target;
            let of = |id| target.request_id() == Some(id);
            if target == selection || matches!(selection, Selection::Invocation(id) if of(*id)) {
                painter.rect_stroke(placed.rect.expand(2.0), 4.0, stroke, StrokeKind::Outside);
            }
        }
    }

    /// Single bars by name, for screen readers: under the panel's own clicks, so that those stay one place.
    fn names(&self, ui: &Ui, whole: Rect, actions: &mut Vec<Action>) {
        let Some(cached) = &self.cached else { return };
        for (number, (placed, name)) in cached.placed.iter().zip(&cached.names).enumerate() {
            let Some(rect) = Some(placed.rect.intersect(whole)).filter(|rect| rect.is_positive()) else { continue };
            let response = ui.interact(rect, ui.scope_id().with(("bar", number)), Sense::CLICK);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::ListItem, true, name));
            if response.clicked() {
                actions.push(Action::Select(placed.bar.target.clone()));
            }
        }
    }

    fn keys(
        &mut self,
        ui: &Ui,
        response: &Response,
        model: &Model,
        rows: &[Row],
        selection: &Selection,
        actions: &mut Vec<Action>,
    ) {
        if !response.has_focus() {
            return;
        }
        widgets::focused(ui, response, EventFilter { horizontal_arrows: true, ..EventFilter::default() });
        let (left, right, plus, minus, zero) = ui.input(|input| {
            (
                input.key_pressed(Key::ArrowLeft),
                input.key_pressed(Key::ArrowRight),
                input.key_pressed(Key::Plus),
                input.key_pressed(Key::Minus),
                input.key_pressed(Key::Num0),
            )
        });
        if plus {
            self.act(TimelineAction::ZoomIn);
        }
        if minus {
            self.act(TimelineAction::ZoomOut);
        }
        if zero {
            self.act(TimelineAction::Fit);
        }
        if left || right {
            let bars = runs(model, rows, &self.found);
            let present = bars.iter().position(|(_, target)| target == selection);
            let next = match (present, right) {
                (Some(index), true) => index + 1,
                (Some(index), false) => index.saturating_sub(1),
                (None, _) => bars.len().saturating_sub(1),
            };
            if let Some((_, target)) = bars.get(next) {
                actions.push(Action::Select(target.clone()));
            }
        }
    }
}

/// The last runs of all lanes in order of time, for the arrow keys.
fn runs(model: &Model, rows: &[Row], found: &Found) -> Vec<(u64, Selection)> {
    let mut bars = Vec::new();
    for (key, sub, lane) in model.timeline.lanes() {
        if matches!(key, LaneKey::Environment(..)) && rows.iter().any(|row| row.key == *key && row.sub == sub) {
            let first = lane.len().saturating_sub(1_000);
            bars.extend(
                (first..lane.len())
                    .filter(|index| lane.kind(*index) != BarKind::Init && found.has_bar(key, sub, *index..*index + 1))
                    .map(|index| (lane.start(index), lane.bar(index).target)),
            );
        }
    }
    bars.sort_by_key(|(start, _)| *start);
    bars
}

/// Bars, links and words of a frame.
fn cached(drawn: Drawn, ui: &Ui, model: &Model, geometry: &Geometry, found: &Found) -> Cached {
    let palette = &Palette::of(ui);
    let mut bars = BarMesh::new(ui.pixels_per_point());
    let mut placed = Vec::new();
    let (from, to) = geometry.view();
    for (index, row, lane) in geometry.lanes(model) {
        let items = lay_out(lane, &geometry.axis, from, to, geometry.now);
        let matches = |bars| found.has_bar(&row.key, row.sub, bars);
        bars.lane(geometry, index, lane, &items, &matches, palette);
        place(geometry, index, lane, &items, &matches, &mut placed);
    }
    let links = links(model, geometry, &placed, palette);
    let words_on = |placed: &Placed| if placed.dimmed { String::new() } else { words(model, &placed.bar, geometry.now) };
    let words = placed.iter().map(words_on).collect();
    let name = |placed: &Placed| {
        let text = describe(model, &placed.bar, geometry.rows.get(placed.row).map_or("", |row| &*row.name), geometry.now);
        text.lines().next().unwrap_or_default().to_owned()
    };
    let names = placed.iter().take(NAMED).map(name).collect();
    Cached { drawn, mesh: Arc::new(bars.mesh), placed, links, words, names }
}

fn playhead(ui: &Ui, geometry: &Geometry, palette: &Palette) {
    let (x, body) = (geometry.x(geometry.now), geometry.body);
    let painter = ui.painter_at(body);
    let future = Rect::from_min_max(pos2(x, body.top()), body.max).intersect(body);
    painter.rect_filled(future, 0.0, Color32::from_black_alpha(shadow(palette)));
    painter.vline(x, body.y_range(), Stroke::new(1.5, palette.text));
    let (top, tip) = (body.top() + RULER - 11.0, body.top() + RULER);
    let shoulder = top + 6.0;
    let head = vec![pos2(x - 5.0, top), pos2(x + 5.0, top), pos2(x + 5.0, shoulder), pos2(x, tip), pos2(x - 5.0, shoulder)];
    painter.add(Shape::convex_polygon(head, palette.text, Stroke::NONE));
}

fn distance(item: &Item, at: f64) -> f64 {
    let (left, right) = item.span();
    (left - at).max(at - right).max(0.0)
}
