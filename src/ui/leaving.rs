//! Closing the window while something typed is in no file: asks first.

use egui::{RichText, Ui, ViewportCommand};

use super::action::Action;
use super::composer::{Composer, Unsaved};
use super::theme::{Palette, SMALL};
use super::widgets;
use crate::model::Model;
use crate::model::selection::InvocationModel;

/// Texts that are named; more are counted.
const NAMED: usize = 8;

/// How far the closing of the window has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaving {
    #[default]
    No,
    Asked,
    /// Everything is being saved.
    Saving,
    Agreed,
}

enum Answer {
    Save,
    Discard,
    Stay,
}

impl Leaving {
    /// Holds the window open as long as it is to be asked.
    pub fn ui(&mut self, ui: &Ui, composer: &mut Composer, model: &Model, actions: &mut Vec<Action>) {
        let wanted = ui.input(|input| input.viewport().close_requested());
        if wanted && *self != Self::Agreed && !composer.unsaved().is_empty() {
            ui.ctx().send_viewport_cmd(ViewportCommand::CancelClose);
            *self = Self::Asked;
        }
        if *self == Self::Saving && !composer.is_saving() {
            match composer.unsaved().is_empty() {
                true => self.close(ui),
                false => *self = Self::Asked,
            }
        }
        if *self != Self::Asked {
            return;
        }
        match question(ui, &composer.unsaved(), composer.model) {
            None => {}
            Some(Answer::Save) => {
                composer.save_all(model, actions);
                *self = Self::Saving;
            }
            Some(Answer::Discard) => self.close(ui),
            Some(Answer::Stay) => *self = Self::No,
        }
    }

    /// Whether somebody wanted to close with whatever is not saved.
    #[must_use]
    pub fn is_agreed(self) -> bool {
        self == Self::Agreed
    }

    fn close(&mut self, ui: &Ui) {
        *self = Self::Agreed;
        ui.ctx().send_viewport_cmd(ViewportCommand::Close);
    }
}

fn question(ui: &Ui, unsaved: &[Unsaved], composed_for: InvocationModel) -> Option<Answer> {
    let palette = Palette::of(ui);
    let accent = palette.model(composed_for);
    let modal = widgets::dialog(ui, "leaving", 420.0, |ui| {
        ui.heading("Close with edits that are not saved?");
        ui.add_space(8.0);
        for text in unsaved.iter().take(NAMED) {
            ui.label(RichText::new(&text.what).color(palette.second));
            if let Some(blocked) = text.blocked {
                ui.label(RichText::new(blocked).size(SMALL).color(palette.throttle));
            }
        }
        if unsaved.len() > NAMED {
            ui.label(RichText::new(format!("and {} more", unsaved.len() - NAMED)).size(SMALL).color(palette.second));
        }
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            let can_save = unsaved.iter().any(|text| text.blocked.is_none());
            if can_save && widgets::filled_button(ui, "Save and close", "", accent, true).clicked() {
                Some(Answer::Save)
            } else if ui.button("Keep editing").clicked() {
                Some(Answer::Stay)
            } else {
                // Last: when nothing can be saved any more, another button stands where that of saving was.
                ui.button("Close without saving").clicked().then_some(Answer::Discard)
            }
        })
        .inner
    });
    let escaped = modal.should_close().then_some(Answer::Stay);
    modal.inner.or(escaped)
}
