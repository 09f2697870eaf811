//! Choosing an event and sending it.

use super::*;

/// Loads a document, sends it to the queue, and gives back the bodies of the messages.
pub(super) fn messages(window: &mut Window, text: &str) -> Vec<String> {
    window.tell(vec![Event::SavedEvent { function: "confirm".into(), name: "several".into(), text: text.into() }]);
    window.answer_loads();
    let sent = window.press("Send message");
    let bodies = sent.iter().find_map(|command| match command {
        Command::SendMessages { bodies, .. } => Some(bodies.iter().map(ToString::to_string).collect()),
        _ => None,
    });
    bodies.expect("messages")
}

const RECORDS: &str = r#"{"Records": [
    {"messageId": "m-1", "body": "{\"orderId\": 1043}", "eventSource": "aws:sqs"},
    {"messageId": "m-2", "body": "{\"poison\": true}", "eventSource": "aws:sqs"}
]}"#;

#[test]
fn an_event_from_sqs_is_sent_as_one_message_a_record() {
    let mut window = Window::open(InvocationModel::Queue);
    window.tell(mapped());
    assert_eq!(messages(&mut window, RECORDS), ["{\"orderId\": 1043}", "{\"poison\": true}"]);
    let switch = window.harness.get_by_label("One message each");
    switch.click();
    window.harness.run_ok();
    assert_eq!(messages(&mut window, RECORDS).len(), 1, "switched off: the document is the message");
}

#[test]
fn an_event_is_found_by_typing_and_taken_by_enter() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Choose an event");
    let field = |window: &Window| {
        let found = window.harness.query_by_label("Find an event or a template");
        found.map(|node| (node.is_focused(), node.rect().center()))
    };
    let (focused, centre) = field(&window).expect("the menu is open");
    assert!(focused, "typing begins at once");
    window.harness.drag_at(centre);
    window.harness.drop_at(centre);
    window.harness.run_ok();
    assert!(field(&window).is_some(), "a click into the field closes nothing");
    window.harness.input_mut().events.push(egui::Event::Text("kinesis".into()));
    window.harness.run_ok();
    window.key(egui::Modifiers::NONE, egui::Key::Enter);
    assert!(field(&window).is_none(), "taken and closed");
    window.answer_loads();
    let sent = window.press("Invoke");
    let Some(Command::Invoke { payload, .. }) = sent.first() else { panic!("{sent:?}") };
    assert!(String::from_utf8_lossy(payload).contains("aws:kinesis"), "{payload:?}");
}

#[test]
fn arrows_choose_an_event_and_a_click_takes_one() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Choose an event");
    window.key(egui::Modifiers::NONE, egui::Key::ArrowDown);
    window.key(egui::Modifiers::NONE, egui::Key::ArrowUp);
    let loads = |sent: &[Command]| matches!(sent, [Command::LoadSavedEvent { name, .. }, ..] if name == "order placed");
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Enter);
    assert!(loads(&sent), "{sent:?}");
    window.press("Choose an event");
    let sent = window.press("order placed");
    assert!(loads(&sent), "{sent:?}");
}
