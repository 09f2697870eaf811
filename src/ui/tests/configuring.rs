//! The tab "Configuration": what is typed stays until the file has it.

use super::*;

/// Types into the field of `timeout` and leaves it.
fn type_timeout(window: &mut Window, text: &str) -> Vec<Command> {
    window.harness.get_by_role_and_label(Role::TextInput, "timeout").focus();
    window.harness.run_ok();
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text(text.into()));
    window.harness.run_ok();
    window.key(egui::Modifiers::NONE, egui::Key::Enter)
}

fn timeout(window: &Window) -> Option<String> {
    window.harness.get_by_role_and_label(Role::TextInput, "timeout").value()
}

#[test]
fn a_value_that_is_refused_stays_with_the_reason_until_it_is_corrected() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Configuration");
    let before = timeout(&window);
    let sent = type_timeout(&mut window, "soon");
    let [Command::ChangeSetting(change)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((change.key.as_str(), change.value.as_deref()), ("timeout", Some("\"soon\"")));
    let reason = "timeout is a number of seconds from 1 to 900".to_owned();
    window.tell(vec![Event::SettingNotChanged { change: change.clone(), reason: reason.clone() }]);
    assert_eq!(timeout(&window).as_deref(), Some("soon"));
    window.harness.get_by_label(&reason);
    assert!(matches!(&type_timeout(&mut window, "9")[..], [Command::ChangeSetting(_)]));
    assert!(window.harness.query_by_label(&reason).is_none());
    // The file says something else by now: that is what is shown.
    let Event::Workspace(view) = workspace() else { unreachable!() };
    let mut view = Arc::unwrap_or_clone(view);
    let mut configuration = (*view.functions[0].configuration).clone();
    configuration.timeout = Micros::from_secs(7);
    view.functions[0].configuration = configuration.into();
    window.tell(vec![Event::Workspace(view.into())]);
    assert_eq!(timeout(&window).as_deref(), Some("7"));
    assert_ne!(before.as_deref(), Some("7"));
}
