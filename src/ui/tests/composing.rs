//! Choosing an event and sending it.

use super::*;
use crate::command::DocumentWork;
use crate::event::{DocumentError, HistoryInvocation, HistoryRow};
use crate::service::happened::{Outcome, Removal};
use crate::service::ids::MessageId;

/// Loads a document, sends it to the queue, and gives back the bodies of the messages.
pub(super) fn messages(window: &mut Window, text: &str) -> Vec<String> {
    window.tell(vec![Event::SavedEvent {
        function: "confirm".into(),
        name: "several".into(),
        text: text.into(),
        meta: EventMeta::default(),
    }]);
    window.answer_loads();
    let button =
        window.harness.get_by(|node| node.role() == Role::Button && node.label().is_some_and(|label| label.starts_with("Send ")));
    button.click();
    window.harness.run_ok();
    let sent = window.sent();
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
    let Some(Command::Invoke { payloads, .. }) = sent.first() else { panic!("{sent:?}") };
    assert!(String::from_utf8_lossy(&payloads[0]).contains("aws:kinesis"), "{payloads:?}");
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

/// The ticket of the work that was asked for last.
fn asked(window: &Window, wanted: DocumentWork) -> u64 {
    let tickets = window.sent().into_iter().filter_map(|command| match command {
        Command::Document { ticket, work, .. } if work == wanted => Some(ticket),
        _ => None,
    });
    tickets.last().expect("work on the document")
}

#[test]
fn what_was_laid_out_is_valid_only_when_it_was_checked() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(vec![Event::SavedEvent {
        function: "confirm".into(),
        name: "id".into(),
        text: "{{uuid}}".into(),
        meta: EventMeta::default(),
    }]);
    let ticket = asked(&window, DocumentWork::Check);
    let error = DocumentError { line: 1, column: 1, message: "{{uuid}} becomes text".into() };
    window.tell(vec![Event::Document { ticket, result: Err(error) }]);
    window.harness.get_by_label("line 1:1  {{uuid}} becomes text");
    window.harness.get_by_role_and_label(Role::Button, "Format").click();
    window.harness.run_ok();
    let ticket = asked(&window, DocumentWork::Format);
    window.tell(vec![Event::Document { ticket, result: Ok(None) }]);
    window.harness.get_by_label("line 1:1  {{uuid}} becomes text");
}

/// Asks for this many copies.
fn repeat(window: &mut Window, times: &str) {
    window.harness.get_by_label("Copies").click();
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text(times.into()));
    window.key(egui::Modifiers::NONE, egui::Key::Enter);
}

#[test]
fn the_send_button_says_how_many_it_sends_and_where() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(mapped());
    repeat(&mut window, "10");
    let sent = window.press("Invoke × 10");
    assert!(matches!(&sent[..], [Command::Invoke { payloads, .. }] if payloads.len() == 10), "{sent:?}");
    window.run("model queue");
    window.harness.get_by_role_and_label(Role::Button, "Send message to incoming");
    window.tell(vec![Event::SavedEvent {
        function: "confirm".into(),
        name: "several".into(),
        text: RECORDS.into(),
        meta: EventMeta::default(),
    }]);
    repeat(&mut window, "3");
    window.answer_loads();
    let sent = window.press("Send 6 messages to incoming");
    let bodies = sent.iter().find_map(|command| match command {
        Command::SendMessages { bodies, .. } => Some(bodies.len()),
        _ => None,
    });
    assert_eq!(bodies, Some(6));
}

#[test]
fn copies_that_are_too_much_together_are_not_sent() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let text = format!("\"{}\"", "x".repeat(1 << 20));
    window.tell(vec![Event::SavedEvent { function: "confirm".into(), name: "large".into(), text, meta: EventMeta::default() }]);
    window.answer_loads();
    for (times, sent) in [("64", 0), ("63", 63)] {
        repeat(&mut window, times);
        let commands = window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
        let invoked = commands.iter().map(|command| match command {
            Command::Fill { filling, .. } => filling.copies,
            _ => 0,
        });
        assert_eq!(invoked.sum::<usize>(), sent, "64 copies of 1 MB and two quotes");
    }
}

#[test]
fn copies_are_not_kept_for_another_function_or_model() {
    let mut window = Window::open(InvocationModel::Synchronous);
    repeat(&mut window, "10");
    window.press("Async");
    window.harness.get_by_role_and_label(Role::Button, "Send as event");
    window.press("Sync");
    window.harness.get_by_role_and_label(Role::Button, "Invoke");
    repeat(&mut window, "10");
    window.press("notify");
    window.harness.get_by_role_and_label(Role::Button, "Invoke");
}

fn history() -> Vec<Event> {
    let row = |number: u128, error: Option<&str>| HistoryRow {
        request_id: RequestId(number),
        function: "confirm".into(),
        invocation_type: InvocationType::Event,
        batch_from: None,
        label: Some("order placed, a long name of an event".into()),
        accepted_at: NOW,
        outcome: Some(Outcome::Succeeded),
        attempts: 1,
        duration: Some(Micros(1_200)),
        error_type: error.map(Into::into),
    };
    let rows = vec![row(1, None), row(2, Some("PaymentDeclined"))];
    let open = HistoryInvocation { row: rows[0].clone(), payload: "{\"old\":1}".into(), result: None, log: Vec::new() };
    vec![Event::History { text: String::new(), rows, total: 2 }, Event::HistoryInvocation(Box::new(open))]
}

#[test]
fn the_key_that_runs_again_takes_the_open_row_of_the_history_or_says_that_there_is_none() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let sent = window.key(egui::Modifiers::NONE, egui::Key::F5);
    assert!(sent.is_empty(), "{sent:?}");
    window.press("History");
    window.tell(history());
    let sent = window.key(egui::Modifiers::NONE, egui::Key::F5);
    let Some(Command::Invoke { payloads, invocation_type: InvocationType::Event, .. }) = sent.first() else { panic!("{sent:?}") };
    assert_eq!(&payloads[0][..], b"{\"old\":1}");
}

#[test]
fn another_search_closes_what_was_open() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    window.tell(history());
    window.harness.get_by_label("Run again");
    window.harness.get_by_label("Search the history").focus();
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text("declined".into()));
    window.harness.run_ok();
    assert!(window.harness.query_by_label("Run again").is_none());
}

#[test]
fn a_history_that_is_cleared_can_be_kept_for_a_while() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    window.tell(history());
    let clears = |sent: &[Command]| sent.iter().any(|command| matches!(command, Command::ClearHistory));
    assert!(!clears(&window.press("Clear")));
    window.harness.get_by_label_contains("The whole history is forgotten in");
    window.press("Keep it");
    window.harness.get_all_by_label_contains("order placed, a long name").next().expect("the rows are back");
    window.press("Clear");
    window.press("Event");
    let mut sent = Vec::new();
    for _ in 0..40 {
        window.harness.input_mut().time = None;
        window.harness.input_mut().predicted_dt = 0.5;
        window.harness.step();
        sent.extend(window.sent());
    }
    assert!(clears(&sent), "also when another tab is seen: {sent:?}");
}

#[test]
fn a_message_is_selected_by_its_whole_line_and_copied_by_its_menu() {
    let mut window = Window::open(InvocationModel::Queue);
    window.tell(mapped());
    let (queue, message_id) = (Arc::<str>::from("incoming"), MessageId(4));
    window.tell(vec![happened(Happened::MessageSent {
        queue,
        message_id,
        body: "{\n  \"order\": 1\n}".into(),
        source: InvocationSource::Workbench,
        sent_at: NOW,
        visible_at: NOW,
        receive_count: 0,
        came_from: None,
    })]);
    window.run("tab queue");
    let line = window.harness.get_by_role_and_label(Role::Button, "Message 00000000");
    assert!(line.rect().width() > 300.0, "{:?}", line.rect());
    // Its middle, where no word of a short body stands.
    line.click();
    window.harness.run_ok();
    window.harness.get_by_label("Its life");
    window.harness.get_by_role_and_label(Role::Button, "Message 00000000").click_secondary();
    window.harness.run_ok();
    assert_eq!(window.harness.query_all_by_label("Copy body").count(), 2, "in the menu as in the inspector");
    let copy = window.harness.query_all_by_role_and_label(Role::Button, "Copy message id");
    copy.last().expect("in the menu").click();
    window.harness.run_ok();
    // In its line, and in the inspector.
    window.harness.get_all_by_role_and_label(Role::Button, "Delete").next().expect("a button").click();
    window.harness.run_ok();
    let sent = window.sent();
    assert!(matches!(&sent[..], [Command::DeleteMessage { message_id: MessageId(4), .. }]), "{sent:?}");
}

#[test]
fn messages_of_a_purged_queue_can_be_put_back() {
    let mut window = Window::open(InvocationModel::Queue);
    window.tell(mapped());
    let (queue, message_id) = (Arc::<str>::from("incoming"), MessageId(4));
    window.tell(vec![happened(Happened::MessageSent {
        queue: queue.clone(),
        message_id,
        body: "a body".into(),
        source: InvocationSource::Workbench,
        sent_at: NOW,
        visible_at: NOW,
        receive_count: 0,
        came_from: None,
    })]);
    window.run("tab queue");
    let sent = window.press("Purge");
    assert!(matches!(&sent[..], [Command::PurgeQueue(of)] if **of == *queue), "{sent:?}");
    let gone = || happened(Happened::MessageRemoved { queue: queue.clone(), message_id, removal: Removal::Person });
    let back = || Happened::MessagePutBack {
        queue: queue.clone(),
        message_id,
        body: "a body".into(),
        sent_at: NOW,
        visible_at: NOW,
        receive_count: 0,
        came_from: None,
    };
    window.tell(vec![gone()]);
    let is_put_back = |sent: &[Command]| matches!(sent, [Command::PutBack { message_ids, .. }] if *message_ids == [message_id]);
    let sent = window.press("Put 1 back");
    assert!(is_put_back(&sent), "{sent:?}");
    window.tell(vec![happened(back())]);
    assert!(window.harness.query_by_label("Put 1 back").is_none());
    let sent = window.press("Delete");
    assert!(matches!(&sent[..], [Command::DeleteMessage { .. }]), "{sent:?}");
    window.harness.get_by_label("1 message of incoming was deleted.");
    window.tell(vec![gone()]);
    let sent = window.press("Undo deletion");
    assert!(is_put_back(&sent), "{sent:?}");
}

#[test]
fn the_palette_has_every_action() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    window.tell(mapped());
    let mut run = |typed: &str| window.run(typed);
    assert!(matches!(run("save the event")[..], [Command::SaveEvent { .. }]));
    assert!(matches!(run("minify")[..], [Command::Document { work: DocumentWork::Minify, .. }]));
    assert!(matches!(run("sort keys")[..], [Command::Document { work: DocumentWork::SortKeys, .. }]));
    assert!(matches!(run("put back the deleted event")[..], [Command::UndoRemoveSavedEvent]));
    assert!(matches!(run("retry now")[..], [Command::RetryNow(ID)]));
    assert!(matches!(run("selected event: drop")[..], [Command::DropEvent(ID)]));
    assert!(matches!(run("run again")[..], [Command::Invoke { .. }]));
    assert!(matches!(run("clock 600")[..], [Command::SetClock(ClockMode::Fast(600.0))]));
    let sent = run("event order placed notify");
    let loads: Vec<_> = sent.iter().filter(|command| matches!(command, Command::LoadSavedEvent { .. })).collect();
    assert!(matches!(loads[..], [Command::LoadSavedEvent { function, .. }] if **function == *"notify"), "{sent:?}");
    window.answer_loads();
    let mut run = |typed: &str| window.run(typed);
    for silent in ["copy as curl", "fold waits", "zoom in", "zoom out", "timeline fit", "theme", "reset panels", "queue incoming"]
    {
        let sent = run(silent);
        assert!(sent.is_empty(), "{silent}: {sent:?}");
    }
    window.harness.get_by_label_contains("Asynchronous events of");
}

#[test]
fn a_long_event_is_filled_in_elsewhere_and_what_is_sent_after_it_stays_behind_it() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let load = |window: &mut Window, text: String| {
        let (name, meta) = ("order placed".into(), EventMeta::default());
        window.tell(vec![Event::SavedEvent { function: "confirm".into(), name, text, meta }]);
        window.answer_loads();
    };
    let asked = |sent: &[Command]| match sent {
        [Command::Fill { ticket, filling }] => (*ticket, filling.clone()),
        _ => panic!("{sent:?}"),
    };
    load(&mut window, format!("[{{{{seq}}}}, \"{}\"]", "x".repeat(300_000)));
    let first = asked(&window.press("Invoke"));
    load(&mut window, "[{{seq}}]".into());
    let second = asked(&window.press("Invoke"));
    assert!(first.0 < second.0);
    for (number, (ticket, filling)) in (1..).zip([first, second]) {
        window.tell(vec![Event::Filled { ticket, result: filling.fill() }]);
        let sent = window.sent();
        let [Command::Invoke { payloads, .. }] = &sent[..] else { panic!("{sent:?}") };
        assert!(payloads[0].starts_with(format!("[{number}").as_bytes()));
    }
    assert!(matches!(window.press("Invoke")[..], [Command::Invoke { .. }]), "a short one alone is sent at once");
}

/// The event `order placed` is read, with what belongs to it.
fn read_with(window: &mut Window, meta: &EventMeta) {
    let (name, text) = ("order placed".to_owned(), "{\"by\":\"{{customer}}\"}".to_owned());
    window.tell(vec![Event::SavedEvent { function: "confirm".into(), name, text, meta: meta.clone() }]);
}

#[test]
fn a_saved_event_that_is_opened_is_sent_as_it_says_with_variables_of_its_own() {
    let variables = [("customer".to_owned(), "Ada".to_owned())].into_iter().collect::<std::collections::BTreeMap<_, _>>();
    let meta = EventMeta { invocation_type: Some(InvocationType::Event), variables: variables.into() };
    let mut window = Window::open(InvocationModel::Synchronous);
    let sent = |window: &mut Window| {
        window.answer_loads();
        let commands = window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
        commands.into_iter().find_map(|command| match command {
            Command::Invoke { invocation_type, payloads, .. } => {
                Some((invocation_type, String::from_utf8_lossy(&payloads[0]).into_owned()))
            }
            _ => None,
        })
    };
    window.press("Choose an event");
    window.press("order placed");
    read_with(&mut window, &meta);
    let checked = window.sent().into_iter().any(
        |command| matches!(command, Command::Document { work: DocumentWork::Check, variables, .. } if variables.contains_key("customer")),
    );
    assert!(checked, "it is checked with its variables");
    assert_eq!(sent(&mut window), Some((InvocationType::Event, "{\"by\":\"Ada\"}".to_owned())));
    window.run("model sync");
    read_with(&mut window, &meta);
    let (invocation_type, _) = sent(&mut window).expect("an invoke");
    assert_eq!(invocation_type, InvocationType::RequestResponse, "a file that is only read again changes no choice");
    window.run("model queue");
    window.press("Choose an event");
    window.press("order placed");
    read_with(&mut window, &meta);
    assert!(window.harness.query_by_role_and_label(Role::Button, "Send event").is_none(), "a message stays one");
}
