//! What the inspector shows, and that nothing of it is cut off.

use super::*;
use crate::event::{Door, Problem};
use crate::service::happened::{BatchVerdict, ClosedBy, Outcome};
use crate::service::ids::{BatchId, MessageId};
use crate::service::input::LogLine;
use crate::service::narration::Told;

const BATCH: BatchId = BatchId(3);

/// An event with a long name whose second attempt failed: it waits for its last one.
fn failed_twice() -> Vec<Event> {
    let mut events = failed_once();
    for event in &mut events {
        if let Event::Service(event) = event
            && let Happened::InvocationAccepted { label, .. } = &mut Arc::make_mut(event).what
        {
            *label = Some("order placed, expired card".into());
        }
    }
    let retry = events.iter().find_map(|event| match event {
        Event::Service(event) if matches!(event.what, Happened::RetryScheduled { .. }) => Some(event.what.clone()),
        _ => None,
    });
    let mut last = retry.expect("a retry");
    if let Happened::RetryScheduled { next_attempt, .. } = &mut last {
        *next_attempt = 3;
    }
    events.push(happened(last));
    events
}

/// Names of what reaches over the right edge of the window.
fn cut_off(window: &Window, width: f64) -> Vec<String> {
    use egui_kittest::kittest::NodeT;
    let nodes = window.harness.root().children_recursive();
    let over = nodes.filter(|node| node.accesskit_node().bounding_box().is_some_and(|rect| rect.x1 > width + 0.5));
    over.map(|node| format!("{:?} {:?}", node.accesskit_node().role(), node.accesskit_node().label())).collect()
}

#[test]
fn nothing_in_the_inspector_is_wider_than_it() {
    for size in [[1_440.0, 1_000.0], [1_024.0, 700.0], [960.0, 640.0]] {
        let mut window = Window::sized(InvocationModel::Asynchronous, size);
        window.tell(failed_twice());
        window.harness.get_by_label("Waiting for its last attempt");
        assert_eq!(cut_off(&window, size[0].into()), Vec::<String>::new(), "{size:?}");
        // In a small window they lie further down.
        for tab in ["Request", "Response", "Log"].iter().filter(|_| size[1] > 800.0) {
            window.press(tab);
            assert_eq!(cut_off(&window, size[0].into()), Vec::<String>::new(), "{tab} at {size:?}");
        }
    }
}

#[test]
fn a_step_is_told_once_in_full_and_selects_what_it_was_about() {
    let sentence = "Attempt 2 of order-1042 failed with PaymentDeclined. Lambda put the event back into the function's own \
        queue and waits 2 min before attempt 3. That was attempt 2 of the three that maximum_retry_attempts allows.";
    let mut window = Window::sized(InvocationModel::Asynchronous, [1_024.0, 700.0]);
    window.tell(failed_once());
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    window.key(egui::Modifiers::NONE, egui::Key::F10);
    window.tell(vec![Event::Stepped(Told::one(sentence))]);
    window.harness.get_by_label_contains("Attempt 1 of 3 threw PaymentDeclined");
    let told = window.harness.get_by_label(sentence).rect();
    assert!(told.right() <= 1_024.0 && told.height() > 20.0, "above the timeline, in several lines: {told:?}");
    assert!(told.top() > 350.0, "{told:?}");
}

#[test]
fn what_a_step_did_is_told_until_something_else_happens() {
    let sent = happened(Happened::MessageSent {
        queue: "incoming".into(),
        message_id: MessageId(1),
        body: "{}".into(),
        source: InvocationSource::Workbench,
        sent_at: NOW,
        visible_at: NOW,
        receive_count: 0,
        came_from: None,
    });
    for (what, stays) in
        [(Event::Clock(clock(ClockMode::Paused)), true), (Event::Clock(clock(ClockMode::Live)), false), (sent, false)]
    {
        let mut window = Window::open(InvocationModel::Asynchronous);
        window.tell(failed_once());
        window.key(egui::Modifiers::NONE, egui::Key::F10);
        window.tell(vec![Event::Stepped(Told::one("That was the step."))]);
        window.harness.get_by_label("That was the step.");
        window.tell(vec![what]);
        assert_eq!(window.harness.query_by_label("That was the step.").is_some(), stays);
    }
}

#[test]
fn the_palette_closes_by_the_keys_that_close_and_opened_it() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    for key in [(egui::Modifiers::NONE, egui::Key::Escape), (egui::Modifiers::COMMAND, egui::Key::K)] {
        window.key(egui::Modifiers::COMMAND, egui::Key::K);
        window.harness.get_by_label("Command");
        window.key(key.0, key.1);
        assert!(window.harness.query_by_label("Command").is_none(), "closed by {key:?}");
        window.harness.get_by_label_contains("Attempt 1 of 3 threw PaymentDeclined");
    }
}

#[test]
fn the_key_that_closes_the_list_of_shortcuts_leaves_the_selection() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    window.key(egui::Modifiers::NONE, egui::Key::Questionmark);
    window.harness.get_by_label("Keyboard");
    assert!(window.key(egui::Modifiers::NONE, egui::Key::F10).is_empty(), "nothing happens behind it");
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    assert!(window.harness.query_by_label("Keyboard").is_none(), "closed");
    window.harness.get_by_label_contains("Attempt 1 of 3 threw PaymentDeclined");
}

#[test]
fn the_key_that_closes_a_menu_leaves_the_selection() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    window.press("Choose an event");
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    assert!(window.harness.query_by_label("Find an event or a template").is_none(), "closed");
    window.harness.get_by_label_contains("Attempt 1 of 3 threw PaymentDeclined");
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    assert!(window.harness.query_by_label_contains("Attempt 1 of 3 threw").is_none(), "nothing is selected");
}

#[test]
fn problems_in_files_are_listed_with_their_places_behind_the_status_bar() {
    let mut window = Window::sized(InvocationModel::Synchronous, [1_024.0, 700.0]);
    let problem = Problem {
        file: "/w/invokelab.toml".into(),
        line: 7,
        column: 12,
        message: "timeot is not a known key; did you mean timeout?".into(),
        kind: crate::event::ProblemKind::Mistake,
    };
    let Event::Workspace(mut view) = workspace() else { panic!("a workspace") };
    Arc::make_mut(&mut view).problems = vec![problem];
    window.tell(vec![Event::Workspace(view)]);
    let button = window.harness.get_by_role_and_label(Role::Button, "1 problem in files").rect();
    assert!(button.bottom() <= 700.0 && button.height() <= crate::ui::theme::STATUS_BAR, "{button:?}");
    // Once below the functions, and behind the button.
    let places = |window: &Window| window.harness.query_all_by_label("invokelab.toml:7:12").map(|node| node.rect()).collect();
    let listed: Vec<egui::Rect> = places(&window);
    window.press("1 problem in files");
    let shown: Vec<egui::Rect> = places(&window);
    let new = shown.iter().find(|rect| !listed.contains(rect)).expect("the list is open");
    assert!(new.left() > 400.0 && new.bottom() < 700.0, "in view, above the button: {new:?}");
    let place = |node: &egui_kittest::Node<'_>| node.rect() == *new;
    window.harness.query_all_by_label("invokelab.toml:7:12").find(place).unwrap().click();
    window.harness.run_ok();
    let sent = window.sent();
    let file = PathBuf::from("/w/invokelab.toml");
    assert!(sent.iter().any(|command| matches!(command, Command::LoadFile(path) if *path == file)), "{sent:?}");
}

#[test]
fn the_status_bar_says_why_the_port_is_another_one() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let door =
        Door { kind: "lambda api".into(), address: "http://127.0.0.1:9002".into(), moved_from: Some(9_001), certificate: None };
    window.tell(vec![Event::Door(door)]);
    window.harness.get_by_label("127.0.0.1:9002").hover();
    for _ in 0..20 {
        window.harness.step();
    }
    window.harness.get_by_label_contains("Port 9001 is in use by another program, so this one was taken");
}

#[test]
fn a_step_that_closes_a_batch_selects_the_batch() {
    let mut window = Window::open(InvocationModel::Queue);
    window.tell(mapped());
    let due = DueKind::WindowCloses { function: "confirm".into(), queue: "incoming".into(), records: 1 };
    window.tell(vec![Event::Due(vec![Due { at: NOW + Micros::from_secs(5), what: due }])]);
    window.key(egui::Modifiers::NONE, egui::Key::F10);
    window.tell(vec![
        happened(Happened::BatchClosed {
            batch: BATCH,
            function: "confirm".into(),
            queue: "incoming".into(),
            request_id: ID,
            closed_by: ClosedBy::Window,
            message_ids: vec![MessageId(1)],
            bytes: 10,
            opened_at: NOW,
        }),
        happened(Happened::BatchFinished {
            batch: BATCH,
            request_id: ID,
            function: "confirm".into(),
            queue: "incoming".into(),
            failed: vec![MessageId(1)],
            reason: BatchVerdict::PartialFailure,
        }),
        Event::Stepped(Told::one("A batch of 1 message went to confirm.")),
    ]);
    window.harness.get_by_label("incoming to confirm, batch 1");
    window.harness.get_by_label("Failed");
}

/// A batch whose function answered, and named these messages in `batchItemFailures`.
fn batch_with_failures(messages: u128, failed: u128) -> Vec<Event> {
    let (function, queue, environment) = (Arc::<str>::from("confirm"), Arc::<str>::from("incoming"), EnvironmentId(1));
    let ids = |count| (0..count).map(MessageId).collect::<Vec<_>>();
    let what = [
        Happened::InvocationAccepted {
            request_id: ID,
            function: function.clone(),
            invocation_type: InvocationType::RequestResponse,
            source: InvocationSource::Mapping { queue: queue.clone() },
            payload: "{}".into(),
            label: None,
            accepted_at: NOW,
        },
        Happened::BatchClosed {
            batch: BATCH,
            function: function.clone(),
            queue: queue.clone(),
            request_id: ID,
            closed_by: ClosedBy::Size,
            message_ids: ids(messages),
            bytes: 10,
            opened_at: NOW,
        },
        Happened::EnvironmentStarting { environment, function: function.clone(), number: 1 },
        Happened::EnvironmentReady { environment, init_duration: Micros(2_000) },
        Happened::AttemptStarted { request_id: ID, function: function.clone(), environment, attempt: 1, cold: false },
        Happened::AttemptFinished {
            request_id: ID,
            function: function.clone(),
            environment,
            attempt: 1,
            result: Ok("{\"batchItemFailures\":[]}".into()),
            duration: Micros(381),
            billed_millis: 1,
            init_duration: None,
            max_memory_used_megabytes: 1,
        },
        Happened::InvocationEnded { request_id: ID, function: function.clone(), outcome: Outcome::Succeeded, attempts: 1 },
        Happened::BatchFinished {
            batch: BATCH,
            request_id: ID,
            function,
            queue,
            failed: ids(failed),
            reason: BatchVerdict::PartialFailure,
        },
    ];
    let mut events = mapped();
    // One after the other, so that every bar has a width.
    for (number, what) in (0..).zip(what) {
        events.push(Event::Service(ServiceEvent { at: NOW - Micros::from_millis(80 - 10 * number), what }.into()));
    }
    events
}

#[test]
fn a_batch_of_which_records_failed_is_a_failure_wherever_it_is_seen() {
    for (failed, words, badge, sentence) in [
        (
            10,
            "all 10 failed",
            "Failed",
            "confirm reported all 10 records in batchItemFailures. All 10 messages came back to incoming",
        ),
        (
            1,
            "1 of 10 failed",
            "Partly failed",
            "confirm reported 1 of 10 records in batchItemFailures. That one came back to incoming",
        ),
    ] {
        let mut window = Window::open(InvocationModel::Queue);
        window.tell(batch_with_failures(10, failed));
        let panel = window.harness.get_by_role_and_label(Role::Button, "confirm");
        assert_eq!(panel.value().as_deref(), Some(&*format!("javascript · {words}")), "the functions panel");
        let bar = format!("confirm: batch 1, {words}, ");
        // Bars have names in the frame after the one that draws them first.
        window.harness.run_ok();
        window.harness.query_all_by_label_contains(&bar).last().expect("a bar").click();
        window.harness.run_ok();
        window.harness.get_by_label("incoming to confirm, batch 1");
        window.harness.get_by_label(badge);
        window.harness.get_by_label_contains(sentence);
        window.harness.get_by_label_contains("The function had it for 381 µs. A warm environment took it.");
    }
}

#[test]
fn the_setting_that_decided_comes_into_view_and_is_that_of_its_own_mapping() {
    let mut window = Window::sized(InvocationModel::Queue, [1_024.0, 700.0]);
    window.tell(vec![happened(Happened::QueueConfigured(QueueConfiguration::new("another"))), happened(mapping_of("another"))]);
    window.tell(batch_with_failures(10, 1));
    window.harness.run_ok();
    window.harness.query_all_by_label_contains("confirm: batch 1").last().expect("a bar").click();
    window.harness.run_ok();
    window.harness.get_by_label("batch_size = 10").click();
    window.harness.run_ok();
    let sections = ["Event source mapping from queue another", "Event source mapping from queue incoming"];
    let tops = sections.map(|section| window.harness.get_by_label(section).rect().top());
    let rows: Vec<_> = window.harness.query_all_by_role_and_label(Role::TextInput, "batch_size").map(|row| row.rect()).collect();
    assert!(tops[0] < tops[1] && rows.len() == 2, "{tops:?} {rows:?}");
    let tab = window.harness.get_by_role_and_label(Role::Button, "Configuration").rect();
    let seen = tab.bottom()..400.0;
    assert!(seen.contains(&rows[1].center().y) && !seen.contains(&rows[0].center().y), "{seen:?} {rows:?}");
}

#[test]
fn attempts_before_a_restart_are_not_denied() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    let (mut events, due) = (failed_once(), NOW + Micros::from_secs(60));
    events.retain(|event| matches!(event, Event::Service(event) if matches!(event.what, Happened::InvocationAccepted { .. })));
    let function: Arc<str> = "confirm".into();
    events.push(happened(Happened::RetryScheduled {
        request_id: ID,
        function,
        next_attempt: 2,
        due,
        reason: RetryReason::Restarted,
    }));
    events.push(Event::Invoked { ticket: super::super::app::RERUN_TICKET, request_id: ID });
    window.tell(events);
    window.harness.get_by_label("Attempt 1 was made before the restart.");
    window
        .harness
        .get_by_label("No attempt has ended since the program was started again. Attempt 1 was made before the restart.");
}

#[test]
fn a_long_log_shows_its_beginning_and_its_end_and_says_what_lies_between() {
    let mut window = Window::sized(InvocationModel::Asynchronous, [1_440.0, 9_000.0]);
    window.tell(failed_once());
    let line = |text: String| LogLine { at: NOW, text: text.into() };
    let mut lines = vec![line("START RequestId: 7".into())];
    lines.extend((0..6_000).map(|number| line(format!("line {number}"))));
    lines.push(line("REPORT RequestId: 7".into()));
    window.tell(vec![happened(Happened::LogWritten {
        function: "confirm".into(),
        environment: EnvironmentId(1),
        request_id: Some(ID),
        lines,
    })]);
    window.press("Log");
    for seen in ["START RequestId: 7", "4,701 lines between are not shown; Copy log has them", "REPORT RequestId: 7"] {
        window.harness.get_by_label(seen);
    }
    window.press("Show 500 more");
    window.harness.get_by_label("4,201 lines between are not shown; Copy log has them");
    window.harness.get_by_label("1,001 more lines are in the history");
}

#[test]
fn the_filter_of_the_timeline_finds_bars_by_what_they_are() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    let own = ID.to_string();
    for (typed, lanes) in [
        ("confirm", ["Clients: call", "confirm: waits", "environment 1: attempt"].as_slice()),
        ("ORDER-1042", &["Clients: call", "confirm: waits", "environment 1: attempt"]),
        (&own, &["Clients: call", "confirm: waits", "environment 1: attempt"]),
        ("attempt 1", &["confirm: attempt"]),
        ("clients", &["Clients: call"]),
    ] {
        window.harness.get_by_label("Filter").focus();
        window.harness.run_ok();
        window.key(egui::Modifiers::COMMAND, egui::Key::A);
        window.harness.input_mut().events.push(egui::Event::Text(typed.into()));
        window.harness.run_ok();
        window.harness.run_ok();
        for all in ["Clients: call", "confirm: waits", "environment 1: attempt", "confirm: attempt"] {
            let seen = window.harness.query_all_by_label_contains(all).next().is_some();
            assert_eq!(seen, lanes.contains(&all), "{all} for {typed}");
        }
    }
    window.key(egui::Modifiers::COMMAND, egui::Key::A);
    window.harness.input_mut().events.push(egui::Event::Text("nowhere".into()));
    window.harness.run_ok();
    window.harness.get_by_label("Nothing matches “nowhere”");
}

#[test]
fn an_idle_environment_says_when_it_is_stopped_and_leads_there() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(failed_once());
    window.press("confirm");
    assert!(window.harness.query_by_label("Step there").is_none());
    let what = DueKind::IdleExpiry { environment: EnvironmentId(1), function: "confirm".into() };
    let due = Due { at: NOW + Micros::from_secs(600), what };
    window.tell(vec![Event::Due(vec![due.clone()])]);
    window.harness.get_by_label("The warm environment is stopped at 10:00.000 if no event comes for it.");
    let sent = window.press("Step there");
    assert!(matches!(&sent[..], [Command::StepToDue(wanted)] if *wanted == due), "{sent:?}");
    window.press("Change");
    window.harness.get_by_role_and_label(Role::TextInput, "environment_idle_expiry");
}
