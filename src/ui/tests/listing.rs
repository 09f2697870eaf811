//! Functions and queues by the keyboard: one of them is chosen, and every row is reached.

use egui::{Key, Modifiers};

use super::*;

/// Where the timeline begins in a window of 1024 x 700.
const TIMELINE: f32 = 438.0;
const NAMES: [&str; 4] = ["billing", "confirm", "confirm-late", "notify"];

/// Four functions, and the queues `incoming` and `parked`.
fn listed() -> Window {
    let mut window = Window::open(InvocationModel::Synchronous);
    let queues = ["incoming", "parked"].map(|name| happened(Happened::QueueConfigured(QueueConfiguration::new(name))));
    window.tell(std::iter::once(workspace_of(&NAMES)).chain(queues).collect());
    window.answer_loads();
    window.harness.get_by_role_and_label(Role::Button, "billing").focus();
    window.harness.run_ok();
    window
}

fn is_focused(window: &Window, name: &str) -> bool {
    window.harness.get_by_role_and_label(Role::Button, name).is_focused()
}

/// Names of rows that look chosen.
fn chosen(window: &Window) -> Vec<&'static str> {
    let is_chosen = |name: &&str| {
        let row = window.harness.get_by_role_and_label(Role::Button, name);
        row.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
    };
    NAMES.into_iter().chain(["incoming", "parked"]).filter(is_chosen).collect()
}

#[test]
fn arrows_and_letters_go_to_rows_and_enter_chooses_one() {
    let mut window = listed();
    for (key, expected) in [
        (Key::ArrowDown, "confirm"),
        (Key::End, "parked"),
        (Key::ArrowDown, "parked"),
        (Key::ArrowUp, "incoming"),
        (Key::ArrowUp, "notify"),
        (Key::Home, "billing"),
    ] {
        window.key(Modifiers::NONE, key);
        assert!(is_focused(&window, expected), "{key:?} goes to {expected}");
    }
    for (letter, expected) in [("c", "confirm"), ("c", "confirm-late"), ("onfirm-l", "confirm-late"), ("z", "confirm-late")] {
        window.harness.input_mut().events.push(egui::Event::Text(letter.into()));
        window.harness.run_ok();
        assert!(is_focused(&window, expected), "{letter} goes to {expected}");
    }
    window.key(Modifiers::NONE, Key::Enter);
    window.answer_loads();
    assert_eq!(chosen(&window), ["confirm-late"]);
    assert!(is_focused(&window, "confirm-late"));
    assert!(matches!(window.key(Modifiers::NONE, Key::Space)[..], [Command::SetClock(ClockMode::Paused)]), "nothing is typed");
}

#[test]
fn a_queue_is_chosen_instead_of_a_function_and_not_beside_it() {
    let mut window = listed();
    assert_eq!(chosen(&window), ["confirm"]);
    window.press("incoming");
    assert_eq!(chosen(&window), ["incoming"]);
    window.press("confirm");
    assert_eq!(chosen(&window), ["confirm"]);
}

#[test]
fn delete_takes_out_the_row_and_goes_on_to_the_next() {
    let mut window = listed();
    let sent = window.key(Modifiers::NONE, Key::Delete);
    assert!(matches!(&sent[..], [Command::RemoveFunction(name)] if **name == *"billing"), "{sent:?}");
    assert!(is_focused(&window, "confirm"));
    window.key(Modifiers::NONE, Key::End);
    let sent = window.key(Modifiers::NONE, Key::Delete);
    assert!(matches!(&sent[..], [Command::RemoveQueue(name)] if **name == *"parked"), "{sent:?}");
    assert!(is_focused(&window, "incoming"));
}

#[test]
fn tab_leaves_the_rows_and_down_goes_to_them_from_the_search() {
    let mut window = listed();
    window.key(Modifiers::NONE, Key::Tab);
    assert!(is_focused(&window, "Add queue"), "not to the next of many rows");
    window.harness.get_by_role_and_label(Role::Button, "confirm").focus();
    window.harness.run_ok();
    window.key(Modifiers::SHIFT, Key::Tab);
    assert!(is_focused(&window, "Add function"));
    window.key(Modifiers::COMMAND, Key::Num1);
    window.key(Modifiers::NONE, Key::ArrowDown);
    assert!(is_focused(&window, "confirm"), "to the one that is chosen");
}

#[test]
fn a_queue_that_has_just_come_is_in_view() {
    let mut window = Window::sized(InvocationModel::Synchronous, [1_024.0, 700.0]);
    let queue = |name: &str| happened(Happened::QueueConfigured(QueueConfiguration::new(name)));
    window.tell((0..30).map(|number| queue(&format!("queue-{number}"))).collect());
    window.press("Add queue");
    window.harness.input_mut().events.push(egui::Event::Text("zebra".into()));
    window.harness.run_ok();
    window.key(Modifiers::NONE, Key::Enter);
    window.tell(vec![queue("zebra")]);
    let row = window.harness.get_by_role_and_label(Role::Button, "zebra").rect();
    assert!(row.bottom() < TIMELINE, "above the timeline: {row:?}");
}

#[test]
fn a_small_window_shows_functions_and_queues_together() {
    let mut window = Window::sized(InvocationModel::Synchronous, [1_024.0, 700.0]);
    let queue = |name: &str| happened(Happened::QueueConfigured(QueueConfiguration::new(name)));
    window.tell(vec![workspace_of(&["a", "b", "c", "d", "e", "f"]), queue("first"), queue("second"), queue("third")]);
    let row = window.harness.get_by_role_and_label(Role::Button, "third").rect();
    assert!(row.bottom() < TIMELINE, "{row:?}");
    window.harness.get_by_role_and_label(Role::Button, "Light theme");
}
