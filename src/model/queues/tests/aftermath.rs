//! What a batch and its function say of messages that failed, at every moment after it.

use super::*;
use crate::service::error::ThrottleReason;

const THROTTLED: BatchVerdict = BatchVerdict::Throttled(ThrottleReason::ConcurrentInvocationLimitExceeded);
const REPORTED: &str = "*billing reported 1 of 2 records in batchItemFailures.* ";
const CLOSED: &str = " The other one was deleted. 2 messages were there, and a window of 0 s waits for no more.";

/// Batch 7 once its message has come back; what the sentence says of that.
fn came_of(story: &Story) -> String {
    let text = story.why_of_batch(7);
    let inner = text.strip_prefix(REPORTED).and_then(|text| text.strip_suffix(CLOSED));
    inner.unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// The message is visible again and goes out in batch 8.
fn again() -> Story {
    let mut story = Story::one_came_back();
    story.now = 30 * SECOND;
    story.visible(POISON, 1);
    story.collect(&[(POISON, 2)]);
    story.now = 35 * SECOND;
    story.close(8, &[POISON]);
    story
}

#[test]
fn a_batch_tells_what_came_of_its_message_at_every_moment() {
    let mut story = Story::one_came_back();
    assert_eq!(came_of(&story), "That one comes back to incoming at 0:30.000, when its visibility timeout ends.");
    story.now = 30 * SECOND;
    story.visible(POISON, 1);
    assert_eq!(came_of(&story), "That one came back to incoming at 0:30.000 and waits there.");
    assert_eq!(story.fate_words(7, POISON), "back since 0:30.000");
    story.collect(&[(POISON, 2)]);
    assert_eq!(came_of(&story), "That one came back and is collected again.");
    assert_eq!(story.fate_words(7, POISON), "collected again");
    story.now = 35 * SECOND;
    story.close(8, &[POISON]);
    assert_eq!(came_of(&story), "That one came back and went out again: see batch 2.");
    assert_eq!(story.fate_words(7, POISON), "then batch 2: has it");
}

#[test]
fn a_message_that_is_processed_later_is_not_said_to_come_back() {
    let mut story = again();
    story.finish(8, &[], &[POISON], BatchVerdict::AllSucceeded);
    assert_eq!(came_of(&story), "That one went out again in batch 2, where it was processed, and so deleted.");
    assert_eq!(story.fate_words(7, POISON), "then batch 2: deleted");
    assert_eq!(story.fate_words(8, POISON), "deleted");
}

#[test]
fn a_message_that_fails_again_is_told_until_it_has_moved_and_after_a_redrive() {
    let mut story = again();
    story.finish(8, &[POISON], &[], BatchVerdict::FunctionError);
    assert_eq!(came_of(&story), "That one went out again in batch 2, and comes back at 1:00.000.");
    story.now = 60 * SECOND;
    story.visible(POISON, 2);
    story.collect(&[(POISON, 3)]);
    story.close(9, &[POISON]);
    story.finish(9, &[POISON], &[], BatchVerdict::FunctionError);
    let expected = "That one went out again in batch 3; the next receive, from 1:30.000 on, moves it to dlq.";
    assert_eq!(came_of(&story), expected);
    story.now = 90 * SECOND;
    story.visible(POISON, 3);
    story.moved(POISON, 3);
    assert_eq!(came_of(&story), "That one went out again in batch 3, and moved to dlq at 1:30.000.");
    let last = story.why_of_batch(9);
    assert!(last.contains("The message moved to dlq at 1:30.000 instead of being received again."), "{last}");
    story.now = 95 * SECOND;
    story.redriven(POISON);
    let last = story.why_of_batch(9);
    assert!(last.contains("The message was moved back to incoming by a person at 1:35.000."), "{last}");
    assert_eq!(story.queue().messages[&POISON].sent_at, Timestamp(95 * SECOND), "its age begins anew");
}

#[test]
fn a_message_that_is_gone_after_its_batch_says_how() {
    for (removal, sentence, words) in [
        (Removal::Person, "That one was deleted by a person.", "deleted by a person"),
        (Removal::Expired, "That one expired (message_retention_period).", "expired"),
        (Removal::LeftOut, "That one was then left out by a filter, and so deleted.", "left out by the filter"),
    ] {
        let mut story = Story::one_came_back();
        story.remove(POISON, removal);
        assert_eq!(came_of(&story), sentence);
        assert_eq!(story.fate_words(7, POISON), words);
    }
    let mut story = Story::one_came_back();
    story.tell(Happened::QueueRemoved("incoming".into()));
    assert_eq!(came_of(&story), "That one is laid aside: incoming was removed, and comes back with it.");
    assert_eq!(story.fate_words(7, POISON), "its queue was removed");
}

#[test]
fn a_message_that_is_gone_while_its_function_has_it_is_not_said_to_be_processed() {
    for (removal, words, right) in
        [(Removal::Person, "deleted by a person", "deleted meanwhile"), (Removal::Expired, "expired", "expired meanwhile")]
    {
        let mut story = Story::new();
        story.send(POISON);
        story.collect(&[(POISON, 1)]);
        story.close(7, &[POISON]);
        story.remove(POISON, removal);
        assert_eq!(story.fate_words(7, POISON), words, "while it runs");
        story.finish(7, &[], &[], BatchVerdict::AllSucceeded);
        assert_eq!(story.fate_words(7, POISON), words, "after it succeeded");
        assert!(story.rows(POISON).iter().any(|row| row.2 == right), "{:?}", story.rows(POISON));
    }
}

#[test]
fn groups_of_messages_are_told_one_by_one() {
    let mut story = Story::new();
    let all: Vec<_> = (1..=5).map(MessageId).collect();
    all.iter().for_each(|id| story.send(*id));
    let received: Vec<_> = all.iter().map(|id| (*id, 1)).collect();
    story.collect(&received);
    story.close(7, &all);
    story.finish(7, &all, &[], BatchVerdict::FunctionError);
    let text = story.why_of_batch(7);
    let start = "*billing failed.* A batch is invoked synchronously, so nobody retries the invocation. \
        All 5 messages come back to incoming at 0:30.000, when their visibility timeout ends.";
    assert!(text.starts_with(start), "{text}");
    story.remove(all[0], Removal::Person);
    story.now = 30 * SECOND;
    story.visible(all[1], 1);
    story.moved(all[1], 1);
    let text = story.why_of_batch(7);
    let expected = "3 of them come back to incoming at 0:30.000, when their visibility timeout ends. \
        1 of them moved to dlq at 0:30.000 instead of being received again. 1 of them was deleted by a person.";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn a_batch_that_runs_or_was_not_sent_says_so_and_counts_no_failure() {
    let mut story = Story::new();
    story.tell(Happened::FunctionConfigured(crate::service::configuration::FunctionConfiguration::new("billing").into()));
    story.send(POISON);
    story.collect(&[(POISON, 1)]);
    story.close(7, &[POISON]);
    let text = story.why_of_batch(7);
    assert!(text.ends_with("It went to billing, which has not answered yet."), "{text}");
    story.finish(7, &[POISON], &[], THROTTLED);
    assert_eq!(story.model.batches[&BatchId(7)].failed_words().as_deref(), Some("not sent"));
    let text = story.why_of_batch(7);
    assert!(text.contains("until the visibility timeout ended.* The message comes back to incoming at 0:30.000"), "{text}");
    story.close(8, &[POISON]);
    story.finish(8, &[POISON], &[], BatchVerdict::MappingGone);
    let text = story.why_of_batch(8);
    let expected = "*The mapping from incoming to billing was removed while the batch waited for the function.*";
    assert!(text.starts_with(expected), "{text}");
    assert_eq!(story.model.functions["billing"].batches, crate::model::functions::BatchCounts::default());
}

#[test]
fn a_function_tells_failed_records_though_its_attempts_succeeded() {
    let mut story = Story::one_came_back();
    if let Some(function) = story.model.functions.get_mut("billing") {
        function.invocations = 2;
    }
    let told = |story: &Story| story.why_of(&Selection::Function("billing".into())).text;
    assert!(told(&story).ends_with("2 invocations, 1 batch with failed records (1 of 2 records)."), "{}", told(&story));
    story.now = 30 * SECOND;
    story.collect(&[(POISON, 2)]);
    story.close(8, &[POISON]);
    story.finish(8, &[POISON], &[], BatchVerdict::PartialFailure);
    assert!(told(&story).ends_with("2 invocations, 2 batches with failed records (2 of 3 records)."), "{}", told(&story));
    assert_eq!(story.model.batches[&BatchId(7)].failed_words().as_deref(), Some("1 of 2 failed"));
    assert_eq!(story.model.batches[&BatchId(8)].failed_words().as_deref(), Some("failed"));
}
