//! Where things lie in one frame: the axis, the rows, and the parts of the panel.

use egui::{Rect, pos2, vec2};

use super::rows::Row;
use crate::model::Model;
use crate::model::timeline::{Axis, Lane, Stretch, Zoom};
use crate::service::time::Timestamp;
use crate::ui::theme::{LANE, LANE_HEADER};

pub const RULER: f32 = 24.0;
/// Room kept after now when nothing is due, in microseconds.
const AHEAD: u64 = 60_000;
/// Length of what is due on the axis, in microseconds: nobody knows how long it will take.
const DUE: u64 = 30_000;
/// Points a stretch takes at least; what is due needs room for its words.
const ROOM: f64 = 72.0;
const DUE_ROOM: f64 = 130.0;
const LAST_ROOM: f64 = 240.0;
/// Stretches of what is due; what comes later is further on.
const DUE_STRETCHES: usize = 4;
/// Gaps that are candidates for a fold, the longest: no screen shows more.
const GAPS: usize = 256;

/// One frame of the panel.
pub struct Geometry {
    pub axis: Axis,
    pub rows: Vec<Row>,
    /// Headers and lanes with the ruler; the same without headers; lanes alone.
    pub whole: Rect,
    pub body: Rect,
    pub lanes: Rect,
    /// Points from the axis' beginning to the left edge.
    pub scroll: f64,
    pub rows_scroll: f32,
    pub now: u64,
}

impl Geometry {
    #[must_use]
    pub fn parts(whole: Rect) -> (Rect, Rect) {
        let body = Rect::from_min_max(pos2(whole.left() + LANE_HEADER, whole.top()), whole.max);
        (body, Rect::from_min_max(pos2(body.left(), body.top() + RULER), body.max))
    }

    /// Where a position of the axis lies on screen.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
    pub fn on_screen(&self, position: f64) -> f32 {
        (f64::from(self.body.left()) + position - self.scroll) as f32
    }

    #[must_use]
    pub fn x(&self, time: u64) -> f32 {
        self.on_screen(self.axis.position(time))
    }

    /// The position of the axis at a point on screen.
    #[must_use]
    pub fn position(&self, x: f32) -> f64 {
        f64::from(x - self.body.left()) + self.scroll
    }

    /// The positions of the axis that are in view.
    #[must_use]
    pub fn view(&self) -> (f64, f64) {
        (self.scroll, self.scroll + f64::from(self.lanes.width()))
    }

    #[must_use]
    pub fn row(&self, index: usize) -> Rect {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred lanes")]
        let top = self.lanes.top() + index as f32 * LANE - self.rows_scroll;
        Rect::from_min_size(pos2(self.lanes.left(), top), vec2(self.lanes.width(), LANE))
    }

    /// Rows in view that have bars.
    pub fn lanes<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = (usize, &'a Row, &'a Lane)> {
        self.rows.iter().enumerate().filter(|(index, _)| self.row(*index).intersects(self.lanes)).filter_map(|(index, row)| {
            let lane = model.timeline.lane_of(&row.key, row.sub)?;
            Some((index, row, lane))
        })
    }
}

/// The axis over everything that happened and is due; `zoom` is `None` when all of it is to fit into `width`.
#[must_use]
pub fn axis(model: &Model, now: Timestamp, zoom: Option<Zoom>, fold: bool, width: f64) -> Axis {
    let start = model.timeline.first().unwrap_or(now).0;
    let mut stretches: Vec<Stretch> = longest_gaps(&model.timeline.active(now));
    stretches.push(Stretch { start: now.0, end: now.0, room: ROOM });
    let mut due: Vec<u64> =
        model.due.iter().filter(|due| due.what.is_step() && due.at >= now).map(|due| due.at.0).take(DUE_STRETCHES).collect();
    due.dedup_by_key(|at| *at / DUE);
    let end = due.last().map_or(now.0 + AHEAD, |last| last + DUE * 2);
    let last = due.len().saturating_sub(1);
    let room = |number| if number == last { LAST_ROOM } else { DUE_ROOM };
    stretches.extend(due.iter().enumerate().map(|(number, at)| Stretch { start: *at, end: at + DUE, room: room(number) }));
    stretches.sort_by_key(|stretch| stretch.start);
    // A little ground before the first thing.
    let start = start.saturating_sub(stretches.first().map_or(0, |first| (first.end - first.start) / 8).clamp(20, 40_000));
    match zoom {
        Some(zoom) => Axis::new(start, end, &stretches, zoom, fold),
        None => Axis::fitting(start, end, &stretches, fold, width),
    }
}

/// Activity with only the longest gaps left open.
fn longest_gaps(active: &[(u64, u64)]) -> Vec<Stretch> {
    let mut gaps: Vec<u64> = active.windows(2).map(|pair| pair[1].0.saturating_sub(pair[0].1)).collect();
    let shortest = match gaps.len().checked_sub(GAPS) {
        Some(at) if at > 0 => *gaps.select_nth_unstable(at).1,
        _ => 0,
    };
    let mut out: Vec<Stretch> = Vec::with_capacity(active.len().min(GAPS + 1));
    for (start, end) in active {
        match out.last_mut() {
            Some(last) if start.saturating_sub(last.end) < shortest => last.end = *end,
            _ => out.push(Stretch { start: *start, end: *end, room: ROOM }),
        }
    }
    out
}
