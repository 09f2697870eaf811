//! What is told at the bottom right: each card in a place of its own, in every window.

use super::*;

fn notice(text: &str) -> Event {
    Event::Notice(Notice { level: NoticeLevel::Warning, text: text.into() })
}

/// Lets time of the window pass.
fn pass(window: &mut Window, seconds: f64) {
    let now = window.harness.input_mut().time.unwrap_or_default();
    window.harness.input_mut().time = Some(now + seconds);
    window.harness.run_ok();
}

fn card(window: &Window, text: &str) -> Option<egui::Rect> {
    window.harness.query_by_label(text).map(|node| node.rect())
}

#[test]
fn what_is_told_and_what_is_offered_stand_one_above_the_other() {
    let long =
        "a sentence that is much longer than one line of a card and goes on until it has filled three of them, or even four";
    for size in [[1_440.0, 900.0], [1_024.0, 700.0], [960.0, 640.0]] {
        let mut window = Window::sized(InvocationModel::Synchronous, size);
        window.tell(vec![notice(long), Event::Removed("a queue is gone".into()), notice("and another word")]);
        let [first, second, third] =
            [long, "a queue is gone", "and another word"].map(|text| card(&window, text).expect("it is told"));
        let button = window.harness.get_by_role_and_label(Role::Button, "Put back").rect();
        assert!(first.bottom() < second.top() && button.bottom() < third.top(), "{size:?}: {first:?} {second:?} {third:?}");
        assert!(second.bottom() <= button.top() && first.right() < size[0] - 12.0, "{size:?}: {button:?}");
        assert!(third.bottom() < size[1] - super::super::theme::STATUS_BAR, "{size:?}: {third:?}");
    }
}

#[test]
fn a_card_goes_by_itself_unless_the_pointer_rests_on_it_and_what_is_offered_stays_longer() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.harness.input_mut().time = Some(20.0);
    window.tell(vec![notice("read me"), Event::Removed("a queue is gone".into())]);
    let place = card(&window, "read me").expect("it is told").center();
    window.harness.hover_at(place);
    window.harness.run_ok();
    pass(&mut window, 60.0);
    assert!(card(&window, "read me").is_some(), "somebody reads it");
    window.harness.hover_at(egui::pos2(400.0, 300.0));
    window.harness.run_ok();
    pass(&mut window, 7.0);
    assert!(card(&window, "read me").is_none());
    assert!(card(&window, "a queue is gone").is_some());
    pass(&mut window, 10.0);
    assert!(card(&window, "a queue is gone").is_none());
}

#[test]
fn the_same_sentence_is_told_once_and_can_be_closed() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(vec![notice("again"), notice("again")]);
    window.press("Dismiss");
    assert!(card(&window, "again").is_none());
}
