//! Messages that expire, and what a redrive does to their age (semantics 4.6).

use super::super::Outlook;
use super::super::configuration::{MappingConfiguration, QueueConfiguration, RedrivePolicy};
use super::super::happened::{Due, DueKind, Happened, Removal};
use super::super::ids::MessageId;
use super::super::input::{Input, InvocationSource, NewMessage};
use super::super::time::{Micros, Timestamp};
use super::driver::{Answer, Driver, START};

const DAY: u64 = 86_400;

/// `f` reads `q`, which moves to `dead` what was received once; both keep messages for these seconds.
fn driver(answers: &[Answer], q: u64, dead: u64) -> Driver {
    let mut driver = Driver::new(answers);
    driver.function(|_| {});
    configure(&mut driver, "dead", dead, None);
    let redrive = Some(RedrivePolicy { target: "dead".into(), max_receive_count: 1 });
    configure(&mut driver, "q", q, redrive);
    driver.input(Input::ConfigureMapping(MappingConfiguration::new("f", "q")));
    driver
}

fn configure(driver: &mut Driver, name: &str, seconds: u64, redrive: Option<RedrivePolicy>) {
    let message_retention_period = Micros::from_secs(seconds);
    driver.input(Input::ConfigureQueue(QueueConfiguration {
        message_retention_period,
        redrive,
        ..QueueConfiguration::new(name)
    }));
}

fn send(driver: &mut Driver, queue: &str, count: usize) {
    let messages = vec![NewMessage::new("{}"); count];
    driver.input(Input::SendMessages { queue: queue.into(), messages, source: InvocationSource::Workbench });
}

/// When messages expired, in seconds after the start.
fn expired(driver: &Driver) -> Vec<u64> {
    let is_expiry = |what: &Happened| matches!(what, Happened::MessageRemoved { removal: Removal::Expired, .. });
    driver.events.iter().filter(|event| is_expiry(&event.what)).map(|event| event.at.since(START).0 / 1_000_000).collect()
}

#[test]
fn a_message_that_nobody_processes_expires_four_days_after_it_was_sent() {
    let mut driver = Driver::new(&[Answer::Hang]);
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("q")));
    send(&mut driver, "q", 2);
    driver.until(Micros::from_secs(DAY));
    send(&mut driver, "q", 1);
    let due = driver.service.due(10);
    let at = START + Micros::from_secs(4 * DAY);
    assert!(matches!(&due[..], [Due { at: first, what: DueKind::MessageExpires { .. } }] if *first == at), "{due:?}");
    assert_eq!(driver.service.next_step(), None, "no step goes there by itself");
    driver.until(Micros::from_secs(4 * DAY));
    assert_eq!(driver.depth("q"), Some((1, 0)));
    driver.until(Micros::from_secs(10 * DAY));
    assert_eq!(expired(&driver), [4 * DAY, 4 * DAY, 5 * DAY]);
    assert!(driver.messages_on_disk.is_empty());
}

#[test]
fn in_a_dead_letter_queue_the_time_at_which_it_was_sent_first_counts() {
    let mut driver = driver(&[Answer::Throw], 600, 100);
    send(&mut driver, "q", 1);
    driver.until(Micros::from_secs(99));
    assert_eq!(driver.depth("dead"), Some((1, 0)), "it moved after 30 s");
    driver.until(Micros::from_secs(200));
    assert_eq!(expired(&driver), [100]);
}

#[test]
fn one_that_is_too_old_for_its_dead_letter_queue_expires_as_it_comes() {
    let mut driver = driver(&[Answer::Throw], 600, 60);
    driver.input(Input::RemoveMapping { function: "f".into(), queue: "q".into() });
    send(&mut driver, "q", 1);
    driver.until(Micros::from_secs(70));
    driver.input(Input::ConfigureMapping(MappingConfiguration::new("f", "q")));
    driver.until(Micros::from_secs(300));
    assert_eq!(expired(&driver), [100], "received at 70 s, moved 30 s later");
    assert_eq!(driver.depth("dead"), Some((0, 0)));
}

#[test]
fn a_redrive_begins_its_age_anew_and_leaves_what_came_from_nowhere() {
    let mut driver = driver(&[Answer::Throw], 120, 100);
    send(&mut driver, "q", 1);
    driver.until(Micros::from_secs(70));
    send(&mut driver, "dead", 1);
    assert_eq!(driver.depth("dead"), Some((2, 0)));
    driver.input(Input::RemoveMapping { function: "f".into(), queue: "q".into() });
    driver.input(Input::Redrive("dead".into()));
    assert_eq!((driver.depth("dead"), driver.depth("q")), (Some((1, 0)), Some((1, 0))));
    driver.until(Micros::from_secs(400));
    assert_eq!(expired(&driver), [170, 190], "the one that stayed, 100 s after it was sent, and 120 s after the redrive");
}

#[test]
fn a_message_expires_though_it_is_invisible_or_a_function_has_it_and_ends_once() {
    for answer in [Answer::Throw, Answer::Respond("null")] {
        let mut driver = driver(&[answer], 60, 100);
        driver.function(|f| f.timeout = Micros::from_secs(25));
        driver.run = Micros::from_secs(20);
        driver.until(Micros::from_secs(1));
        driver.input(Input::RemoveMapping { function: "f".into(), queue: "q".into() });
        send(&mut driver, "q", 1);
        driver.until(Micros::from_secs(50));
        driver.input(Input::ConfigureMapping(MappingConfiguration::new("f", "q")));
        driver.until(Micros::from_secs(DAY));
        assert_eq!(expired(&driver), [61]);
        assert_eq!((driver.depth("q"), driver.depth("dead")), (Some((0, 0)), Some((0, 0))), "{}", driver.log);
        let removed = driver.events.iter().filter(|event| matches!(event.what, Happened::MessageRemoved { .. }));
        assert_eq!(removed.count(), 1);
    }
}

#[test]
fn a_collected_message_that_expires_leaves_its_batch() {
    let mut driver = driver(&[Answer::Respond("null")], 60, 100);
    driver.input(Input::RemoveMapping { function: "f".into(), queue: "q".into() });
    send(&mut driver, "q", 1);
    driver.until(Micros::from_secs(50));
    send(&mut driver, "q", 1);
    let maximum_batching_window = Micros::from_secs(20);
    driver
        .input(Input::ConfigureMapping(MappingConfiguration { maximum_batching_window, ..MappingConfiguration::new("f", "q") }));
    driver.until_idle();
    assert_eq!(expired(&driver), [60]);
    assert!(driver.log.contains("batch of 1 closed by Window"), "{}", driver.log);
}

#[test]
fn a_shorter_retention_period_holds_for_what_is_there_and_for_what_comes_back_with_its_queue() {
    let mut driver = driver(&[Answer::Hang], 600, 600);
    send(&mut driver, "dead", 1);
    driver.until(Micros::from_secs(90));
    configure(&mut driver, "dead", 120, None);
    driver.until(Micros::from_secs(119));
    assert_eq!(driver.depth("dead"), Some((1, 0)));
    driver.input(Input::RemoveQueue("dead".into()));
    driver.until(Micros::from_secs(500));
    assert!(expired(&driver).is_empty(), "it is laid aside");
    configure(&mut driver, "dead", 120, None);
    driver.until(Micros::from_secs(501));
    assert_eq!(expired(&driver), [500]);
}

#[test]
fn the_outlook_of_a_message_says_when_it_is_visible_and_where_it_goes() {
    let mut driver = driver(&[Answer::Throw], 600, 600);
    send(&mut driver, "q", 1);
    let id = driver.events.iter().find_map(|event| match event.what {
        Happened::MessageSent { message_id, .. } => Some(message_id),
        _ => None,
    });
    let id: MessageId = id.unwrap();
    assert_eq!(driver.service.outlook("q", id), None, "a batch has it");
    driver.until(Micros::from_secs(1));
    let visible_at = Some(START + Micros::from_secs(30));
    let outlook = Outlook { visible_at, moves_to: Some("dead".into()) };
    assert_eq!(driver.service.outlook("q", id), Some(outlook));
    driver.until(Micros::from_secs(30));
    assert_eq!(driver.service.outlook("q", id), None);
    assert_eq!(driver.service.outlook("dead", id), Some(Outlook { visible_at: None, moves_to: None }));
    assert_eq!(driver.service.expires_at("dead", id), Some(Timestamp(START.0 + 600_000_000)));
}

#[test]
fn what_a_person_deleted_is_put_back_as_it_was() {
    let mut driver = driver(&[Answer::Throw], 120, 100);
    send(&mut driver, "q", 1);
    driver.until(Micros::from_secs(70));
    driver.input(Input::RemoveMapping { function: "f".into(), queue: "q".into() });
    let (_, message_id) = driver.messages_on_disk.first().cloned().expect("it moved to dead");
    let put_back = |queue: &str| Input::PutBack { queue: queue.into(), message_ids: vec![message_id] };
    driver.input(Input::PurgeQueue("dead".into()));
    assert_eq!(driver.depth("dead"), Some((0, 0)));
    driver.input(put_back("q"));
    assert_eq!(driver.depth("q"), Some((0, 0)), "it was not in that one");
    driver.input(put_back("dead"));
    driver.input(put_back("dead"));
    assert_eq!(driver.depth("dead"), Some((1, 0)), "once");
    assert!(driver.messages_on_disk.contains(&("dead".into(), message_id)), "it outlives the program");
    let back = driver.events.iter().find_map(|event| match &event.what {
        Happened::MessagePutBack { message_id: of, sent_at, came_from, .. } if *of == message_id => {
            Some((*sent_at, came_from.as_deref()))
        }
        _ => None,
    });
    assert_eq!(back, Some((START, Some("q"))));
    driver.input(Input::Redrive("dead".into()));
    assert_eq!((driver.depth("dead"), driver.depth("q")), (Some((0, 0)), Some((1, 0))), "it knows where it came from");
}

#[test]
fn what_was_deleted_while_it_was_hidden_is_hidden_again_and_received_as_often() {
    let mut driver = driver(&[Answer::Throw, Answer::Respond("null")], 600, 600);
    configure(&mut driver, "q", 600, Some(RedrivePolicy { target: "dead".into(), max_receive_count: 2 }));
    send(&mut driver, "q", 1);
    driver.until(Micros::from_secs(10));
    assert_eq!(driver.depth("q"), Some((0, 1)));
    let (queue, message_id) = driver.messages_on_disk.first().cloned().expect("it is hidden");
    driver.input(Input::DeleteMessage { queue: queue.clone(), message_id });
    driver.input(Input::PutBack { queue, message_ids: vec![message_id] });
    assert_eq!(driver.depth("q"), Some((0, 1)), "for the rest of its visibility timeout");
    driver.until_idle();
    let received = driver.events.iter().filter_map(|event| match event.what {
        Happened::MessageReceived { receive_count, .. } => Some(receive_count),
        _ => None,
    });
    assert_eq!(received.collect::<Vec<_>>(), [1, 2]);
}
