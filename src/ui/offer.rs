//! Lines at the bottom of the window that say what was done, each with the button that takes it back or mends it.

use std::time::Duration;

use egui::{Align2, Area, Context, Frame, Id, Order, Ui};

use super::action::Action;
use super::theme;
use super::widgets;
use crate::service::ids::FunctionName;

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

impl Offer {
    fn ui(&self, ui: &mut Ui) -> bool {
        ui.horizontal(|ui| {
            ui.label(&self.text);
            widgets::small_button(ui, self.button).clicked()
        })
        .inner
    }
}

/// What is offered, each for a while; the newest below.
#[derive(Default)]
pub struct OfferLines(Vec<Offer>);

impl OfferLines {
    /// Offers something beside what is offered already. It takes the place of what has the same button: of two deletions only
    /// the last can be taken back.
    pub fn offer(&mut self, ctx: &Context, text: String, button: &'static str, action: Action) {
        let until = ctx.input(|input| input.time) + OFFERED;
        self.0.retain(|offer| offer.button != button);
        self.0.push(Offer { text, button, action, until });
        ctx.request_repaint();
    }

    /// Takes back what was offered to do with the code of a function under this button.
    pub fn withdraw(&mut self, button: &str, function: &FunctionName) {
        let is_it = |offer: &Offer| {
            offer.button == button && matches!(&offer.action, Action::SaveCode { function: of, .. } if of == function)
        };
        self.0.retain(|offer| !is_it(offer));
    }

    pub fn ui(&mut self, ui: &Ui, actions: &mut Vec<Action>) {
        let now = ui.input(|input| input.time);
        self.0.retain(|offer| offer.until > now);
        let Some(oldest) = self.0.first() else { return };
        ui.ctx().request_repaint_after(Duration::from_secs_f64(oldest.until - now));
        let area = Area::new(Id::unique("offer")).order(Order::Foreground).anchor(Align2::CENTER_BOTTOM, [0.0, -ABOVE]);
        let line = |ui: &mut Ui, offer: &Offer| Frame::popup(ui.style()).show(ui, |ui| offer.ui(ui)).inner;
        let pressed = |ui: &mut Ui| self.0.iter().map(|offer| line(ui, offer)).collect::<Vec<_>>();
        let pressed = area.show(ui.ctx(), pressed).inner;
        if let Some(taken) = pressed.iter().position(|pressed| *pressed) {
            actions.push(self.0.remove(taken).action);
        }
    }
}
