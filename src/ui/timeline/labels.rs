//! Words on bars, or beside them where there is room. None stands across now or across what is due.

use egui::{Color32, FontId, Painter, Pos2, Rangef, Rect, Stroke, Ui, pos2, vec2};

use super::arrange::{BESIDE, Room, Unit};
use super::geometry::Geometry;
use super::placed::Placed;
use super::words::{count_forms, forms};
use crate::model::Model;
use crate::model::timeline::BarKind;
use crate::ui::theme::{self, Palette, TINY};

/// From so many bars on that are too close to each other for words of their own they are counted.
const MANY: usize = 3;
/// Bars that are nearer to each other than this are hard to tell apart, in points.
const CLOSE: f32 = 12.0;
/// How far below the middle of a row the line runs that says which bars are counted, and how far up its ends reach.
const BRACKET: f32 = 11.5;
const BRACKET_END: f32 = 2.5;

/// Words and where they stand.
#[derive(Clone, Debug)]
pub struct Label {
    left: f32,
    /// The middle of their row.
    middle: f32,
    text: String,
    ground: Ground,
    /// Where the first of several bars that it counts begins, and the last one ends.
    counts: Option<Rangef>,
}

/// What words stand on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ground {
    Bar,
    Wait,
    Lane,
}

/// A bar or a crowd whose words are not on it.
struct Beside {
    first: usize,
    last: usize,
    left: f32,
    right: f32,
    forms: Vec<String>,
}

/// The words of all bars; `walls` are the places of lines that none crosses, from left to right.
pub fn labels(ui: &Ui, model: &Model, geometry: &Geometry, placed: &[Placed], walls: &[f32]) -> Vec<Label> {
    let painter = ui.painter_at(geometry.lanes);
    let mut labels = Vec::new();
    for row in placed.chunk_by(|a, b| a.row == b.row) {
        let beside = on_bars(&painter, model, geometry, row, &mut labels);
        let beside = counted(row, beside);
        // A number alone says something on its bar only.
        let beside_bars = |form: &&String| form.parse::<u32>().is_err();
        let width = |form: &String| layout(&painter, form).x;
        let units: Vec<Unit> = beside
            .iter()
            .map(|one| Unit {
                left: one.left,
                right: one.right,
                widths: one.forms.iter().filter(beside_bars).map(width).collect(),
            })
            .collect();
        let now = geometry.x(geometry.now);
        let edges = geometry.lanes.left()..geometry.lanes.right();
        let spots = Room { units: &units, walls, now, edges }.arrange();
        let middle = row[0].rect.center().y;
        for (one, spot) in beside.iter().zip(spots) {
            match spot {
                Some(spot) => {
                    let text = one.forms[spot.form].clone();
                    let counts = (one.first < one.last).then(|| Rangef::new(one.left, one.right));
                    labels.push(Label { left: spot.left, middle, text, ground: Ground::Lane, counts });
                }
                // Rather short on the bar than nowhere, unless it is not about that bar alone.
                None if one.first < one.last => {}
                None => labels.extend(on(&painter, &row[one.first], &one.forms, Ground::Bar)),
            }
        }
    }
    labels
}

/// Writes on their bars what fits there whole; the others, and what is in their way, from left to right.
fn on_bars(painter: &Painter, model: &Model, geometry: &Geometry, row: &[Placed], labels: &mut Vec<Label>) -> Vec<Beside> {
    let mut beside: Vec<Beside> = Vec::new();
    for (index, placed) in row.iter().enumerate() {
        let rect = placed.rect;
        let mut forms = match (placed.dimmed, placed.count) {
            (true, _) => Vec::new(),
            (false, 1) => forms(model, &placed.bar, geometry.now),
            (false, count) => count_forms(placed.bar.kind, count, placed.failures, placed.of_one),
        };
        let ground = if placed.bar.kind == BarKind::Wait { Ground::Wait } else { Ground::Bar };
        // Of a wait shorter forms will do; a run has them beside it first.
        let tried = if ground == Ground::Wait { &forms[..] } else { forms.get(..1).unwrap_or_default() };
        let label = on(painter, placed, tried, ground);
        if label.is_some() || ground == Ground::Wait {
            labels.extend(label);
            forms.clear();
        }
        // An init is a part of the run that follows it.
        let mut left = rect.left();
        if let Some(before) = index.checked_sub(1).map(|before| &row[before])
            && before.bar.kind == BarKind::Init
            && rect.left() - before.rect.right() < 1.0
            && beside.last().is_some_and(|last| last.last == index - 1 && last.forms.is_empty())
        {
            left = before.rect.left();
            beside.pop();
        }
        beside.push(Beside { first: index, last: index, left, right: rect.right(), forms });
    }
    beside
}

/// Neighbours that are too close to each other to tell them apart are counted, from [`MANY`] on.
fn counted(row: &[Placed], beside: Vec<Beside>) -> Vec<Beside> {
    let mut out: Vec<Beside> = Vec::with_capacity(beside.len());
    let mut rest = beside.into_iter().peekable();
    while let Some(one) = rest.next() {
        let mut group = vec![one];
        while let Some(next) = rest.next_if(|next| group.last().is_some_and(|last| are_close(last, next))) {
            group.push(next);
        }
        let bars = || group.iter().flat_map(|one| &row[one.first..=one.last]);
        let count: usize = bars().filter(|placed| placed.bar.kind != BarKind::Init).map(|placed| placed.count).sum();
        if group.len() == 1 || count < MANY {
            out.extend(group);
            continue;
        }
        let failures = bars().map(|placed| placed.failures).sum();
        let kind = bars().map(|placed| placed.bar.kind).find(|kind| *kind != BarKind::Init).unwrap_or(BarKind::Init);
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let forms = count_forms(kind, count, failures, are_of_one(bars()));
        out.push(Beside { first: first.first, last: last.last, left: first.left, right: last.right, forms });
    }
    out
}

/// Whether all of these bars are of the same invocation; an init is of none.
fn are_of_one<'a>(bars: impl Iterator<Item = &'a Placed>) -> bool {
    let mut runs = bars.filter(|placed| placed.bar.kind != BarKind::Init);
    let Some(first) = runs.next() else { return false };
    first.of_one && runs.all(|other| other.of_one && other.bar.target.request_id() == first.bar.target.request_id())
}

/// Whether two that have words of their own nearly touch.
fn are_close(one: &Beside, next: &Beside) -> bool {
    !one.forms.is_empty() && !next.forms.is_empty() && next.left - one.right < CLOSE
}

/// The longest form that fits on a bar.
fn on(painter: &Painter, placed: &Placed, forms: &[String], ground: Ground) -> Option<Label> {
    let shown = placed.rect.intersect(painter.clip_rect());
    let cap = if placed.bar.failed { super::paint::CAP } else { 0.0 };
    let room = shown.width() - cap - if ground == Ground::Wait { 16.0 } else { 2.0 * BESIDE };
    let form = forms.iter().find(|form| layout(painter, form).x <= room)?;
    let left = match ground {
        Ground::Wait => shown.center().x - layout(painter, form).x * 0.5,
        Ground::Bar | Ground::Lane => shown.left() + BESIDE,
    };
    Some(Label { left, middle: shown.center().y, text: form.clone(), ground, counts: None })
}

fn layout(painter: &Painter, text: &str) -> egui::Vec2 {
    painter.layout_no_wrap(text.to_owned(), font(), Color32::PLACEHOLDER).size()
}

fn font() -> FontId {
    theme::medium(TINY)
}

/// Draws words over everything else of their lanes.
pub fn write(ui: &Ui, geometry: &Geometry, labels: &[Label]) {
    let (painter, palette) = (ui.painter_at(geometry.lanes), Palette::of(ui));
    let now = geometry.x(geometry.now);
    for label in labels {
        let galley = painter.layout_no_wrap(label.text.clone(), font(), Color32::PLACEHOLDER);
        let at: Pos2 = pos2(label.left, label.middle - galley.size().y * 0.5);
        let place = Rect::from_min_size(at, galley.size());
        let (ground, colour) = match label.ground {
            Ground::Bar => (None, palette.ground),
            Ground::Wait => (Some(palette.ground), palette.text),
            Ground::Lane if label.left > now => (Some(shade(&palette.ground, &palette)), palette.second),
            Ground::Lane => (Some(palette.ground), palette.second),
        };
        if let Some(ground) = ground {
            let beyond = if label.ground == Ground::Wait { 5.0 } else { 3.0 };
            painter.rect_filled(place.expand2(vec2(beyond, 0.0)), 2.0, ground);
        }
        painter.galley(at, galley, colour);
        if let Some(counts) = label.counts {
            bracket(&painter, counts, label.middle, palette.third);
        }
    }
}

/// A line under the bars that words beside them count, so that those are not taken for the last one's.
fn bracket(painter: &Painter, bars: Rangef, middle: f32, colour: Color32) {
    let (below, end) = (middle + BRACKET, middle + BRACKET - BRACKET_END);
    let corners = [(bars.min, end), (bars.min, below), (bars.max, below), (bars.max, end)];
    painter.line(corners.map(|(x, y)| pos2(x, y)).to_vec(), Stroke::new(1.0, colour));
}

/// How dark the ground of what is still to come is made.
pub fn shadow(palette: &Palette) -> u8 {
    if palette.dark { 90 } else { 10 }
}

/// The ground as it looks where the future is.
fn shade(ground: &Color32, palette: &Palette) -> Color32 {
    ground.lerp_to_gamma(Color32::BLACK, f32::from(shadow(palette)) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::selection::{InvocationModel, Selection};
    use crate::model::timeline::Bar;

    /// Bars of 3 points that begin here, and their words beside them.
    fn bars(lefts: &[f32]) -> (Vec<Placed>, Vec<Beside>) {
        let run = |left: &f32| Placed {
            row: 0,
            rect: Rect::from_x_y_ranges(*left..=*left + 3.0, 5.0..=21.0),
            bar: Bar {
                start: 0,
                end: Some(1),
                kind: BarKind::Run(InvocationModel::Queue),
                failed: false,
                attempt: Some(1),
                target: Selection::Nothing,
            },
            count: 1,
            failures: 0,
            of_one: false,
            dimmed: false,
        };
        let beside = |(index, left): (usize, &f32)| Beside {
            first: index,
            last: index,
            left: *left,
            right: *left + 3.0,
            forms: vec!["batch of 10, full".into(), "batch 1".into()],
        };
        (lefts.iter().map(run).collect(), lefts.iter().enumerate().map(beside).collect())
    }

    #[test]
    fn bars_are_counted_only_where_they_are_too_close_to_tell_them_apart() {
        let counted = |lefts: &[f32]| {
            let (row, beside) = bars(lefts);
            let counted = counted(&row, beside).into_iter();
            counted.map(|one| (one.first..one.last + 1, one.left..one.right, one.forms[0].clone())).collect::<Vec<_>>()
        };
        assert_eq!(counted(&[0.0, 10.0, 20.0]), [(0..3, 0.0..23.0, "3 batches".to_owned())], "and a line under all three");
        let apart = counted(&[0.0, 40.0, 80.0]);
        assert_eq!(apart.len(), 3, "no room for words between them, but one sees three: {apart:?}");
    }
}
