//! Bars that stand alone, where they are on screen: for links, words, outlines, clicks and screen readers.

use std::collections::HashMap;
use std::ops::Range;

use egui::{Color32, Pos2, Rect, pos2, vec2};

use super::geometry::Geometry;
use super::paint;
use crate::model::Model;
use crate::model::queues::Batch;
use crate::model::selection::{InvocationModel, Selection};
use crate::model::timeline::{Bar, BarKind, Item, Lane};
use crate::service::happened::ClosedBy;
use crate::service::ids::RequestId;
use crate::service::time::{Micros, Timestamp};
use crate::ui::theme::Palette;

/// More bars than this are not told apart by links and words.
const MOST: usize = 1_000;

#[derive(Clone, Debug)]
pub struct Placed {
    pub row: usize,
    pub rect: Rect,
    pub bar: Bar,
    /// The filter does not find it.
    pub dimmed: bool,
    /// Points free at its right before the next bar of the row.
    pub free: f32,
    /// Points free at its left after the bar before it.
    pub free_before: f32,
}

/// Whether the filter finds one of these bars of a lane.
pub type Matches<'a> = dyn Fn(Range<usize>) -> bool + 'a;

/// The single bars among the items of a row.
pub fn place(geometry: &Geometry, row: usize, lane: &Lane, items: &[Item], matches: &Matches<'_>, placed: &mut Vec<Placed>) {
    for (number, item) in items.iter().enumerate() {
        let index = match item {
            Item::Bar { index, .. } => *index,
            Item::Crowd { first, count: 1, .. } => *first,
            Item::Crowd { .. } => continue,
        };
        if placed.len() >= MOST {
            return;
        }
        let rect = paint::span(geometry, row, item);
        let next = items.get(number + 1).map_or(geometry.lanes.right(), |next| geometry.on_screen(next.span().0));
        let before = number.checked_sub(1).and_then(|before| items.get(before));
        let before = before.map_or(geometry.lanes.left(), |before| geometry.on_screen(before.span().1));
        let (free, free_before) = ((next - rect.right()).max(0.0), (rect.left() - before).max(0.0));
        let dimmed = !matches(index..index + 1);
        placed.push(Placed { row, rect, bar: lane.bar(index), dimmed, free, free_before });
    }
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
    for bar in placed.iter().filter(|bar| !bar.dimmed) {
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

/// What is written on a bar or beside it; empty for most.
#[must_use]
pub fn words(model: &Model, bar: &Bar, now: u64) -> String {
    let invocation = bar.target.request_id().and_then(|id| model.invocations.get(&id));
    match (bar.kind, invocation) {
        (BarKind::Run(InvocationModel::Queue), Some(invocation)) => {
            model.batch_of(invocation).map(batch_words).unwrap_or_default()
        }
        (BarKind::Run(InvocationModel::Asynchronous), _) => bar.attempt.map_or_else(String::new, |n| format!("attempt {n}")),
        (BarKind::Run(_), _) => bar.end.map_or_else(String::new, |end| Micros(end - bar.start).to_string()),
        (BarKind::Call(model_of), _) if model_of.is_http() => model.request_words(&bar.target),
        (BarKind::Call(_), Some(invocation)) => invocation.label.as_deref().unwrap_or(&*invocation.function).to_owned(),
        (BarKind::Wait, _) if matches!(bar.target, Selection::Invocation(_)) => {
            format!("waits {}", coarse(Micros(bar.end.unwrap_or(now).saturating_sub(bar.start))))
        }
        _ => String::new(),
    }
}

/// What came back if anything did, else what closed it.
fn batch_words(batch: &Batch) -> String {
    if let Some(back) = batch.back_words() {
        return format!("batch {}, {back}", batch.number);
    }
    let why = match batch.closed_by {
        ClosedBy::Window => "window closed",
        ClosedBy::Size => "full",
        ClosedBy::Bytes => "6 MB",
    };
    format!("batch of {}, {why}", batch.messages.len())
}

/// What a bar is, in a sentence: for the tooltip and for screen readers.
#[must_use]
pub fn describe(model: &Model, bar: &Bar, lane: &str, now: u64) -> String {
    let length = Micros(bar.end.unwrap_or(now).saturating_sub(bar.start));
    let what = match (bar.kind, bar.attempt) {
        (BarKind::Run(InvocationModel::Queue), _) => words(model, bar, now),
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

/// A wait needs no more than a decimal.
#[must_use]
pub fn coarse(length: Micros) -> String {
    match length.0 / 100_000 {
        0 => length.to_string(),
        tenths @ 1..600 => format!("{}.{} s", tenths / 10, tenths % 10),
        tenths => Micros::from_secs(tenths / 10).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry;
    use super::*;

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
