//! Payloads as the inspector shows them.

use egui::{CornerRadius, Frame, Label, Margin, RichText, Ui};

use crate::events_catalog::json_text;
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::widgets;

/// Characters of a payload that are shown; copying takes all of it.
const SHOWN: usize = 30_000;

/// JSON with line breaks; anything else as it is.
pub fn pretty(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if text.len() > SHOWN * 4 { text } else { json_text::format(&text).unwrap_or(text) }
}

/// A text under the button that copies it; `name` says what it is.
pub fn text_ui(ui: &mut Ui, name: &str, text: &str, actions: &mut Vec<Action>) {
    ui.add_space(theme::GRID);
    if widgets::small_button(ui, format!("Copy {name}")).clicked() {
        actions.push(Action::Copy(text.to_owned()));
    }
    ui.add_space(theme::GRID);
    shown_ui(ui, text);
}

/// A text on the ground colour; of a very long one the beginning.
pub fn shown_ui(ui: &mut Ui, text: &str) {
    let palette = Palette::of(ui);
    let shown: String = text.chars().take(SHOWN).collect();
    let frame = Frame::new().fill(palette.ground).corner_radius(CornerRadius::same(theme::CORNER)).inner_margin(Margin::same(8));
    frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.add(Label::new(RichText::new(&shown).font(theme::mono(SMALL))).wrap().selectable(true));
        if shown.len() < text.len() {
            widgets::figure(ui, format!("{} of {} shown; copy takes all", widgets::size(shown.len()), widgets::size(text.len())));
        }
    });
}
