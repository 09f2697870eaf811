//! What can be done with an invocation, in one row.

use egui::{RichText, Ui};

use crate::command::Command;
use crate::model::invocations::Invocation;
use crate::service::ids::RequestId;
use crate::ui::action::Action;
use crate::ui::menus::InvocationItem;
use crate::ui::shortcuts;
use crate::ui::theme::{self, BODY, Palette};
use crate::ui::widgets;

/// Where a panel is narrower than this, the longer of two words has no room.
const NARROW: f32 = 312.0;

pub fn buttons_ui(ui: &mut Ui, id: RequestId, invocation: &Invocation, actions: &mut Vec<Action>) {
    ui.add_space(theme::GRID);
    let narrow = ui.available_width() < NARROW;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.spacing_mut().button_padding.x = if narrow { 7.0 } else { 8.0 };
        if invocation.is_running() {
            if button(ui, "Stop", "Stop", "").clicked() {
                actions.push(Action::Command(Command::StopInvocation(id)));
            }
        } else if let Some(retry) = invocation.retry.as_ref().filter(|_| invocation.outcome.is_none()) {
            waiting_ui(ui, (id, invocation), retry.attempt, narrow, actions);
        } else {
            ended_ui(ui, id, actions);
        }
    });
}

/// Of an event that waits for its next attempt.
fn waiting_ui(ui: &mut Ui, (id, invocation): (RequestId, &Invocation), attempt: u32, narrow: bool, actions: &mut Vec<Action>) {
    let accent = Palette::of(ui).model(invocation.model());
    let step = widgets::filled_button(ui, &format!("Step to attempt {attempt}"), "", accent, true);
    if step.on_hover_text("Go to the time when it is due, and run it").clicked() {
        actions.push(Action::Command(Command::StepTo(id)));
    }
    if button(ui, "Edit", "Edit and retry", "Edit its payload, then retry at once with that").clicked() {
        actions.push(Action::Invocation(id, InvocationItem::EditAndRetry));
    }
    let retry = if narrow { "Retry" } else { "Retry now" };
    if button(ui, retry, "Retry now", "Retry without waiting any longer; the clock stays where it is").clicked() {
        actions.push(Action::Command(Command::RetryNow(id)));
    }
    if button(ui, "Drop", "Drop", "Take it out of the queue; no destination hears of it").clicked() {
        actions.push(Action::Command(Command::DropEvent(id)));
    }
}

fn ended_ui(ui: &mut Ui, id: RequestId, actions: &mut Vec<Action>) {
    if button(ui, "Run again", "Run again", shortcuts::RERUN.text).clicked() {
        actions.push(Action::Invocation(id, InvocationItem::RunAgain));
    }
    if button(ui, "Edit and run again", "Edit and run again", "").clicked() {
        actions.push(Action::Invocation(id, InvocationItem::EditAndRunAgain));
    }
}

/// A button as high as the filled one.
fn button(ui: &mut Ui, text: &str, name: &str, tip: &str) -> egui::Response {
    let text = RichText::new(text).font(theme::medium(BODY));
    let response = ui.add(egui::Button::new(text).min_size(egui::vec2(0.0, widgets::BUTTON))).accessible_name(name);
    if tip.is_empty() { response } else { response.on_hover_text(tip) }
}
