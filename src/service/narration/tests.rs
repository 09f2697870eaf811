//! Steps as they are told: what happened in, sentences and parts out.

use super::super::filter::Mismatch;
use super::super::happened::{BatchVerdict, ClosedBy, Happened, MoveReason, Removal};
use super::super::ids::EnvironmentId;
use super::super::input::FunctionError;
use super::*;

const FUNCTION: &str = "billing";

fn told_with(due: DueKind, what: Vec<Happened>, outlook: Option<Outlook>) -> Told {
    let due = Due { at: Timestamp(0), what: due };
    let happened: Vec<_> = what.into_iter().map(|what| Arc::new(ServiceEvent { at: Timestamp(0), what })).collect();
    let labels = Labels::from([(RequestId(21), "order 2".into())]);
    told(&due, &Step { happened: &happened, now: Timestamp(0), outlook: &|_, _| outlook.clone(), labels: &labels })
}

fn visible_due() -> DueKind {
    DueKind::MessageVisible { queue: "incoming".into(), message_id: MessageId(0) }
}

fn step(what: Vec<Happened>) -> Told {
    told_with(visible_due(), what, None)
}

fn visible(id: u128) -> Happened {
    Happened::MessageVisible { queue: "incoming".into(), message_id: MessageId(id), receive_count: 3 }
}

fn received(id: u128) -> Happened {
    Happened::MessageReceived {
        queue: "incoming".into(),
        function: FUNCTION.into(),
        message_id: MessageId(id),
        receive_count: 2,
        invisible_until: Timestamp(9),
    }
}

fn moved(id: u128) -> Happened {
    let (from, to, reason) = ("incoming".into(), "dlq".into(), MoveReason::RedrivePolicy);
    Happened::MessageMoved { from, to, message_id: MessageId(id), receive_count: 3, reason }
}

fn ids(count: u128) -> Vec<MessageId> {
    (0..count).map(MessageId).collect()
}

fn closed(batch: u64, records: u128) -> Happened {
    Happened::BatchClosed {
        batch: BatchId(batch),
        function: FUNCTION.into(),
        queue: "incoming".into(),
        request_id: RequestId(batch.into()),
        closed_by: ClosedBy::Size,
        message_ids: ids(records),
        bytes: 10,
        opened_at: Timestamp(0),
    }
}

fn finished(batch: u64, failed: u128, reason: BatchVerdict) -> Happened {
    Happened::BatchFinished {
        batch: BatchId(batch),
        request_id: RequestId(batch.into()),
        function: FUNCTION.into(),
        queue: "incoming".into(),
        failed: ids(failed),
        reason,
    }
}

fn words(told: &Told) -> Vec<&str> {
    told.parts.iter().map(|part| &*part.words).collect()
}

#[test]
fn messages_that_moved_are_told_in_their_number() {
    let one = "The visibility timeout of incoming ended: 1 message is visible again. After 3 receives (max_receive_count) it moved to dlq.";
    assert_eq!(step(vec![visible(1), moved(1)]), Told::one(one));
    let two = "The visibility timeout of incoming ended: 2 messages are visible again. After 3 receives (max_receive_count) they moved to dlq.";
    assert_eq!(step(vec![visible(1), visible(2), moved(1), moved(2)]), Told::one(two));
}

#[test]
fn a_delay_that_ends_is_no_visibility_timeout() {
    let sent = Happened::MessageVisible { queue: "incoming".into(), message_id: MessageId(1), receive_count: 0 };
    assert_eq!(step(vec![sent]), Told::one("A delay in incoming ended: 1 message is visible."));
}

/// Seven messages or fewer, of which so many failed: where they go next, after 29.98 s.
fn verdict(records: u128, failed: u128, reason: BatchVerdict, outlook: Option<Outlook>) -> String {
    let told = told_with(visible_due(), vec![closed(1, records), finished(1, failed, reason)], outlook);
    told.sentence.rsplit_once("was reached. ").expect("a batch of a full size").1.to_owned()
}

#[test]
fn a_batch_that_comes_back_is_told_in_its_number() {
    let hidden = || Some(Outlook { visible_at: Some(Timestamp(29_980_000)), moves_to: None });
    for (records, failed, reason, expected) in [
        (
            7,
            1,
            BatchVerdict::PartialFailure,
            "The function reported 1 in batchItemFailures: that one comes back in 30 s, when its visibility timeout ends; the others were deleted.",
        ),
        (
            3,
            2,
            BatchVerdict::PartialFailure,
            "The function reported 2 in batchItemFailures: those come back in 30 s, when their visibility timeout ends; the other one was deleted.",
        ),
        (
            7,
            7,
            BatchVerdict::PartialFailure,
            "The function reported all 7 in batchItemFailures: the whole batch comes back in 30 s, when their visibility timeout ends.",
        ),
        (
            1,
            1,
            BatchVerdict::FunctionError,
            "The function failed, so the message comes back in 30 s, when its visibility timeout ends.",
        ),
        (1, 0, BatchVerdict::AllSucceeded, "The function succeeded, so the message was deleted."),
        (4, 0, BatchVerdict::AllSucceeded, "The function succeeded, so all of them were deleted."),
    ] {
        assert_eq!(verdict(records, failed, reason, hidden()), expected);
    }
}

#[test]
fn what_the_next_receive_moves_is_not_said_to_come_back() {
    let outlook = |visible_at| Some(Outlook { visible_at, moves_to: Some("dlq".into()) });
    let spent = outlook(Some(Timestamp(30_000_000)));
    let failed = BatchVerdict::FunctionError;
    let expected = "The function failed, so the message moves to dlq with the next receive, in 30 s.";
    assert_eq!(verdict(1, 1, failed.clone(), spent.clone()), expected);
    let expected = "The function reported 2 in batchItemFailures: those move to dlq with the next receive, in 30 s; the others were deleted.";
    assert_eq!(verdict(7, 2, BatchVerdict::PartialFailure, spent), expected);
    let expected = "The function failed, so the message is visible again already.";
    assert_eq!(verdict(1, 1, failed.clone(), outlook(None)), expected, "the function ran for longer than the timeout");
    let expected = "The function failed, so the message is not in the queue any more.";
    assert_eq!(verdict(1, 1, failed, None), expected, "it was deleted while the function had it");
}

#[test]
fn several_batches_of_one_step_are_counted_and_each_can_be_chosen() {
    let error = FunctionError { error_type: "Boom".into(), message: "".into(), payload: "{}".into() };
    let threw = Happened::AttemptFinished {
        request_id: RequestId(2),
        function: FUNCTION.into(),
        environment: EnvironmentId(1),
        attempt: 1,
        result: Err(error),
        duration: Micros(1),
        billed_millis: 1,
        init_duration: None,
        max_memory_used_megabytes: 1,
    };
    let ended = |batch: u64| Happened::InvocationEnded {
        request_id: RequestId(batch.into()),
        function: FUNCTION.into(),
        outcome: super::super::happened::Outcome::Succeeded,
        attempts: 1,
    };
    let told = step(vec![
        visible(0),
        visible(1),
        Happened::MessageReceived {
            queue: "incoming".into(),
            function: FUNCTION.into(),
            message_id: MessageId(0),
            receive_count: 4,
            invisible_until: Timestamp(9),
        },
        closed(1, 10),
        closed(2, 1),
        ended(1),
        finished(1, 2, BatchVerdict::PartialFailure),
        threw,
        ended(2),
        finished(2, 1, BatchVerdict::FunctionError),
        moved(1),
    ]);
    assert_eq!(told.sentence, "3 things happened:");
    let expected = [
        "incoming to billing, 10 messages: 2 failed",
        "incoming to billing, 1 message: failed with Boom",
        "1 message moved from incoming to dlq",
    ];
    assert_eq!(words(&told), expected);
    let about: Vec<_> = told.parts.iter().map(|part| part.about.clone()).collect();
    let moved = Subject::Message("dlq".into(), MessageId(1));
    assert_eq!(about, [Subject::Batch(BatchId(1)), Subject::Batch(BatchId(2)), moved]);
    assert_eq!(told.text(), format!("3 things happened: {}", expected.join("; ")));
    let two = step(vec![closed(1, 1), closed(2, 1)]);
    assert_eq!(two.sentence, "2 batches went out:");
    assert_eq!(words(&two), ["incoming to billing, 1 message: is with the function"; 2]);
}

#[test]
fn what_is_collected_again_is_told_and_counted() {
    let one = "The visibility timeout of incoming ended: 1 message is visible again. billing collects it for its next batch.";
    assert_eq!(step(vec![visible(1), received(1)]), Told::one(one));
    let both = step(vec![visible(1), received(1), visible(2), moved(2)]);
    assert_eq!(words(&both), ["1 message of incoming is collected for billing", "1 message moved from incoming to dlq"]);
    let full = step(vec![visible(1), received(1), closed(1, 1)]);
    assert!(full.parts.is_empty(), "the batch says it: {full:?}");
}

#[test]
fn what_expired_is_told_and_counted_beside_other_things() {
    let expired =
        |id: u128| Happened::MessageRemoved { queue: "dlq".into(), message_id: MessageId(id), removal: Removal::Expired };
    let due = || DueKind::MessageExpires { queue: "dlq".into(), message_id: MessageId(1) };
    let one = "1 message of dlq expired: it was as old as message_retention_period allows, so it was deleted.";
    assert_eq!(told_with(due(), vec![expired(1)], None), Told::one(one));
    let told = told_with(due(), vec![visible(5), expired(1), expired(2)], None);
    assert_eq!(words(&told), ["1 message of incoming is visible again", "2 messages of dlq expired"]);
    assert_eq!(told.parts[1].about, Subject::Queue("dlq".into()));
}

#[test]
fn what_a_filter_left_out_is_told_with_the_only_other_thing() {
    let mismatch = Mismatch { path: "body.amount".into(), found: "12".into(), wanted: "> 100".into() };
    let left_out = Happened::MessageLeftOut {
        queue: "incoming".into(),
        function: FUNCTION.into(),
        message_id: MessageId(9),
        mismatches: vec![mismatch],
    };
    let told = step(vec![visible(1), closed(1, 1), finished(1, 0, BatchVerdict::AllSucceeded), left_out.clone()]);
    let expected = [
        "1 message of incoming is visible again",
        "incoming to billing, 1 message: deleted",
        "the filter of billing left 1 message of incoming out",
    ];
    assert_eq!(words(&told), expected);
    let told = step(vec![closed(1, 1), left_out]);
    assert!(told.parts.is_empty(), "{told:?}");
    assert!(told.sentence.ends_with("left 1 message out: body.amount is 12, the filter wants > 100. So it was deleted."));
}

#[test]
fn a_batch_that_is_throttled_again_has_not_failed() {
    let reason = super::super::error::ThrottleReason::ConcurrentInvocationLimitExceeded;
    let throttled = Happened::AttemptThrottled { request_id: RequestId(1), function: FUNCTION.into(), reason };
    let label = Some("a batch of incoming".into());
    let due = DueKind::Attempt { request_id: RequestId(1), function: FUNCTION.into(), attempt: 1, label };
    let expected = "Attempt 1 of a batch of incoming was throttled (ConcurrentInvocationLimitExceeded). \
        It waits, and is tried again until the visibility timeout of its messages ends.";
    assert_eq!(told_with(due, vec![throttled], None), Told::one(expected));
}

#[test]
fn what_step_will_do_counts_messages() {
    let closes = |records| DueKind::WindowCloses { function: FUNCTION.into(), queue: "incoming".into(), records };
    assert_eq!(closes(1).to_string(), "incoming: window closes on 1 message");
    assert_eq!(closes(4).to_string(), "incoming: window closes on 4 messages");
}

#[test]
fn the_only_thing_that_happened_is_told_though_another_one_was_due() {
    let removed = |removal| Happened::MessageRemoved { queue: "incoming".into(), message_id: MessageId(0), removal };
    let expired = "1 message of incoming expired: it was as old as message_retention_period allows, so it was deleted.";
    assert_eq!(step(vec![removed(Removal::Expired)]), Told::one(expired));
    assert_eq!(step(vec![]), Told::one("The message of incoming is gone already."));
    let attempt = || DueKind::Attempt { request_id: RequestId(7), function: FUNCTION.into(), attempt: 2, label: None };
    let back = "The visibility timeout of incoming ended: 1 message is visible again.";
    assert_eq!(told_with(attempt(), vec![visible(1)], None), Told::one(back));
    assert_eq!(told_with(attempt(), vec![moved(1)], None), Told::one("1 message moved from incoming to dlq."));
    let batch = "A batch of 2 messages from incoming went to billing, because batch_size = 2 was reached.";
    assert_eq!(told_with(attempt(), vec![closed(1, 2)], None), Told::one(batch));
}

#[test]
fn what_came_due_while_attempts_ran_is_told_with_them() {
    let started = |id: u128| Happened::AttemptStarted {
        request_id: RequestId(id),
        function: FUNCTION.into(),
        environment: EnvironmentId(1),
        attempt: 2,
        cold: false,
    };
    let due = DueKind::Attempt { request_id: RequestId(20), function: FUNCTION.into(), attempt: 2, label: None };
    let told = told_with(due, vec![started(20), started(21), started(22), visible(1), received(1)], None);
    assert_eq!(told.sentence, "4 things happened:");
    assert_eq!(words(&told)[1], "billing, attempt 2 of order 2: runs", "the label of an event that was not the one due");
    assert_eq!(words(&told)[3], "1 message of incoming is collected for billing");
}

#[test]
fn batches_that_one_visibility_timeout_let_go_are_told_with_it() {
    let told = step(vec![visible(0), visible(1), received(0), received(1), closed(1, 1), closed(2, 1)]);
    assert_eq!(told.sentence, "2 batches went out, for the visibility timeout of incoming ended:");
    assert_eq!(told.parts.len(), 2);
}
