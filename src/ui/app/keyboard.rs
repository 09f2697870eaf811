//! What keys do in the whole window, and who has the keyboard.

use egui::{Id, Key, Ui};

use super::App;
use crate::command::{ClockMode, Command};
use crate::ui::action::Action;
use crate::ui::docking::Pane;
use crate::ui::shortcuts;

impl App {
    /// Whether a dialog is open in front of everything else.
    pub(super) fn has_dialog(&self, ui: &Ui) -> bool {
        self.dialogs.is_open() || ui.memory(|memory| memory.top_modal_layer().is_some())
    }

    /// When a dialog or the palette has closed, the keyboard goes back to where it was, unless something else has taken it.
    pub(super) fn give_keyboard_back(&mut self, ui: &Ui) {
        if self.has_dialog(ui) || self.palette.is_open() {
            self.before_dialog.get_or_insert(self.focused);
        } else if let Some(Some(before)) = self.before_dialog.take() {
            ui.memory_mut(|memory| {
                // What the dialog had is gone with it.
                if memory.focused().is_none_or(|focused| Some(focused) == self.focused) {
                    memory.request_focus(before);
                }
            });
        }
    }

    /// Whether Escape leaves a field, a menu or a dialog; what is selected stays then.
    pub(super) fn escape_is_for_others(&self, ui: &Ui) -> bool {
        let menu = egui::Popup::is_any_open(ui.ctx());
        menu || self.palette.is_open() || self.has_dialog(ui) || self.focused.is_some_and(|focused| self.takes_letters(focused))
    }

    /// Whether what has the keyboard is typed into: a panel and a row of a list take keys, and no text.
    fn takes_letters(&self, focused: Id) -> bool {
        let is_panel = Pane::ALL.into_iter().any(|pane| pane.id() == focused);
        !is_panel && !self.functions.is_row(focused) && !self.composer.is_row(focused)
    }

    pub(super) fn keyboard(&mut self, ui: &Ui, actions: &mut Vec<Action>) {
        let dialog = self.has_dialog(ui);
        let modal = dialog || self.palette.is_open();
        let focused = ui.memory(|memory| memory.focused());
        let typing = focused.is_some_and(|focused| self.takes_letters(focused));
        ui.input_mut(|input| {
            if !dialog && shortcuts::PALETTE.consume(input) {
                actions.push(Action::OpenPalette);
            }
            if modal {
                return;
            }
            if !self.composer.is_typing_setting(focused) && shortcuts::SEND.consume(input) {
                actions.push(Action::Send);
            }
            for (shortcut, action) in [
                (shortcuts::STEP, Action::Command(Command::Step)),
                (shortcuts::SAVE, Action::Save),
                (shortcuts::SAVE_AS, Action::SaveAs),
                (shortcuts::RERUN, Action::RunAgain),
                (shortcuts::HELP, Action::OpenShortcuts),
            ] {
                if shortcut.consume(input) {
                    actions.push(action);
                }
            }
            if shortcuts::OFFERED.consume(input) {
                self.toasts.take_newest(actions);
            }
            if self.composer.can_find() && shortcuts::FIND.consume(input) {
                actions.push(Action::Find);
            }
            for (pane, key) in Pane::ALL.into_iter().zip([Key::Num1, Key::Num2, Key::Num3, Key::Num4]) {
                if input.consume_key(egui::Modifiers::COMMAND, key) {
                    actions.push(Action::FocusPanel(pane));
                }
            }
        });
        if typing || modal || egui::Popup::is_any_open(ui.ctx()) {
            return;
        }
        if ui.input_mut(|input| shortcuts::PAUSE.consume(input)) {
            let paused = self.model.clock.is_some_and(|clock| clock.mode == ClockMode::Paused);
            actions.push(Action::Command(Command::SetClock(if paused { ClockMode::Live } else { ClockMode::Paused })));
        }
        if ui.input(|input| input.key_pressed(Key::Questionmark)) {
            actions.push(Action::OpenShortcuts);
        }
    }
}
