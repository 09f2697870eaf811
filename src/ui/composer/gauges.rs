//! The three limits of a batch side by side: which one closed it, or how near each is.

use egui::{Align2, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};

use crate::service::happened::ClosedBy;
use crate::service::limits::SYNCHRONOUS_PAYLOAD;
use crate::service::time::Micros;
use crate::ui::theme::{self, Palette, SMALL, TINY};
use crate::ui::widgets;

const GAP: f32 = 24.0;
const BAR: f32 = 6.0;
/// Height of the words over a bar, and of those under it.
const WORDS: f32 = 24.0;
const UNDER: f32 = 18.0;
/// Narrower than this a gauge has its value under the bar.
const ROOMY: f32 = 190.0;

/// How full a batch is or was.
pub struct Filled {
    /// How many, and how many at most.
    pub messages: (usize, usize),
    /// How long it was collected, and how long at most.
    pub window: (Micros, Micros),
    pub bytes: usize,
    /// What is still collected is no event yet: only its bodies are counted.
    pub bodies_only: bool,
    pub closed_by: Option<ClosedBy>,
}

struct Gauge {
    name: &'static str,
    value: String,
    tip: &'static str,
    /// 0 to 1.
    share: f32,
    closed_it: bool,
}

impl Filled {
    fn gauges(&self) -> [Gauge; 3] {
        let (taken, window) = self.window;
        let (count, size) = self.messages;
        let micros = |length: Micros| usize::try_from(length.0).unwrap_or(usize::MAX);
        let closed_it = |by| self.closed_by == Some(by);
        let no_window = window == Micros(0);
        let bytes_tip = match self.bodies_only {
            true => "The bodies so far; the event has attributes, too, and at most 6 MB",
            false => "The whole event, which has at most 6 MB",
        };
        [
            Gauge {
                name: "window",
                value: if no_window { "none".to_owned() } else { format!("{} of {window}", seconds(taken.min(window))) },
                tip: "maximum_batching_window_in_seconds: how long messages are collected",
                share: if no_window {
                    f32::from(u8::from(closed_it(ClosedBy::Window)))
                } else {
                    share(micros(taken), micros(window))
                },
                closed_it: closed_it(ClosedBy::Window),
            },
            Gauge {
                name: "size",
                value: format!("{} of {}", widgets::grouped(count), widgets::grouped(size)),
                tip: "batch_size: how many messages a batch holds at most",
                share: share(count, size),
                closed_it: closed_it(ClosedBy::Size),
            },
            Gauge {
                name: "bytes",
                value: format!("{} of 6 MB", widgets::size(self.bytes)),
                tip: bytes_tip,
                share: share(self.bytes, SYNCHRONOUS_PAYLOAD),
                closed_it: closed_it(ClosedBy::Bytes),
            },
        ]
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for the eye")]
fn share(part: usize, whole: usize) -> f32 {
    (part as f32 / whole.max(1) as f32).min(1.0)
}

/// `5.0` within a minute: the limit beside it has the unit. Longer ones have their own.
fn seconds(length: Micros) -> String {
    match length.0 / 100_000 {
        tenths @ 0..600 => format!("{}.{}", tenths / 10, tenths % 10),
        _ => length.to_string(),
    }
}

/// Three gauges of equal width over the whole width. `of` says whose they are, for screen readers.
pub fn gauges_ui(ui: &mut Ui, of: &str, filled: &Filled) {
    let width = (ui.available_width() - 2.0 * GAP) / 3.0;
    let under = width < ROOMY;
    let height = WORDS + BAR + if under { UNDER } else { 0.0 };
    let (whole, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    let mut left = whole.left();
    for gauge in filled.gauges() {
        let rect = Rect::from_min_size(pos2(left, whole.top()), Vec2::new(width, height));
        gauge_ui(ui, of, rect, under, &gauge);
        left += width + GAP;
    }
}

fn gauge_ui(ui: &Ui, of: &str, rect: Rect, under: bool, gauge: &Gauge) {
    let palette = Palette::of(ui);
    let painter = ui.painter_at(rect.expand(1.0));
    let middle = rect.top() + WORDS * 0.5 - 2.0;
    let name = if gauge.closed_it { palette.batch } else { palette.text };
    let named = painter.text(pos2(rect.left(), middle), Align2::LEFT_CENTER, gauge.name, theme::medium(theme::BODY), name);
    if gauge.closed_it {
        let text = painter.layout_no_wrap("closed it".to_owned(), theme::medium(TINY), palette.batch);
        let size = text.size() + Vec2::new(12.0, 4.0);
        let mark = Rect::from_min_size(pos2(named.right() + 8.0, middle - size.y * 0.5), size);
        painter.rect_stroke(mark, CornerRadius::same(4), Stroke::new(1.0, palette.batch), StrokeKind::Inside);
        painter.galley(mark.center() - text.size() * 0.5, text, palette.batch);
    }
    let at = if under { rect.bottom() - UNDER * 0.5 + 1.0 } else { middle };
    painter.text(pos2(rect.right(), at), Align2::RIGHT_CENTER, &gauge.value, theme::mono(SMALL), palette.text);
    let bar = Rect::from_min_size(pos2(rect.left(), rect.top() + WORDS), Vec2::new(rect.width(), BAR));
    let corner = CornerRadius::same(3);
    painter.rect_filled(bar, corner, palette.raised);
    let used = Rect::from_min_size(bar.min, Vec2::new(bar.width() * gauge.share, bar.height()));
    painter.rect_filled(used, corner, if gauge.closed_it { palette.batch } else { palette.tint(palette.batch, 0.55) });
    let response = ui.interact(rect, ui.scope_id().with(("gauge", of, gauge.name)), Sense::hover());
    response.widget_info(|| {
        let mark = if gauge.closed_it { ", closed it" } else { "" };
        let label = format!("{} of {of}{mark}", gauge.name);
        WidgetInfo {
            current_text_value: Some(gauge.value.clone()),
            ..WidgetInfo::labeled(egui::accesskit::Role::Meter, true, label)
        }
    });
    response.on_hover_text(gauge.tip);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(filled: &Filled) -> [(String, bool); 3] {
        filled.gauges().map(|gauge| (gauge.value, gauge.closed_it))
    }

    #[test]
    fn gauges_name_their_limits_and_the_one_that_closed_the_batch() {
        let second = Micros::from_secs;
        let filled = Filled {
            messages: (7, 1_000),
            window: (second(5), second(5)),
            bytes: 4_300,
            bodies_only: false,
            closed_by: Some(ClosedBy::Window),
        };
        let expected = [("5.0 of 5 s", true), ("7 of 1,000", false), ("4.2 KB of 6 MB", false)];
        assert_eq!(values(&filled), expected.map(|(value, closed)| (value.to_owned(), closed)));
        let without = Filled { window: (Micros(0), Micros(0)), closed_by: Some(ClosedBy::Size), ..filled };
        assert_eq!(values(&without).map(|(value, _)| value)[0], "none");
        assert_eq!(without.gauges().map(|gauge| gauge.closed_it), [false, true, false]);
        // One that is late is not longer than its window.
        let late = Filled { window: (second(400), second(300)), ..without };
        assert_eq!((&*late.gauges()[0].value, late.gauges()[0].share), ("5 min of 5 min", 1.0));
    }
}
