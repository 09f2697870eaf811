//! Cards at the bottom right that say what has happened and go by themselves; some have a button that takes it back or mends it.

use std::time::Duration;

use egui::{Align2, Area, Context, Frame, Id, Label, Margin, Order, RichText, Stroke, Ui};

use super::action::Action;
use super::theme::{self, Palette, SMALL};
use super::{icons, shortcuts, widgets};
use crate::event::NoticeLevel;
use crate::service::ids::FunctionName;

/// Seconds for which a sentence is there; an error takes longer to understand, and a button longer to be decided on.
const SHOWN: f64 = 6.0;
const ERROR_SHOWN: f64 = 12.0;
const OFFERED: f64 = 15.0;
/// Cards that are seen at once; more would cover what they are about.
const MOST: usize = 5;
/// Width of a card, and what it leaves free of a narrow window.
const WIDTH: f32 = 400.0;
const BESIDE: f32 = 48.0;
/// From the right edge of the window, and from its lower one: the status bar is there.
const EDGE: f32 = 12.0;
const ABOVE: f32 = theme::STATUS_BAR + EDGE;
const MARGIN: Margin = Margin::symmetric(10, 8);
const ICON: f32 = 16.0;
/// What a card needs beside its sentence: margins, the mark, the button that closes it, and what lies between them.
const AROUND_TEXT: f32 = 20.0 + ICON + 26.0 + theme::GRID * 4.0;

/// What can be done about what a card says.
struct Offer {
    button: &'static str,
    action: Action,
}

struct Toast {
    level: NoticeLevel,
    text: String,
    offer: Option<Offer>,
    /// Seconds for which it is still seen.
    left: f64,
}

/// What was pressed on a card.
enum Pressed {
    Offer,
    Close,
}

/// Everything that is told at the moment, the newest below.
#[derive(Default)]
pub struct Toasts {
    shown: Vec<Toast>,
    /// When time was taken off last, in seconds of the window's time.
    counted: f64,
}

impl Toasts {
    /// Says a sentence. One that is there already is there for longer.
    pub fn add(&mut self, ctx: &Context, level: NoticeLevel, text: impl Into<String>) {
        let text = text.into();
        self.shown.retain(|toast| toast.offer.is_some() || toast.text != text);
        let left = if level == NoticeLevel::Error { ERROR_SHOWN } else { SHOWN };
        self.push(ctx, Toast { level, text, offer: None, left });
    }

    /// Offers something beside what is offered already. It takes the place of what has the same button: of two deletions only
    /// the last can be taken back.
    pub fn offer(&mut self, ctx: &Context, text: String, button: &'static str, action: Action) {
        self.shown.retain(|toast| toast.offer.as_ref().is_none_or(|offer| offer.button != button));
        let offer = Some(Offer { button, action });
        self.push(ctx, Toast { level: NoticeLevel::Information, text, offer, left: OFFERED });
    }

    fn push(&mut self, ctx: &Context, toast: Toast) {
        if self.shown.is_empty() {
            self.counted = ctx.input(|input| input.time);
        }
        self.shown.push(toast);
        // What can only be read again behind the bell goes before what can be pressed.
        if self.shown.len() > MOST {
            let oldest = self.shown.iter().position(|toast| toast.offer.is_none()).unwrap_or(0);
            self.shown.remove(oldest);
        }
        ctx.request_repaint();
    }

    /// Takes back what was offered to do with the code of a function under this button.
    pub fn withdraw(&mut self, button: &str, function: &FunctionName) {
        let is_it = |offer: &Offer| {
            offer.button == button && matches!(&offer.action, Action::SaveCode { function: of, .. } if of == function)
        };
        self.shown.retain(|toast| !toast.offer.as_ref().is_some_and(is_it));
    }

    /// Presses the button of the newest card that has one.
    pub fn take_newest(&mut self, actions: &mut Vec<Action>) {
        if let Some(newest) = self.newest_offer() {
            self.take(newest, actions);
        }
    }

    fn newest_offer(&self) -> Option<usize> {
        self.shown.iter().rposition(|toast| toast.offer.is_some())
    }

    fn take(&mut self, index: usize, actions: &mut Vec<Action>) {
        actions.extend(self.shown.remove(index).offer.map(|offer| offer.action));
    }

    /// Draws the cards, except over a menu that somebody opened to read it. While the pointer rests on them none goes.
    pub fn ui(&mut self, ui: &Ui, actions: &mut Vec<Action>) {
        if self.shown.is_empty() || egui::Popup::is_any_open(ui.ctx()) {
            return self.count(ui.ctx(), true);
        }
        let newest = self.newest_offer();
        let width = WIDTH.min(ui.ctx().content_rect().width() - BESIDE);
        let area = Area::new(Id::unique("toasts")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, [-EDGE, -ABOVE]);
        let shown = area.show(ui.ctx(), |ui| {
            ui.spacing_mut().item_spacing.y = theme::GRID * 2.0;
            let cards = self.shown.iter().enumerate();
            let pressed = cards.map(|(index, toast)| toast_ui(ui, toast, width, Some(index) == newest).map(|what| (index, what)));
            pressed.fold(None, Option::or)
        });
        match shown.inner {
            Some((index, Pressed::Offer)) => self.take(index, actions),
            Some((index, Pressed::Close)) => drop(self.shown.remove(index)),
            None => {}
        }
        self.count(ui.ctx(), shown.response.contains_pointer());
    }

    /// Takes off the time that has passed, unless they are being read or cannot be seen.
    fn count(&mut self, ctx: &Context, rests: bool) {
        let now = ctx.input(|input| input.time);
        let passed = now - std::mem::replace(&mut self.counted, now);
        if rests {
            return;
        }
        self.shown.iter_mut().for_each(|toast| toast.left -= passed);
        let before = self.shown.len();
        self.shown.retain(|toast| toast.left > 0.0);
        if self.shown.len() < before {
            ctx.request_repaint();
        }
        if let Some(next) = self.shown.iter().map(|toast| toast.left).reduce(f64::min) {
            ctx.request_repaint_after(Duration::from_secs_f64(next));
        }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.shown.len()
    }
}

/// One card: a mark, the sentence, what can be done about it, and a button that closes it.
fn toast_ui(ui: &mut Ui, toast: &Toast, width: f32, is_newest: bool) -> Option<Pressed> {
    let palette = Palette::of(ui);
    let (icon, colour) = match toast.level {
        NoticeLevel::Information => (icons::INFORMATION, palette.second),
        NoticeLevel::Warning => (icons::WARNING, palette.throttle),
        NoticeLevel::Error => (icons::FAILED, palette.error),
    };
    let frame = Frame::popup(ui.style()).stroke(Stroke::new(1.0, palette.edge)).inner_margin(MARGIN);
    let line = |ui: &mut Ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GRID * 2.0;
            ui.label(RichText::new(icon).font(theme::icon(ICON)).color(colour));
            let text = |ui: &mut Ui| {
                ui.set_width(width - AROUND_TEXT);
                text_ui(ui, toast, is_newest)
            };
            let pressed = ui.vertical(text).inner;
            let closes = widgets::icon_button(ui, icons::CLOSE, "Dismiss", "").clicked();
            pressed.or(closes.then_some(Pressed::Close))
        })
        .inner
    };
    frame.show(ui, line).inner
}

/// The sentence, and below it the button.
fn text_ui(ui: &mut Ui, toast: &Toast, is_newest: bool) -> Option<Pressed> {
    ui.add(Label::new(&toast.text).wrap().selectable(true));
    let offer = toast.offer.as_ref()?;
    ui.horizontal(|ui| {
        let pressed = widgets::small_button(ui, offer.button).clicked();
        if is_newest {
            ui.label(RichText::new(shortcuts::OFFERED.text).size(SMALL).color(Palette::of(ui).third));
        }
        pressed.then_some(Pressed::Offer)
    })
    .inner
}
