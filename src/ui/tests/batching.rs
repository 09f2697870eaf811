//! The tab "Queue": batches as tiles that one walks through, what is being collected, and the life of a message.

use super::*;
use crate::service::configuration::RedrivePolicy;
use crate::service::filter::Mismatch;
use crate::service::happened::{BatchVerdict, ClosedBy, MoveReason, Removal};
use crate::service::ids::{BatchId, MessageId};

/// Its short form is the number.
pub(super) fn id(number: u128) -> MessageId {
    MessageId(number << 96)
}

pub(super) fn short(number: u128) -> String {
    format!("{number:08x}")
}

/// `confirm` reads `incoming` with a window of 5 s, and what was received once moves to `dlq`.
pub(super) fn queues() -> Vec<Event> {
    let redrive = Some(RedrivePolicy { target: "dlq".into(), max_receive_count: 1 });
    let mut mapping = mapping_of("incoming");
    if let Happened::MappingConfigured(mapping) = &mut mapping {
        mapping.maximum_batching_window = Micros::from_secs(5);
    }
    vec![
        happened(Happened::FunctionConfigured(FunctionConfiguration::new("confirm").into())),
        happened(Happened::QueueConfigured(QueueConfiguration { redrive, ..QueueConfiguration::new("incoming") })),
        happened(Happened::QueueConfigured(QueueConfiguration::new("dlq"))),
        happened(mapping),
    ]
}

/// Sends messages and collects them; the window opens now.
fn collected(numbers: std::ops::Range<u128>) -> Vec<Event> {
    let (function, queue) = (Arc::<str>::from("confirm"), Arc::<str>::from("incoming"));
    let mut events = vec![happened(Happened::BatchOpened {
        function: function.clone(),
        queue: queue.clone(),
        closes_at: NOW + Micros::from_secs(5),
    })];
    for number in numbers {
        events.push(happened(Happened::MessageSent {
            queue: queue.clone(),
            message_id: id(number),
            body: format!("{{\"order\":{number}}}").into(),
            source: InvocationSource::Workbench,
            sent_at: NOW,
            visible_at: NOW,
            receive_count: 0,
            came_from: None,
        }));
        events.push(happened(Happened::MessageReceived {
            queue: queue.clone(),
            function: function.clone(),
            message_id: id(number),
            receive_count: 1,
            invisible_until: NOW + Micros::from_secs(30),
        }));
    }
    events
}

/// What is collected goes out; the first message comes back, the others are deleted.
pub(super) fn sent(batch: u64, numbers: std::ops::Range<u128>) -> Vec<Event> {
    let (function, queue) = (Arc::<str>::from("confirm"), Arc::<str>::from("incoming"));
    let mut events = collected(numbers.clone());
    events.push(happened(Happened::BatchClosed {
        batch: BatchId(batch),
        function: function.clone(),
        queue: queue.clone(),
        request_id: ID,
        closed_by: ClosedBy::Window,
        message_ids: numbers.clone().map(id).collect(),
        bytes: 4_300,
        opened_at: NOW - Micros::from_secs(5),
    }));
    let failed = vec![id(numbers.start)];
    let reason = BatchVerdict::PartialFailure;
    let finished =
        Happened::BatchFinished { batch: BatchId(batch), request_id: ID, function, queue: queue.clone(), failed, reason };
    events.push(happened(finished));
    for number in numbers.skip(1) {
        let removed = Happened::MessageRemoved { queue: queue.clone(), message_id: id(number), removal: Removal::Processed };
        events.push(happened(removed));
    }
    events
}

pub(super) fn window_of(size: [f32; 2], events: Vec<Event>) -> Window {
    let mut window = Window::sized(InvocationModel::Queue, size);
    window.tell(vec![Event::Clock(clock(ClockMode::Paused))]);
    window.tell(queues());
    window.tell(events);
    window.run("tab queue");
    window
}

fn there(window: &Window, label: &str) -> bool {
    window.harness.query_by_label(label).is_some()
}

#[test]
fn a_batch_is_tiles_that_say_what_came_of_each_message() {
    let window = window_of([1_440.0, 900.0], sent(1, 1..8));
    window.harness.get_by_label("Sent to confirm at 0:00.000");
    window.harness.get_by_label("1 of 7 failed");
    let name = format!("Message {}, moves at 0:30.000 to dlq", short(1));
    let back = window.harness.get_by_role_and_label(Role::Button, &name);
    assert_eq!(back.value().as_deref(), Some("order:1"));
    for number in 2..8 {
        window.harness.get_by_role_and_label(Role::Button, &format!("Message {}, deleted", short(number)));
    }
}

#[test]
fn the_gauges_share_the_whole_width_and_name_the_one_that_closed_the_batch() {
    for size in [[1_440.0, 900.0], [1_024.0, 700.0], [960.0, 640.0]] {
        let window = window_of(size, sent(1, 1..8));
        let gauges = [
            ("window of the batch, closed it", "5.0 of 5 s"),
            ("size of the batch", "7 of 10"),
            ("bytes of the batch", "4.2 KB of 6 MB"),
        ];
        let rects = gauges.map(|(name, value)| {
            let gauge = window.harness.get_by_label(name);
            assert_eq!(gauge.value().as_deref(), Some(value));
            gauge.rect()
        });
        let width = rects[0].width();
        assert!(rects.iter().all(|rect| (rect.width() - width).abs() < 0.5), "{rects:?}");
        let put = window.harness.get_by_role_and_label(Role::Button, "Put messages").rect();
        assert!((rects[2].right() - put.right()).abs() < 2.0 && put.left() > rects[0].left(), "{rects:?} {put:?} at {size:?}");
    }
}

#[test]
fn every_batch_can_be_walked_to_and_the_newest_is_followed_until_then() {
    let mut window = window_of([1_440.0, 900.0], sent(1, 1..3));
    window.tell(sent(2, 3..5));
    window.harness.get_by_label("batch 2 of 2");
    window.press("Previous batch");
    window.harness.get_by_label("batch 1 of 2");
    window.tell(sent(3, 5..7));
    window.harness.get_by_label("batch 1 of 3");
    let first = format!("Message {}, deleted", short(2));
    assert!(there(&window, &first), "messages of earlier batches can be looked at");
    window.harness.get_by_role_and_label(Role::Button, "Next batch").focus();
    window.harness.run_ok();
    window.key(egui::Modifiers::NONE, egui::Key::ArrowRight);
    window.harness.get_by_label("batch 2 of 3");
    window.key(egui::Modifiers::NONE, egui::Key::End);
    window.tell(sent(4, 7..9));
    window.harness.get_by_label("batch 4 of 4");
    window.key(egui::Modifiers::NONE, egui::Key::Home);
    window.harness.get_by_label("batch 1 of 4");
}

#[test]
fn a_batch_that_is_selected_elsewhere_is_the_one_that_is_seen() {
    let mut window = window_of([1_440.0, 900.0], sent(1, 1..3));
    window.tell(sent(2, 3..5));
    window.press("Previous batch");
    window.press(&format!("Message {}, moves at 0:30.000 to dlq", short(1)));
    window.press("Next batch");
    window.harness.get_by_label("batch 2 of 2");
    // A line of its life leads to the batch.
    window.press("receive 1, batch 1 reported failed");
    window.harness.get_by_label("batch 1 of 2");
    window.harness.get_by_label("incoming to confirm, batch 1");
}

#[test]
fn what_is_collected_has_gauges_and_tiles_and_its_window() {
    let mut events = sent(1, 1..3);
    events.extend(collected(5..8));
    let mut window = window_of([1_440.0, 900.0], events);
    window.harness.get_by_label("Collecting for batch 2");
    window.harness.get_by_label("window closes in 5.0 s");
    let gauge = |window: &Window, name: &str| window.harness.get_by_label(name).value();
    assert_eq!(gauge(&window, "size of what is collected").as_deref(), Some("3 of 10"));
    let later = ClockState { now: NOW + Micros::from_millis(1_900), ..clock(ClockMode::Paused) };
    window.tell(vec![Event::Clock(later)]);
    window.harness.get_by_label("window closes in 3.1 s");
    assert_eq!(gauge(&window, "window of what is collected").as_deref(), Some("1.9 of 5 s"));
    window.press(&format!("Message {}, waits 1.9 s", short(6)));
    window.harness.get_by_label_contains("It is collected with 2 more");
    let sent = window.press("Step to 0:05.000");
    assert!(
        matches!(&sent[..], [Command::StepToDue(Due { what: DueKind::WindowCloses { queue, .. }, .. })] if **queue == *"incoming"),
        "{sent:?}"
    );
}

#[test]
fn a_message_that_came_back_is_explained_stepped_to_and_sent_again() {
    let mut window = window_of([1_440.0, 900.0], sent(1, 1..8));
    window.press(&format!("Message {}, moves at 0:30.000 to dlq", short(1)));
    window.harness.get_by_label_contains("confirm reported it in batchItemFailures. The other 6 were deleted");
    window.harness.get_by_label("max_receive_count = 1");
    window.harness.get_by_label("sent from here");
    window.harness.get_by_label("visible again moves to dlq");
    let body = window.harness.get_by_role_and_label(Role::MultilineTextInput, "Body");
    assert_eq!(body.value().as_deref(), Some("{\n  \"order\": 1\n}"));
    let sent = window.press("Step to 0:30.000");
    let [Command::StepToDue(due)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(due.what, DueKind::MessageVisible { queue: "incoming".into(), message_id: id(1) });
    assert!(matches!(&window.run("selected message waits")[..], [Command::StepToDue(_)]));
    window.press("Edit and send again");
    window.answer_loads();
    let sent = window.press("Send message to incoming");
    let Some(Command::SendMessages { bodies, .. }) = sent.first() else { panic!("{sent:?}") };
    assert_eq!(*bodies, ["{\"order\":1}".into()]);
}

#[test]
fn no_line_of_a_life_is_wider_than_the_inspector() {
    for size in [[1_440.0, 900.0], [1_024.0, 700.0], [960.0, 640.0]] {
        let mut window = window_of(size, sent(1, 1..8));
        window.press(&format!("Message {}, moves at 0:30.000 to dlq", short(1)));
        for line in ["receive 1, batch 1 reported failed", "visible again moves to dlq"] {
            let rect = window.harness.get_by_label(line).rect();
            assert!(rect.right() <= size[0], "{line} at {size:?}: {rect:?}");
        }
    }
}

#[test]
fn a_message_that_moved_is_found_where_it_is_now() {
    let mut window = window_of([1_440.0, 900.0], sent(1, 1..3));
    let (from, to) = ("incoming".into(), "dlq".into());
    window.tell(vec![happened(Happened::MessageMoved {
        from,
        to,
        message_id: id(1),
        receive_count: 1,
        reason: MoveReason::RedrivePolicy,
    })]);
    window.press(&format!("Message {}, moved to dlq", short(1)));
    window.harness.get_by_label_contains("It was received once, so it moved to dlq.");
    let sent = window.press("Delete");
    assert!(matches!(&sent[..], [Command::DeleteMessage { queue, .. }] if **queue == *"dlq"), "{sent:?}");
}

#[test]
fn messages_are_put_into_the_queue_that_is_seen() {
    let mut window = window_of([1_440.0, 900.0], sent(1, 1..3));
    window.run("queue dlq");
    window.press("Put messages");
    window.answer_loads();
    window.harness.get_by_role_and_label(Role::Button, "Send message to dlq");
    window.run("queue incoming");
    window.press("Put messages");
    let sent = window.press("Send message to incoming");
    assert!(
        sent.iter().any(|command| matches!(command, Command::SendMessages { queue, .. } if **queue == *"incoming")),
        "{sent:?}"
    );
}

#[test]
fn of_ten_thousand_messages_only_those_that_are_seen_are_laid_out() {
    let window = window_of([1_440.0, 900.0], sent(1, 1..10_001));
    window.harness.get_by_label("1 of 10000 failed");
    let tiles = window.harness.query_all_by_label_contains(", deleted").count();
    assert!((10..200).contains(&tiles), "{tiles}");
}

#[test]
fn what_the_filter_left_out_stands_below_its_batch_with_the_reason() {
    let queue = Arc::<str>::from("incoming");
    let left_out = |number: u128| {
        let mismatch = Mismatch { path: "body.amount".into(), found: number.to_string().into(), wanted: "> 100".into() };
        let sent = Happened::MessageSent {
            queue: queue.clone(),
            message_id: id(number),
            body: format!("{{\"amount\":{number}}}").into(),
            source: InvocationSource::Workbench,
            sent_at: NOW,
            visible_at: NOW,
            receive_count: 0,
            came_from: None,
        };
        let (function, message_id) = ("confirm".into(), id(number));
        let told = Happened::MessageLeftOut { queue: queue.clone(), function, message_id, mismatches: vec![mismatch] };
        let removed = Happened::MessageRemoved { queue: queue.clone(), message_id, removal: Removal::LeftOut };
        [sent, told, removed].map(happened)
    };
    let events = [left_out(12).to_vec(), sent(1, 1..8), left_out(40).to_vec()].concat();
    let mut window = window_of([1_440.0, 1_300.0], events);
    assert_eq!(window.harness.query_all_by_label("Left out by the filter, deleted").count(), 2);
    window.harness.get_by_role_and_label(Role::Button, &format!("Message {}, amount 12", short(12)));
    window.press(&format!("Message {}, amount 40", short(40)));
    window.harness.get_by_label_contains("body.amount is 40, the filter wants > 100.");
    assert!(there(&window, "left out by the filter of confirm deleted"));
}
