//! Bars that stand alone, where they are on screen: for links, words, outlines, clicks and screen readers.

use std::collections::HashMap;

use egui::{Color32, Rect};

use super::geometry::Geometry;
use super::paint;
use crate::model::Model;
use crate::model::selection::{InvocationModel, Selection};
use crate::model::timeline::{Bar, BarKind, Item};
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
    /// Points free at its right before the next bar of the row.
    pub free: f32,
    /// Points free at its left after the bar before it.
    pub free_before: f32,
}

/// The single bars among the items of a row.
pub fn place(geometry: &Geometry, row: usize, lane: &crate::model::timeline::Lane, items: &[Item], placed: &mut Vec<Placed>) {
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
        placed.push(Placed { row, rect, bar: lane.bar(index), free, free_before });
    }
}

/// A line from one bar to the next thing that happened to the same event.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    pub from: egui::Pos2,
    pub to: egui::Pos2,
    pub colour: Color32,
}

/// Call to wait to attempt to wait; and queue to batch.
pub fn links(model: &Model, geometry: &Geometry, placed: &[Placed], palette: &Palette) -> Vec<Link> {
    let mut of: HashMap<RequestId, Vec<&Placed>> = HashMap::new();
    for bar in placed {
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
            links.push(Link { from: pair[0].rect.right_center(), to: pair[1].rect.left_center(), colour });
        }
        let batch = invocation.batch.and_then(|batch| model.batches.get(&batch));
        let queue = batch.and_then(|batch| geometry.rows.iter().position(|row| row.is_queue(&batch.queue)));
        if let (Some(queue), Some(run)) = (queue, bars.iter().find(|bar| matches!(bar.bar.kind, BarKind::Run(_)))) {
            let from = egui::pos2(run.rect.left(), geometry.row(queue).center().y);
            links.push(Link { from, to: run.rect.left_center(), colour });
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
            match invocation.batch.and_then(|batch| model.batches.get(&batch)) {
                Some(batch) => {
                    let why = match batch.closed_by {
                        ClosedBy::Window => "window closed",
                        ClosedBy::Size => "full",
                        ClosedBy::Bytes => "6 MB",
                    };
                    format!("batch of {}, {why}", batch.messages.len())
                }
                None => String::new(),
            }
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

/// What a bar is, in a sentence: for the tooltip and for screen readers.
#[must_use]
pub fn describe(bar: &Bar, lane: &str, now: u64) -> String {
    let length = Micros(bar.end.unwrap_or(now).saturating_sub(bar.start));
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

/// A wait needs no more than a decimal.
#[must_use]
pub fn coarse(length: Micros) -> String {
    match length.0 / 100_000 {
        0 => length.to_string(),
        tenths @ 1..600 => format!("{}.{} s", tenths / 10, tenths % 10),
        tenths => Micros::from_secs(tenths / 10).to_string(),
    }
}
