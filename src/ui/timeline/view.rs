//! The panel: zoom and pan, hover, selection, keyboard.

use std::sync::Arc;

use egui::epaint::Mesh;
use egui::{Align2, PointerButton, Rect, Response, Sense, Shape, Stroke, Ui, pos2, vec2};

use super::filter::Found;
use super::flags::{Flag, flags, flags_ui};
use super::future::future;
use super::geometry::{self, Geometry, RULER};
use super::keyboard::Stop;
use super::labels::{Label, labels, write};
use super::paint::{self, BarMesh};
use super::placed::{Link, Placed, links, place};
use super::range::Mark;
use super::rows::{Row, rows};
use super::sent::{rows_of, scrolled_to};
use super::tools::TimelineAction;
use super::words::{card, crowd_card};
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::timeline::{Axis, Bar, Zoom, lay_out};
use crate::service::ids::RequestId;
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::docking::Pane;
use crate::ui::theme::{self, LANE, Palette, SMALL, TINY};
use crate::ui::{icons, widgets};

/// Bars that screen readers (and tests) find by name.
const NAMED: usize = 120;
/// Where now stands when it is followed: the rest is for what is due.
const NOW_AT: f64 = 0.6;

/// Points between the name of a lane and what stands at its right.
const NOTE_APART: f32 = 10.0;

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
    /// Lines that no words cross.
    walls: Vec<f32>,
}

struct Cached {
    drawn: Drawn,
    mesh: Arc<Mesh>,
    placed: Vec<Placed>,
    links: Vec<Link>,
    labels: Vec<Label>,
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
    pub(super) found: Found,
    /// A moment that stays at a place of the panel, in points from its left, while one zooms.
    pub(super) anchor: Option<(u64, f64)>,
    cached: Option<Cached>,
    /// Something lies over the panel, such as the palette: no card is shown at the pointer.
    pub covered: bool,
    /// An invocation that comes into view with the next frame.
    pub(super) revealed: Option<RequestId>,
    /// What the menu is about; nothing for the ground between bars.
    pub(super) menu_of: Option<Bar>,
    /// The bar that keys go on from.
    pub(super) stood_at: Option<Stop>,
    /// A stretch of time that is marked, and whether the pointer still marks it.
    pub(super) marked: Option<Mark>,
    pub(super) marking: bool,
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
            covered: false,
            revealed: None,
            menu_of: None,
            stood_at: None,
            marked: None,
            marking: false,
            sent: None,
        }
    }
}

impl TimelinePanel {
    pub fn ui(&mut self, ui: &mut Ui, model: &Model, selection: &Selection, now: Timestamp, actions: &mut Vec<Action>) {
        self.tools(ui, model, actions);
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
        // Words come last: no line goes through them.
        if let Some(cached) = &self.cached {
            write(ui, &geometry, &cached.labels);
        }
        paint::scroll_bar(&ui.painter_at(lanes), &geometry, hidden(geometry.rows.len(), body), &Palette::of(ui));
        self.draw_mark(ui, model, &geometry);
        flags_ui(ui, model, &geometry, &flags, actions);
        let hit = self.point(ui, model, &geometry, &response);
        self.clicks(&response, hit.as_ref(), actions);
        self.menu(&response, model, hit, selection, actions);
        self.outline(ui, &geometry, selection);
        self.keys(ui, &response, model, &geometry, selection, actions);
    }

    /// A click selects what it hits and takes a mark away; two look nearer: at the bar, or at what is marked. Keys that press
    /// a widget are no clicks here: they have no place, and Enter leads into the inspector.
    fn clicks(&mut self, response: &Response, hit: Option<&Bar>, actions: &mut Vec<Action>) {
        if response.double_clicked() {
            match hit {
                Some(bar) => {
                    let to = bar.end.unwrap_or(bar.start).max(bar.start + 1);
                    self.act(TimelineAction::ZoomTo { from: bar.start, to });
                }
                None => self.act(TimelineAction::Fit),
            }
        } else if response.clicked_by(PointerButton::Primary) {
            response.request_focus();
            self.marked = None;
            actions.push(Action::Select(hit.map(|bar| bar.target.clone()).unwrap_or_default()));
        }
    }

    /// Bars and crowds of this frame.
    pub(super) fn placed(&self) -> impl Iterator<Item = &Placed> {
        self.cached.iter().flat_map(|cached| &cached.placed)
    }

    /// The first of them with their names.
    pub(super) fn named(&self) -> impl Iterator<Item = (&Placed, &String)> {
        self.cached.iter().flat_map(|cached| cached.placed.iter().zip(&cached.names))
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
        self.marking &= response.dragged();
        if response.dragged() && self.is_marking(ui, body) {
            self.mark(ui, response, body);
        } else if response.dragged() {
            self.scroll -= f64::from(response.drag_delta().x);
            self.rows_scroll -= response.drag_delta().y;
            self.sent = None;
            self.follow = false;
        }
        self.rows_scroll = self.rows_scroll.clamp(0.0, hidden(rows, body));
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

    fn draw(&mut self, ui: &Ui, model: &Model, geometry: &Geometry, flags: &[Flag<'_>]) {
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
            walls: walls(geometry, flags),
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
        paint::playhead(&ui.painter_at(geometry.body), geometry, &palette);
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
            let note = painter.layout_no_wrap(row.note.clone(), egui::FontId::proportional(TINY), palette.third);
            let place = Align2::RIGHT_CENTER.anchor_size(pos2(header.right() - 8.0, at.center().y), note.size());
            if name.right() + NOTE_APART < place.left() {
                painter.galley(place.min, note, palette.third);
            }
            below.hline(rect.x_range(), at.bottom(), Stroke::new(1.0, palette.tint(palette.hairline, 0.6)));
        }
        ui.painter_at(rect).vline(header.right(), rect.y_range(), Stroke::new(1.0, palette.hairline));
    }
}

/// Points of so many rows for which there is no room.
#[expect(clippy::cast_precision_loss, reason = "a few hundred lanes")]
fn hidden(rows: usize, body: Rect) -> f32 {
    (rows as f32 * LANE + RULER - body.height()).max(0.0)
}

/// Now and what is due, from left to right.
fn walls(geometry: &Geometry, flags: &[Flag<'_>]) -> Vec<f32> {
    let mut walls: Vec<f32> = flags.iter().map(|flag| flag.x).collect();
    walls.push(geometry.x(geometry.now));
    walls.sort_by(f32::total_cmp);
    walls
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
    let labels = labels(ui, model, geometry, &placed, &drawn.walls);
    let name = |placed: &Placed| {
        let Some(row) = geometry.rows.get(placed.row) else { return String::new() };
        match placed.count {
            1 => card(model, &placed.bar, row, geometry.now).title,
            count => crowd_card(row, count, placed.failures).title,
        }
    };
    let names = placed.iter().take(NAMED).map(name).collect();
    Cached { drawn, mesh: Arc::new(bars.mesh), placed, links, labels, names }
}
