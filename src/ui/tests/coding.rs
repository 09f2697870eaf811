//! The tab "Code": what is typed into a handler stays until it is saved.

use std::path::Path;

use super::*;
use crate::event::Problem;

/// A window with the handler of `confirm` open.
pub(super) fn open_code() -> Window {
    let mut window = Window::open(InvocationModel::Synchronous);
    let sent = window.press("Code");
    assert!(matches!(&sent[..], [Command::LoadCode(function)] if **function == *"confirm"), "{sent:?}");
    window.tell(vec![code("confirm", "let a = 1;\n")]);
    window
}

/// A handler file as the executor loads it.
pub(super) fn code(function: &str, text: &str) -> Event {
    Event::Code { function: function.into(), path: format!("/w/{function}.mjs").into(), text: text.into() }
}

/// The executor has saved the handler of `confirm`.
fn save_done(window: &mut Window, text: &str) {
    window.tell(vec![Event::CodeSaved { function: "confirm".into(), path: "/w/confirm.mjs".into(), text: text.into() }]);
}

/// The executor has not saved the handler of `confirm`, whose file holds this.
fn refuse(window: &mut Window, text: &str, held: Option<&str>) {
    let held = held.map(|held| (PathBuf::from("/w/confirm.mjs"), held.to_owned()));
    window.tell(vec![Event::CodeNotSaved { function: "confirm".into(), text: text.into(), held }]);
}

fn seen(window: &Window) -> Option<String> {
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Code").value()
}

/// Types at the beginning of the handler.
pub(super) fn type_code(window: &mut Window, text: &str) {
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Code").focus();
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text(text.into()));
    window.harness.run_ok();
}

#[test]
fn code_that_is_not_saved_survives_a_look_at_another_function() {
    let mut window = open_code();
    type_code(&mut window, "// mine\n");
    window.harness.get_by_label("not saved");
    let sent = window.press("notify");
    assert!(sent.iter().any(|command| matches!(command, Command::LoadCode(function) if **function == *"notify")), "{sent:?}");
    window.tell(vec![code("notify", "let b = 2;\n")]);
    assert_eq!(seen(&window).as_deref(), Some("let b = 2;\n"));
    window.press("confirm");
    window.tell(vec![code("confirm", "let a = 1;\n")]);
    assert_eq!(seen(&window).as_deref(), Some("// mine\nlet a = 1;\n"));
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let [Command::SaveCode { function, text, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((&**function, text.as_str()), ("confirm", "// mine\nlet a = 1;\n"));
    save_done(&mut window, "// mine\nlet a = 1;\n");
    window.harness.get_by_label("takes effect at the next invoke");
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Code").focus();
    window.harness.run_ok();
    window.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert_eq!(seen(&window).as_deref(), Some("let a = 1;\n"), "its undo survives, too");
    window.harness.get_by_label("not saved");
}

/// Somebody else writes into the handler of `confirm`.
fn change_on_disk(window: &mut Window, text: &str) {
    window.tell(vec![Event::CodeChanged { function: "confirm".into(), path: "/w/confirm.mjs".into() }]);
    let sent = window.sent();
    assert!(matches!(&sent[..], [Command::LoadCode(function)] if **function == *"confirm"), "{sent:?}");
    window.tell(vec![code("confirm", text)]);
}

#[test]
fn code_without_edits_follows_the_file() {
    let mut window = open_code();
    change_on_disk(&mut window, "let a = 2;\n");
    assert_eq!(seen(&window).as_deref(), Some("let a = 2;\n"));
    window.harness.get_by_label("takes effect at the next invoke");
    window.tell(vec![Event::CodeChanged { function: "notify".into(), path: "/w/notify.mjs".into() }]);
    assert!(window.sent().is_empty(), "a file that was never opened is not read");
}

#[test]
fn edited_code_is_not_saved_over_a_file_that_changed_until_a_person_decides() {
    let mut window = open_code();
    type_code(&mut window, "// mine\n");
    change_on_disk(&mut window, "let a = 2;\n");
    window.harness.get_by_label("Changed on disk since you began to edit");
    assert!(window.key(egui::Modifiers::COMMAND, egui::Key::S).is_empty());
    assert_eq!(seen(&window).as_deref(), Some("// mine\nlet a = 1;\n"));
    window.press("Keep mine");
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let [Command::SaveCode { text, replaces, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((text.as_str(), &**replaces), ("// mine\nlet a = 1;\n", "let a = 2;\n"));
}

#[test]
fn the_text_of_a_changed_file_can_be_taken_and_undone() {
    let mut window = open_code();
    type_code(&mut window, "// mine\n");
    change_on_disk(&mut window, "let a = 2;\n");
    window.press("Take the file's");
    assert_eq!(seen(&window).as_deref(), Some("let a = 2;\n"));
    assert!(window.harness.query_by_label_contains("Changed on disk").is_none());
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Code").focus();
    window.harness.run_ok();
    window.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert_eq!(seen(&window).as_deref(), Some("// mine\nlet a = 1;\n"));
}

#[test]
fn a_second_save_before_the_first_is_answered_replaces_the_first() {
    let mut window = open_code();
    type_code(&mut window, "1");
    window.key(egui::Modifiers::COMMAND, egui::Key::S);
    type_code(&mut window, "2");
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let [Command::SaveCode { replaces, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(&**replaces, "1let a = 1;\n");
}

#[test]
fn the_code_that_is_opened_has_the_keyboard() {
    let mut window = open_code();
    window.harness.input_mut().events.push(egui::Event::Text(" ".into()));
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Space);
    assert_eq!(seen(&window).as_deref(), Some(" let a = 1;\n"));
    assert!(sent.is_empty(), "the clock is left alone: {sent:?}");
    window.press("notify");
    window.tell(vec![code("notify", "let b = 2;\n")]);
    assert!(window.harness.get_by_role_and_label(Role::MultilineTextInput, "Code").is_focused(), "also of another function");
}

#[test]
fn the_search_of_the_code_opens_from_anywhere_in_the_window() {
    let mut window = open_code();
    window.harness.get_by_role_and_label(Role::Button, "Save code").focus();
    window.harness.run_ok();
    window.key(egui::Modifiers::COMMAND, egui::Key::F);
    window.harness.input_mut().events.push(egui::Event::Text("let".into()));
    window.harness.run_ok();
    window.harness.get_by_label("1 of 1");
}

#[test]
fn a_save_that_was_refused_leaves_what_the_file_holds_to_be_replaced_by_the_next() {
    let mut window = open_code();
    type_code(&mut window, "1");
    for theirs in ["let a = 2;\n", "let a = 1;\n"] {
        window.key(egui::Modifiers::COMMAND, egui::Key::S);
        refuse(&mut window, "1let a = 1;\n", Some(theirs));
        window.press("Keep mine");
        let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
        let [Command::SaveCode { replaces, .. }] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!(&**replaces, theirs);
    }
    for held in [Some("let a = 1;\n"), None] {
        refuse(&mut window, "1let a = 1;\n", held);
        let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
        let [Command::SaveCode { replaces, .. }] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!(&**replaces, "let a = 1;\n", "also where the disk was full, or the file cannot be read");
    }
}

#[test]
fn code_that_is_saved_while_its_file_is_read_is_saved() {
    let mut window = open_code();
    type_code(&mut window, "1");
    window.key(egui::Modifiers::COMMAND, egui::Key::S);
    window.tell(vec![code("confirm", "let a = 1;\n")]);
    save_done(&mut window, "1let a = 1;\n");
    window.harness.get_by_label("takes effect at the next invoke");
}

const NOT_SAVED: &str = "The code of confirm has edits that are not saved; what is saved runs.";

#[test]
fn code_that_is_not_saved_is_told_at_the_first_invoke_and_saved_and_invoked() {
    let mut window = open_code();
    window.press("Event");
    window.press("Invoke");
    assert!(window.harness.query_by_label(NOT_SAVED).is_none(), "there are no edits");
    window.press("Code");
    type_code(&mut window, "// mine\n");
    window.press("Event");
    assert!(matches!(window.press("Invoke")[..], [Command::Invoke { .. }]), "it is invoked all the same");
    window.harness.get_by_label(NOT_SAVED);
    let sent = window.press("Save and invoke");
    let [Command::SaveCode { text, .. }] = &sent[..] else { panic!("{sent:?}") };
    save_done(&mut window, &text.clone());
    let sent = window.sent();
    let [Command::Invoke { function, payloads, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((&**function, &payloads[0][..]), ("confirm", &b"{\n  \"order\": 129.00\n}\n"[..]));
    save_done(&mut window, "// mine\nlet a = 1;\n");
    assert!(window.sent().is_empty(), "it is invoked once");
}

#[test]
fn code_that_could_not_be_saved_is_not_invoked() {
    let mut window = open_code();
    type_code(&mut window, "1");
    window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    assert!(matches!(window.press("Save and invoke")[..], [Command::SaveCode { .. }]));
    refuse(&mut window, "1let a = 1;\n", Some("let a = 2;\n"));
    window.press("Keep mine");
    window.key(egui::Modifiers::COMMAND, egui::Key::S);
    save_done(&mut window, "1let a = 1;\n");
    assert!(window.sent().is_empty(), "the refusal has ended it");
}

#[test]
fn what_follows_a_save_waits_for_the_text_that_was_sent_last() {
    let mut window = open_code();
    type_code(&mut window, "1");
    window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    window.key(egui::Modifiers::COMMAND, egui::Key::S);
    type_code(&mut window, "2");
    window.press("Save and invoke");
    save_done(&mut window, "1let a = 1;\n");
    assert!(window.sent().is_empty());
    save_done(&mut window, "12let a = 1;\n");
    assert!(matches!(window.sent()[..], [Command::Invoke { .. }]));
}

#[test]
fn what_is_offered_stays_beside_what_is_offered_later() {
    let mut window = open_code();
    type_code(&mut window, "1");
    window.press("Event");
    for _ in 0..2 {
        window.press("More");
        window.press("Delete “order placed”");
    }
    window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    window.harness.get_by_label(NOT_SAVED);
    assert!(matches!(window.press("Undo")[..], [Command::UndoRemoveSavedEvent]), "only the last deletion can be undone");
    assert!(window.harness.query_by_label("Undo").is_none());
    assert!(matches!(window.press("Save and invoke")[..], [Command::SaveCode { .. }]));
}

#[test]
fn edits_after_those_that_were_undone_are_told_again() {
    let mut window = open_code();
    type_code(&mut window, "1");
    window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    window.harness.get_by_label(NOT_SAVED);
    window.key(egui::Modifiers::COMMAND, egui::Key::Z);
    window.harness.get_by_label("takes effect at the next invoke");
    window.harness.input_mut().time = Some(60.0);
    window.harness.run_ok();
    type_code(&mut window, "2");
    window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    window.harness.get_by_label(NOT_SAVED);
}

#[test]
fn code_that_is_not_saved_is_told_once_until_there_are_other_edits() {
    let mut window = open_code();
    type_code(&mut window, "1");
    window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    window.harness.get_by_label(NOT_SAVED);
    window.harness.input_mut().time = Some(60.0);
    window.harness.run_ok();
    window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    assert!(window.harness.query_by_label(NOT_SAVED).is_none());
    type_code(&mut window, "2");
    window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    window.harness.get_by_label(NOT_SAVED);
}

#[test]
fn a_step_that_would_use_up_an_attempt_with_code_that_is_not_saved_waits_until_it_is_wanted() {
    let mut window = open_code();
    window.tell(failed_once());
    type_code(&mut window, "1");
    assert!(window.key(egui::Modifiers::NONE, egui::Key::F10).is_empty());
    window.harness.get_by_label_contains("Nothing ran yet");
    assert!(matches!(window.press("Save and step")[..], [Command::SaveCode { .. }]));
    save_done(&mut window, "1let a = 1;\n");
    assert!(matches!(window.sent()[..], [Command::Step]));
}

#[test]
fn what_was_offered_before_a_step_is_gone_once_the_step_is_wanted_all_the_same() {
    let mut window = open_code();
    window.tell(failed_once());
    type_code(&mut window, "1");
    window.key(egui::Modifiers::NONE, egui::Key::F10);
    window.harness.get_by_label("Save and step");
    assert!(matches!(window.key(egui::Modifiers::NONE, egui::Key::F10)[..], [Command::Step]));
    assert!(window.harness.query_by_label("Save and step").is_none());
}

#[test]
fn a_save_that_is_refused_can_be_read_behind_the_bell() {
    let mut window = open_code();
    type_code(&mut window, "// mine\n");
    change_on_disk(&mut window, "let a = 2;\n");
    window.key(egui::Modifiers::COMMAND, egui::Key::S);
    window.press("Notices");
    window.harness.get_by_label("Not saved: /w/confirm.mjs has changed on disk. Keep your text or take the file's first.");
}

#[test]
fn another_file_is_opened_at_a_place_saved_to_itself_and_left_again() {
    let mut window = open_code();
    let file = PathBuf::from("/w/policy.json");
    let Event::Workspace(mut view) = workspace() else { panic!("a workspace") };
    let problem = Problem {
        file: file.clone(),
        line: 2,
        column: 3,
        message: "this is wrong".into(),
        kind: crate::event::ProblemKind::Mistake,
    };
    let secret = Problem { file: "/w/keys".into(), line: 0, column: 0, ..problem.clone() };
    let changed = Arc::make_mut(&mut view);
    changed.problems = vec![problem, secret];
    changed.secret_files = vec!["/w/keys".into()];
    window.tell(vec![Event::Workspace(view)]);
    window.harness.get_by_label("keys").click();
    window.harness.run_ok();
    assert!(window.sent().is_empty(), "secrets are not shown");
    window.harness.get_by_label("policy.json:2:3").click();
    window.harness.run_ok();
    let sent = window.sent();
    assert!(matches!(&sent[..], [Command::LoadFile(path)] if *path == file), "{sent:?}");
    window.tell(vec![Event::File { path: file.clone(), text: "{\n  }\n".into() }]);
    assert_eq!(seen(&window).as_deref(), Some("{\n  }\n"));
    // The caret is where it is wrong.
    window.harness.input_mut().events.push(egui::Event::Text("x".into()));
    window.harness.run_ok();
    assert_eq!(seen(&window).as_deref(), Some("{\n  x}\n"));
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let [Command::SaveText { workspace, text }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((workspace.as_path(), text.text.as_str()), (Path::new("/w"), "{\n  x}\n"));
    assert_eq!(text.file.as_deref(), Some("{\n  }\n"), "it replaces what was shown");
    let saved =
        Event::TextSaved { workspace: workspace.clone(), place: text.place.clone(), text: text.text.clone(), result: Ok(()) };
    window.tell(vec![saved]);
    window.harness.get_by_label("takes effect once it is saved");
    let sent = window.press("Back to the handler");
    assert!(matches!(&sent[..], [Command::LoadCode(function)] if **function == *"confirm"), "{sent:?}");
    assert_eq!(seen(&window).as_deref(), Some("let a = 1;\n"));
    window.harness.get_by_label("policy.json:2:3").click();
    window.harness.run_ok();
    window.tell(vec![Event::NoFile { path: file, reason: "it is gone".into() }]);
    assert_eq!(seen(&window).as_deref(), Some("let a = 1;\n"));
}
