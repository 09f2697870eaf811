//! Lives of messages and what came of them in batches: events in, lines and fates out.

mod aftermath;
mod origins;

use super::*;
use crate::command::SettingOwner;
use crate::event::Event;
use crate::model::queues::apply::BATCHES_KEPT;
use crate::model::selection::Selection;
use crate::model::why::{Why, why};
use crate::service::configuration::RedrivePolicy;
use crate::service::filter::{Filter, FilterCriteria, Mismatch};
use crate::service::happened::{Happened, MoveReason, Removal, ServiceEvent};
use crate::service::input::InvocationSource;

const POISON: MessageId = MessageId(1);
const GOOD: MessageId = MessageId(2);
const PATTERN: &str = r#"{"body":{"amount":[{"numeric":[">",100]}]}}"#;
/// Microseconds.
const SECOND: u64 = 1_000_000;

/// `billing` reads `incoming`, which moves what was received three times to `dlq`.
struct Story {
    model: Model,
    now: u64,
}

impl Story {
    fn new() -> Self {
        let mut story = Self { model: Model::default(), now: 0 };
        let redrive = Some(RedrivePolicy { target: "dlq".into(), max_receive_count: 3 });
        story.tell(Happened::QueueConfigured(QueueConfiguration { redrive, ..QueueConfiguration::new("incoming") }));
        story.tell(Happened::QueueConfigured(QueueConfiguration::new("dlq")));
        story.tell(Happened::MappingConfigured(MappingConfiguration {
            maximum_batching_window: Micros::from_secs(5),
            report_batch_item_failures: true,
            filter_criteria: FilterCriteria::new(vec![Filter::new(PATTERN).unwrap()]),
            ..MappingConfiguration::new("billing", "incoming")
        }));
        story
    }

    fn tell(&mut self, what: Happened) {
        self.model.apply(&Event::Service(ServiceEvent { at: Timestamp(self.now), what }.into()));
    }

    fn send(&mut self, message_id: MessageId) {
        self.send_to("incoming", message_id, InvocationSource::Workbench, None);
    }

    fn send_to(&mut self, queue: &str, message_id: MessageId, source: InvocationSource, came_from: Option<&str>) {
        self.tell(Happened::MessageSent {
            queue: queue.into(),
            message_id,
            body: "{}".into(),
            source,
            sent_at: Timestamp(self.now),
            visible_at: Timestamp(self.now),
            receive_count: 0,
            came_from: came_from.map(Into::into),
        });
    }

    /// By the redrive policy, to `dlq`.
    fn moved(&mut self, message_id: MessageId, receive_count: u32) {
        let (from, to, reason) = ("incoming".into(), "dlq".into(), MoveReason::RedrivePolicy);
        self.tell(Happened::MessageMoved { from, to, message_id, receive_count, reason });
    }

    /// By a person, back from `dlq`.
    fn redriven(&mut self, message_id: MessageId) {
        let (from, to, reason) = ("dlq".into(), "incoming".into(), MoveReason::MoveTask);
        self.tell(Happened::MessageMoved { from, to, message_id, receive_count: 0, reason });
    }

    fn collect(&mut self, messages: &[(MessageId, u32)]) {
        let (function, queue) = (FunctionName::from("billing"), QueueName::from("incoming"));
        let closes_at = Timestamp(self.now + 5 * SECOND);
        self.tell(Happened::BatchOpened { function: function.clone(), queue: queue.clone(), closes_at });
        for (message_id, receive_count) in messages {
            self.tell(Happened::MessageReceived {
                queue: queue.clone(),
                function: function.clone(),
                message_id: *message_id,
                receive_count: *receive_count,
                invisible_until: Timestamp(self.now + 30 * SECOND),
            });
        }
    }

    fn close(&mut self, batch: u64, messages: &[MessageId]) {
        self.tell(Happened::BatchClosed {
            batch: BatchId(batch),
            function: "billing".into(),
            queue: "incoming".into(),
            request_id: RequestId(batch.into()),
            closed_by: ClosedBy::Window,
            message_ids: messages.to_vec(),
            bytes: 10,
            opened_at: Timestamp(self.now),
        });
    }

    fn finish(&mut self, batch: u64, failed: &[MessageId], deleted: &[MessageId], reason: BatchVerdict) {
        let (function, queue) = ("billing".into(), QueueName::from("incoming"));
        let request_id = RequestId(batch.into());
        self.tell(Happened::BatchFinished {
            batch: BatchId(batch),
            request_id,
            function,
            queue,
            failed: failed.to_vec(),
            reason,
        });
        deleted.iter().for_each(|id| self.remove(*id, Removal::Processed));
    }

    fn remove(&mut self, message_id: MessageId, removal: Removal) {
        self.tell(Happened::MessageRemoved { queue: "incoming".into(), message_id, removal });
    }

    fn leave_out(&mut self, message_id: MessageId) {
        let mismatch = Mismatch { path: "body.amount".into(), found: "12".into(), wanted: "> 100".into() };
        let (queue, function) = ("incoming".into(), "billing".into());
        self.tell(Happened::MessageLeftOut { queue, function, message_id, mismatches: vec![mismatch] });
        self.remove(message_id, Removal::LeftOut);
    }

    fn visible(&mut self, message_id: MessageId, receive_count: u32) {
        self.tell(Happened::MessageVisible { queue: "incoming".into(), message_id, receive_count });
    }

    /// Two messages in batch 7 of the service: one is processed, one comes back.
    fn one_came_back() -> Self {
        let mut story = Self::new();
        story.send(POISON);
        story.send(GOOD);
        story.collect(&[(POISON, 1), (GOOD, 1)]);
        story.now = 5 * SECOND;
        story.close(7, &[POISON, GOOD]);
        story.finish(7, &[POISON], &[GOOD], BatchVerdict::PartialFailure);
        story
    }

    fn fate(&self, batch: u64, message: MessageId) -> Fate {
        let id = BatchId(batch);
        self.model.fate(id, &self.model.batches[&id], message)
    }

    fn fate_words(&self, batch: u64, message: MessageId) -> String {
        self.model.fate_words(&self.model.batches[&BatchId(batch)], &self.fate(batch, message))
    }

    fn why_of(&self, selection: &Selection) -> Why {
        why(&self.model, selection, Timestamp(self.now)).expect("it is known")
    }

    fn why_of_batch(&self, batch: u64) -> String {
        self.why_of(&Selection::Batch(BatchId(batch))).text
    }

    fn why(&self, id: MessageId) -> Why {
        why(&self.model, &Selection::Message("incoming".into(), id), Timestamp(self.now)).expect("it is known")
    }

    /// Seconds, words and what came of it.
    fn rows(&self, id: MessageId) -> Vec<(u64, String, String)> {
        let rows = self.model.life_rows(id, Timestamp(self.now));
        rows.into_iter().map(|row| (row.at.0 / SECOND, row.words, row.right)).collect()
    }

    fn queue(&self) -> &Queue {
        &self.model.queues["incoming"]
    }
}

fn row(second: u64, words: &str, right: &str) -> (u64, String, String) {
    (second, words.into(), right.into())
}

#[test]
fn a_message_that_came_back_says_why_and_what_comes_next() {
    let story = Story::one_came_back();
    let why = story.why(POISON);
    assert_eq!(why.title, "Message 00000000");
    assert_eq!(
        why.text,
        "*billing reported it in batchItemFailures.* The other one was deleted; it becomes visible again in 25 s. \
         It can be received 2 more times; after that it moves to dlq."
    );
    let settings: Vec<_> = why.decided_by.iter().map(|by| (by.lead.as_str(), by.value.as_str())).collect();
    assert_eq!(settings, [("", "visibility_timeout = 30"), ("1 receive of", "max_receive_count = 3")]);
    let life =
        [row(0, "sent from here", ""), row(0, "receive 1, batch 1", "reported failed"), row(30, "visible again", "in 25 s")];
    assert_eq!(story.rows(POISON), life, "the first batch of its queue, whatever number the service gave it");
    assert_eq!(story.fate_words(7, POISON), "back at 0:30.000");
}

#[test]
fn the_last_receive_says_that_the_next_one_moves_it_and_its_batch_shows_where_it_went() {
    let mut story = Story::one_came_back();
    for (number, receive) in [(8, 2), (9, 3)] {
        story.now += 25 * SECOND;
        story.visible(POISON, receive - 1);
        story.collect(&[(POISON, receive)]);
        story.now += 5 * SECOND;
        story.close(number, &[POISON]);
        story.finish(number, &[POISON], &[], BatchVerdict::FunctionError);
    }
    let of_batch = story.why_of_batch(9);
    assert!(of_batch.contains("is invisible until 1:30.000; the next receive moves it to dlq instead."), "{of_batch}");
    assert_eq!(story.fate_words(9, POISON), "moves at 1:30.000 to dlq");
    let told = story.why(POISON).text;
    assert!(told.starts_with("*billing failed.* The whole batch comes back;"), "{told}");
    assert!(told.ends_with("The next receive moves it to *dlq* instead."), "{told}");
    let due = story.rows(POISON).pop();
    assert_eq!(due, Some(row(90, "visible again", "moves to dlq")));
    let step = story.model.due_of_message(POISON).map(|due| due.at);
    assert_eq!(step, Some(Timestamp(90 * SECOND)));
    story.now = 90 * SECOND;
    story.visible(POISON, 3);
    story.moved(POISON, 3);
    assert_eq!(story.fate_words(9, POISON), "moved to dlq");
    assert_eq!(story.fate_words(8, POISON), "then batch 3: moved to dlq", "that time it came back");
    let rows = story.rows(POISON);
    assert_eq!(rows[rows.len() - 2..], [row(90, "moved to dlq", "received 3×"), row(345_600, "expires", "in 3 d 23 h")]);
    assert_eq!(
        story.why(POISON).text,
        "*It was received 3 times, so it moved to dlq.* It waits. No function reads dlq. If that stays so, it expires in 3 d 23 h."
    );
    let why = story.why(POISON);
    assert_eq!(why.decided_by[0].value, "message_retention_period = 345600");
    let moved = &why.decided_by[1];
    assert_eq!((moved.lead.as_str(), moved.value.as_str()), ("3 receives of", "max_receive_count = 3"));
    assert_eq!(moved.owner, SettingOwner::Queue("incoming".into()), "the queue that it left");
    let expires = DueKind::MessageExpires { queue: "dlq".into(), message_id: POISON };
    let at = Timestamp(345_600 * SECOND);
    assert_eq!(story.model.due_of_message(POISON), Some(Due { at, what: expires }), "four days after it was sent");
}

#[test]
fn a_message_that_was_processed_can_be_looked_at_as_long_as_its_batch_is_known() {
    let mut story = Story::one_came_back();
    assert_eq!(story.fate(7, GOOD), Fate::Deleted);
    let why = story.why(GOOD);
    assert_eq!((why.chip.as_str(), why.decided_by.len()), ("Deleted", 0));
    assert!(why.text.starts_with("*billing processed it in batch 1, so Lambda deleted it from incoming.*"), "{}", why.text);
    assert_eq!(story.rows(GOOD).pop(), Some(row(0, "receive 1, batch 1", "deleted")));
    for number in 0..BATCHES_KEPT as u64 {
        story.close(8 + number, &[]);
    }
    assert!(!story.model.batches.contains_key(&BatchId(7)), "more than are kept");
    assert!(!story.model.lives.contains_key(&GOOD));
    assert!(story.model.lives.contains_key(&POISON), "it is still in its queue");
    assert_eq!(story.rows(POISON)[1].2, "its batch is not kept any more");
    let (kept, made) = (story.queue().batches.len(), story.queue().batches_made);
    assert_eq!((kept, made), (BATCHES_KEPT, BATCHES_KEPT as u64 + 1));
    assert_eq!(story.model.batches[&story.queue().last_batch().unwrap()].number, made);
}

#[test]
fn what_is_collected_and_what_a_function_has_say_so() {
    let mut story = Story::new();
    story.send(POISON);
    story.collect(&[(POISON, 1)]);
    story.now = 2 * SECOND;
    let why = story.why(POISON);
    assert_eq!(why.chip, "Collected");
    assert!(
        why.text.ends_with("It is the only one so far; the batch goes out in 3 s, or as soon as it is full."),
        "{}",
        why.text
    );
    assert_eq!(why.decided_by[0].value, "maximum_batching_window_in_seconds = 5");
    assert_eq!(story.rows(POISON)[1..], [row(0, "receive 1", "collected"), row(5, "its batch goes out", "in 3 s")]);
    assert!(matches!(story.model.due_of_message(POISON).unwrap().what, DueKind::WindowCloses { records: 1, .. }));
    story.close(1, &[POISON]);
    assert_eq!(story.fate(1, POISON), Fate::Running);
    assert_eq!(story.why(POISON).chip, "Running");
    assert_eq!(story.rows(POISON)[1..], [row(0, "receive 1, batch 1", "running"), row(30, "visible again", "unless deleted")]);
    story.finish(1, &[], &[], BatchVerdict::Emptied);
    story.remove(POISON, Removal::Person);
    assert_eq!(story.fate(1, POISON), Fate::Removed(Removal::Person));
    assert_eq!(story.why(POISON).text, "*A person deleted it from incoming.* It can be put back.");
}

#[test]
fn a_batch_that_is_not_sent_is_told_in_the_life_of_its_messages() {
    let mut story = Story::new();
    story.send(POISON);
    story.collect(&[(POISON, 1)]);
    story.tell(Happened::BatchDropped { function: "billing".into(), queue: "incoming".into() });
    assert_eq!(story.rows(POISON)[1], row(0, "receive 1", "its batch was not sent"));
    assert!(story.why(POISON).text.starts_with("*The batch that it was collected for was not sent.*"));
    story.remove(POISON, Removal::Processed);
    assert!(story.model.lives.is_empty(), "no batch shows it");
}

#[test]
fn a_message_comes_back_with_its_queue() {
    let mut story = Story::one_came_back();
    story.tell(Happened::QueueRemoved("incoming".into()));
    assert_eq!(story.why(POISON).chip, "Laid aside");
    story.tell(Happened::QueueConfigured(QueueConfiguration::new("incoming")));
    story.tell(Happened::MessageSent {
        queue: "incoming".into(),
        message_id: POISON,
        body: "{}".into(),
        source: InvocationSource::Workbench,
        sent_at: Timestamp(0),
        visible_at: Timestamp(30 * SECOND),
        receive_count: 1,
        came_from: None,
    });
    let words: Vec<_> = story.rows(POISON).into_iter().map(|(_, words, _)| words).collect();
    assert_eq!(words, ["sent from here", "receive 1, batch 1", "its queue was removed", "already there", "visible again"]);
    let mut restarted = Story::new();
    restarted.now = 60 * SECOND;
    restarted.tell(Happened::MessageSent {
        queue: "incoming".into(),
        message_id: GOOD,
        body: "{}".into(),
        source: InvocationSource::Workbench,
        sent_at: Timestamp(0),
        visible_at: Timestamp(70 * SECOND),
        receive_count: 2,
        came_from: None,
    });
    assert_eq!(restarted.rows(GOOD)[0], row(60, "already there", "received 2× before"), "nobody knows who sent it");
    assert!(restarted.why(GOOD).text.starts_with("*It was received before this run of the program.*"));
}

#[test]
fn messages_in_no_batch_come_in_the_order_in_which_something_happens_to_them() {
    let mut story = Story::one_came_back();
    for id in [9, 8, 7, 6] {
        story.now += SECOND;
        story.send(MessageId(id));
    }
    story.collect(&[(MessageId(7), 1)]);
    let listed = |limit| {
        let (messages, count) = story.queue().in_no_batch(limit);
        (messages.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), count)
    };
    assert_eq!(listed(10), (vec![POISON, MessageId(9), MessageId(8), MessageId(6)], 4));
    assert_eq!(listed(2), (vec![POISON, MessageId(9)], 4));
}

#[test]
fn a_batch_keeps_the_limits_that_it_was_closed_under() {
    let mut story = Story::one_came_back();
    let mut mapping = story.model.mapping_of("incoming").unwrap().clone();
    (mapping.batch_size, mapping.maximum_batching_window) = (2, Micros(0));
    story.tell(Happened::MappingConfigured(mapping));
    let batch = &story.model.batches[&BatchId(7)];
    assert_eq!((batch.batch_size, batch.window), (10, Micros::from_secs(5)));
}

#[test]
fn a_message_that_the_filter_left_out_is_still_told() {
    let mut story = Story::one_came_back();
    let (first, second) = (MessageId(3), MessageId(4));
    [first, second].into_iter().for_each(|id| story.send(id));
    story.leave_out(first);
    story.leave_out(second);
    assert_eq!(story.queue().left_out.beside(1), [], "they came after batch 1");
    assert_eq!(story.queue().left_out.beside(2), [first, second]);
    assert!(!story.queue().messages.contains_key(&first) && story.queue().processed == 1);
    assert_eq!(story.rows(first), [row(5, "sent from here", ""), row(5, "left out by the filter of billing", "deleted")]);
    let why = story.why(first);
    assert_eq!(why.chip, "Left out");
    assert_eq!(
        why.text,
        "*The mapping to billing left it out: body.amount is 12, the filter wants > 100.* It was deleted from incoming without being received, and billing never gets it."
    );
    assert_eq!(why.decided_by[0].value, format!("filter_criteria = {PATTERN}"));
    let queue = crate::model::why::why(&story.model, &Selection::Queue("incoming".into()), Timestamp(0)).unwrap();
    assert!(queue.text.ends_with(" The filter of its mapping left 2 messages out, which were deleted."), "{}", queue.text);
    story.tell(Happened::QueueRemoved("incoming".into()));
    assert!(!story.model.lives.contains_key(&first) && !story.model.lives.contains_key(&second));
}
