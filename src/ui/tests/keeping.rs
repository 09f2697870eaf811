//! Edits that are not saved and an end of the program: they are kept, and come back.

use super::coding::{code, open_code, type_code};
use super::*;
use crate::command::{TextPlace, UnsavedText};

fn back(texts: Vec<UnsavedText>) -> Event {
    Event::UnsavedTexts { workspace: "/w".into(), texts }
}

fn code_text(text: &str) -> UnsavedText {
    UnsavedText { place: TextPlace::Code("/w/confirm.mjs".into()), text: text.into(), file: Some("let a = 1;\n".into()) }
}

fn event_text(function: &str, name: Option<&str>, text: &str, file: Option<&str>) -> UnsavedText {
    let place = TextPlace::Event { function: function.into(), name: name.map(str::to_owned) };
    UnsavedText { place, text: text.into(), file: file.map(Into::into) }
}

/// What is sent to be kept when this second of the window's time has come.
fn kept_at(window: &mut Window, second: f64) -> Option<Vec<UnsavedText>> {
    window.harness.input_mut().time = Some(second);
    window.harness.run_ok();
    window.sent().into_iter().find_map(|command| match command {
        Command::KeepTexts { workspace, texts } => {
            assert_eq!(workspace.to_str(), Some("/w"));
            Some(texts)
        }
        _ => None,
    })
}

#[test]
fn edits_are_kept_a_second_after_the_last_one_and_let_go_of_once_they_are_saved() {
    let mut window = open_code();
    window.tell(vec![back(Vec::new())]);
    window.harness.input_mut().time = Some(20.0);
    type_code(&mut window, "// mine\n");
    assert_eq!(kept_at(&mut window, 20.9), None);
    assert_eq!(kept_at(&mut window, 30.0), Some(vec![code_text("// mine\nlet a = 1;\n")]));
    assert_eq!(kept_at(&mut window, 40.0), None, "once is enough");
    window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let text = "// mine\nlet a = 1;\n".to_owned();
    window.tell(vec![Event::CodeSaved { function: "confirm".into(), path: "/w/confirm.mjs".into(), text }]);
    assert_eq!(kept_at(&mut window, 50.0), Some(Vec::new()));
}

#[test]
fn nothing_is_written_over_what_is_kept_before_that_has_come_back() {
    let mut window = open_code();
    type_code(&mut window, "// mine\n");
    assert_eq!(kept_at(&mut window, 60.0), None);
}

#[test]
fn what_is_not_saved_comes_back_with_its_undo_and_a_word_about_it() {
    let mut window = Window::bare(InvocationModel::Synchronous, [1_440.0, 900.0]);
    let file = "{\n  \"order\": 129.00\n}\n";
    let event = event_text("notify", Some("order placed"), "{\"mine\":1}\n", Some(file));
    window.tell(vec![workspace(), back(vec![code_text("// mine\n"), event]), Event::Clock(clock(ClockMode::Live))]);
    window.answer_loads();
    let seen = |window: &Window, name: &str| window.harness.get_by_role_and_label(Role::MultilineTextInput, name).value();
    assert_eq!(seen(&window, "Event").as_deref(), Some("{\"mine\":1}\n"), "the function that it belongs to is chosen");
    assert!(window.harness.query_by_label_contains("Changed on disk").is_none());
    window.press("Notices");
    window.harness.get_by_label(
        "Edits that were not saved when the program ended are back: /w/confirm.mjs, event “order placed” of notify. Undo leads back to before them.",
    );
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    assert_eq!(kept_at(&mut window, 30.0), None, "it is kept already");
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Event").focus();
    window.harness.run_ok();
    window.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert_eq!(seen(&window, "Event").as_deref(), Some(file));
    assert_eq!(kept_at(&mut window, 40.0), Some(vec![code_text("// mine\n")]), "what was undone is let go of");
}

#[test]
fn what_comes_back_and_a_file_that_changed_meanwhile_are_asked_about() {
    let mut window = Window::bare(InvocationModel::Synchronous, [1_440.0, 900.0]);
    let event = event_text("confirm", Some("order placed"), "{\"mine\":1}\n", Some("{\"before\":1}\n"));
    window.tell(vec![workspace(), back(vec![event, code_text("// mine\n")]), Event::Clock(clock(ClockMode::Live))]);
    window.answer_loads();
    window.harness.get_by_label("Changed on disk since you began to edit");
    window.press("Code");
    window.tell(vec![code("confirm", "// theirs\n")]);
    window.harness.get_by_label("Changed on disk since you began to edit");
    window.press("Keep mine");
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let saved = sent.iter().find_map(|command| match command {
        Command::SaveCode { text, replaces, .. } => Some((text.as_str(), &**replaces)),
        _ => None,
    });
    assert_eq!(saved, Some(("// mine\n", "// theirs\n")));
}

/// A window in which the code of `confirm` and an event of `notify` came back.
fn brought_back() -> Window {
    let mut window = Window::bare(InvocationModel::Synchronous, [1_440.0, 900.0]);
    let event = event_text("notify", Some("order placed"), "{\"mine\":1}\n", Some("{\n  \"order\": 129.00\n}\n"));
    window.tell(vec![workspace(), back(vec![code_text("// mine\n"), event]), Event::Clock(clock(ClockMode::Live))]);
    window.answer_loads();
    window
}

const BACK: &str = "Unsaved, from your last session";

#[test]
fn what_came_back_is_marked_until_it_is_discarded_or_kept() {
    let mut window = brought_back();
    let second = |window: &Window, name| window.harness.get_by_role_and_label(Role::Button, name).value();
    for name in ["confirm", "notify"] {
        assert_eq!(second(&window, name).as_deref(), Some("unsaved, from last session"), "{name}");
    }
    window.harness.get_by_label(BACK);
    window.press("Discard");
    assert!(window.harness.query_by_label(BACK).is_none());
    let event = |window: &Window| window.harness.get_by_role_and_label(Role::MultilineTextInput, "Event").value();
    assert_eq!(event(&window).as_deref(), Some("{\n  \"order\": 129.00\n}\n"));
    assert_eq!(second(&window, "notify").as_deref(), Some("javascript"));
    window.press("confirm");
    window.answer_loads();
    window.press("Code");
    window.press("Keep");
    assert!(window.harness.query_by_label(BACK).is_none());
    assert_eq!(second(&window, "confirm").as_deref(), Some("javascript"), "its mark stays, the words go");
}

#[test]
fn what_came_back_is_compared_with_its_file() {
    let mut window = brought_back();
    window.press("Compare with file");
    window.harness.get_by_label("The file and your text");
    for line in ["−   \"order\": 129.00", "+ {\"mine\":1}"] {
        window.harness.get_by_label(line);
    }
    assert!(window.key(egui::Modifiers::NONE, egui::Key::F10).is_empty(), "what is behind it rests");
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    assert!(window.harness.query_by_label("The file and your text").is_none());
    window.harness.get_by_label(BACK);
}

#[test]
fn an_event_whose_file_is_gone_comes_back_as_one_without_a_file() {
    let mut window = Window::bare(InvocationModel::Synchronous, [1_440.0, 900.0]);
    let gone = event_text("confirm", Some("gone"), "{\"mine\":1}\n", Some("{}\n"));
    window.tell(vec![workspace(), back(vec![gone]), Event::Clock(clock(ClockMode::Live))]);
    window.answer_loads();
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let [Command::SaveEvent { name, text, replaces: None, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((name.as_str(), text.as_str()), ("gone", "{\"mine\":1}\n"));
}

#[test]
fn edits_that_somebody_closes_without_are_let_go_of_and_others_are_kept_at_once() {
    for (is_discarded, expected) in [(true, Vec::new()), (false, vec![code_text("1let a = 1;\n")])] {
        let mut window = open_code();
        window.tell(vec![back(Vec::new())]);
        window.harness.input_mut().time = Some(20.0);
        type_code(&mut window, "1");
        if is_discarded {
            assert!(kept_at(&mut window, 30.0).is_some());
        }
        let commands = window.harness.state_mut().commands_at_end(is_discarded);
        let [Command::KeepTexts { texts, .. }] = &commands[..] else { panic!("{commands:?}") };
        assert_eq!(*texts, expected);
    }
}
