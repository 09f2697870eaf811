//! Escape does one thing: what is in front of the selection goes first.

use super::coding::{open_code, type_code};
use super::leaving::closes;
use super::*;

/// A window with edits in the code of `confirm`, and an event selected that waits.
fn open_selected() -> Window {
    let mut window = open_code();
    window.tell(failed_once());
    type_code(&mut window, "1");
    window
}

fn is_selected(window: &Window) -> bool {
    window.harness.query_by_label_contains("threw PaymentDeclined").is_some()
}

fn escape(window: &mut Window) {
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
}

#[test]
fn the_question_at_closing_goes_before_the_selection() {
    let mut window = open_selected();
    assert!(!closes(&mut window));
    escape(&mut window);
    assert!(window.harness.query_by_label_contains("Close with edits").is_none());
    assert!(is_selected(&window));
    escape(&mut window);
    assert!(is_selected(&window), "the keyboard was given back to the field, which is left now");
    escape(&mut window);
    assert!(!is_selected(&window));
}

#[test]
fn what_is_open_in_the_history_closes_before_the_selection() {
    let mut window = open_selected();
    window.press("History");
    let row = crate::event::HistoryRow {
        request_id: RequestId(99),
        function: "confirm".into(),
        invocation_type: InvocationType::Event,
        batch_from: None,
        label: None,
        accepted_at: NOW,
        outcome: Some(Outcome::Succeeded),
        attempts: 1,
        duration: None,
        error_type: None,
    };
    let record = crate::event::HistoryInvocation { row, payload: "{}".into(), result: None, log: Vec::new() };
    window.tell(vec![Event::HistoryInvocation(Box::new(record))]);
    window.harness.get_by_label("Copy request");
    escape(&mut window);
    assert!(window.harness.query_by_label("Copy request").is_none());
    assert!(is_selected(&window));
    escape(&mut window);
    assert!(!is_selected(&window));
}

#[test]
fn the_keyboard_goes_back_to_where_it_was_before_a_dialog() {
    let mut window = open_selected();
    let is_focused = |window: &Window, role, name| window.harness.get_by_role_and_label(role, name).is_focused();
    window.key(egui::Modifiers::COMMAND, egui::Key::K);
    escape(&mut window);
    assert!(is_focused(&window, Role::MultilineTextInput, "Code"));
    window.harness.get_by_role_and_label(Role::Button, "Add queue").focus();
    window.harness.run_ok();
    window.key(egui::Modifiers::NONE, egui::Key::Enter);
    assert!(window.harness.get_by_label("Queue name").is_focused());
    escape(&mut window);
    assert!(is_focused(&window, Role::Button, "Add queue"));
    window.run("inspector: go to it");
    assert!(is_focused(&window, Role::Pane, "Inspector"), "where the command leads, not back");
}

#[test]
fn a_field_is_left_before_the_selection() {
    let mut window = open_selected();
    escape(&mut window);
    assert!(is_selected(&window));
    escape(&mut window);
    assert!(!is_selected(&window));
}

#[test]
fn the_search_of_a_text_that_has_not_the_keyboard_closes_before_the_selection() {
    let mut window = open_selected();
    window.key(egui::Modifiers::COMMAND, egui::Key::F);
    window.harness.get_by_label("Match case");
    window.press("Match case");
    escape(&mut window);
    assert!(window.harness.query_by_label("Match case").is_none());
    assert!(is_selected(&window));
}

#[test]
fn dialogs_close_before_the_selection_and_take_the_keys() {
    for (open, heading) in [("Add function", "Add a function"), ("Command palette", "Command")] {
        let mut window = open_selected();
        window.press(open);
        window.harness.get_by_label(heading);
        let sent = window.key(egui::Modifiers::NONE, egui::Key::F10);
        assert!(sent.is_empty(), "what is behind {heading} rests: {sent:?}");
        escape(&mut window);
        assert!(window.harness.query_by_label(heading).is_none(), "{heading}");
        assert!(is_selected(&window), "{heading}");
    }
}
