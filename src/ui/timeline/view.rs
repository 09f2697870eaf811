//! The panel: its bar of tools, zoom and pan, hover, selection, keyboard.

use std::sync::Arc;

use egui::epaint::Mesh;
use egui::{Align, Align2, Key, Layout, Rect, RichText, Sense, Shape, Stroke, StrokeKind, TextEdit, Ui, pos2, vec2};

use super::paint;
use super::rows::{Row, rows};
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::timeline::{Axis, Bar, BarKind, Item, LaneKey, lay_out};
use crate::service::happened::DueKind;
use crate::service::time::{Micros, Timestamp};
use crate::ui::action::Action;
use crate::ui::theme::{self, LANE, LANE_HEADER, Palette, SMALL, TINY};
use crate::ui::{icons, widgets};

const RULER: f32 = 24.0;
/// Room kept around what runs, in microseconds; and after now, for what is due.
const MARGIN: u64 = 12_000;
const AHEAD: u64 = 60_000;
/// How far a closer look goes: points a microsecond.
const CLOSEST: f64 = 2.0;

/// What the bars of a frame were drawn from; the mesh is used again while it is the same.
#[derive(Clone, PartialEq)]
struct Drawn {
    version: u64,
    rect: Rect,
    axis: Axis,
    scroll: f64,
    now: u64,
    dark: bool,
    rows: usize,
}

struct Cached {
    drawn: Drawn,
    mesh: Arc<Mesh>,
    words: Vec<(Rect, String, egui::Color32)>,
}

/// Zoom, pan and choices of the timeline.
pub struct TimelinePanel {
    fold: bool,
    follow: bool,
    /// Points a microsecond; `None` fits everything into the width.
    scale: Option<f64>,
    scroll: f64,
    rows_scroll: f32,
    filter: String,
    cached: Option<Cached>,
}

impl Default for TimelinePanel {
    fn default() -> Self {
        Self { fold: true, follow: true, scale: None, scroll: 0.0, rows_scroll: 0.0, filter: String::new(), cached: None }
    }
}

impl TimelinePanel {
    pub fn ui(&mut self, ui: &mut Ui, model: &Model, selection: &Selection, now: Timestamp, actions: &mut Vec<Action>) {
        self.tools(ui, model);
        let rect = ui.available_rect_before_wrap();
        if model.timeline.first().is_none() {
            return widgets::empty(
                ui,
                icons::HOURGLASS,
                "Nothing has happened yet",
                "Send an event: its call, its waits and its runs appear here, and what is due ahead of now.",
            );
        }
        let rows = rows(model, &self.filter.to_lowercase());
        let body = Rect::from_min_max(pos2(rect.left() + LANE_HEADER, rect.top()), rect.max);
        let axis = self.axis(model, now, f64::from(body.width()));
        let response = ui.allocate_rect(rect, Sense::click_and_drag());
        let enabled = ui.is_enabled();
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Canvas, enabled, "Timeline"));
        self.move_about(ui, &response, &axis, body, rows.len());
        let lanes = Rect::from_min_max(pos2(body.left(), body.top() + RULER), body.max);
        #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
        let origin = body.left() - self.scroll as f32;
        self.draw(ui, model, &rows, &axis, (rect, body, lanes), origin, now);
        self.future(ui, model, &rows, &axis, lanes, origin, now);
        let hit = self.point(model, &rows, &axis, lanes, origin, now, &response);
        if response.clicked() {
            response.request_focus();
            actions.push(Action::Select(hit.unwrap_or_default()));
        }
        self.outline(ui, model, &rows, &axis, lanes, origin, selection, now);
        self.keys(ui, &response, model, &rows, selection, actions);
    }

    fn tools(&mut self, ui: &mut Ui, model: &Model) {
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            ui.label(RichText::new("Timeline").font(theme::semibold(13.0)));
            let field = TextEdit::singleline(&mut self.filter).hint_text("Filter lanes").desired_width(120.0);
            ui.add(field).accessible_name("Filter lanes");
            let room = (ui.available_width() - 260.0).max(0.0);
            if let Some(sentence) = &model.stepped {
                ui.allocate_ui_with_layout(vec2(room, theme::ROW), Layout::left_to_right(Align::Center), |ui| {
                    ui.set_max_width(room);
                    ui.label(RichText::new(icons::STEP).font(theme::icon(14.0)).color(Palette::of(ui).second));
                    ui.add(egui::Label::new(RichText::new(sentence).size(SMALL)).truncate()).on_hover_text(sentence);
                });
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                if widgets::icon_button(ui, icons::FIT, "Fit", "0").clicked() {
                    self.fit();
                }
                if widgets::icon_button(ui, icons::ZOOM_IN, "Zoom in", "+").clicked() {
                    self.zoom_by(1.5);
                }
                if widgets::icon_button(ui, icons::ZOOM_OUT, "Zoom out", "-").clicked() {
                    self.zoom_by(1.0 / 1.5);
                }
                let follow = RichText::new(icons::FOLLOW).font(theme::icon(16.0));
                if ui
                    .selectable_label(self.follow, follow)
                    .accessible_name("Follow now")
                    .on_hover_text("Keep now in view")
                    .clicked()
                {
                    self.follow = !self.follow;
                }
                let fold = (RichText::new(icons::FOLD).font(theme::icon(15.0)), RichText::new("Fold waits"));
                let button = egui::Button::selectable(self.fold, fold);
                if ui.add(button).accessible_name("Fold waits").on_hover_text("Shrink stretches in which nothing runs").clicked()
                {
                    self.fold = !self.fold;
                }
            });
        });
    }

    fn fit(&mut self) {
        self.scale = None;
        self.scroll = 0.0;
        self.follow = true;
    }

    fn zoom_by(&mut self, factor: f64) {
        if let Some(cached) = &self.cached {
            let scale = self.scale.unwrap_or(cached.drawn.axis.scale());
            self.scale = Some((scale * factor).clamp(1e-9, CLOSEST));
            self.scroll *= factor;
        }
    }

    /// The axis over everything that happened and is due.
    fn axis(&self, model: &Model, now: Timestamp, width: f64) -> Axis {
        let first = model.timeline.first().unwrap_or(now).0;
        let start = first.saturating_sub(MARGIN);
        let due: Vec<u64> = model.due.iter().filter(|due| due.what.is_step()).map(|due| due.at.0).take(50).collect();
        let end = due.iter().copied().fold(now.0, u64::max) + AHEAD;
        let mut active: Vec<(u64, u64)> = model.timeline.active().to_vec();
        let recent = if active.last().is_some_and(|last| now.0.saturating_sub(last.1) < 1_000_000) { active.pop() } else { None };
        active.push((recent.map_or(now.0, |last| last.0), now.0.max(recent.map_or(0, |last| last.1))));
        active.extend(due.iter().map(|at| (*at, at + AHEAD / 2)));
        let active = merged(active);
        let scale = self.scale.unwrap_or_else(|| fitting(start, end, &active, self.fold, width));
        Axis::new(start, end, &active, scale, self.fold, MARGIN)
    }

    fn move_about(&mut self, ui: &Ui, response: &egui::Response, axis: &Axis, body: Rect, rows: usize) {
        let (scroll, zoom, pointer) =
            ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta(), input.pointer.hover_pos()));
        if response.hovered() {
            if (zoom - 1.0).abs() > 1e-3 {
                let at = pointer.map_or(0.0, |at| f64::from(at.x - body.left()));
                let scale = axis.scale();
                let new = (scale * f64::from(zoom)).clamp(1e-9, CLOSEST);
                self.scale = Some(new);
                self.scroll = (self.scroll + at) * (new / scale) - at;
                self.follow = false;
            }
            if scroll.x != 0.0 {
                self.scroll -= f64::from(scroll.x);
                self.follow = false;
            }
            self.rows_scroll -= scroll.y;
        }
        if response.dragged() {
            self.scroll -= f64::from(response.drag_delta().x);
            self.rows_scroll -= response.drag_delta().y;
            self.follow = false;
        }
        let most = (axis.width() - f64::from(body.width())).max(0.0);
        if self.follow {
            self.scroll = most;
        }
        self.scroll = self.scroll.clamp(0.0, most);
        #[expect(clippy::cast_precision_loss, reason = "a few hundred lanes")]
        let tall = (rows as f32 * LANE + RULER - body.height()).max(0.0);
        self.rows_scroll = self.rows_scroll.clamp(0.0, tall);
    }

    fn row_rect(&self, index: usize, lanes: Rect) -> Rect {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred lanes")]
        let top = lanes.top() + index as f32 * LANE - self.rows_scroll;
        Rect::from_min_size(pos2(lanes.left(), top), vec2(lanes.width(), LANE))
    }

    #[expect(clippy::too_many_arguments, reason = "the geometry of one frame")]
    fn draw(
        &mut self,
        ui: &Ui,
        model: &Model,
        rows: &[Row],
        axis: &Axis,
        (rect, body, lanes): (Rect, Rect, Rect),
        origin: f32,
        now: Timestamp,
    ) {
        let palette = Palette::of(ui);
        let ruler = Rect::from_min_max(body.min, pos2(body.right(), body.top() + RULER));
        let painter = ui.painter_at(rect);
        painter.rect_filled(body, 0.0, palette.ground);
        let inside = ui.painter_at(body);
        let zero = model.timeline.first().unwrap_or(now).0;
        paint::ruler(&inside, axis, lanes, ruler, origin, zero, &palette);
        paint::folds(&inside, axis, lanes, ruler, origin, &palette);
        painter.hline(rect.x_range(), ruler.bottom(), Stroke::new(1.0, palette.hairline));
        let running = model.is_running();
        let drawn = Drawn {
            version: model.timeline.version,
            rect: lanes.translate(vec2(0.0, self.rows_scroll)),
            axis: axis.clone(),
            scroll: self.scroll,
            now: if running || model.is_waiting() { now.0 } else { 0 },
            dark: palette.dark,
            rows: rows.len(),
        };
        if self.cached.as_ref().is_none_or(|cached| cached.drawn != drawn) {
            self.cached = Some(self.mesh(drawn, model, rows, axis, lanes, origin, now, &palette));
        }
        let bars = ui.painter_at(lanes);
        if let Some(cached) = &self.cached {
            bars.add(Shape::Mesh(Arc::clone(&cached.mesh)));
            for (at, text, colour) in &cached.words {
                bars.with_clip_rect(at.intersect(lanes)).text(
                    at.left_center() + vec2(6.0, 0.0),
                    Align2::LEFT_CENTER,
                    text,
                    theme::medium(TINY),
                    *colour,
                );
            }
        }
        self.headers(ui, rows, rect, lanes, &palette);
        self.playhead(ui, axis, body, origin, now, &palette);
    }

    #[expect(clippy::too_many_arguments, reason = "the geometry of one frame")]
    fn mesh(
        &self,
        drawn: Drawn,
        model: &Model,
        rows: &[Row],
        axis: &Axis,
        lanes: Rect,
        origin: f32,
        now: Timestamp,
        palette: &Palette,
    ) -> Cached {
        let (mut mesh, mut words) = (Mesh::default(), Vec::new());
        let (from, to) = (self.scroll, self.scroll + f64::from(lanes.width()));
        for (index, row) in rows.iter().enumerate() {
            let rect = self.row_rect(index, lanes);
            if rect.bottom() < lanes.top() || rect.top() > lanes.bottom() {
                continue;
            }
            let lane = model.timeline.lanes().find(|(key, sub, _)| **key == row.key && *sub == row.sub);
            if let Some((_, _, lane)) = lane {
                let items = lay_out(lane, axis, from, to, now.0);
                paint::bars(&mut mesh, &mut words, lane, &items, rect, origin, palette);
            }
        }
        Cached { drawn, mesh: Arc::new(mesh), words }
    }

    fn headers(&self, ui: &Ui, rows: &[Row], rect: Rect, lanes: Rect, palette: &Palette) {
        let header = Rect::from_min_max(pos2(rect.left(), lanes.top()), pos2(lanes.left(), rect.bottom()));
        let painter = ui.painter_at(header);
        painter.rect_filled(header, 0.0, palette.panel);
        for (index, row) in rows.iter().enumerate() {
            let at = self.row_rect(index, lanes);
            let left = header.left() + if row.indented { 24.0 } else { 12.0 };
            let font = if row.indented { egui::FontId::proportional(SMALL) } else { theme::medium(SMALL) };
            let colour = if row.indented { palette.second } else { palette.text };
            let name = painter.text(pos2(left, at.center().y), Align2::LEFT_CENTER, &row.name, font, colour);
            let note = pos2(header.right() - 8.0, at.center().y);
            let fits = name.right() + 60.0 < header.right();
            if fits {
                painter.text(note, Align2::RIGHT_CENTER, &row.note, egui::FontId::proportional(TINY), palette.third);
            }
            ui.painter_at(rect).hline(rect.x_range(), at.bottom(), Stroke::new(1.0, palette.tint(palette.hairline, 0.6)));
        }
        ui.painter_at(rect).vline(header.right(), rect.y_range(), Stroke::new(1.0, palette.hairline));
    }

    fn playhead(&self, ui: &Ui, axis: &Axis, body: Rect, origin: f32, now: Timestamp, palette: &Palette) {
        #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
        let x = origin + axis.position(now.0) as f32;
        let painter = ui.painter_at(body);
        let future = Rect::from_min_max(pos2(x, body.top()), body.max).intersect(body);
        painter.rect_filled(
            future,
            0.0,
            if palette.dark { egui::Color32::from_black_alpha(90) } else { egui::Color32::from_black_alpha(10) },
        );
        painter.vline(x, body.y_range(), Stroke::new(1.5, palette.text));
        let handle = Rect::from_center_size(pos2(x, body.top() + RULER - 6.0), vec2(10.0, 10.0));
        painter.rect_filled(handle, 3.0, palette.text);
    }

    /// Due attempts as dashed outlines, windows and visibility timeouts as flags.
    #[expect(clippy::too_many_arguments, reason = "the geometry of one frame")]
    fn future(&self, ui: &Ui, model: &Model, rows: &[Row], axis: &Axis, lanes: Rect, origin: f32, now: Timestamp) {
        let palette = Palette::of(ui);
        let painter = ui.painter_at(lanes);
        for due in model.due.iter().filter(|due| due.what.is_step() && due.at >= now).take(60) {
            #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
            let x = origin + axis.position(due.at.0) as f32;
            let (key, colour, text) = match &due.what {
                DueKind::Attempt { function, attempt, .. } => {
                    let lane = rows.iter().find(|row| matches!(&row.key, LaneKey::Environment(of, _) if of == function));
                    (lane.map(|row| row.key.clone()), palette.asynchronous, format!("attempt {attempt}"))
                }
                DueKind::WindowCloses { queue, .. } => {
                    (Some(LaneKey::Messages(queue.clone())), palette.batch, "window closes".into())
                }
                DueKind::MessageVisible { queue, .. } => {
                    (Some(LaneKey::Messages(queue.clone())), palette.throttle, "visible again".into())
                }
                _ => continue,
            };
            let Some(index) = key.and_then(|key| rows.iter().position(|row| row.key == key && row.sub == 0)) else { continue };
            let row = self.row_rect(index, lanes);
            paint::dashed_line(&painter, pos2(x, lanes.top()), pos2(x, row.bottom()), colour);
            let bar = Rect::from_min_size(pos2(x, row.top() + 5.0), vec2(84.0, LANE - 10.0));
            paint::dashed(&painter, bar, colour);
            painter.text(
                bar.left_center() + vec2(5.0, 0.0),
                Align2::LEFT_CENTER,
                text,
                egui::FontId::proportional(TINY),
                palette.second,
            );
        }
    }

    /// The bar under the pointer, with its words.
    #[expect(clippy::too_many_arguments, reason = "the geometry of one frame")]
    fn point(
        &self,
        model: &Model,
        rows: &[Row],
        axis: &Axis,
        lanes: Rect,
        origin: f32,
        now: Timestamp,
        response: &egui::Response,
    ) -> Option<Selection> {
        let pointer = response.hover_pos().filter(|at| lanes.contains(*at))?;
        let index = rows.iter().enumerate().position(|(index, _)| self.row_rect(index, lanes).contains(pointer))?;
        let row = rows.get(index)?;
        let (_, _, lane) = model.timeline.lanes().find(|(key, sub, _)| **key == row.key && *sub == row.sub)?;
        let at = f64::from(pointer.x - origin);
        let items = lay_out(lane, axis, at - 4.0, at + 4.0, now.0);
        let nearest = items.iter().min_by(|a, b| distance(a, at).total_cmp(&distance(b, at)))?;
        if distance(nearest, at) > 4.0 {
            return None;
        }
        let (bar, text) = match nearest {
            Item::Bar { index, .. } => {
                let bar = lane.bar(*index);
                let text = describe(&bar, &row.name, now);
                (bar, text)
            }
            Item::Crowd { first, count, failures, .. } => {
                (lane.bar(*first), format!("{count} bars, {failures} failed: zoom in to tell them apart"))
            }
        };
        response.clone().on_hover_text_at_pointer(text);
        Some(bar.target)
    }

    #[expect(clippy::too_many_arguments, reason = "the geometry of one frame")]
    fn outline(
        &self,
        ui: &Ui,
        model: &Model,
        rows: &[Row],
        axis: &Axis,
        lanes: Rect,
        origin: f32,
        selection: &Selection,
        now: Timestamp,
    ) {
        let palette = Palette::of(ui);
        let painter = ui.painter_at(lanes);
        for (index, row) in rows.iter().enumerate() {
            let Some((_, _, lane)) = model.timeline.lanes().find(|(key, sub, _)| **key == row.key && *sub == row.sub) else {
                continue;
            };
            for item in lay_out(lane, axis, self.scroll, self.scroll + f64::from(lanes.width()), now.0) {
                let Item::Bar { index: bar, left, right } = item else { continue };
                let target = lane.bar(bar).target;
                let same = target == *selection
                    || (target.request_id().is_some()
                        && matches!(selection, Selection::Invocation(id) if target.request_id() == Some(*id)));
                if same {
                    #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
                    let span = Rect::from_x_y_ranges(
                        origin + left as f32..=origin + right as f32,
                        self.row_rect(index, lanes).y_range(),
                    );
                    painter.rect_stroke(
                        span.shrink2(vec2(0.0, 4.0)).expand(1.0),
                        3.0,
                        Stroke::new(1.5, palette.text),
                        StrokeKind::Outside,
                    );
                }
            }
        }
    }

    fn keys(
        &mut self,
        ui: &Ui,
        response: &egui::Response,
        model: &Model,
        rows: &[Row],
        selection: &Selection,
        actions: &mut Vec<Action>,
    ) {
        if !response.has_focus() {
            return;
        }
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
            self.zoom_by(1.5);
        }
        if minus {
            self.zoom_by(1.0 / 1.5);
        }
        if zero {
            self.fit();
        }
        if left || right {
            let bars = runs(model, rows);
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
fn runs(model: &Model, rows: &[Row]) -> Vec<(u64, Selection)> {
    let mut bars = Vec::new();
    for (key, sub, lane) in model.timeline.lanes() {
        if matches!(key, LaneKey::Environment(..)) && rows.iter().any(|row| row.key == *key && row.sub == sub) {
            let first = lane.len().saturating_sub(1_000);
            bars.extend(
                (first..lane.len())
                    .filter(|index| lane.kind(*index) != BarKind::Init)
                    .map(|index| (lane.start(index), lane.bar(index).target)),
            );
        }
    }
    bars.sort_by_key(|(start, _)| *start);
    bars
}

fn distance(item: &Item, at: f64) -> f64 {
    let (left, right) = item.span();
    (left - at).max(at - right).max(0.0)
}

fn describe(bar: &Bar, lane: &str, now: Timestamp) -> String {
    let length = Micros(bar.end.unwrap_or(now.0).saturating_sub(bar.start));
    let what = match (bar.kind, bar.attempt) {
        (BarKind::Init, _) => "init".to_owned(),
        (BarKind::Wait, _) => "waits".into(),
        (BarKind::Call(_), _) => "call".into(),
        (BarKind::Run(_), Some(attempt)) => format!("attempt {attempt}"),
        (BarKind::Run(_), None) => "runs".into(),
    };
    let failed = if bar.failed { ", failed" } else { "" };
    let going = if bar.end.is_none() { " so far" } else { "" };
    format!("{lane}: {what}{failed}, {length}{going}\n{}", Timestamp(bar.start).iso_millis())
}

/// Sorted, overlapping stretches made one.
fn merged(mut active: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    active.sort_unstable();
    let mut out: Vec<(u64, u64)> = Vec::with_capacity(active.len());
    for (start, end) in active {
        match out.last_mut() {
            Some(last) if start <= last.1 + 2 * MARGIN => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}

/// The scale at which everything fits into `width`: found by halving, since folding depends on it.
fn fitting(start: u64, end: u64, active: &[(u64, u64)], fold: bool, width: f64) -> f64 {
    let (mut low, mut high) = (1e-9_f64.ln(), CLOSEST.ln());
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if Axis::new(start, end, active, middle.exp(), fold, MARGIN).width() > width { high = middle } else { low = middle }
    }
    low.exp()
}
