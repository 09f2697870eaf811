//! What is in view without being asked for: the newest line of a log, what is due, the lanes of what was sent.

use super::*;
use crate::service::input::LogLine;

/// Lines that the function wrote in one go, numbered.
fn written(numbers: std::ops::Range<usize>) -> Event {
    let line = |number| LogLine { at: NOW, text: format!("line {number} of the log").into() };
    happened(Happened::LogWritten {
        function: "confirm".into(),
        environment: EnvironmentId(1),
        request_id: Some(ID),
        lines: numbers.map(line).collect(),
    })
}

fn is_seen(window: &Window, label: &str, within: std::ops::Range<f32>) -> bool {
    let line = window.harness.query_by_label(label).map(|node| node.rect());
    line.is_some_and(|rect| rect.top() >= within.start && rect.bottom() <= within.end)
}

#[test]
fn a_live_log_follows_its_newest_line_until_one_scrolls_up() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    window.press("confirm");
    window.tell(vec![written(0..60)]);
    let heading = window.harness.get_by_label("Live log").rect();
    let inside = heading.bottom()..600.0;
    assert!(is_seen(&window, "line 59 of the log", inside.clone()), "it opens at its newest line");
    window.tell(vec![written(60..90)]);
    assert!(is_seen(&window, "line 89 of the log", inside.clone()), "it follows");
    assert_eq!(window.harness.get_by_label("Live log").rect(), heading, "what is above it stays");
    window.harness.hover_at(heading.center() + egui::vec2(0.0, 120.0));
    window.harness.run_ok();
    window.harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, 400.0),
        phase: egui::TouchPhase::Move,
        modifiers: egui::Modifiers::NONE,
        source: egui::MouseWheelSource::Unknown,
    });
    for _ in 0..30 {
        window.harness.step();
    }
    assert!(!is_seen(&window, "line 89 of the log", inside.clone()), "scrolled up");
    window.tell(vec![written(90..120)]);
    assert!(!is_seen(&window, "line 119 of the log", inside), "whoever reads is not disturbed");
}

#[test]
fn the_place_of_an_error_opens_the_code_at_its_line() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    let mut events = failed_once();
    for event in &mut events {
        if let Event::Service(event) = event
            && let Happened::AttemptFinished { result: Err(error), .. } = &mut Arc::make_mut(event).what
        {
            error.message = "card expired".into();
            error.payload = r#"{"trace": ["PaymentDeclined: card expired", "    at handler (/w/confirm.mjs:3:11)"]}"#.into();
        }
    }
    window.tell(events);
    window.harness.get_by_label_contains("Attempt 1 of 3 threw PaymentDeclined. Lambda put the event back");
    window.harness.get_by_label("card expired");
    window.harness.get_by_label("confirm.mjs:3").click();
    window.harness.run_ok();
    let asked = window.sent().iter().any(|command| matches!(command, Command::LoadCode(name) if **name == *"confirm"));
    assert!(asked, "the code is opened");
    let text = "one\ntwo\nthree\nfour\n".to_owned();
    window.tell(vec![Event::Code { function: "confirm".into(), path: "/w/confirm.mjs".into(), text }]);
    window.harness.input_mut().events.push(egui::Event::Text("HERE".into()));
    window.harness.run_ok();
    let saved = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let Some(Command::SaveCode { text, .. }) = saved.first() else { panic!("{saved:?}") };
    assert_eq!(text, "one\ntwo\nHEREthree\nfour\n");
}

#[test]
fn what_is_due_next_is_one_line_between_step_and_the_edge() {
    for (size, least) in [([1_440.0, 900.0], 180.0), ([1_024.0, 700.0], 90.0)] {
        let mut window = Window::sized(InvocationModel::Asynchronous, size);
        let line = window.harness.get_by_label("nothing is due").rect();
        window.tell(failed_once());
        let due = window.harness.get_by_label("due 1:00.000, attempt 2 of order-1042").rect();
        assert_eq!(due, line, "it has the same place whatever is due");
        let step = window.harness.get_by_role_and_label(Role::Button, "Step").rect();
        let palette = window.harness.get_by_role_and_label(Role::Button, "Command palette").rect();
        assert!(step.right() <= due.left() && due.right() <= palette.left(), "{step:?} {due:?} {palette:?}");
        assert!(due.height() < 26.0 && due.width() >= least, "{due:?}");
    }
}

/// Many functions, each with a run of its own, so that the lanes of the last one are below the fold.
fn many() -> Vec<Event> {
    let names: Vec<String> = (0..20).map(|number| format!("f{number:02}")).collect();
    let mut events = vec![workspace_of(&names.iter().map(String::as_str).chain(["zeta"]).collect::<Vec<_>>())];
    for (number, name) in (1_u64..).zip(&names) {
        let (function, environment): (Arc<str>, _) = (name.as_str().into(), EnvironmentId(number));
        events.extend([
            happened(Happened::FunctionConfigured(FunctionConfiguration::new(name).into())),
            happened(Happened::EnvironmentStarting { environment, function, number: 1 }),
            happened(Happened::EnvironmentReady { environment, init_duration: Micros(2_000) }),
        ]);
    }
    events
}

/// What happens when the event with this id was sent to the last function.
fn sent_to_the_last(id: u128) -> Vec<Event> {
    vec![
        happened(Happened::FunctionConfigured(FunctionConfiguration::new("zeta").into())),
        happened(Happened::InvocationAccepted {
            request_id: RequestId(id),
            function: "zeta".into(),
            invocation_type: InvocationType::Event,
            source: InvocationSource::Workbench,
            payload: "{}".into(),
            label: None,
            accepted_at: NOW,
        }),
    ]
}

fn is_in_view(window: &Window, bar: &str) -> bool {
    window.harness.query_all_by_label_contains(bar).next().is_some()
}

#[test]
fn the_lanes_of_what_was_sent_come_into_view_unless_one_looks_elsewhere() {
    for looks_elsewhere in [false, true] {
        let mut window = Window::sized(InvocationModel::Asynchronous, [1_024.0, 700.0]);
        window.tell(many());
        window.press("zeta");
        window.answer_loads();
        let sent = window.press("Send as event");
        let ticket = sent.iter().find_map(|command| match command {
            Command::Invoke { ticket, .. } => Some(*ticket),
            _ => None,
        });
        let ticket = ticket.expect("an event was sent");
        assert!(!is_in_view(&window, "zeta: waits"));
        window.tell(vec![Event::Invoked { ticket, request_id: RequestId(99) }]);
        if looks_elsewhere {
            window.harness.query_all_by_label_contains("f00: init").last().expect("a bar").click();
            window.harness.run_ok();
        }
        window.tell(sent_to_the_last(99));
        window.harness.run_ok();
        assert_eq!(is_in_view(&window, "zeta: waits"), !looks_elsewhere);
    }
}

#[test]
fn the_tabs_of_an_invocation_and_what_copies_them_stand_side_by_side() {
    for size in [[1_440.0, 900.0], [1_024.0, 700.0], [960.0, 640.0]] {
        let mut window = Window::sized(InvocationModel::Asynchronous, size);
        window.tell(failed_once());
        window.tell(vec![happened(Happened::Delivered {
            request_id: ID,
            function: "confirm".into(),
            outlet: crate::service::happened::Outlet::OnFailure,
            target: crate::service::configuration::Target::Queue("confirm-failed".into()),
            body: "{}".into(),
            error: None,
        })]);
        let names = ["Request", "Response", "Log", "Record", "Copy log"];
        let places = names.map(|name| window.harness.get_by_role_and_label(Role::Button, name).rect());
        let apart = places.windows(2).all(|pair| pair[0].right() <= pair[1].left());
        assert!(apart && places[4].right() <= size[0] - 8.0, "{size:?}: {places:?}");
        if size[1] > 800.0 {
            let log = window.harness.get_by_label("No lines yet.").rect();
            assert!(log.bottom() < 574.0, "above the timeline: {log:?}");
        }
    }
}

#[test]
fn a_flag_says_whose_it_is_and_shows_that_when_it_is_pressed() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    assert!(window.harness.query_by_label_contains("Attempt 1 of 3 threw").is_none());
    let flag = window
        .harness
        .get_by_role_and_label(Role::Button, "confirm, attempt 2 of order-1042, in 1 min at 1:00.000; 2026-03-01T10:01:00.000Z");
    flag.click();
    window.harness.run_ok();
    window.harness.get_by_label_contains("Attempt 1 of 3 threw PaymentDeclined");
}

#[test]
fn the_timeline_goes_from_bar_to_bar_by_keys_and_into_the_inspector() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    window.key(egui::Modifiers::COMMAND, egui::Key::Num4);
    let is_told = |window: &Window| window.harness.query_by_label_contains("Attempt 1 of 3 threw").is_some();
    assert!(!is_told(&window));
    window.key(egui::Modifiers::NONE, egui::Key::Home);
    assert!(is_told(&window), "the first run");
    let timeline = window.harness.get_by_role_and_label(Role::Canvas, "Timeline").rect();
    window.harness.hover_at(timeline.right_bottom() - egui::vec2(20.0, 10.0));
    window.harness.run_ok();
    window.key(egui::Modifiers::NONE, egui::Key::Enter);
    assert!(window.harness.get_by_role_and_label(Role::Pane, "Inspector").is_focused());
    assert!(is_told(&window), "Enter is no click at what lies under the pointer");
}

#[test]
fn a_stretch_is_marked_along_the_ruler_and_looked_at() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    let timeline = window.harness.get_by_role_and_label(Role::Canvas, "Timeline").rect();
    let ruler = |share: f32| egui::pos2(timeline.left() + timeline.width() * share, timeline.top() + 10.0);
    let place = |window: &Window| window.harness.query_all_by_label_contains("confirm: waits").last().map(|node| node.rect());
    let before = place(&window);
    window.harness.drag_at(ruler(0.3));
    window.harness.run_ok();
    window.harness.hover_at(ruler(0.35));
    window.harness.run_ok();
    window.harness.drop_at(ruler(0.4));
    window.harness.run_ok();
    assert!(before.is_some() && place(&window) == before, "marked, not moved");
    window.key(egui::Modifiers::NONE, egui::Key::Z);
    window.harness.run_ok();
    assert_eq!(place(&window), None, "only what is marked is in view, and nothing happened there");
    window.key(egui::Modifiers::NONE, egui::Key::Num0);
    window.harness.run_ok();
    assert_eq!(place(&window), before, "everything again");
}

#[test]
fn the_card_of_a_bar_stands_beside_its_row_and_goes_when_the_palette_opens() {
    let mut window = Window::sized(InvocationModel::Asynchronous, [1_024.0, 700.0]);
    window.tell(many());
    let bars = window.harness.query_all_by_label_contains(": init");
    let bar = bars.map(|node| node.rect()).max_by(|a, b| a.bottom().total_cmp(&b.bottom())).expect("a bar");
    // There is no room below it.
    window.harness.hover_at(bar.center_bottom() - egui::vec2(0.0, 1.0));
    window.harness.run_steps(20);
    let card = |window: &Window| window.harness.query_by_label("2026-03-01T10:00:00.000Z").map(|node| node.rect());
    let told = card(&window).expect("a card");
    assert!(told.bottom() <= bar.top() || told.top() >= bar.bottom(), "{told:?} lies on {bar:?}");
    window.key(egui::Modifiers::COMMAND, egui::Key::K);
    window.harness.run_steps(4);
    assert!(card(&window).is_none(), "the palette is open");
}
