//! Sentences that come up at the bottom right and go by themselves.

use std::time::Duration;

use egui::{Context, vec2};
use egui_notify::{Anchor, Toast, ToastLevel, Toasts};

use super::theme::Palette;
use crate::event::NoticeLevel;

/// Characters of a line.
const WIDTH: usize = 64;
/// Seconds for which a sentence is there; an error takes longer to understand.
const SHOWN: u64 = 6;
const ERROR_SHOWN: u64 = 12;

pub struct ToastLines(Toasts);

impl Default for ToastLines {
    fn default() -> Self {
        Self(Toasts::default().with_anchor(Anchor::BottomRight).with_margin(vec2(12.0, 36.0)))
    }
}

impl ToastLines {
    pub fn add(&mut self, level: NoticeLevel, text: &str, palette: &Palette) {
        let (mark, colour) = match level {
            NoticeLevel::Information => ("i", palette.second),
            NoticeLevel::Warning => ("!", palette.throttle),
            NoticeLevel::Error => ("!", palette.error),
        };
        let shown = Duration::from_secs(if level == NoticeLevel::Error { ERROR_SHOWN } else { SHOWN });
        let toast = self.0.add(Toast::custom(wrapped(text, WIDTH), ToastLevel::Custom(mark.into(), colour)));
        toast.closable(false).duration(Some(shown));
    }

    /// A toast does not cover what somebody opened to read it.
    pub fn show(&mut self, ctx: &Context) {
        if !egui::Popup::is_any_open(ctx) {
            self.0.show(ctx);
        }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Lines of at most `width` characters, broken at spaces: toasts do not wrap by themselves.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let size = word.chars().count();
        if length > 0 {
            let full = length + 1 + size > width;
            out.push(if full { '\n' } else { ' ' });
            length = if full { 0 } else { length + 1 };
        }
        out.push_str(word);
        length += size;
    }
    out
}
