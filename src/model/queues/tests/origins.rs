//! What a dead-letter queue says of its messages.

use super::*;
use crate::model::queues::{Feeder, Redrive};
use crate::model::timeline::LaneKey;
use crate::service::configuration::{FunctionConfiguration, Target};
use crate::service::happened::{Outcome, Outlet};
use crate::service::ids::EnvironmentId;
use crate::service::input::{FunctionError, InvocationType};

/// The message failed three times, the last time with an error, and moved to `dlq`.
fn moved() -> Story {
    let mut story = Story::one_came_back();
    story.now = 60 * SECOND;
    let (request_id, function) = (RequestId(9), FunctionName::from("billing"));
    story.tell(Happened::InvocationAccepted {
        request_id,
        function: function.clone(),
        invocation_type: InvocationType::RequestResponse,
        source: InvocationSource::Mapping { queue: "incoming".into() },
        payload: "{}".into(),
        label: None,
        accepted_at: Timestamp(story.now),
    });
    story.collect(&[(POISON, 3)]);
    story.close(9, &[POISON]);
    story.threw(request_id, "PaymentDeclined");
    story.finish(9, &[POISON], &[], BatchVerdict::FunctionError);
    story.now = 90 * SECOND;
    story.visible(POISON, 3);
    story.moved(POISON, 3);
    story
}

impl Story {
    fn threw(&mut self, request_id: RequestId, error_type: &str) {
        let (environment, function) = (EnvironmentId(1), FunctionName::from("billing"));
        self.tell(Happened::AttemptStarted { request_id, function: function.clone(), environment, attempt: 1, cold: false });
        let error = FunctionError { error_type: error_type.into(), message: "".into(), payload: "{}".into() };
        self.tell(Happened::AttemptFinished {
            request_id,
            function,
            environment,
            attempt: 1,
            result: Err(error),
            duration: Micros(1_000),
            billed_millis: 1,
            init_duration: None,
            max_memory_used_megabytes: 1,
        });
    }
}

#[test]
fn a_message_of_a_dead_letter_queue_says_where_it_came_from_and_which_attempt_was_the_last() {
    let mut story = moved();
    let origin = story.model.origin(POISON).unwrap();
    assert_eq!((origin.at, origin.words.as_str()), (Timestamp(90 * SECOND), "from incoming, received 3×"));
    let cause = origin.cause.unwrap();
    assert_eq!(cause.words, "batch 2: billing threw PaymentDeclined");
    assert_eq!(cause.about, Selection::Batch(BatchId(9)));
    assert_eq!(story.model.stay_ended(POISON, Timestamp(90 * SECOND)), ["received 3×, moved to dlq", "moved to dlq"]);
    assert!(story.model.stay_ended(POISON, Timestamp(59 * SECOND)).is_empty());
    let lane = story.model.timeline.lane(&LaneKey::Messages("incoming".into())).unwrap();
    let bars: Vec<_> = (0..lane.len()).map(|index| lane.bar(index)).map(|bar| (bar.start, bar.end)).collect();
    let again = 60 * SECOND;
    assert_eq!(bars, [(0, Some(again)), (again, Some(90 * SECOND))], "each receive begins a bar of its own");
    assert_eq!(story.model.stay_ended(POISON, Timestamp(again)), ["received again"]);
    let sent_before = |until| story.model.sent_before(POISON, Timestamp(until));
    assert_eq!((sent_before(again), sent_before(u64::MAX)), (Some(BatchId(7)), Some(BatchId(9))));
    assert!(story.model.is_dead_letter_queue("dlq") && !story.model.is_dead_letter_queue("incoming"));
    let why = story.why_of(&Selection::Queue("dlq".into())).text;
    let expected = "*It is the dead-letter queue of incoming:* what was received 3 times there moves here. \
        *No function reads it.* 1 message waits. It expires in 3 d 23 h, if nobody processes it.";
    assert_eq!(why, expected);
    story.now += SECOND;
    story.redriven(POISON);
    let origin = story.model.origin(POISON).unwrap();
    assert_eq!(origin.words, "back from dlq");
}

#[test]
fn a_redrive_is_offered_for_what_came_by_a_redrive_policy() {
    let mut story = moved();
    let redrive = story.model.redrive_of(&"dlq".into()).unwrap();
    assert_eq!(redrive, Redrive { count: 1, sources: vec!["incoming".into()] });
    assert_eq!(redrive.words(), "Redrive to incoming");
    assert_eq!(story.model.redrive_of(&"incoming".into()), None);
    story.redriven(POISON);
    let redrive = story.model.redrive_of(&"dlq".into()).unwrap();
    assert_eq!((redrive.count, redrive.words().as_str()), (0, "Redrive to incoming"), "it is empty");
    // Put there by hand: nobody knows where it would go back to.
    story.send_to("dlq", MessageId(77), InvocationSource::Workbench, None);
    assert_eq!(story.model.redrive_of(&"dlq".into()).unwrap().count, 0);
    story.send_to("dlq", MessageId(78), InvocationSource::Workbench, Some("incoming"));
    assert_eq!(story.model.redrive_of(&"dlq".into()).unwrap().count, 1, "an earlier run moved it");
    assert_eq!(story.model.origin(MessageId(77)).unwrap().words, "sent from here");
    let two = Redrive { count: 2, sources: vec!["a".into(), "b".into()] };
    assert_eq!(two.words(), "Redrive to their queues");
}

#[test]
fn what_a_function_gave_up_leads_to_its_invocation() {
    let mut story = Story::new();
    let queue = Some(Target::Queue("dlq".into()));
    let configuration = FunctionConfiguration { dead_letter: queue.clone(), ..FunctionConfiguration::new("billing") };
    story.tell(Happened::FunctionConfigured(configuration.into()));
    let feeders = story.model.feeders("dlq");
    let (name, outlet) = (FunctionName::from("billing"), Outlet::DeadLetter);
    let expected =
        [Feeder::Queue { name: "incoming".into(), max_receive_count: 3 }, Feeder::Function { name: name.clone(), outlet }];
    assert_eq!(feeders, expected);
    let why = story.why_of(&Selection::Queue("dlq".into())).text;
    assert!(why.starts_with("*It is the dead-letter queue of incoming and billing.* *No function"), "{why}");
    let request_id = RequestId(5);
    story.tell(Happened::InvocationAccepted {
        request_id,
        function: name.clone(),
        invocation_type: InvocationType::Event,
        source: InvocationSource::Workbench,
        payload: "{}".into(),
        label: Some("order-1042".into()),
        accepted_at: Timestamp(0),
    });
    story.threw(request_id, "Boom");
    let source = InvocationSource::Destination { function: name, request_id, outlet };
    story.send_to("dlq", MessageId(9), source, None);
    let origin = story.model.origin(MessageId(9)).unwrap();
    assert_eq!(origin.words, "from billing, as its dead-letter queue");
    let cause = origin.cause.unwrap();
    assert_eq!(cause.words, "order-1042: 1 attempt, billing threw Boom");
    assert_eq!(cause.about, Selection::Invocation(request_id));
    let (function, outcome) = ("billing".into(), Outcome::RecursiveLoop);
    story.tell(Happened::InvocationEnded { request_id, function, outcome, attempts: 0 });
    let cause = story.model.origin(MessageId(9)).unwrap().cause.unwrap();
    assert_eq!(cause.words, "order-1042: billing was stopped as a recursive loop");
    let rows = story.model.life_rows(MessageId(9), Timestamp(0));
    assert_eq!(rows[0].about, Some(Selection::Invocation(request_id)));
    assert_eq!(story.model.redrive_of(&"dlq".into()).unwrap().count, 0, "SQS does not redrive what Lambda sent");
}

#[test]
fn what_expired_is_counted_and_still_known() {
    let mut story = Story::new();
    story.send(POISON);
    story.remove(POISON, Removal::Expired);
    assert_eq!(story.queue().expired.newest().collect::<Vec<_>>(), [POISON]);
    let why = story.why(POISON);
    assert_eq!(why.chip, "Expired");
    let expected =
        "*It expired: it was 4 d old, as old as message_retention_period allows, and so it was deleted from incoming.*";
    assert!(why.text.starts_with(expected), "{}", why.text);
    assert_eq!(story.rows(POISON).pop(), Some(row(0, "expired", "nobody processed it in time")));
    assert_eq!(story.model.stay_ended(POISON, Timestamp(0)), ["expired"]);
    let queue = story.why_of(&Selection::Queue("incoming".into())).text;
    assert!(queue.ends_with("No message waits. 1 message expired: nobody processed it in time."), "{queue}");
    story.tell(Happened::QueueRemoved("incoming".into()));
    assert!(story.model.lives.is_empty());
}

#[test]
fn a_message_was_processed_in_the_last_of_its_batches() {
    let mut story = Story::one_came_back();
    story.now = 60 * SECOND;
    story.collect(&[(POISON, 2)]);
    story.close(9, &[POISON]);
    story.finish(9, &[], &[POISON], BatchVerdict::AllSucceeded);
    let number = |at| story.model.processed_in(POISON, Timestamp(at)).map(|batch| batch.number);
    assert_eq!((number(60 * SECOND), number(0)), (Some(2), None));
    assert!(moved().model.processed_in(POISON, Timestamp(90 * SECOND)).is_none());
}

#[test]
fn a_message_that_a_client_sends_is_a_call_on_the_clients_lane() {
    let mut story = Story::new();
    let function = FunctionName::from("billing");
    let event = InvocationSource::Destination { function, request_id: RequestId(9), outlet: Outlet::DeadLetter };
    let api = InvocationSource::LambdaApi { client: "Boto3".into() };
    let request = InvocationSource::FunctionUrl { request: "GET /orders".into() };
    for (number, source) in (1..).zip([InvocationSource::Workbench, event, api, request]) {
        story.send_to("incoming", MessageId(number), source, None);
        story.now += SECOND;
    }
    // Several at once are one call.
    for number in 5..=7 {
        story.send_to("incoming", MessageId(number), InvocationSource::Workbench, None);
    }
    let lane = story.model.timeline.lane(&LaneKey::Clients).unwrap();
    let targets: Vec<_> = (0..lane.len()).map(|index| lane.bar(index).target).collect();
    assert_eq!(targets, [1, 3, 5].map(|number| Selection::Message("incoming".into(), MessageId(number))));
    // It is taken up where it lies, after a restart.
    story.now += SECOND;
    story.send_to("incoming", MessageId(1), InvocationSource::Workbench, None);
    assert_eq!(story.model.timeline.lane(&LaneKey::Clients).unwrap().len(), 3);
}

#[test]
fn what_was_due_has_become_the_message_where_it_is_now() {
    let story = moved();
    let due = |at, what| Due { at: Timestamp(at), what };
    let (queue, message_id) = (QueueName::from("incoming"), POISON);
    let visible = DueKind::MessageVisible { queue: queue.clone(), message_id };
    let now = Selection::Message("dlq".into(), POISON);
    assert_eq!(story.model.came_of(&due(90 * SECOND, visible.clone())), Some(now.clone()));
    assert_eq!(story.model.came_of(&due(60 * SECOND, visible)), Some(now), "its batch of that time is over, too");
    let gone = DueKind::MessageVisible { queue: queue.clone(), message_id: MessageId(404) };
    assert_eq!(story.model.came_of(&due(0, gone)), Some(Selection::Queue(queue)));
}

#[test]
fn a_message_that_is_put_back_keeps_its_life_its_age_and_its_origin() {
    let mut story = Story::new();
    story.send(POISON);
    story.now = SECOND;
    story.moved(POISON, 3);
    let (sent_at, before) = (story.model.queues["dlq"].messages[&POISON].sent_at, story.model.origin(POISON).unwrap());
    let removal = Removal::Person;
    story.now = 2 * SECOND;
    story.tell(Happened::MessageRemoved { queue: "dlq".into(), message_id: POISON, removal });
    let why = |story: &Story| {
        let selection = Selection::Message("dlq".into(), POISON);
        crate::model::why::why(&story.model, &selection, Timestamp(story.now)).unwrap().text
    };
    assert!(why(&story).ends_with("It can be put back."), "{}", why(&story));
    story.tell(Happened::MessagePutBack {
        queue: "dlq".into(),
        message_id: POISON,
        body: "{}".into(),
        sent_at,
        visible_at: Timestamp(SECOND),
        receive_count: 0,
        came_from: Some("incoming".into()),
    });
    assert_eq!(story.model.origin(POISON).unwrap(), before);
    assert_eq!(story.model.queues["dlq"].messages[&POISON].sent_at, sent_at);
    assert_eq!(story.model.redrive_of(&"dlq".into()).unwrap().count, 1);
    assert!(why(&story).starts_with("*It was received 3 times, so it moved to dlq.*"), "{}", why(&story));
    let rows = story.model.life_rows(POISON, Timestamp(story.now));
    let words: Vec<_> = rows.iter().map(|row| row.words.as_str()).collect();
    assert_eq!(words, ["sent from here", "moved to dlq", "deleted", "put back", "expires"]);
    assert!(!story.model.can_put_back(&"dlq".into(), POISON));
}
