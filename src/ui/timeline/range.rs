//! A stretch of time that somebody has marked along the ruler: how long it is, what began in it, and a closer look at it.

use egui::{Align2, Color32, Rect, Response, Stroke, Ui, pos2, vec2};

use super::TimelinePanel;
use super::geometry::{Geometry, RULER};
use crate::model::Model;
use crate::model::timeline::{BarKind, LaneKey};
use crate::service::counted::counted;
use crate::service::time::Micros;
use crate::ui::theme::{self, Palette, TINY};

/// Marks that are narrower than this were a click, in points.
const LEAST: f32 = 4.0;
/// Bars of a lane that are looked through for inits.
const INITS: usize = 1_000;

/// Two moments in microseconds, in the order in which they were marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    from: u64,
    to: u64,
}

impl Mark {
    /// The earlier and the later.
    #[must_use]
    pub fn ordered(self) -> (u64, u64) {
        (self.from.min(self.to), self.from.max(self.to))
    }
}

impl TimelinePanel {
    /// Whether the pointer is marking: it was pressed in the ruler, or anywhere with Shift.
    pub(super) fn is_marking(&self, ui: &Ui, body: Rect) -> bool {
        let (origin, shift) = ui.input(|input| (input.pointer.press_origin(), input.modifiers.shift));
        self.marking || shift || origin.is_some_and(|at| body.contains(at) && at.y < body.top() + RULER)
    }

    /// Follows the pointer from where it was pressed. Keys go to the timeline then, as the words of a mark say.
    pub(super) fn mark(&mut self, ui: &Ui, response: &Response, body: Rect) {
        let Some((axis, _)) = self.last_axis() else { return };
        let time = |x: f32| axis.time(f64::from(x.clamp(body.left(), body.right()) - body.left()) + self.scroll);
        let (origin, at) = ui.input(|input| (input.pointer.press_origin(), input.pointer.interact_pos()));
        let Some((origin, at)) = origin.zip(at) else { return };
        let begun = self.marked.filter(|_| self.marking).map_or_else(|| time(origin.x), |mark| mark.from);
        let wide = (origin.x - at.x).abs() >= LEAST;
        self.marked = wide.then(|| Mark { from: begun, to: time(at.x) });
        self.marking = wide;
        if wide {
            response.request_focus();
        }
        self.follow = false;
    }

    /// The stretch over the lanes, with its words in the ruler.
    pub(super) fn draw_mark(&self, ui: &Ui, model: &Model, geometry: &Geometry) {
        let Some((from, to)) = self.marked.map(Mark::ordered) else { return };
        let (painter, palette) = (ui.painter_at(geometry.body), Palette::of(ui));
        let band = Rect::from_x_y_ranges(geometry.x(from)..=geometry.x(to), geometry.body.y_range());
        let ground = if palette.dark { Color32::from_white_alpha(14) } else { Color32::from_black_alpha(14) };
        painter.rect_filled(band, 0.0, ground);
        for x in [band.left(), band.right()] {
            painter.vline(x, band.y_range(), Stroke::new(1.0, palette.text));
        }
        let key = if self.marking { "" } else { "  (Z zooms to it)" };
        let text = format!("{}{key}", words(model, from, to));
        let galley = painter.layout_no_wrap(text, theme::medium(TINY), palette.ground);
        let size = galley.size() + vec2(12.0, 4.0);
        let middle = pos2(band.center().x, geometry.body.top() + RULER * 0.5);
        let mut place = Align2::CENTER_CENTER.anchor_size(middle, size);
        let beyond = (geometry.body.left() - place.left()).max(0.0) - (place.right() - geometry.body.right()).max(0.0);
        place = place.translate(vec2(beyond, 0.0));
        painter.rect_filled(place, 3.0, palette.text);
        painter.galley(place.min + vec2(6.0, 2.0), galley, palette.ground);
    }
}

/// `1.2 s, 3 runs, 1 failed`.
fn words(model: &Model, from: u64, to: u64) -> String {
    let (mut runs, mut failed) = (0, 0);
    for (_, _, lane) in model.timeline.lanes().filter(|(key, _, _)| matches!(key, LaneKey::Environment(..))) {
        let first = lane.begins_after(0, from, lane.len());
        let last = lane.begins_after(first, to.saturating_add(1), 1);
        // Few inits are among many runs; they are looked for where somebody can see them.
        let inits = (first..last).take(INITS).filter(|index| lane.kind(*index) == BarKind::Init).count();
        runs += last - first - inits;
        failed += lane.failures(first, last);
    }
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!("{}, {}{failed}", Micros(to - from), counted(runs, "run"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::selection::{InvocationModel, Selection};
    use crate::service::time::Timestamp;

    #[test]
    fn a_mark_tells_its_length_and_what_began_in_it() {
        let mut model = Model::default();
        let key = LaneKey::Environment("f".into(), 1);
        model.timeline.begin(key.clone(), Timestamp(0), BarKind::Init, Selection::Nothing, None);
        for (start, failed) in [(100, false), (500_000, true), (1_200_000, false)] {
            let run = BarKind::Run(InvocationModel::Synchronous);
            model.timeline.begin(key.clone(), Timestamp(start), run, Selection::Nothing, Some(1));
            model.timeline.end(&key, Timestamp(start + 50), failed);
        }
        assert_eq!(words(&model, 0, 1_200_000), "1.2 s, 3 runs, 1 failed");
        assert_eq!(words(&model, 50, 200_000), "200 ms, 1 run");
        assert_eq!(words(&model, 2_000_000, 3_000_000), "1 s, 0 runs");
        assert_eq!(Mark { from: 9, to: 2 }.ordered(), (2, 9));
    }
}
