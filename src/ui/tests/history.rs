//! The tab "History": it follows what ends, and shows what is clicked.

use super::*;
use crate::event::HistoryRow;
use crate::service::happened::Outcome;

/// A list of the history, the newest first.
fn list(numbers: impl Iterator<Item = u128>) -> Event {
    let row = |number: u128| HistoryRow {
        request_id: RequestId(number),
        function: "confirm".into(),
        invocation_type: InvocationType::Event,
        batch_from: None,
        label: Some(format!("event {number}").into()),
        accepted_at: NOW,
        outcome: Some(Outcome::Succeeded),
        attempts: 1,
        duration: Some(Micros(1_200)),
        error_type: None,
    };
    let rows: Vec<_> = numbers.map(row).collect();
    Event::History { text: String::new(), total: rows.len() as u64, rows }
}

/// An invocation of this run.
fn accepted(number: u128) -> Event {
    happened(Happened::InvocationAccepted {
        request_id: RequestId(number),
        function: "confirm".into(),
        invocation_type: InvocationType::Event,
        source: InvocationSource::Workbench,
        payload: "{}".into(),
        label: None,
        accepted_at: NOW,
    })
}

fn ended(number: u128) -> Event {
    happened(Happened::InvocationEnded {
        request_id: RequestId(number),
        function: "confirm".into(),
        outcome: Outcome::Succeeded,
        attempts: 1,
    })
}

/// Lets time of the window pass; how often the history was asked for meanwhile.
fn asked_within(window: &mut Window, steps: usize) -> usize {
    let mut asked = 0;
    for _ in 0..steps {
        window.harness.input_mut().time = None;
        window.harness.input_mut().predicted_dt = 0.3;
        window.harness.step();
        asked += window.sent().iter().filter(|command| matches!(command, Command::SearchHistory { .. })).count();
    }
    asked
}

#[test]
fn the_history_follows_what_ends_and_not_more_often_than_once_a_second() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    assert_eq!(asked_within(&mut window, 10), 0, "nothing has ended since it was opened");
    for number in 1..=3 {
        window.events.send(vec![accepted(number), ended(number)]).unwrap();
        let asked = asked_within(&mut window, 1);
        assert_eq!(asked, usize::from(number == 1), "after the first at once, the others within the same second");
    }
    assert_eq!(asked_within(&mut window, 10), 1, "the others together");
    assert_eq!(asked_within(&mut window, 10), 0);
}

#[test]
fn a_list_that_is_scrolled_stays_where_it_is_when_new_rows_come() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    window.tell(vec![list((1..=200).rev())]);
    window.harness.get_by_label_contains("Event event 200").hover();
    window.harness.run_ok();
    let position = egui::Vec2::new(0.0, -600.0);
    let wheel = egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: position,
        modifiers: egui::Modifiers::NONE,
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
    };
    window.harness.input_mut().events.push(wheel);
    window.harness.run_ok();
    let top = |window: &Window| window.harness.get_by_label_contains("Event event 170").rect().top();
    let before = top(&window);
    window.tell(vec![list((1..=210).rev())]);
    assert!((top(&window) - before).abs() < 0.5, "{before} and {}", top(&window));
    assert!(window.harness.query_by_label_contains("Event event 210").is_none(), "they are above");
}

#[test]
fn a_row_shows_its_invocation_in_the_inspector_while_the_window_knows_it() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(vec![accepted(1), ended(1)]);
    window.press("History");
    window.tell(vec![list([1, 99].into_iter())]);
    window.harness.get_by_label_contains("Event event 99").click();
    window.harness.run_ok();
    window.harness.get_by_label("Why did that happen?");
    let before = window.sent();
    assert!(matches!(before[..], [Command::LoadInvocation(RequestId(99))]), "{before:?}");
    window.harness.get_by_label_contains("Event event 1").click();
    window.harness.run_ok();
    assert!(window.harness.query_by_label("Why did that happen?").is_none(), "the inspector shows it");
}

#[test]
fn an_error_has_the_room_that_short_columns_leave_and_no_column_where_nothing_failed() {
    let mut window = Window::sized(InvocationModel::Synchronous, [1_024.0, 700.0]);
    window.press("History");
    let Event::History { mut rows, .. } = list(1..3) else { panic!("a list") };
    window.tell(vec![Event::History { text: String::new(), total: 2, rows: rows.clone() }]);
    let head =
        |window: &Window, name: &str| window.harness.query_by_role_and_label(Role::ColumnHeader, name).map(|node| node.rect());
    assert!(head(&window, "Error").is_none(), "nothing failed");
    rows[0].error_type = Some("PaymentDeclined".into());
    window.tell(vec![Event::History { text: String::new(), total: 2, rows }]);
    let (event, error) = (head(&window, "Event").expect("a column"), head(&window, "Error").expect("a column"));
    assert!(error.left() >= event.right() && error.width() > 95.0, "{event:?} {error:?}");
}

#[test]
fn arrows_walk_through_rows_that_are_not_in_view_yet_and_enter_opens_one() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    window.tell(vec![list((1..=100).rev())]);
    window.harness.get_by_label_contains("Event event 100").focus();
    window.harness.run_ok();
    let is_focused = |window: &Window, name: &str| window.harness.get_by_role_and_label(Role::Button, name).is_focused();
    for _ in 0..30 {
        window.key(egui::Modifiers::NONE, egui::Key::ArrowDown);
    }
    assert!(is_focused(&window, "confirm Event event 70"));
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Enter);
    assert!(matches!(sent[..], [Command::LoadInvocation(RequestId(70))]), "{sent:?}");
    window.key(egui::Modifiers::NONE, egui::Key::End);
    assert!(is_focused(&window, "confirm Event event 1"));
    window.key(egui::Modifiers::NONE, egui::Key::Home);
    assert!(is_focused(&window, "confirm Event event 100"));
}

#[test]
fn a_column_is_dragged_and_fits_its_words_again() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    window.tell(vec![list(1..3)]);
    let head = |window: &Window| window.harness.get_by_role_and_label(Role::ColumnHeader, "Function").rect();
    let before = head(&window);
    let grip = egui::pos2(before.right() + 6.0, before.center().y);
    window.harness.drag_at(grip);
    window.harness.run_ok();
    window.harness.hover_at(grip + egui::vec2(40.0, 0.0));
    window.harness.run_ok();
    window.harness.drop_at(grip + egui::vec2(40.0, 0.0));
    window.harness.run_ok();
    let wider = head(&window).width() - before.width();
    assert!((30.0..=45.0).contains(&wider), "{wider}");
}

#[test]
fn a_batch_is_told_apart_from_a_call() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    let Event::History { mut rows, .. } = list(1..3) else { panic!("a list") };
    rows[0].batch_from = Some("incoming".into());
    window.tell(vec![Event::History { text: String::new(), total: 2, rows }]);
    window.harness.get_by_label("confirm Batch event 1");
    window.harness.get_by_label("confirm Event event 2");
}

/// Types into the search and answers it with what was found.
fn search(window: &mut Window, text: &str, rows: Vec<HistoryRow>) {
    window.harness.get_by_label("Search the history").focus();
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text(text.into()));
    window.harness.run_ok();
    window.tell(vec![Event::History { text: text.into(), total: rows.len() as u64, rows }]);
}

#[test]
fn a_search_says_how_many_it_found_and_an_empty_one_what_to_do() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    window.harness.get_by_label("Nothing here yet");
    window.tell(vec![list(1..3)]);
    window.harness.get_by_label("2 invocations");
    search(&mut window, "confirm", Vec::new());
    window.harness.get_by_label("Nothing matches “confirm”");
    window.harness.get_by_label_contains("Every word must be found");
    window.sent();
    let sent = window.press("Show all invocations");
    assert!(matches!(&sent[..], [Command::SearchHistory { text, .. }] if text.is_empty()), "{sent:?}");
    let Event::History { rows, .. } = list(1..2) else { panic!("a list") };
    search(&mut window, "event", rows);
    window.harness.get_by_label("1 found");
}

#[test]
fn the_key_that_finds_goes_to_the_search_of_the_history() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("History");
    window.key(egui::Modifiers::COMMAND, egui::Key::F);
    assert!(window.harness.get_by_label("Search the history").is_focused());
}
