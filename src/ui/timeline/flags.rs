//! Flags at the axis: what is due next, at the moment when it is.

use egui::{Align2, Color32, FontId, Galley, Painter, Rect, Ui, pos2, vec2};
use std::sync::Arc;

use super::future::steps_ahead;
use super::geometry::{Geometry, RULER};
use crate::model::Model;
use crate::service::happened::DueKind;
use crate::ui::theme::{Palette, TINY};

/// Points before the words of a flag, for its dot, and behind them.
const DOT: f32 = 14.0;
const AFTER: f32 = 7.0;

/// A few words in the ruler.
pub struct Flag {
    /// Where its moment lies on screen.
    pub x: f32,
    pub rect: Rect,
    pub text: &'static str,
    words: Arc<Galley>,
    colour: Color32,
}

/// What is due, as far as there is room for it in the ruler, the earliest first.
pub fn flags(ui: &Ui, model: &Model, geometry: &Geometry) -> Vec<Flag> {
    let (painter, palette) = (ui.painter_at(geometry.body), Palette::of(ui));
    let mut flags: Vec<Flag> = Vec::new();
    for due in steps_ahead(model, geometry) {
        let (text, colour) = words(&due.what, &palette);
        let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(TINY), palette.text);
        let Some(rect) = place(geometry, geometry.x(due.at.0), galley.size().x + DOT + AFTER) else { continue };
        if flags.last().is_none_or(|last| last.rect.right() + 4.0 < rect.left()) {
            flags.push(Flag { x: geometry.x(due.at.0), rect, text, words: galley, colour });
        }
    }
    flags
}

/// What a thing that is due is called at the axis, and its colour.
pub fn words(what: &DueKind, palette: &Palette) -> (&'static str, Color32) {
    match what {
        DueKind::Attempt { attempt: 1, .. } => ("attempt 1 due", palette.asynchronous),
        DueKind::Attempt { attempt: 2, .. } => ("retry 1 due", palette.asynchronous),
        DueKind::Attempt { attempt: 3, .. } => ("retry 2 due", palette.asynchronous),
        DueKind::Attempt { .. } => ("retry due", palette.asynchronous),
        DueKind::WindowCloses { .. } => ("window closes", palette.batch),
        DueKind::MessageVisible { .. } => ("visible again", palette.throttle),
        // None of these is a step.
        DueKind::Timeout { .. } | DueKind::InitLimit { .. } | DueKind::IntegrationTimeout { .. } | DueKind::IdleExpiry { .. } => {
            ("due", palette.second)
        }
    }
}

/// Right of its moment, or left of it at the edge of the panel; nowhere where the moment is out of view.
fn place(geometry: &Geometry, x: f32, width: f32) -> Option<Rect> {
    let body = geometry.body;
    if !body.x_range().contains(x) {
        return None;
    }
    let left = if x + width < body.right() { x } else { x - width };
    let rect = Rect::from_min_size(pos2(left, body.top() + 3.0), vec2(width, RULER - 6.0));
    (rect.left() >= body.left()).then_some(rect)
}

pub fn draw_flags(ui: &Ui, geometry: &Geometry, flags: &[Flag]) {
    let (painter, palette) = (ui.painter_at(geometry.body), Palette::of(ui));
    flags.iter().for_each(|flag| draw(&painter, flag, &palette));
}

fn draw(painter: &Painter, flag: &Flag, palette: &Palette) {
    painter.rect_filled(flag.rect, 3.0, palette.raised);
    painter.circle_filled(pos2(flag.rect.left() + DOT * 0.5, flag.rect.center().y), 2.5, flag.colour);
    let place = Align2::LEFT_CENTER.anchor_size(pos2(flag.rect.left() + DOT, flag.rect.center().y), flag.words.size());
    painter.galley(place.min, Arc::clone(&flag.words), palette.text);
}
