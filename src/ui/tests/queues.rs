//! What the inspector says of queues and their messages, and what a step says of several things.

use super::batching::{id, queues, sent, short, window_of};
use super::*;
use crate::service::happened::{MoveReason, Removal};
use crate::service::narration::{Part, Subject, Told};

/// The message with this number moved to `dlq`.
fn moved(number: u128) -> Event {
    let (from, to, reason) = ("incoming".into(), "dlq".into(), MoveReason::RedrivePolicy);
    happened(Happened::MessageMoved { from, to, message_id: id(number), receive_count: 1, reason })
}

#[test]
fn a_dead_letter_queue_leads_to_where_its_messages_came_from_and_back() {
    let mut window = window_of([1_440.0, 1_000.0], sent(1, 1..3));
    window.tell(vec![moved(1)]);
    window.run("queue dlq");
    window.harness.get_by_label_contains("It is the dead-letter queue of incoming: what was received once there moves here.");
    window.harness.get_by_role_and_label(Role::Link, "batch 1: confirm reported it in batchItemFailures").click();
    window.harness.run_ok();
    window.harness.get_by_label("incoming to confirm, batch 1");
    window.run("queue dlq");
    window.press(&format!("Message {}, from incoming, received 1×", short(1)));
    window.harness.get_by_label_contains("It was received once, so it moved to dlq.");
    window.run("queue dlq");
    let redrive = window.harness.query_all_by_role_and_label(Role::Button, "Redrive to incoming").last().expect("a button");
    redrive.click();
    window.harness.run_ok();
    let commands = window.sent();
    assert!(matches!(&commands[..], [Command::Redrive(queue)] if **queue == *"dlq"), "{commands:?}");
    window.press("incoming, after 1 receive");
    window.harness.get_by_label_contains("confirm reads it in batches of up to 10, or after 5 s.");
}

#[test]
fn nothing_of_a_queue_is_wider_than_the_inspector() {
    use egui_kittest::kittest::NodeT;
    for size in [[1_440.0, 900.0], [1_024.0, 700.0], [960.0, 640.0]] {
        let mut window = window_of(size, sent(1, 1..3));
        window.tell(vec![moved(1)]);
        window.run("queue dlq");
        let nodes = window.harness.root().children_recursive();
        let over =
            nodes.filter(|node| node.accesskit_node().bounding_box().is_some_and(|rect| rect.x1 > f64::from(size[0]) + 0.5));
        let over: Vec<_> = over.map(|node| node.accesskit_node().label()).collect();
        assert!(over.is_empty(), "{over:?} at {size:?}");
    }
}

#[test]
fn a_message_that_is_looked_at_stays_so_when_it_moves_and_when_it_expires() {
    let mut window = window_of([1_440.0, 900.0], sent(1, 1..3));
    window.press(&format!("Message {}, moves at 0:30.000 to dlq", short(1)));
    window.tell(vec![moved(1)]);
    let deleted = window.run("selected message delete");
    let of_dlq = |command: &Command| matches!(command, Command::DeleteMessage { queue, .. } if **queue == *"dlq");
    assert!(deleted.iter().any(of_dlq), "its menu is about the queue where it is now: {deleted:?}");
    let (queue, message_id) = ("dlq".into(), id(1));
    let step = window.press("Step to its expiry");
    assert!(matches!(&step[..], [Command::StepToDue(Due { what: DueKind::MessageExpires { .. }, .. })]), "{step:?}");
    window.tell(vec![happened(Happened::MessageRemoved { queue, message_id, removal: Removal::Expired })]);
    window.harness.get_by_label("Expired");
    window.harness.get_by_label("expired nobody processed it in time");
}

#[test]
fn each_of_several_things_of_a_step_can_be_chosen() {
    let mut window = window_of([1_024.0, 700.0], sent(1, 1..3));
    window.tell(sent(2, 3..5));
    let part = |words: &str, about| Part { words: words.into(), about };
    let parts = vec![
        part("incoming to confirm, 2 messages: 1 failed", Subject::Batch(crate::service::ids::BatchId(1))),
        part("1 message moved from incoming to dlq", Subject::Message("dlq".into(), id(3))),
    ];
    window.tell(vec![moved(3), Event::Stepped(Told { sentence: "2 things happened:".into(), parts })]);
    window.harness.get_by_label("2 things happened:");
    window.press("batch 1, incoming to confirm, 2 messages: 1 failed");
    window.harness.get_by_label("incoming to confirm, batch 1");
    window.press("1 message moved from incoming to dlq");
    window.harness.get_by_label(&format!("Message {}", short(3)));
}

#[test]
fn the_toolbar_says_that_what_lies_in_a_queue_expires() {
    let mut window = Window::open(InvocationModel::Queue);
    window.tell(queues());
    let what = DueKind::MessageExpires { queue: "dlq".into(), message_id: id(1) };
    window.tell(vec![Event::Due(vec![Due { at: NOW + Micros::from_secs(240), what }])]);
    window.harness.get_by_label("nothing is due but expiry in 4 min");
}
