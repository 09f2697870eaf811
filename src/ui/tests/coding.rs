//! The tab "Code": what is typed into a handler stays until it is saved.

use super::*;

/// A window with the handler of `confirm` open.
fn open_code() -> Window {
    let mut window = Window::open(InvocationModel::Synchronous);
    let sent = window.press("Code");
    assert!(matches!(&sent[..], [Command::LoadCode(function)] if **function == *"confirm"), "{sent:?}");
    window.tell(vec![code("confirm", "let a = 1;\n")]);
    window
}

/// A handler file as the executor loads it.
fn code(function: &str, text: &str) -> Event {
    Event::Code { function: function.into(), path: format!("/w/{function}.mjs").into(), text: text.into() }
}

fn seen(window: &Window) -> Option<String> {
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Code").value()
}

/// Types at the beginning of the handler.
fn type_code(window: &mut Window, text: &str) {
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
    window.tell(vec![Event::CodeSaved { function: "confirm".into(), path: "/w/confirm.mjs".into() }]);
    window.harness.get_by_label("takes effect at the next invoke");
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Code").focus();
    window.harness.run_ok();
    window.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert_eq!(seen(&window).as_deref(), Some("let a = 1;\n"), "its undo survives, too");
    window.harness.get_by_label("not saved");
}
