//! Painting: one mesh for all bars, a little text, links, and what is dashed.

use std::ops::Range;

use egui::epaint::{Mesh, RectShape, TessellationOptions, Tessellator};
use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::flags::Flag;
use super::geometry::{Geometry, RULER};
use super::labels::shadow;
use super::placed::{Link, Matches};
use super::words::{coarse, rough};
use crate::model::lengths;
use crate::model::timeline::{BarKind, Item, Lane};
use crate::service::time::Micros;
use crate::ui::theme::{self, Palette, TINY};

/// The cap of a failed bar, and the width from which it has a cross.
pub const CAP: f32 = 9.0;
/// How much further up and down what failed reaches where it is too narrow for a cross: colour alone says nothing.
const FAILED_TALLER: f32 = 3.0;
/// Between a wait and what follows it, in points.
const GAP: f32 = 2.0;
/// A bar that stands alone is never narrower than this.
const NARROWEST: f32 = 3.0;
/// Half the width of the head of the line of now, with the ground around it.
pub const HEAD: f32 = 8.0;
/// From this width on a bar has round corners.
const ROUND: f32 = 5.0;

/// Makes one mesh of all bars; the tessellator rounds the corners of the wide ones.
pub struct BarMesh {
    pub mesh: Mesh,
    tessellator: Tessellator,
    /// The last crowd: its neighbour of the same colour makes it longer instead of adding a rectangle.
    crowd: Option<(Rect, Color32)>,
}

impl BarMesh {
    #[must_use]
    pub fn new(pixels_per_point: f32) -> Self {
        let tessellator = Tessellator::new(pixels_per_point, TessellationOptions::default(), [1, 1], Vec::new());
        Self { mesh: Mesh::default(), tessellator, crowd: None }
    }

    /// The bars of a lane; those that do not match are faint.
    pub fn lane(
        &mut self,
        geometry: &Geometry,
        row: usize,
        lane: &Lane,
        items: &[Item],
        matches: &Matches<'_>,
        palette: &Palette,
    ) {
        let faint = palette.faint();
        for (number, item) in items.iter().enumerate() {
            let palette = if matches(item.bars()) { palette } else { &faint };
            let span = span(geometry, row, item);
            match item {
                Item::Crowd { first, count: count @ 2.., failures, .. } => {
                    let failed = *failures > 0;
                    let colour = if failed { palette.error } else { colour_of(lane.kind(*first), palette) };
                    let span = if failed { span.expand2(vec2(0.0, FAILED_TALLER)) } else { span };
                    #[expect(clippy::cast_precision_loss, reason = "a density for the eye")]
                    let alpha = 0.45 + (*count).min(16) as f32 * 0.08;
                    self.crowd(span, colour.gamma_multiply(alpha.min(1.0)));
                }
                Item::Bar { index, .. } | Item::Crowd { first: index, .. } => {
                    self.flush();
                    let touches = |other: Option<&Item>, x: fn(&Item) -> f64, edge: f64| {
                        other.is_some_and(|other| (x(other) - edge).abs() < 1.0)
                    };
                    let (left, right) = item.span();
                    let before = touches(number.checked_sub(1).and_then(|n| items.get(n)), |item| item.span().1, left);
                    let after = touches(items.get(number + 1), |item| item.span().0, right);
                    self.bar(lane, *index, span, (!before, !after), palette);
                }
            }
        }
        self.flush();
    }

    fn crowd(&mut self, rect: Rect, colour: Color32) {
        match &mut self.crowd {
            Some((last, same)) if *same == colour && rect.left() - last.right() < 0.75 && rect.top() == last.top() => {
                last.max.x = last.right().max(rect.right());
            }
            _ => {
                self.flush();
                self.crowd = Some((rect, colour));
            }
        }
    }

    fn flush(&mut self) {
        if let Some((rect, colour)) = self.crowd.take() {
            self.mesh.add_colored_rect(rect, colour);
        }
    }

    fn bar(&mut self, lane: &Lane, index: usize, rect: Rect, round: (bool, bool), palette: &Palette) {
        let kind = lane.kind(index);
        let failed = lane.has_failed(index) && kind != BarKind::Init;
        match kind {
            // Waits may follow each other directly: of a message one for each receive.
            BarKind::Wait => {
                let gap = if rect.width() > GAP * 3.0 { GAP } else { 0.0 };
                return hatch(&mut self.mesh, rect.with_max_x(rect.right() - gap), palette);
            }
            // The cold start is a darker part of the run that follows it.
            BarKind::Init => {
                let next = (index + 1 < lane.len()).then(|| lane.kind(index + 1));
                let colour = next.map_or(palette.third, |kind| colour_of(kind, palette));
                self.rounded(rect, colour.gamma_multiply(0.5), round);
            }
            BarKind::Run(_) | BarKind::Call(_) if rect.width() <= CAP && failed => {
                self.rounded(rect.expand2(vec2(0.0, FAILED_TALLER)), palette.error, round);
            }
            BarKind::Run(_) | BarKind::Call(_) => {
                let cap = pos2(rect.right() - if failed { CAP } else { 0.0 }, rect.bottom());
                self.rounded(Rect::from_min_max(rect.min, cap), colour_of(kind, palette), (round.0, round.1 && !failed));
            }
        }
        if failed && rect.width() > CAP {
            let cap = Rect::from_min_max(pos2(rect.right() - CAP, rect.top()), rect.max);
            self.rounded(cap, palette.error, (false, round.1));
            cross(&mut self.mesh, cap.center(), palette.ground);
        }
    }

    fn rounded(&mut self, rect: Rect, colour: Color32, (left, right): (bool, bool)) {
        if rect.width() < ROUND || !(left || right) {
            return self.mesh.add_colored_rect(rect, colour);
        }
        let corner = |round: bool| if round { 3 } else { 0 };
        let corners = CornerRadius { nw: corner(left), sw: corner(left), ne: corner(right), se: corner(right) };
        self.tessellator.tessellate_rect(&RectShape::filled(rect, corners, colour), &mut self.mesh);
    }
}

/// The rectangle of an item; waits are thinner than runs.
#[must_use]
pub fn span(geometry: &Geometry, row: usize, item: &Item) -> Rect {
    let (left, right) = item.span();
    let (left, right) = (geometry.on_screen(left), geometry.on_screen(right));
    let narrowest = if matches!(item, Item::Crowd { count: 2.., .. }) { 0.0 } else { NARROWEST };
    let waits = geometry.rows.get(row).is_some_and(|row| row.waits());
    let right = right.max(left + narrowest);
    // What lies far outside would lose its precision.
    let (left, right) = (left.max(geometry.lanes.left() - 20.0), right.min(geometry.lanes.right() + 20.0));
    Rect::from_x_y_ranges(left..=right, geometry.row(row).y_range()).shrink2(vec2(0.0, if waits { 8.0 } else { 5.0 }))
}

/// Out of the first bar, along the edge of its row, then down or up to the second.
pub fn links(painter: &Painter, links: &[Link]) {
    for link in links {
        painter.line(link.points.to_vec(), Stroke::new(1.2, link.colour.gamma_multiply(0.8)));
    }
}

fn colour_of(kind: BarKind, palette: &Palette) -> Color32 {
    match kind {
        BarKind::Init => palette.third,
        BarKind::Wait => palette.raised,
        BarKind::Run(model) | BarKind::Call(model) => palette.model(model),
    }
}

/// Slanted lines over a dim ground.
fn hatch(mesh: &mut Mesh, rect: Rect, palette: &Palette) {
    mesh.add_colored_rect(rect, palette.raised);
    let (height, step) = (rect.height(), 7.0);
    // Lines of a very long wait are not worth their triangles.
    if rect.width() > 4_000.0 {
        return;
    }
    let mut x = rect.left() - height;
    while x < rect.right() {
        let line = |x: f32, y: f32| pos2(x.clamp(rect.left(), rect.right()), y);
        let corners = [
            line(x, rect.bottom()),
            line(x + 2.0, rect.bottom()),
            line(x + 2.0 + height, rect.top()),
            line(x + height, rect.top()),
        ];
        quad(mesh, corners, palette.third.gamma_multiply(0.55));
        x += step;
    }
}

fn cross(mesh: &mut Mesh, centre: Pos2, colour: Color32) {
    let (long, wide) = (2.6, 0.8);
    for sign in [1.0, -1.0] {
        let along = vec2(long, long * sign);
        let across = vec2(wide, -wide * sign);
        quad(mesh, [centre - along - across, centre - along + across, centre + along + across, centre + along - across], colour);
    }
}

fn quad(mesh: &mut Mesh, corners: [Pos2; 4], colour: Color32) {
    let first = u32::try_from(mesh.vertices.len()).unwrap_or(0);
    for corner in corners {
        mesh.colored_vertex(corner, colour);
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first, first + 2, first + 3);
}

/// Folded stretches as bands with their length written on them.
pub fn folds(painter: &Painter, geometry: &Geometry, flags: &[Flag<'_>], palette: &Palette) {
    let ruler = geometry.body.top() + RULER * 0.5;
    for segment in geometry.axis.segments().iter().filter(|segment| segment.folded) {
        let across = geometry.on_screen(segment.left)..=geometry.on_screen(segment.right);
        let band = Rect::from_x_y_ranges(across, geometry.body.y_range());
        if !band.intersects(geometry.body) {
            continue;
        }
        painter.rect_filled(band.intersect(geometry.body), 0.0, palette.tint(palette.raised, 0.45));
        let place = |text: String| {
            let text = painter.layout_no_wrap(text, theme::mono(TINY), palette.second);
            (Rect::from_center_size(pos2(band.center().x, ruler), text.size()), text)
        };
        let forms = fold_forms(Micros(segment.end - segment.start)).into_iter().map(place);
        let fits = |place: &Rect| place.width() < band.width() - 4.0 && is_free(*place, flags);
        if let Some((place, text)) = forms.into_iter().find(|(place, _)| fits(place)) {
            painter.galley(place.min, text, palette.second);
        }
    }
}

/// How long a folded stretch is, the longest form first.
fn fold_forms(length: Micros) -> [String; 3] {
    let coarse = coarse(length);
    [format!("··· {coarse} ···"), coarse, rough(length)]
}

/// Whether no flag stands in this place of the ruler.
fn is_free(place: Rect, flags: &[Flag<'_>]) -> bool {
    flags.iter().all(|flag| !flag.rect.expand2(vec2(3.0, 0.0)).intersects(place))
}

/// Ticks of the ruler in the stretches that are not folded; one behind a fold has its beginning written, too.
pub fn ruler(painter: &Painter, geometry: &Geometry, zero: u64, flags: &[Flag<'_>], palette: &Palette) {
    let line = Stroke::new(1.0, palette.hairline);
    let (view_from, view_to) = geometry.view();
    for (index, segment) in geometry.axis.segments().iter().enumerate().filter(|(_, segment)| !segment.folded) {
        if segment.right < view_from || segment.left > view_to {
            continue;
        }
        let from = geometry.axis.time(view_from.max(segment.left)).max(segment.start);
        let to = geometry.axis.time(view_to.min(segment.right)).min(segment.end);
        #[expect(clippy::cast_precision_loss, reason = "points a microsecond")]
        let step = tick_step((segment.right - segment.left) / (segment.end - segment.start).max(1) as f64);
        let (begin, end) = (geometry.on_screen(segment.left), geometry.on_screen(segment.right));
        let mut tick = (from.saturating_sub(zero)).div_ceil(step) * step + zero;
        let mut free = begin;
        if index > 0 && segment.start >= zero && geometry.x(tick) - begin > 1.0 {
            let label = |step| {
                let text = tick_text(segment.start - zero, step);
                tick_label(painter, geometry, begin..end, &text, flags, palette)
            };
            free = label(step.min(1_000)).or_else(|| label(1_000_000)).unwrap_or(begin);
        }
        while tick <= to {
            let x = geometry.x(tick);
            painter.vline(x, geometry.lanes.y_range(), line);
            if x >= free {
                tick_label(painter, geometry, x..end, &tick_text(tick - zero, step), flags, palette);
            }
            tick += step;
        }
    }
}

/// Behind the tick at the beginning of `room`, if it has room there; where it ends.
fn tick_label(
    painter: &Painter,
    geometry: &Geometry,
    room: Range<f32>,
    text: &str,
    flags: &[Flag<'_>],
    palette: &Palette,
) -> Option<f32> {
    let galley = painter.layout_no_wrap(text.to_owned(), theme::mono(TINY), palette.third);
    let middle = geometry.body.top() + RULER * 0.5;
    let place = Rect::from_min_size(pos2(room.start + 4.0, middle - galley.size().y * 0.5), galley.size());
    // Nor under the head of the line of now.
    let now = geometry.x(geometry.now);
    let under_head = place.left() - HEAD < now && now < place.right() + HEAD;
    let fits = place.right() < room.end && is_free(place, flags) && !under_head;
    fits.then(|| {
        painter.galley(place.min, galley, palette.third);
        place.right()
    })
}

/// Microseconds between ticks: 1, 2 or 5 times a power of ten, at least 90 points apart.
fn tick_step(scale: f64) -> u64 {
    let mut step = 1_u64;
    loop {
        for factor in [1, 2, 5] {
            #[expect(clippy::cast_precision_loss, reason = "a width")]
            if (step * factor) as f64 * scale >= 90.0 || step > 100_000_000_000 {
                return step * factor;
            }
        }
        step *= 10;
    }
}

/// In the form of [`Model::on_ruler`](crate::model::Model::on_ruler), with as many digits as ticks so far apart need.
fn tick_text(micros: u64, step: u64) -> String {
    let clock = lengths::clock(Micros(micros));
    match step {
        1_000_000.. => clock.split('.').next().unwrap_or_default().to_owned(),
        1_000.. => clock,
        _ => format!("{clock} {:03}", micros % 1_000),
    }
}

/// The line of now with its head, and the dimmer ground of what is still to come.
pub fn playhead(painter: &Painter, geometry: &Geometry, palette: &Palette) {
    let (x, body) = (geometry.x(geometry.now), geometry.body);
    let future = Rect::from_min_max(pos2(x, body.top()), body.max).intersect(body);
    painter.rect_filled(future, 0.0, Color32::from_black_alpha(shadow(palette)));
    painter.vline(x, body.y_range(), Stroke::new(1.5, palette.text));
    let (top, tip) = (body.top() + RULER - 11.0, body.top() + RULER);
    let shoulder = top + 6.0;
    let head = vec![pos2(x - 5.0, top), pos2(x + 5.0, top), pos2(x + 5.0, shoulder), pos2(x, tip), pos2(x - 5.0, shoulder)];
    painter.add(Shape::convex_polygon(head, palette.text, Stroke::NONE));
}

/// How far the rows are scrolled, where there are more than are seen: `hidden` points of them are not.
pub fn scroll_bar(painter: &Painter, geometry: &Geometry, hidden: f32, palette: &Palette) {
    if hidden <= 0.0 {
        return;
    }
    let (lanes, height) = (geometry.lanes, geometry.lanes.height());
    let thumb = height * height / (height + hidden);
    let top = lanes.top() + (height - thumb) * (geometry.rows_scroll / hidden).clamp(0.0, 1.0);
    let rect = Rect::from_min_size(pos2(lanes.right() - 6.0, top), vec2(4.0, thumb)).shrink2(vec2(0.0, 2.0));
    painter.rect_filled(rect, 2.0, palette.third.gamma_multiply(0.5));
}

/// An outline of dashes.
pub fn dashed(painter: &Painter, rect: Rect, colour: Color32) {
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    painter.extend(Shape::dashed_line(&corners, Stroke::new(1.2, colour), 3.0, 3.0));
}

/// A dashed line down, for a deadline.
pub fn dashed_line(painter: &Painter, from: Pos2, to: Pos2, colour: Color32) {
    painter.extend(Shape::dashed_line(&[from, to], Stroke::new(1.0, colour), 3.0, 3.0));
}
