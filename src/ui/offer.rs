//! A line at the bottom of the window that says what was done, with the button that takes it back or mends it.

use std::time::Duration;

use egui::{Align2, Area, Context, Frame, Id, Order, Ui};

use super::action::Action;
use super::theme;
use super::widgets;

/// Seconds for which the button is there.
const OFFERED: f64 = 15.0;
/// Room for the status bar below.
const ABOVE: f32 = theme::STATUS_BAR + 12.0;

struct Offer {
    text: String,
    button: &'static str,
    action: Action,
    /// In seconds of the window's time.
    until: f64,
}

/// What is offered last, for a while.
#[derive(Default)]
pub struct OfferLine(Option<Offer>);

impl OfferLine {
    pub fn offer(&mut self, ctx: &Context, text: String, button: &'static str, action: Action) {
        let until = ctx.input(|input| input.time) + OFFERED;
        self.0 = Some(Offer { text, button, action, until });
        ctx.request_repaint();
    }

    pub fn ui(&mut self, ui: &Ui, actions: &mut Vec<Action>) {
        let left = self.0.as_ref().map(|offer| offer.until - ui.input(|input| input.time));
        let Some(left) = left.filter(|left| *left > 0.0) else {
            self.0 = None;
            return;
        };
        ui.ctx().request_repaint_after(Duration::from_secs_f64(left));
        let area = Area::new(Id::unique("offer")).order(Order::Foreground).anchor(Align2::CENTER_BOTTOM, [0.0, -ABOVE]);
        let taken = area.show(ui.ctx(), |ui| Frame::popup(ui.style()).show(ui, |ui| self.line(ui)).inner).inner;
        if taken && let Some(offer) = self.0.take() {
            actions.push(offer.action);
        }
    }

    fn line(&self, ui: &mut Ui) -> bool {
        let Some(offer) = &self.0 else { return false };
        ui.horizontal(|ui| {
            ui.label(&offer.text);
            widgets::small_button(ui, offer.button).clicked()
        })
        .inner
    }
}
