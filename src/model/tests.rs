//! The model of a run: events in, what the panels read out.

use super::*;
use crate::event::{Event, ProblemKind};
use crate::model::selection::{InvocationModel, Selection};
use crate::model::timeline::{BarKind, LaneKey};
use crate::model::why::{Standing, why};
use crate::service::configuration::{FunctionConfiguration, MappingConfiguration};
use crate::service::error::ServiceError;
use crate::service::happened::{BatchVerdict, ClosedBy, Happened, Outcome, RetryReason, ServiceEvent};
use crate::service::ids::MessageId;
use crate::service::input::{FunctionError, InvocationSource, InvocationType};

const ID: RequestId = RequestId(7);

fn model(events: &[(u64, Happened)]) -> Model {
    let mut model = Model::default();
    for (millis, what) in events {
        model.apply(&Event::Service(ServiceEvent { at: Timestamp(millis * 1_000), what: what.clone() }.into()));
    }
    model
}

fn accepted() -> Happened {
    Happened::InvocationAccepted {
        request_id: ID,
        function: "confirm".into(),
        invocation_type: InvocationType::Event,
        source: InvocationSource::Workbench,
        payload: "{}".into(),
        label: Some("order-1042".into()),
        accepted_at: Timestamp(0),
    }
}

fn failed_once() -> Vec<(u64, Happened)> {
    let environment = EnvironmentId(1);
    let error = FunctionError { error_type: "PaymentDeclined".into(), message: "no".into(), payload: "{}".into() };
    vec![
        (0, Happened::FunctionConfigured(FunctionConfiguration::new("confirm").into())),
        (0, accepted()),
        (0, Happened::EnvironmentStarting { environment, function: "confirm".into(), number: 1 }),
        (100, Happened::EnvironmentReady { environment, init_duration: Micros::from_millis(100) }),
        (100, Happened::AttemptStarted { request_id: ID, function: "confirm".into(), environment, attempt: 1, cold: true }),
        (
            350,
            Happened::AttemptFinished {
                request_id: ID,
                function: "confirm".into(),
                environment,
                attempt: 1,
                result: Err(error),
                duration: Micros::from_millis(250),
                billed_millis: 350,
                init_duration: Some(Micros::from_millis(100)),
                max_memory_used_megabytes: 40,
            },
        ),
        (
            350,
            Happened::RetryScheduled {
                request_id: ID,
                function: "confirm".into(),
                next_attempt: 2,
                due: Timestamp(60_350_000),
                reason: RetryReason::FunctionError { error_type: "PaymentDeclined".into() },
            },
        ),
    ]
}

#[test]
fn a_failed_attempt_is_explained_with_its_settings() {
    let model = model(&failed_once());
    let why = why(&model, &Selection::Invocation(ID), Timestamp(1_000_000)).unwrap();
    assert_eq!(why.title, "order-1042");
    assert_eq!((why.chip.as_str(), why.standing), ("Waiting for attempt 2", Standing::Waiting));
    assert_eq!(
        why.text,
        "*Attempt 1 of 3 threw PaymentDeclined.* Lambda put the event back into confirm's own queue and waits 1 min before attempt 2."
    );
    let failure = why.failure.unwrap();
    assert_eq!((&*failure.error_type, &*failure.message, failure.place), ("PaymentDeclined", "no", None));
    assert_eq!(why.decided_by[0].value, "maximum_retry_attempts = 2");
}

#[test]
fn counters_and_lists_follow() {
    let mut model = model(&failed_once());
    assert_eq!(model.warm_and_busy(), (1, 0));
    assert_eq!(model.waiting(Some("confirm")).count(), 1);
    assert_eq!(model.functions["confirm"].errors, 1);
    let ended = Happened::InvocationEnded { request_id: ID, function: "confirm".into(), outcome: Outcome::Dropped, attempts: 1 };
    model.apply(&Event::Service(ServiceEvent { at: Timestamp(2_000_000), what: ended }.into()));
    assert_eq!(model.waiting(None).count(), 0);
}

#[test]
fn the_timeline_has_calls_waits_init_and_runs() {
    let model = model(&failed_once());
    let environment = model.timeline.lane(&LaneKey::Environment("confirm".into(), 1)).unwrap();
    assert_eq!((environment.kind(0), environment.kind(1)), (BarKind::Init, BarKind::Run(InvocationModel::Asynchronous)));
    assert!(environment.has_failed(1));
    let waits = model.timeline.lane(&LaneKey::Events("confirm".into())).unwrap();
    assert_eq!(waits.len(), 2, "before the first attempt and before the second");
    assert!(waits.open().is_some());
    assert_eq!(model.timeline.lane(&LaneKey::Clients).unwrap().len(), 1);
}

#[test]
fn old_invocations_are_forgotten_and_running_ones_are_not() {
    let mut model = Model::default();
    for number in 0..(INVOCATIONS_KEPT as u128 + 500) {
        let (request_id, function) = (RequestId(number), FunctionName::from("f"));
        let accepted = Happened::InvocationAccepted {
            request_id,
            function: function.clone(),
            invocation_type: InvocationType::RequestResponse,
            source: InvocationSource::Workbench,
            payload: "{}".into(),
            label: None,
            accepted_at: Timestamp(1),
        };
        model.apply(&Event::Service(ServiceEvent { at: Timestamp(1), what: accepted }.into()));
        if number != 3 {
            let ended = Happened::InvocationEnded { request_id, function, outcome: Outcome::Succeeded, attempts: 1 };
            model.apply(&Event::Service(ServiceEvent { at: Timestamp(1), what: ended }.into()));
        }
    }
    assert!(model.invocations.len() <= INVOCATIONS_KEPT + 1, "{}", model.invocations.len());
    assert!(model.invocations.contains_key(&RequestId(3)), "it still runs");
}

#[test]
fn an_event_that_waited_over_a_restart_has_one_bar_until_it_is_tried() {
    let environment = EnvironmentId(1);
    let restarted = Happened::RetryScheduled {
        request_id: ID,
        function: "confirm".into(),
        next_attempt: 2,
        due: Timestamp(60_000_000),
        reason: RetryReason::Restarted,
    };
    let mut model = model(&[(0, accepted()), (0, restarted)]);
    let bars = |model: &Model| model.timeline.lanes().filter(|(key, _, _)| matches!(key, LaneKey::Events(_))).count();
    assert_eq!(bars(&model), 1, "one row: one event waits");
    let tried = Happened::AttemptStarted { request_id: ID, function: "confirm".into(), environment, attempt: 2, cold: true };
    model.apply(&Event::Service(ServiceEvent { at: Timestamp(60_000_000), what: tried }.into()));
    assert!(model.timeline.lanes().all(|(key, _, lane)| !matches!(key, LaneKey::Events(_)) || lane.open().is_none()));
}

fn notices(model: &mut Model) -> Vec<String> {
    let told = std::mem::take(&mut model.answers).into_iter();
    told.filter_map(|event| if let Event::Notice(notice) = event { Some(notice.text) } else { None }).collect()
}

#[test]
fn a_port_that_was_in_use_is_told_once() {
    let mut model = Model::default();
    let door =
        Door { kind: "lambda api".into(), address: "http://127.0.0.1:9002".into(), moved_from: Some(9_001), certificate: None };
    model.apply(&Event::Door(door.clone()));
    model.apply(&Event::Door(door));
    let text = "Port 9001 is in use by another program, so the Lambda API is at http://127.0.0.1:9002.";
    assert_eq!(notices(&mut model), [text]);
    assert_eq!(model.notices.len(), 1, "it can be read again behind the bell");
}

#[test]
fn a_door_may_be_open_for_http_and_for_https() {
    let door = |address: &str| Door { kind: "url f".into(), address: address.into(), moved_from: None, certificate: None };
    let mut model = Model::default();
    for address in ["http://a.localhost:9002/", "https://a.localhost:9443/", "http://a.localhost:9003/"] {
        model.apply(&Event::Door(door(address)));
    }
    let open: Vec<&str> = model.doors.iter().map(|door| &*door.address).collect();
    assert_eq!(open, ["https://a.localhost:9443/", "http://a.localhost:9003/"]);
}

#[test]
fn a_problem_is_told_when_it_appears_and_not_again() {
    let problem = |line, kind| Problem {
        file: "/w/invokelab.toml".into(),
        line,
        column: 3,
        message: "there is no key timeot; did you mean timeout?".into(),
        kind,
    };
    let view = |problems| Event::Workspace(Arc::new(WorkspaceView { folder: "/w".into(), problems, ..WorkspaceView::default() }));
    let mut model = Model::default();
    model.apply(&view(vec![problem(1, ProblemKind::NotActiveYet)]));
    assert_eq!(notices(&mut model), Vec::<String>::new(), "a key of a later version is no problem");
    model.apply(&view(vec![problem(7, ProblemKind::Mistake), problem(9, ProblemKind::Advice)]));
    let text = "invokelab.toml:7:3: there is no key timeot; did you mean timeout? One more problem is listed in the status bar.";
    assert_eq!(notices(&mut model), [text]);
    model.apply(&view(vec![problem(7, ProblemKind::Mistake)]));
    assert_eq!(notices(&mut model), Vec::<String>::new());
}

#[test]
fn a_message_that_came_back_and_went_out_at_once_has_become_its_batch() {
    let (queue, message_id) = (QueueName::from("incoming"), MessageId(1));
    let sent = Happened::MessageSent {
        queue: queue.clone(),
        message_id,
        body: "{}".into(),
        source: InvocationSource::Workbench,
        sent_at: Timestamp(0),
        visible_at: Timestamp(0),
        receive_count: 0,
        came_from: None,
    };
    let closed = |batch| Happened::BatchClosed {
        batch: BatchId(batch),
        function: "confirm".into(),
        queue: queue.clone(),
        request_id: ID,
        closed_by: ClosedBy::Size,
        message_ids: vec![message_id],
        bytes: 2,
        opened_at: Timestamp(0),
    };
    let received = Happened::MessageReceived {
        queue: queue.clone(),
        function: "confirm".into(),
        message_id,
        receive_count: 1,
        invisible_until: Timestamp(30_000_000),
    };
    let mut model = model(&[(0, sent), (0, received.clone()), (0, closed(1))]);
    let due = Due { at: Timestamp(30_000_000), what: DueKind::MessageVisible { queue: queue.clone(), message_id } };
    assert_eq!(model.came_of(&due), Some(Selection::Message(queue.clone(), message_id)));
    for what in [received, closed(2)] {
        model.apply(&Event::Service(ServiceEvent { at: due.at, what }.into()));
    }
    assert_eq!(model.came_of(&due), Some(Selection::Batch(BatchId(2))));
}

/// The second attempt was due when the program was started again: the first is known by its number alone.
fn restarted() -> Vec<(u64, Happened)> {
    let due = Timestamp(60_000_000);
    let retry =
        |next_attempt, reason| Happened::RetryScheduled { request_id: ID, function: "confirm".into(), next_attempt, due, reason };
    vec![
        (0, Happened::FunctionConfigured(FunctionConfiguration::new("confirm").into())),
        (0, accepted()),
        (0, retry(2, RetryReason::Restarted)),
    ]
}

#[test]
fn attempts_before_a_restart_count() {
    let (environment, selection) = (EnvironmentId(1), Selection::Invocation(ID));
    let mut events = restarted();
    let told = why(&model(&events), &selection, Timestamp(0)).unwrap();
    assert_eq!(told.chip, "Waiting for attempt 2");
    assert!(told.text.ends_with("Attempt 1 was made before the restart."), "{}", told.text);
    for attempt in [2, 3] {
        let error = FunctionError { error_type: "PaymentDeclined".into(), message: "".into(), payload: "{}".into() };
        let function: FunctionName = "confirm".into();
        events.push((
            60_000,
            Happened::AttemptStarted { request_id: ID, function: function.clone(), environment, attempt, cold: true },
        ));
        events.push((
            60_001,
            Happened::AttemptFinished {
                request_id: ID,
                function,
                environment,
                attempt,
                result: Err(error),
                duration: Micros(1_000),
                billed_millis: 1,
                init_duration: None,
                max_memory_used_megabytes: 1,
            },
        ));
    }
    let outcome = Outcome::RetriesExhausted;
    events.push((60_001, Happened::InvocationEnded { request_id: ID, function: "confirm".into(), outcome, attempts: 3 }));
    let told = why(&model(&events), &selection, Timestamp(0)).unwrap();
    let start = "*All 3 attempts failed, the last with PaymentDeclined. Attempt 1 was made before the restart.*";
    assert!(told.text.starts_with(start), "{}", told.text);
}

#[test]
fn an_attempt_that_the_end_of_the_program_cut_off_is_told_until_the_event_ends() {
    let (environment, selection) = (EnvironmentId(1), Selection::Invocation(ID));
    let mut events = restarted();
    if let Some((_, Happened::RetryScheduled { reason, .. })) = events.last_mut() {
        *reason = RetryReason::CutOff;
    }
    let told = |events: &[(u64, Happened)]| why(&model(events), &selection, Timestamp(0)).unwrap().text;
    let waiting = told(&events);
    assert!(waiting.starts_with("*The program ended while attempt 2 ran.*"), "{waiting}");
    assert!(waiting.ends_with("Attempt 1 was made before the restart."), "{waiting}");
    assert_eq!(waiting.matches("program ended").count(), 1, "{waiting}");
    let function: FunctionName = "confirm".into();
    let (outcome, cold) = (Outcome::Succeeded, true);
    events.push((60_000, Happened::AttemptStarted { request_id: ID, function: function.clone(), environment, attempt: 2, cold }));
    let cut_off = "Attempt 2 was cut off before, when the program ended. That counts as no attempt, so it is made again.";
    assert!(told(&events).ends_with(cut_off), "{}", told(&events));
    events.push((60_001, Happened::InvocationEnded { request_id: ID, function, outcome, attempts: 2 }));
    assert!(told(&events).ends_with(cut_off), "{}", told(&events));
}

/// A synchronous invocation in a new environment whose init fails; `again` if Lambda tries it once more within the invoke.
fn init_failed(again: bool) -> Vec<(u64, Happened)> {
    let (first, second) = (EnvironmentId(1), EnvironmentId(2));
    let function: FunctionName = "confirm".into();
    let error = FunctionError { error_type: "Runtime.UserCodeSyntaxError".into(), message: "".into(), payload: "{}".into() };
    let starting = |environment| Happened::EnvironmentStarting { environment, function: function.clone(), number: 1 };
    let failed =
        |environment| Happened::EnvironmentInitFailed { environment, error: error.clone(), init_duration: Micros(5_000) };
    let begun = |environment, cold| Happened::AttemptStarted {
        request_id: ID,
        function: function.clone(),
        environment,
        attempt: 1,
        cold,
    };
    let mut accepted = accepted();
    if let Happened::InvocationAccepted { invocation_type, .. } = &mut accepted {
        *invocation_type = InvocationType::RequestResponse;
    }
    let mut events = vec![accepted, starting(first), failed(first)];
    match again {
        true => events.extend([starting(second), begun(second, false), failed(second)]),
        false => events.push(begun(first, true)),
    }
    events.extend([
        Happened::AttemptFinished {
            request_id: ID,
            function: function.clone(),
            environment: if again { second } else { first },
            attempt: 1,
            result: Err(error.clone()),
            duration: Micros(1_000),
            billed_millis: 1,
            init_duration: None,
            max_memory_used_megabytes: 1,
        },
        Happened::InvocationEnded { request_id: ID, function: function.clone(), outcome: Outcome::FunctionError, attempts: 1 },
    ]);
    events.into_iter().map(|event| (0, event)).collect()
}

#[test]
fn an_attempt_that_failed_at_init_says_so_and_names_no_warm_environment() {
    use crate::model::invocations::Start;
    for again in [true, false] {
        let model = model(&init_failed(again));
        assert_eq!(model.invocations[&ID].attempts[0].start, Start::InitFailed, "again: {again}");
        let told = why(&model, &Selection::Invocation(ID), Timestamp(0)).unwrap();
        assert!(told.text.starts_with("*The function's init failed with Runtime.UserCodeSyntaxError"), "{}", told.text);
        let lane = model.timeline.lane(&LaneKey::Environment("confirm".into(), 1)).unwrap();
        assert!(lane.has_failed(lane.len() - 1), "its bar has the red cap");
    }
}

#[test]
fn an_init_within_an_invoke_is_neither_warm_nor_the_end_of_its_bar() {
    use crate::model::invocations::Start;
    let mut events = init_failed(true);
    let failed = events.iter().rposition(|(_, event)| matches!(event, Happened::EnvironmentInitFailed { .. })).unwrap();
    events.truncate(failed);
    events.push((3, Happened::EnvironmentReady { environment: EnvironmentId(2), init_duration: Micros(3_000) }));
    let model = model(&events);
    assert_eq!(model.invocations[&ID].attempts[0].start, Start::InitWithin(Some(Micros(3_000))));
    assert!(model.timeline.lane(&LaneKey::Environment("confirm".into(), 1)).unwrap().open().is_some());
}

#[test]
fn the_age_of_an_event_is_no_setting_and_the_limit_is() {
    let told = why(&model(&failed_once()), &Selection::Invocation(ID), Timestamp(4_350_000)).unwrap();
    let age = &told.decided_by[1];
    assert_eq!((age.lead.as_str(), age.value.as_str()), ("the event is 4 s old of", "6 h"));
    assert_eq!(age.key, Some("event_invoke.maximum_event_age_in_seconds"));
}

#[test]
fn the_age_of_an_event_counts_from_when_an_earlier_run_accepted_it() {
    let events = restarted().into_iter().map(|(at, what)| (at + 50_000, what)).collect::<Vec<_>>();
    let model = model(&events);
    assert_eq!(model.invocations[&ID].accepted_at, Timestamp(0));
    assert!(model.timeline.lane(&LaneKey::Clients).is_none_or(|lane| lane.is_empty()), "nobody called after the restart");
}

#[test]
fn an_event_was_called_for_a_moment_before_it_was_on_disk() {
    let mut model = Model::default();
    let told = |at: u64, what| Event::Service(ServiceEvent { at: Timestamp(at), what }.into());
    model.apply(&told(0, Happened::FunctionConfigured(FunctionConfiguration::new("confirm").into())));
    model.apply(&told(7_000, accepted()));
    assert_eq!(model.timeline.lane(&LaneKey::Clients).unwrap().len(), 1);
}

#[test]
fn the_age_of_a_message_counts_from_when_an_earlier_run_sent_it() {
    let sent = Happened::MessageSent {
        queue: "incoming".into(),
        message_id: MessageId(1),
        body: "{}".into(),
        source: InvocationSource::Workbench,
        sent_at: Timestamp(7),
        visible_at: Timestamp(7),
        receive_count: 0,
        came_from: None,
    };
    let model = model(&[(50_000, sent)]);
    assert_eq!(model.queues[&QueueName::from("incoming")].messages[&MessageId(1)].sent_at, Timestamp(7));
}

/// Why a batch of `records` went out, and what came of it.
fn why_of_batch(records: u128, failed: u128, closed_by: ClosedBy) -> why::Why {
    let (batch, function, queue) = (BatchId(4), FunctionName::from("billing"), QueueName::from("incoming"));
    let ids = |count| (0..count).map(MessageId).collect::<Vec<_>>();
    let mapping = MappingConfiguration {
        maximum_batching_window: Micros::from_secs(5),
        report_batch_item_failures: true,
        ..MappingConfiguration::new(&function, &queue)
    };
    let verdict = if failed == 0 { BatchVerdict::AllSucceeded } else { BatchVerdict::PartialFailure };
    let model = model(&[
        (0, Happened::MappingConfigured(mapping)),
        (
            5_000,
            Happened::BatchClosed {
                batch,
                function: function.clone(),
                queue: queue.clone(),
                request_id: ID,
                closed_by,
                message_ids: ids(records),
                bytes: 10,
                opened_at: Timestamp(0),
            },
        ),
        (5_000, Happened::BatchFinished { batch, request_id: ID, function, queue, failed: ids(failed), reason: verdict }),
    ]);
    why(&model, &Selection::Batch(batch), Timestamp(5_000_000)).unwrap()
}

#[test]
fn what_came_of_a_batch_is_told_in_its_number() {
    for (records, failed, chip, text) in [
        (1, 0, "Succeeded", "*The window ran out after 5 s with 1 collected.* It was processed and deleted."),
        (
            7,
            1,
            "Partly failed",
            "*billing reported 1 of 7 records in batchItemFailures.* That one came back to incoming. The other 6 were deleted. The window ran out after 5 s with 7 collected.",
        ),
        (
            7,
            6,
            "Partly failed",
            "*billing reported 6 of 7 records in batchItemFailures.* Those came back to incoming. The other one was deleted. The window ran out after 5 s with 7 collected.",
        ),
        (
            7,
            7,
            "Failed",
            "*billing reported all 7 records in batchItemFailures.* All 7 messages came back to incoming. The window ran out after 5 s with 7 collected.",
        ),
        (
            1,
            1,
            "Failed",
            "*billing reported the only record in batchItemFailures.* The message came back to incoming. The window ran out after 5 s with 1 collected.",
        ),
    ] {
        let why = why_of_batch(records, failed, ClosedBy::Window);
        assert_eq!((why.chip.as_str(), why.text.as_str()), (chip, text));
    }
}

#[test]
fn the_limit_that_closed_a_batch_is_named_first() {
    let named = |closed_by| why_of_batch(7, 0, closed_by).decided_by.into_iter().map(|by| (by.key, by.value)).collect::<Vec<_>>();
    let window = (Some("maximum_batching_window_in_seconds"), "maximum_batching_window_in_seconds = 5".to_owned());
    let size = (Some("batch_size"), "batch_size = 10".to_owned());
    assert_eq!(named(ClosedBy::Window), [window.clone(), size.clone()]);
    assert_eq!(named(ClosedBy::Size), [size.clone(), window.clone()]);
    assert_eq!(named(ClosedBy::Bytes), [(None, "the limit of 6 MB".to_owned()), size, window]);
}

#[test]
fn an_error_is_told_with_its_message_and_its_place() {
    let mut events = failed_once();
    for (_, event) in &mut events {
        if let Happened::AttemptFinished { result, .. } = event {
            let payload = r#"{"trace": ["Error: no table *", "    at handler (/w/confirm.mjs:14:11)"]}"#;
            let message = "no table *\nwas found";
            *result = Err(FunctionError { error_type: "Error".into(), message: message.into(), payload: payload.into() });
        }
    }
    let told = why(&model(&events), &Selection::Invocation(ID), Timestamp(0)).unwrap();
    assert!(told.text.starts_with("*Attempt 1 of 3 threw Error.* Lambda put"), "{}", told.text);
    let failure = told.failure.unwrap();
    assert_eq!(failure.message, "no table *", "its first line as it is: nothing is marked in it");
    assert_eq!(failure.place.map(|place| (place.file, place.line)), Some(("confirm.mjs".into(), 14)));
}

#[test]
fn a_batch_that_loses_its_messages_before_it_is_sent_is_collected_no_more() {
    use super::queues::MessageState;
    use crate::service::happened::Removal;
    use crate::service::ids::MessageId;
    let (queue, function) = (QueueName::from("incoming"), crate::service::ids::FunctionName::from("confirm"));
    let sent = |id| Happened::MessageSent {
        queue: queue.clone(),
        message_id: MessageId(id),
        body: "{}".into(),
        source: InvocationSource::Workbench,
        sent_at: Timestamp(0),
        visible_at: Timestamp(0),
        receive_count: 0,
        came_from: None,
    };
    let received = |id| Happened::MessageReceived {
        queue: queue.clone(),
        function: function.clone(),
        message_id: MessageId(id),
        receive_count: 1,
        invisible_until: Timestamp(9),
    };
    let opened = Happened::BatchOpened { function: function.clone(), queue: queue.clone(), closes_at: Timestamp(5) };
    let deleted = Happened::MessageRemoved { queue: queue.clone(), message_id: MessageId(1), removal: Removal::Person };
    let mut model = model(&[(0, sent(1)), (0, sent(2)), (0, opened), (0, received(1)), (0, received(2)), (1, deleted)]);
    let collecting = model.queues[&queue].collecting.clone().unwrap();
    assert_eq!((collecting.messages, collecting.bytes), (vec![MessageId(2)], 2));
    let dropped = Happened::BatchDropped { function, queue: queue.clone() };
    model.apply(&Event::Service(ServiceEvent { at: Timestamp(2), what: dropped }.into()));
    assert!(model.queues[&queue].collecting.is_none());
    assert_eq!(model.queues[&queue].messages[&MessageId(2)].state, MessageState::InvisibleUntil(Timestamp(9)));
}

#[test]
fn a_throttled_batch_says_that_it_waits() {
    use crate::service::error::ThrottleReason;
    use crate::service::happened::{BatchVerdict, ClosedBy};
    use crate::service::ids::BatchId;
    let reason = ThrottleReason::ConcurrentInvocationLimitExceeded;
    let closed = Happened::BatchClosed {
        batch: BatchId(1),
        function: "confirm".into(),
        queue: "incoming".into(),
        request_id: ID,
        closed_by: ClosedBy::Size,
        message_ids: Vec::new(),
        bytes: 2,
        opened_at: Timestamp(0),
    };
    let throttled = Happened::AttemptThrottled { request_id: ID, function: "confirm".into(), reason };
    let configured = Happened::FunctionConfigured(FunctionConfiguration::new("confirm").into());
    let mut model = model(&[(0, configured), (0, accepted()), (0, closed), (1, throttled)]);
    let text = |model: &Model| why(model, &Selection::Batch(BatchId(1)), Timestamp(9)).unwrap().text;
    assert!(text(&model).contains("The batch waits for it until"), "{}", text(&model));
    for (verdict, told) in [
        (BatchVerdict::Throttled(reason), "until the visibility timeout ended."),
        (BatchVerdict::RecursiveLoop, "*confirm was stopped as a recursive loop.* It had been invoked 16 times"),
        (BatchVerdict::Emptied, "were deleted"),
    ] {
        let (batch, function, queue) = (BatchId(1), "confirm".into(), "incoming".into());
        let what = Happened::BatchFinished { batch, request_id: ID, function, queue, failed: Vec::new(), reason: verdict };
        model.apply(&Event::Service(ServiceEvent { at: Timestamp(2), what }.into()));
        assert!(text(&model).contains(told), "{}", text(&model));
    }
}

#[test]
fn a_recursive_loop_is_told_with_its_setting_and_counted() {
    let error = ServiceError::RecursiveInvocation { arn: "arn:aws:lambda:us-east-1:000000000000:function:confirm".into() };
    let (function, source): (FunctionName, _) = ("confirm".into(), InvocationSource::Workbench);
    let refused = Happened::InvocationRefused {
        request_id: RequestId(8),
        function: function.clone(),
        invocation_type: InvocationType::RequestResponse,
        source,
        payload: "{}".into(),
        error,
    };
    let ended =
        Happened::InvocationEnded { request_id: ID, function: function.clone(), outcome: Outcome::RecursiveLoop, attempts: 0 };
    let configured = Happened::FunctionConfigured(FunctionConfiguration::new("confirm").into());
    let model = model(&[(0, configured), (0, accepted()), (0, ended), (1, refused)]);
    for (id, chip, told) in [
        (ID, "Gave up: recursive loop", "so the event is gone."),
        (RequestId(8), "Recursive loop, 400", "The caller got a RecursiveInvocationException."),
    ] {
        let why = why(&model, &Selection::Invocation(id), Timestamp(9)).unwrap();
        assert_eq!((why.chip.as_str(), why.standing), (chip, Standing::Failed));
        let begins =
            "*Lambda stopped a recursive loop.* confirm had been invoked 16 times in one chain of requests, so no code ran.";
        assert!(why.text.starts_with(begins) && why.text.ends_with(told), "{}", why.text);
        assert_eq!(why.decided_by[0].key, Some("recursive_loop"));
    }
    let function = why(&model, &Selection::Function(function), Timestamp(9)).unwrap().text;
    assert!(function.ends_with("2 invocations, 2 invocations stopped as a recursive loop."), "{function}");
    assert!(model.functions["confirm"].is_stopped_loop);
    let calls = model.timeline.lane(&LaneKey::Clients).unwrap();
    assert_eq!(calls.failures(0, calls.len()), 2, "each call has a red end");
}
