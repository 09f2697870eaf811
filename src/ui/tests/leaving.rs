//! Closing the window while something typed is in no file.

use egui::{ViewportCommand, ViewportEvent, ViewportId, ViewportInfo};

use super::coding::{code, open_code, type_code};
use super::*;

/// Whether the window is told this within a few frames.
pub(super) fn is_told(window: &mut Window, wanted: &ViewportCommand) -> bool {
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

/// Another workspace than the one of [`workspace`], with functions of the same names.
fn elsewhere() -> Event {
    let Event::Workspace(here) = workspace() else { panic!("a workspace") };
    Event::Workspace(Arc::new(WorkspaceView { folder: "/elsewhere".into(), ..(*here).clone() }))
}

#[test]
fn edits_of_a_workspace_that_was_open_before_are_saved_to_their_own_files() {
    let mut window = open_code();
    type_code(&mut window, "// mine\n");
    window.press("Event");
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Event").focus();
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text(" ".into()));
    window.harness.run_ok();
    window.tell(vec![elsewhere()]);
    window.answer_loads();
    assert!(!closes(&mut window));
    window.harness.get_by_label("event “order placed” of confirm in /w");
    window.harness.get_by_label("/w/confirm.mjs");
    let sent = window.press("Save and close");
    let saved: Vec<_> = sent
        .iter()
        .map(|command| match command {
            Command::SaveText { workspace, text } => {
                assert_eq!(workspace.to_str(), Some("/w"));
                (text.text.as_str(), text.file.as_deref())
            }
            command => panic!("{command:?}"),
        })
        .collect();
    let event = (" {\n  \"order\": 129.00\n}\n", Some("{\n  \"order\": 129.00\n}\n"));
    assert_eq!(saved, [event, ("// mine\nlet a = 1;\n", Some("let a = 1;\n"))]);
    assert!(!is_told(&mut window, &ViewportCommand::Close), "the answers are waited for");
    for command in sent {
        let Command::SaveText { workspace, text } = command else { continue };
        window.events.send(vec![Event::TextSaved { workspace, place: text.place, text: text.text, result: Ok(()) }]).unwrap();
    }
    assert!(is_told(&mut window, &ViewportCommand::Close));
}

#[test]
fn what_cannot_be_saved_says_what_is_to_be_done_first() {
    let mut window = open_code();
    window.press("Event");
    window.press("Choose an event");
    window.press("Topic notification");
    window.answer_loads();
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Event").focus();
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text(" ".into()));
    window.harness.run_ok();
    for (there, what) in [
        (workspace(), "has no file yet; give it a name with Save as…"),
        (elsewhere(), "has no file yet; open its workspace and give it a name"),
    ] {
        window.tell(vec![there]);
        window.answer_loads();
        assert!(!closes(&mut window));
        window.harness.get_by_label(what);
        assert!(window.harness.query_by_label("Save and close").is_none());
        window.press("Keep editing");
    }
}
