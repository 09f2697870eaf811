//! Small parts that several panels share.

use egui::containers::menu::MenuButton;
use egui::{
    Align, Align2, Button, Color32, CornerRadius, Frame, Layout, Margin, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2,
};

use super::icons;
use super::shortcuts::{KeyWord, key_words};
use super::theme::{self, BODY, GRID, Palette, SMALL};

/// Height of a button in a line of text.
const SMALL_BUTTON: f32 = 22.0;
/// Height of the buttons that say what can be done.
pub const BUTTON: f32 = 28.0;
/// Height of a chip, and the width of its icon with the space behind it.
const CHIP: f32 = 21.0;
const CHIP_ICON: f32 = 17.0;
/// Height and least width of the cap of a key, and the room beside its name.
const CAP: f32 = 20.0;
const CAP_SIDE: f32 = 6.0;
/// Room for the button behind a value that can be copied.
const COPY_BUTTON: f32 = 24.0;

/// A button that is an icon; its name is told by tooltip and to screen readers.
pub fn icon_button(ui: &mut Ui, icon: &str, name: &str, shortcut: &str) -> Response {
    let text = RichText::new(icon).font(theme::icon(16.0));
    let button = Button::new(text).frame_when_inactive(false).min_size(Vec2::splat(26.0));
    let tip = if shortcut.is_empty() { name.to_owned() } else { format!("{name}  ({shortcut})") };
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = Vec2::splat(5.0);
        ui.add(button).accessible_name(name).on_hover_text(tip)
    })
    .inner
}

/// A button that opens a menu and has no ground until the pointer is there.
pub fn menu_button<'a>(title: impl egui::IntoAtoms<'a>) -> MenuButton<'a> {
    MenuButton::from_button(Button::new(title).frame_when_inactive(false))
}

/// A button in a line of text or behind a title.
pub fn small_button(ui: &mut Ui, text: impl Into<String>) -> Response {
    let text = RichText::new(text).font(theme::medium(SMALL));
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = Vec2::new(8.0, 2.0);
        ui.add(Button::new(text).min_size(Vec2::new(0.0, SMALL_BUTTON)))
    })
    .inner
}

/// A filled button in an accent; its text is the ground colour.
pub fn filled_button(ui: &mut Ui, text: &str, shortcut: &str, accent: Color32, enabled: bool) -> Response {
    let palette = Palette::of(ui);
    let (fill, ink) = if enabled { (accent, palette.ground) } else { (palette.raised, palette.third) };
    let label = RichText::new(text).font(theme::semibold(BODY)).color(ink);
    let mut button = Button::new(label).fill(fill).min_size(Vec2::new(0.0, BUTTON));
    if !shortcut.is_empty() {
        button = button.shortcut_text(RichText::new(shortcut).size(SMALL).color(ink));
    }
    ui.add_enabled(enabled, button).accessible_name(text)
}

/// A word with a shape and a colour.
pub fn chip(ui: &mut Ui, icon: &str, text: &str, colour: Color32) -> Response {
    let word = ui.painter().layout_no_wrap(text.to_owned(), theme::medium(SMALL), colour);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(chip_width(word.size().x), CHIP), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, text));
    let (fill, stroke) = (Palette::of(ui).tint(colour, 0.08), Stroke::new(1.0, colour.gamma_multiply(0.3)));
    ui.painter().rect(rect, CornerRadius::same(theme::CORNER), fill, stroke, StrokeKind::Inside);
    let at = egui::pos2(rect.left() + CHIP_ICON * 0.5 + 4.0, rect.center().y);
    ui.painter().text(at, Align2::CENTER_CENTER, icon, theme::icon(13.0), colour);
    ui.painter().galley(egui::pos2(rect.left() + CHIP_ICON + 4.0, rect.center().y - word.size().y * 0.5), word, colour);
    response
}

/// How wide the chip of a word is, by the width of the word.
#[must_use]
pub fn chip_width(word: f32) -> f32 {
    word + CHIP_ICON + 12.0
}

/// Keys as caps, side by side, with the words between them: `Ctrl` `+` or `Ctrl` `-`.
pub fn key_caps(ui: &mut Ui, keys: &str) {
    ui.spacing_mut().item_spacing.x = GRID;
    for word in key_words(keys) {
        match word {
            KeyWord::Key(key) => key_cap(ui, key),
            KeyWord::Word(word) => drop(ui.label(RichText::new(word).size(SMALL).color(Palette::of(ui).second))),
        }
    }
}

fn key_cap(ui: &mut Ui, key: &str) {
    let palette = Palette::of(ui);
    let name = ui.painter().layout_no_wrap(key.to_owned(), theme::medium(SMALL), palette.text);
    let width = (name.size().x + 2.0 * CAP_SIDE).max(CAP);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, CAP), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, key));
    let stroke = Stroke::new(1.0, palette.edge);
    ui.painter().rect(rect, CornerRadius::same(4), palette.raised, stroke, StrokeKind::Inside);
    ui.painter().galley(rect.center() - name.size() * 0.5, name, palette.text);
}

/// A dialog in the middle of the window, of this width.
pub fn dialog<R>(ui: &Ui, name: &str, width: f32, contents: impl FnOnce(&mut Ui) -> R) -> egui::ModalResponse<R> {
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(16));
    egui::Modal::new(egui::Id::unique(name)).frame(frame).show(ui, |ui| {
        ui.set_width(width);
        contents(ui)
    })
}

/// A hairline from one edge of the panel to the other.
pub fn divider(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 1.0), Sense::hover());
    ui.painter().hline(ui.clip_rect().x_range(), rect.center().y, Stroke::new(1.0, Palette::of(ui).hairline));
}

/// An icon that says how something stands. What failed is a filled disc, so that it is seen first; `ground` is the colour
/// around it.
pub fn status_icon(painter: &egui::Painter, centre: egui::Pos2, icon: &str, size: f32, colour: Color32, ground: Color32) {
    if icon != icons::FAILED {
        painter.text(centre, Align2::CENTER_CENTER, icon, theme::icon(size), colour);
        return;
    }
    painter.circle_filled(centre, size * 0.42, colour);
    let arm = size * 0.14;
    for (x, y) in [(arm, arm), (arm, -arm)] {
        let line = [centre - Vec2::new(x, y), centre + Vec2::new(x, y)];
        painter.line_segment(line, Stroke::new(size * 0.1, ground));
    }
}

/// A field for text: the ground colour inside a hairline.
pub fn field(ui: &mut Ui, field: egui::TextEdit<'_>) -> Response {
    let palette = Palette::of(ui);
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        widgets.inactive.bg_stroke = Stroke::new(1.0, palette.hairline);
        widgets.open.bg_stroke = Stroke::new(1.0, palette.hairline);
        ui.add(field)
    })
    .inner
}

/// What stands before the text of a field, to say what is typed there.
#[must_use]
pub fn field_icon(ui: &Ui, icon: &str) -> RichText {
    RichText::new(icon).font(theme::icon(15.0)).color(Palette::of(ui).third)
}

/// A button that is on or off.
pub fn toggle<'a>(ui: &mut Ui, on: bool, contents: impl egui::IntoAtoms<'a>) -> Response {
    let fill = if on { Palette::of(ui).raised } else { Color32::TRANSPARENT };
    ui.add(Button::selectable(on, contents).fill(fill))
}

/// A heading of a list, with room for a button at its right.
pub fn section<R>(ui: &mut Ui, title: &str, right: impl FnOnce(&mut Ui) -> R) -> R {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(title).font(theme::semibold(SMALL)).color(palette.second));
        ui.with_layout(Layout::right_to_left(Align::Center), right).inner
    })
    .inner
}

/// What an empty place says: what it is for, and the first thing to do.
pub fn empty(ui: &mut Ui, icon: &str, title: &str, text: &str) {
    let palette = Palette::of(ui);
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height().clamp(16.0, 120.0) * 0.4);
        ui.label(RichText::new(icon).font(theme::icon(28.0)).color(palette.third));
        ui.label(RichText::new(title).font(theme::semibold(theme::LARGE)));
        Frame::new().inner_margin(Margin::symmetric(16, 0)).show(ui, |ui| ui.label(RichText::new(text).color(palette.second)));
    });
}

/// Monospaced figures in the second colour.
pub fn figure(ui: &mut Ui, text: impl Into<String>) -> Response {
    let colour = Palette::of(ui).second;
    ui.label(RichText::new(text).font(theme::mono(SMALL)).color(colour))
}

/// A value with a button that copies it.
pub fn copyable(ui: &mut Ui, text: &str, name: &str) -> bool {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = GRID;
        ui.spacing_mut().interact_size.y = 0.0;
        let colour = Palette::of(ui).second;
        let room = ui.available_width() - COPY_BUTTON;
        let text = egui::Label::new(RichText::new(text).font(theme::mono(SMALL)).color(colour)).truncate();
        ui.scope(|ui| {
            ui.set_max_width(room);
            ui.add(text);
        });
        let glyph = RichText::new(icons::COPY).font(theme::icon(14.0)).color(colour);
        ui.spacing_mut().button_padding = Vec2::splat(2.0);
        ui.add(Button::new(glyph).frame_when_inactive(false))
            .accessible_name(format!("Copy {name}"))
            .on_hover_text(format!("Copy {name}"))
            .clicked()
    })
    .inner
}

/// Segments of which one is chosen; gives back the one that was clicked.
pub fn segments<T: Copy + PartialEq>(ui: &mut Ui, chosen: T, options: &[(T, &str, Option<Color32>)]) -> Option<T> {
    glossed_segments(ui, chosen, options, |_| "")
}

/// The same, each with what it means under the pointer.
pub fn glossed_segments<T: Copy + PartialEq>(
    ui: &mut Ui,
    chosen: T,
    options: &[(T, &str, Option<Color32>)],
    gloss: impl Fn(T) -> &'static str,
) -> Option<T> {
    let palette = Palette::of(ui);
    let mut clicked = None;
    let frame = Frame::new()
        .stroke(Stroke::new(1.0, palette.hairline))
        .corner_radius(CornerRadius::same(theme::CORNER))
        .inner_margin(Margin::same(2));
    frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding = Vec2::new(7.0, 3.0);
        ui.horizontal(|ui| {
            for (value, name, colour) in options {
                let on = *value == chosen;
                let ink = if on { palette.text } else { palette.second };
                let mark = colour.map(|colour| RichText::new("■").size(SMALL).color(colour));
                let text = RichText::new(*name).font(theme::medium(BODY)).color(ink);
                let button = match mark {
                    Some(mark) => Button::selectable(on, (mark, text)),
                    None => Button::selectable(on, text),
                };
                let response = ui.add(button.fill(if on { palette.raised } else { Color32::TRANSPARENT }));
                let response = response.accessible_name(*name);
                if response.clicked() {
                    clicked = Some(*value);
                }
                let gloss = gloss(*value);
                if !gloss.is_empty() {
                    response.on_hover_text(gloss);
                }
            }
        });
    });
    clicked
}

/// Tabs with an underline; gives back the one that was clicked.
pub fn tabs<T: Copy + PartialEq>(ui: &mut Ui, chosen: T, options: &[(T, String)]) -> Option<T> {
    marked_tabs(ui, chosen, options, |_| None)
}

/// The same, with a dot at those of which `mark` says something.
pub fn marked_tabs<T: Copy + PartialEq>(
    ui: &mut Ui,
    chosen: T,
    options: &[(T, String)],
    mark: impl Fn(T) -> Option<&'static str>,
) -> Option<T> {
    let palette = Palette::of(ui);
    let mut clicked = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (value, name) in options {
            let on = *value == chosen;
            let ink = if on { palette.text } else { palette.second };
            let text = RichText::new(name).font(theme::medium(BODY)).color(ink);
            let response = ui
                .add(Button::selectable(on, text).fill(Color32::TRANSPARENT).min_size(Vec2::new(0.0, 30.0)))
                .accessible_name(name);
            if on {
                let line = response.rect.shrink2(Vec2::new(6.0, 0.0));
                ui.painter().hline(line.x_range(), line.bottom() + 1.0, Stroke::new(2.0, palette.text));
            }
            if response.clicked() {
                clicked = Some(*value);
            }
            if let Some(said) = mark(*value) {
                ui.painter().circle_filled(response.rect.right_top() + Vec2::new(-5.0, 9.0), 3.0, palette.throttle);
                response.on_hover_text(said);
            }
        }
    });
    clicked
}

/// `412 B`, `1.2 KB`, `5.9 MB`.
#[must_use]
pub fn size(bytes: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let bytes_f = bytes as f64;
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{:.1} KB", bytes_f / 1_024.0),
        _ => format!("{:.1} MB", bytes_f / 1_048_576.0),
    }
}

/// A panel that has the keyboard: its outline, and the keys that stay in it instead of going to another widget.
pub fn focused(ui: &Ui, panel: &Response, keys: egui::EventFilter) {
    ui.memory_mut(|memory| memory.set_focus_lock_filter(panel.id, keys));
    let stroke = Stroke::new(1.0, Palette::of(ui).text);
    ui.painter().rect_stroke(panel.rect.shrink(1.0), CornerRadius::ZERO, stroke, StrokeKind::Inside);
}

/// `2,509`: a large number in groups of three digits.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
