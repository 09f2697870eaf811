//! Bars that stand alone, where they are on screen: for links, words, outlines, clicks and screen readers.

use std::collections::HashMap;
use std::ops::Range;

use egui::{Color32, Pos2, Rect, pos2, vec2};

use super::geometry::Geometry;
use super::paint;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::timeline::{Bar, BarKind, Item, Lane};
use crate::service::ids::RequestId;
use crate::ui::theme::Palette;

/// More bars than this are not told apart by links and words.
const MOST: usize = 1_000;
/// Crowds that are nearer than this are one, in points.
const TOUCHING: f32 = 2.0;

/// A bar, or several of a row that touch each other on screen.
#[derive(Clone, Debug)]
pub struct Placed {
    pub row: usize,
    pub rect: Rect,
    /// The first of them.
    pub bar: Bar,
    pub count: usize,
    pub failures: u32,
    /// All of them are of the same invocation.
    pub of_one: bool,
    /// The filter does not find it.
    pub dimmed: bool,
}

/// Whether the filter finds one of these bars of a lane.
pub type Matches<'a> = dyn Fn(Range<usize>) -> bool + 'a;

/// The bars of a row, single ones and crowds.
pub fn place(geometry: &Geometry, row: usize, lane: &Lane, items: &[Item], matches: &Matches<'_>, placed: &mut Vec<Placed>) {
    let first = placed.len();
    for item in items {
        let bars = item.bars();
        let failures = lane.failures(bars.start, bars.end);
        let first_told = told(lane, &bars);
        let count = bars.end - first_told;
        let (rect, dimmed) = (paint::span(geometry, row, item), !matches(bars.clone()));
        let full = placed.len() >= MOST;
        let last = placed[first..].last_mut();
        // What is not told apart by the eye is one crowd, and so is what is too much.
        let joins = |last: &Placed| {
            let touches = rect.left() - last.rect.right() < TOUCHING && last.dimmed == dimmed;
            full || (touches && last.count > 1 && count > 1)
        };
        match last {
            Some(last) if joins(last) => {
                last.rect.max.x = last.rect.right().max(rect.right());
                last.of_one &= is_of_one(lane, &bars, &last.bar.target);
                last.count += count;
                last.failures += failures;
            }
            _ if full => return,
            _ => {
                let bar = lane.bar(first_told);
                let of_one = is_of_one(lane, &bars, &bar.target);
                placed.push(Placed { row, rect, bar, count, failures, of_one, dimmed });
            }
        }
    }
}

/// Whether these bars are of the invocation of this one, inits aside. Those of different ones are told after the first two.
fn is_of_one(lane: &Lane, bars: &Range<usize>, one: &Selection) -> bool {
    let is_of_it = |index| lane.kind(index) == BarKind::Init || lane.target(index).request_id() == one.request_id();
    one.request_id().is_some() && bars.clone().all(is_of_it)
}

/// The first of some bars that is told of: an init is a part of the run that follows it.
#[must_use]
pub fn told(lane: &Lane, bars: &Range<usize>) -> usize {
    bars.start + usize::from(bars.len() > 1 && lane.kind(bars.start) == BarKind::Init)
}

/// A line from one bar to the next thing that happened to the same event, along the edge of rows, where no words are.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    pub points: [Pos2; 4],
    pub colour: Color32,
}

/// Points between a link and the edge of the row along which it runs.
const BESIDE_EDGE: f32 = 2.5;

/// From a bar in one row to the beginning of something in another.
fn link(geometry: &Geometry, from: (usize, Rect), to: (usize, Rect), colour: Color32) -> Link {
    let row = geometry.row(from.0);
    let down = to.0 > from.0;
    let (leaves, along) =
        if down { (from.1.bottom(), row.bottom() - BESIDE_EDGE) } else { (from.1.top(), row.top() + BESIDE_EDGE) };
    let (start, end) = (from.1.right() - 1.0, to.1.left() + 0.6);
    let arrives = if down { to.1.top() } else { to.1.bottom() };
    Link { points: [pos2(start, leaves), pos2(start, along), pos2(end, along), pos2(end, arrives)], colour }
}

/// Call to wait to attempt to wait; and queue to batch.
pub fn links(model: &Model, geometry: &Geometry, placed: &[Placed], palette: &Palette) -> Vec<Link> {
    let mut of: HashMap<RequestId, Vec<&Placed>> = HashMap::new();
    for bar in placed.iter().filter(|bar| !bar.dimmed && bar.count == 1) {
        if let Some(id) = bar.bar.target.request_id() {
            of.entry(id).or_default().push(bar);
        }
    }
    let mut links = Vec::new();
    for (id, mut bars) in of {
        let Some(invocation) = model.invocations.get(&id) else { continue };
        bars.sort_by_key(|bar| (bar.bar.start, bar.row));
        let colour = palette.model(invocation.model());
        for pair in bars.windows(2).filter(|pair| pair[0].row != pair[1].row) {
            links.push(link(geometry, (pair[0].row, pair[0].rect), (pair[1].row, pair[1].rect), colour));
        }
        let batch = invocation.batch.and_then(|batch| model.batches.get(&batch));
        let queue = batch.and_then(|batch| geometry.rows.iter().position(|row| row.is_queue(&batch.queue)));
        if let (Some(queue), Some(run)) = (queue, bars.iter().find(|bar| matches!(bar.bar.kind, BarKind::Run(_)))) {
            // The messages' own bars end where the batch begins.
            let waits = geometry.row(queue).shrink2(vec2(0.0, 8.0));
            let from = Rect::from_x_y_ranges(run.rect.left()..=run.rect.left() + 1.6, waits.y_range());
            links.push(link(geometry, (queue, from), (run.row, run.rect), colour));
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::super::geometry;
    use super::*;
    use crate::service::time::Timestamp;

    #[test]
    fn a_link_runs_along_the_edge_of_rows_and_not_through_words() {
        let (model, now) = (Model::default(), Timestamp(1_000_000));
        let whole = Rect::from_min_size(Pos2::ZERO, vec2(1_000.0, 300.0));
        let (body, lanes) = Geometry::parts(whole);
        let axis = geometry::axis(&model, now, None, true, f64::from(body.width()));
        let geometry = Geometry { axis, rows: Vec::new(), whole, body, lanes, scroll: 0.0, rows_scroll: 0.0, now: now.0 };
        let bar = |row: usize, left: f32| {
            let inside = geometry.row(row).shrink2(vec2(0.0, 5.0));
            (row, Rect::from_x_y_ranges(left..=left + 10.0, inside.y_range()))
        };
        for (from, to) in [(0, 2), (2, 0), (1, 2)] {
            let link = link(&geometry, bar(from, 200.0), bar(to, 400.0), Color32::WHITE);
            let row = geometry.row(from);
            // Words are 11 points high, in the middle of their row.
            assert!((link.points[1].y - row.center().y).abs() > 8.0, "{:?} in {row:?}", link.points);
            assert_eq!(link.points[1].y, link.points[2].y);
            assert!(row.contains(link.points[1]), "it leaves its own row only where it arrives");
        }
    }
}
