//! Painting: meshes for bars, a little text, the future dashed.

use egui::epaint::Mesh;
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use crate::model::timeline::{Axis, BarKind, Item, Lane};
use crate::ui::theme::{self, Palette, TINY};

/// Bars of at least this width get words, and red caps a cross.
const WORDS: f32 = 44.0;
const CAP: f32 = 9.0;

/// Bars of a lane as one mesh, and the words on the widest of them.
pub fn bars(
    mesh: &mut Mesh,
    words: &mut Vec<(Rect, String, Color32)>,
    lane: &Lane,
    items: &[Item],
    rect: Rect,
    origin: f32,
    palette: &Palette,
) {
    for item in items {
        let (left, right) = item.span();
        #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
        let span = Rect::from_x_y_ranges(origin + left as f32..=origin + right as f32, rect.y_range()).intersect(rect);
        if span.width() <= 0.0 {
            continue;
        }
        match item {
            Item::Bar { index, .. } => bar(mesh, words, lane, *index, span, palette),
            Item::Crowd { first, count, failures, .. } => {
                let colour = if *failures > 0 { palette.error } else { colour_of(lane.kind(*first), palette) };
                #[expect(clippy::cast_precision_loss, reason = "a density for the eye")]
                let alpha = (0.45 + *count as f32 * 0.08).min(1.0);
                mesh.add_colored_rect(run_rect(span, lane.kind(*first)), colour.gamma_multiply(alpha));
            }
        }
    }
}

fn bar(mesh: &mut Mesh, words: &mut Vec<(Rect, String, Color32)>, lane: &Lane, index: usize, span: Rect, palette: &Palette) {
    let kind = lane.kind(index);
    let colour = colour_of(kind, palette);
    let rect = run_rect(span, kind);
    match kind {
        BarKind::Wait => hatch(mesh, rect, palette),
        BarKind::Init => mesh.add_colored_rect(rect, colour.gamma_multiply(0.55)),
        BarKind::Run(_) | BarKind::Call(_) => mesh.add_colored_rect(rect, colour),
    }
    if lane.has_failed(index) && kind != BarKind::Init {
        let cap = Rect::from_min_max(pos2((rect.right() - CAP).max(rect.left()), rect.top()), rect.max);
        mesh.add_colored_rect(cap, palette.error);
        cross(mesh, cap.center(), palette.ground);
    }
    if rect.width() > WORDS
        && let (BarKind::Run(_), Some(attempt)) = (kind, lane.bar(index).attempt)
    {
        words.push((rect, format!("attempt {attempt}"), palette.ground));
    }
}

/// Waits are thinner than runs.
fn run_rect(span: Rect, kind: BarKind) -> Rect {
    span.shrink2(vec2(0.0, if kind == BarKind::Wait { 8.0 } else { 5.0 }))
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
pub fn folds(painter: &Painter, axis: &Axis, rect: Rect, ruler: Rect, origin: f32, palette: &Palette) {
    for segment in axis.segments().iter().filter(|segment| segment.folded) {
        #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
        let band = Rect::from_x_y_ranges(origin + segment.left as f32..=origin + segment.right as f32, rect.y_range());
        if !band.intersects(rect) {
            continue;
        }
        painter.rect_filled(band.intersect(rect), 0.0, palette.tint(palette.raised, 0.45));
        let length = crate::service::time::Micros(segment.end - segment.start);
        let text = format!("··· {} ···", coarse(length));
        painter.text(pos2(band.center().x, ruler.center().y), Align2::CENTER_CENTER, text, theme::mono(TINY), palette.second);
    }
}

/// A folded length needs no more than a decimal.
fn coarse(length: crate::service::time::Micros) -> String {
    let tenths = length.0 / 100_000;
    match tenths {
        0..600 => format!("{}.{} s", tenths / 10, tenths % 10),
        _ => crate::service::time::Micros::from_secs(tenths / 10).to_string(),
    }
}

/// Ticks of the ruler in the stretches that are not folded.
pub fn ruler(painter: &Painter, axis: &Axis, rect: Rect, ruler: Rect, origin: f32, zero: u64, palette: &Palette) {
    let step = tick_step(axis.scale());
    let line = Stroke::new(1.0, palette.hairline);
    for segment in axis.segments().iter().filter(|segment| !segment.folded) {
        let from = axis.time((ruler.left() - origin).max(0.0).into()).max(segment.start);
        let to = axis.time((ruler.right() - origin).max(0.0).into()).min(segment.end);
        let mut tick = (from.saturating_sub(zero)).div_ceil(step) * step + zero;
        while tick <= to {
            #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
            let x = origin + axis.position(tick) as f32;
            painter.vline(x, rect.y_range(), line);
            let text = tick_text(tick - zero, step);
            #[expect(clippy::cast_precision_loss, reason = "a width on a screen")]
            let fits = f64::from(x + 4.0 + text.len() as f32 * 7.0) < f64::from(origin) + segment.right;
            if fits {
                painter.text(pos2(x + 4.0, ruler.center().y), Align2::LEFT_CENTER, text, theme::mono(TINY), palette.third);
            }
            tick += step;
        }
    }
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

fn tick_text(micros: u64, step: u64) -> String {
    let (secs, millis) = (micros / 1_000_000, micros / 1_000 % 1_000);
    let clock = if secs >= 60 { format!("{}:{:02}", secs / 60, secs % 60) } else { format!("{secs}") };
    match step {
        1_000_000.. => format!("{clock} s").replace(": s", ""),
        1_000.. => format!("{clock}.{millis:03}"),
        _ => format!("{clock}.{millis:03} {:03}", micros % 1_000),
    }
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
