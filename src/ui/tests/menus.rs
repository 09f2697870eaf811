//! Menus of the right button and of the keyboard: what can be done with each kind of thing.

use super::*;
use crate::event::{Door, HistoryInvocation, HistoryRow};
use crate::service::ids::MessageId;
use crate::service::input::LogLine;

impl Window {
    /// Opens the menu of something that is found by its whole name.
    fn right_click(&mut self, role: Role, name: &str) {
        self.harness.get_by_role_and_label(role, name).click_secondary();
        self.harness.run_ok();
    }

    /// Presses a line of a menu; the text that it copies.
    fn copied(&mut self, name: &str) -> Option<String> {
        self.harness.get_by_role_and_label(Role::Button, name).click();
        for _ in 0..4 {
            self.harness.step();
            let commands = &self.harness.output().platform_output.commands;
            let text = commands.iter().find_map(|command| match command {
                egui::OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            });
            if text.is_some() {
                self.harness.run_ok();
                return text;
            }
        }
        None
    }

    fn offers(&self, name: &str) -> bool {
        self.harness.query_all_by_role_and_label(Role::Button, name).next().is_some()
    }
}

/// The names of everything that the open menu offers and that nothing else has.
fn assert_offers(window: &Window, names: &[&str]) {
    for name in names {
        assert!(window.offers(name), "{name}");
    }
}

fn row(number: u128) -> HistoryRow {
    HistoryRow {
        request_id: RequestId(number),
        function: "notify".into(),
        invocation_type: InvocationType::Event,
        batch_from: None,
        label: Some(format!("event {number}").into()),
        accepted_at: NOW,
        outcome: Some(Outcome::Succeeded),
        attempts: 1,
        duration: Some(Micros(1_200)),
        error_type: None,
    }
}

fn listed() -> Event {
    Event::History { text: String::new(), rows: vec![row(99)], total: 1 }
}

fn record() -> Event {
    let (payload, result) = ("{\"old\":1}".into(), Some("{\"done\":true}".into()));
    Event::HistoryInvocation(Box::new(HistoryInvocation { row: row(99), payload, result, log: vec!["one".into(), "two".into()] }))
}

#[test]
fn a_function_is_copied_by_every_name_that_it_has() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let door = |kind: &str, address: &str| {
        Event::Door(Door { kind: kind.into(), address: address.into(), moved_from: None, certificate: None })
    };
    window.tell(vec![door("lambda api", "http://127.0.0.1:9001"), door("url notify", "http://k3v9.lambda-url.localhost:9002/")]);
    for (name, expected) in [
        ("Copy name", "notify"),
        ("Copy ARN", "arn:aws:lambda:eu-central-1:123456789012:function:notify"),
        ("Copy invoke URL", "http://127.0.0.1:9001/2015-03-31/functions/notify/invocations"),
        ("Copy function URL", "http://k3v9.lambda-url.localhost:9002/"),
        ("Copy path of the code", "/w/notify.mjs"),
    ] {
        window.right_click(Role::Button, "notify");
        assert_eq!(window.copied(name).as_deref(), Some(expected), "{name}");
        assert!(!window.offers(name), "the menu is closed");
    }
    window.right_click(Role::Button, "confirm");
    assert!(!window.offers("Copy function URL"), "it has none");
    window.press("Remove");
    window.tell(vec![Event::Removed("The function notify was taken out of invokelab.toml.".into())]);
    assert!(matches!(window.press("Put back")[..], [Command::UndoRemove]));
}

#[test]
fn a_menu_is_opened_and_used_by_the_keyboard() {
    for (modifiers, key) in [(egui::Modifiers::SHIFT, egui::Key::F10), (egui::Modifiers::NONE, egui::Key::Menu)] {
        let mut window = Window::open(InvocationModel::Synchronous);
        window.harness.get_by_role_and_label(Role::Button, "notify").focus();
        window.harness.run_ok();
        assert!(window.key(modifiers, key).is_empty(), "no step is made");
        assert!(window.offers("Open code"), "{key:?}");
        window.key(egui::Modifiers::NONE, egui::Key::ArrowDown);
        window.key(egui::Modifiers::NONE, egui::Key::ArrowDown);
        assert!(window.harness.get_by_role_and_label(Role::Button, "Open code").is_focused());
        window.key(egui::Modifiers::NONE, egui::Key::Enter);
        assert!(!window.offers("Open code"), "closed");
        assert!(window.harness.get_by_role_and_label(Role::Button, "notify").is_focused(), "back where it was");
    }
}

#[test]
fn a_row_of_an_earlier_run_is_read_before_something_is_done_with_it() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    window.tell(vec![listed()]);
    let name = "notify Event event 99";
    window.right_click(Role::Button, name);
    assert_offers(&window, &["Open", "Edit and run again", "Save as event…", "Copy payload", "Copy response", "Copy log"]);
    assert!(!window.offers("Show in the timeline"), "this run does not know it");
    assert_eq!(window.copied("Copy request id"), Some(RequestId(99).to_string()));
    window.right_click(Role::Button, name);
    let asked = window.press("Run again");
    assert!(matches!(asked[..], [Command::LoadInvocation(RequestId(99))]), "{asked:?}");
    window.tell(vec![record()]);
    let sent = window.sent();
    let [Command::Invoke { function, payloads, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((&**function, &payloads[0][..]), ("notify", &b"{\"old\":1}"[..]));
    assert!(window.harness.query_by_label("Copy request").is_none(), "the record was not opened");
    window.right_click(Role::Button, name);
    window.press("Copy log");
    window.events.send(vec![record()]).unwrap();
    window.harness.step();
    let copied = window.harness.output().platform_output.commands.clone();
    assert!(matches!(&copied[..], [egui::OutputCommand::CopyText(text)] if text == "one\ntwo"), "{copied:?}");
}

#[test]
fn an_invocation_is_saved_as_an_event_of_its_function() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    window.tell(vec![listed()]);
    window.right_click(Role::Button, "notify Event event 99");
    window.press("Save as event…");
    window.tell(vec![record()]);
    window.answer_loads();
    assert!(window.harness.get_by_label("Name of the event").is_focused());
    window.harness.input_mut().events.push(egui::Event::Text("kept".into()));
    window.harness.run_ok();
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Enter);
    let saved = sent.iter().find_map(|command| match command {
        Command::SaveEvent { function, name, text, .. } => Some((function.to_string(), name.clone(), text.clone())),
        _ => None,
    });
    let (function, name, text) = saved.unwrap_or_else(|| panic!("{sent:?}"));
    assert_eq!((&*function, &*name), ("notify", "kept"));
    assert!(text.contains("\"old\": 1"), "{text}");
}

/// The same events, 10 ms after each other, so that bars have a length.
fn apart(events: Vec<Event>) -> Vec<Event> {
    let at = |number: usize| NOW + Micros(number as u64 * 10_000);
    let later = events.into_iter().enumerate().map(|(number, event)| match event {
        Event::Service(event) => Event::Service(ServiceEvent { at: at(number), ..(*event).clone() }.into()),
        event => event,
    });
    let mut events: Vec<Event> = later.collect();
    let now = at(events.len());
    events.push(Event::Clock(ClockState { now, ..clock(ClockMode::Live) }));
    events
}

#[test]
fn a_bar_is_selected_zoomed_to_and_copied() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(apart(failed_once()));
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    let name = {
        let bar = window
            .harness
            .get_by(|node| node.role() == Role::ListItem && node.label().is_some_and(|label| label.contains("attempt 1")));
        bar.accesskit_node().label().unwrap_or_default()
    };
    let width = |window: &Window| window.harness.get_by_role_and_label(Role::ListItem, &name).rect().width();
    let before = width(&window);
    window.right_click(Role::ListItem, &name);
    window.harness.get_by_label_contains("Attempt 1 of 3 threw PaymentDeclined");
    assert_offers(&window, &["Step to the next attempt", "Show the log", "Copy request id"]);
    window.press("Zoom to it");
    window.harness.run_ok();
    assert!(width(&window) > before * 2.0, "{} after {before}", width(&window));
    window.right_click(Role::ListItem, &name);
    assert_eq!(window.copied("Copy payload").as_deref(), Some("{\"order\":129.00}"));
    // The keyboard asks for the menu of what is selected.
    window.key(egui::Modifiers::COMMAND, egui::Key::Num4);
    window.key(egui::Modifiers::SHIFT, egui::Key::F10);
    assert_offers(&window, &["Zoom to it", "Edit and run again"]);
}

#[test]
fn a_queue_takes_a_message_and_is_purged() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(mapped());
    let other = crate::service::configuration::QueueConfiguration::new("elsewhere");
    window.tell(vec![happened(Happened::QueueConfigured(other))]);
    window.right_click(Role::Button, "elsewhere");
    let is_disabled =
        |window: &Window, name| window.harness.get_by_role_and_label(Role::Button, name).accesskit_node().is_disabled();
    assert!(is_disabled(&window, "Purge"), "there is nothing in it");
    assert_eq!(window.copied("Copy ARN").as_deref(), Some("arn:aws:sqs:eu-central-1:123456789012:elsewhere"));
    window.right_click(Role::Button, "elsewhere");
    window.press("Put a message");
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    assert!(
        sent.iter().any(|command| matches!(command, Command::SendMessages { queue, .. } if **queue == *"elsewhere")),
        "the queue that was chosen, not the one that is mapped: {sent:?}"
    );
    window.tell(vec![happened(Happened::MessageSent {
        queue: "elsewhere".into(),
        message_id: MessageId(4),
        body: "{}".into(),
        source: InvocationSource::Workbench,
        sent_at: NOW,
        visible_at: NOW,
        receive_count: 0,
        came_from: None,
    })]);
    window.right_click(Role::Button, "elsewhere");
    let [purge, remove] =
        ["Purge 1 message", "Remove with 1 message"].map(|name| window.harness.get_by_role_and_label(Role::Button, name).rect());
    assert!(remove.top() > purge.bottom() + 4.0, "something stands between them");
    let sent = window.press("Purge 1 message");
    assert!(matches!(&sent[..], [Command::PurgeQueue(queue)] if **queue == *"elsewhere"), "{sent:?}");
    window.harness.get_by_label("1 message of elsewhere was deleted.");
    let sent = window.key(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, egui::Key::Enter);
    let [Command::PutBack { queue, message_ids }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((&**queue, &message_ids[..]), ("elsewhere", &[MessageId(4)][..]));
    assert!(!window.offers("Undo deletion"), "once");
}

#[test]
fn a_line_of_a_log_is_copied_alone_or_with_the_others() {
    let mut window = Window::sized(InvocationModel::Asynchronous, [1_440.0, 1_400.0]);
    window.tell(failed_once());
    let lines: Vec<LogLine> = ["first line", "second line"].map(|text| LogLine { at: NOW, text: text.into() }).into();
    window.tell(vec![happened(Happened::LogWritten {
        environment: EnvironmentId(1),
        function: "confirm".into(),
        request_id: Some(ID),
        lines,
    })]);
    window.run("selected event: show the log");
    let open = |window: &mut Window| {
        window.harness.get_by_label("second line").click_secondary();
        window.harness.run_ok();
    };
    open(&mut window);
    assert_eq!(window.copied("Copy line").as_deref(), Some("second line"));
    open(&mut window);
    assert_eq!(window.copied("Copy all lines").as_deref(), Some("first line\nsecond line"));
}

#[test]
fn the_menu_of_the_editor_is_walked_by_arrows_that_it_keeps_otherwise() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.key(egui::Modifiers::COMMAND, egui::Key::Num2);
    window.key(egui::Modifiers::SHIFT, egui::Key::F10);
    assert!(window.offers("Paste Ctrl+V"));
    window.key(egui::Modifiers::NONE, egui::Key::ArrowDown);
    let focused = |window: &Window, role, name| window.harness.get_by_role_and_label(role, name).is_focused();
    assert!(!focused(&window, Role::MultilineTextInput, "Event"));
    assert!(window.key(egui::Modifiers::NONE, egui::Key::Space).is_empty(), "no pause behind a menu");
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    assert!(!window.offers("Paste Ctrl+V"));
}

#[test]
fn keys_of_the_editor_are_not_taken_by_the_window() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.key(egui::Modifiers::COMMAND, egui::Key::Num2);
    let both = egui::Modifiers::COMMAND | egui::Modifiers::SHIFT;
    window.key(both, egui::Key::K);
    assert!(window.harness.query_by_label("Command").is_none(), "a line is deleted and no palette opened");
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    assert!(sent.iter().all(|command| match command {
        Command::Invoke { payloads, .. } => !payloads[0].starts_with(b"{\n"),
        _ => true,
    }));
    window.key(egui::Modifiers::NONE, egui::Key::F1);
    window.harness.get_by_label("Keyboard");
}
