//! Closing the window while something typed is in no file.

use egui::{ViewportCommand, ViewportEvent, ViewportId, ViewportInfo};

use super::coding::{code, open_code, type_code};
use super::*;

/// Whether the window is told this within a few frames.
fn is_told(window: &mut Window, wanted: &ViewportCommand) -> bool {
    (0..6).any(|_| {
        window.harness.step();
        let told = window.harness.output().viewport_output.get(&ViewportId::ROOT);
        told.is_some_and(|output| output.commands.contains(wanted))
    })
}

fn root(window: &mut Window) -> &mut ViewportInfo {
    window.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default()
}

/// Asks the window to close, as its title bar does; whether it does.
pub(super) fn closes(window: &mut Window) -> bool {
    root(window).events.push(ViewportEvent::Close);
    let held = is_told(window, &ViewportCommand::CancelClose);
    root(window).events.clear();
    window.harness.run_ok();
    !held
}

#[test]
fn a_window_without_edits_closes_and_one_with_edits_asks() {
    let mut window = open_code();
    assert!(closes(&mut window));
    type_code(&mut window, "// mine\n");
    assert!(!closes(&mut window));
    window.harness.get_by_label("/w/confirm.mjs");
    window.press("Keep editing");
    assert!(window.harness.query_by_label_contains("Close with edits").is_none());
    assert!(!closes(&mut window), "it is asked again");
    window.harness.get_by_role_and_label(Role::Button, "Close without saving").click();
    assert!(is_told(&mut window, &ViewportCommand::Close));
    assert!(closes(&mut window), "it was agreed to");
}

#[test]
fn what_is_saved_first_is_in_its_file_before_the_window_closes() {
    let mut window = open_code();
    type_code(&mut window, "// mine\n");
    assert!(!closes(&mut window));
    let sent = window.press("Save and close");
    let Some(Command::SaveCode { function, text, .. }) = sent.first() else { panic!("{sent:?}") };
    let saved = Event::CodeSaved { function: function.clone(), path: "/w/confirm.mjs".into(), text: text.clone() };
    assert!(!is_told(&mut window, &ViewportCommand::Close), "the answer is waited for");
    window.events.send(vec![saved]).unwrap();
    assert!(is_told(&mut window, &ViewportCommand::Close));
}

#[test]
fn a_save_that_is_refused_keeps_the_window_open() {
    let mut window = open_code();
    type_code(&mut window, "// mine\n");
    assert!(!closes(&mut window));
    let sent = window.press("Save and close");
    let Some(Command::SaveCode { function, text, .. }) = sent.first() else { panic!("{sent:?}") };
    let refused = Event::CodeNotSaved { function: function.clone(), text: text.clone(), held: None };
    window.tell(vec![refused, code("notify", "")]);
    window.harness.get_by_label_contains("Close with edits");
}
