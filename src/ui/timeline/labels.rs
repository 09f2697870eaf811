//! Words on bars, or beside them where there is room. None stands across now.

use egui::{Color32, Painter, Rect, Ui, pos2, vec2};

use super::flags::Flag;
use super::geometry::Geometry;
use super::placed::Placed;
use crate::model::timeline::BarKind;
use crate::ui::theme::{self, Palette, TINY};

/// Bars of at least this width have their words on them.
const WORDS: f32 = 60.0;
/// Points between a bar and the words beside it, and between words and the line of now.
const BESIDE: f32 = 6.0;

/// Lines that words do not stand across, by their places on screen: now, and what is due next.
struct Ahead {
    now: f32,
    due: f32,
}

/// The words of all bars in view; empty ones are left out.
pub fn labels(ui: &Ui, geometry: &Geometry, placed: &[Placed], words: &[String], flags: &[Flag]) {
    let (painter, palette) = (ui.painter_at(geometry.lanes), Palette::of(ui));
    let due = flags.first().map_or(f32::INFINITY, |flag| flag.x);
    let ahead = Ahead { now: geometry.x(geometry.now), due };
    // The row of the words before, and where those end.
    let mut before = (usize::MAX, f32::MIN);
    for (placed, words) in placed.iter().zip(words).filter(|(_, words)| !words.is_empty()) {
        if before.0 != placed.row {
            before = (placed.row, f32::MIN);
        }
        if let Some(end) = label(&painter, placed, words, &ahead, before.1, &palette) {
            before.1 = end;
        }
    }
}

/// Writes them if there is room; where they end. `taken` is where the words before them in the row end.
fn label(painter: &Painter, placed: &Placed, words: &str, ahead: &Ahead, taken: f32, palette: &Palette) -> Option<f32> {
    let rect = placed.rect;
    if placed.bar.kind == BarKind::Wait {
        let shown = rect.intersect(painter.clip_rect());
        // Of a short one its length alone.
        return [words, words.trim_start_matches("waits ")].into_iter().find_map(|words| on_wait(painter, shown, words, palette));
    }
    let galley = painter.layout_no_wrap(words.to_owned(), theme::medium(TINY), palette.second);
    let (size, top) = (galley.size(), rect.center().y - galley.size().y * 0.5);
    if rect.width() >= WORDS.max(size.x + 14.0) {
        painter.galley_with_override_text_color(pos2(rect.left() + BESIDE, top), galley, palette.ground);
        return None;
    }
    let free = (rect.left() - placed.free_before).max(taken)..rect.right() + placed.free;
    let left = beside(rect, size.x, ahead, free)?;
    let ground = if left > ahead.now { shade(&palette.ground, palette) } else { palette.ground };
    painter.rect_filled(Rect::from_min_size(pos2(left, top), size).expand2(vec2(3.0, 0.0)), 2.0, ground);
    painter.galley(pos2(left, top), galley, palette.second);
    Some(left + size.x)
}

/// In the middle of what is seen of a wait; where it ends, if there is room.
fn on_wait(painter: &Painter, shown: Rect, words: &str, palette: &Palette) -> Option<f32> {
    let galley = painter.layout_no_wrap(words.to_owned(), theme::medium(TINY), palette.text);
    let size = galley.size();
    if shown.width() <= size.x + 16.0 {
        return None;
    }
    let at = Rect::from_center_size(shown.center(), size);
    painter.rect_filled(at.expand2(vec2(5.0, 0.0)), 3.0, palette.ground);
    painter.galley(at.min, galley, palette.text);
    Some(at.right())
}

/// The left edge of words of a width beside a bar, inside what is free around it: right of it, left of it, or behind now,
/// but never across now.
fn beside(rect: Rect, width: f32, &Ahead { now, due }: &Ahead, free: std::ops::Range<f32>) -> Option<f32> {
    let right = rect.right() + BESIDE;
    let left = rect.left() - BESIDE - width;
    let behind = right.max(now + BESIDE);
    let fits = |from: f32| from > free.start + BESIDE && from + width + BESIDE < free.end;
    if fits(right) && right + width + 2.0 < now {
        return Some(right);
    }
    // A bar that has begun before now ends at it at the latest, so what is left of it is before now too.
    if left > free.start + BESIDE && (rect.left() <= now || left > now) {
        return Some(left);
    }
    (behind - rect.right() < width && behind + width < due && fits(behind)).then_some(behind)
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

    #[test]
    fn words_beside_a_bar_are_never_across_now() {
        let bar = |left, right| Rect::from_x_y_ranges(left..=right, 0.0..=16.0);
        let (width, now) = (80.0, 500.0);
        let beside = |rect, free| beside(rect, width, &Ahead { now, due: 640.0 }, free);
        assert_eq!(beside(bar(100.0, 120.0), 0.0..900.0), Some(126.0), "right of it");
        assert_eq!(beside(bar(440.0, 450.0), 0.0..900.0), Some(354.0), "left of it");
        assert_eq!(beside(bar(440.0, 450.0), 400.0..900.0), Some(506.0), "behind now");
        assert_eq!(beside(bar(440.0, 450.0), 400.0..560.0), None, "no room");
        assert_eq!(beside(bar(490.0, 500.0), 480.0..900.0), Some(506.0), "one that ends now");
        assert_eq!(beside(bar(555.0, 565.0), 550.0..900.0), None, "not across what is due next");
        for end in 380..520 {
            let bar = bar(end as f32 - 10.0, end as f32);
            for free in [0.0..900.0, 400.0..900.0] {
                let Some(left) = beside(bar, free.clone()) else { continue };
                assert!(left + width <= now || left > now, "{bar:?}: {left} within {free:?}");
                assert!(left > free.start && left + width < free.end);
            }
        }
    }
}
