//! Plays the executor with scripted results: no code, no waiting.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;

use super::super::LambdaService;
use super::super::configuration::{FunctionConfiguration, ServiceSettings};
use super::super::effect::{Dispatch, Effect, InvokeReply, Persist};
use super::super::happened::{Due, Happened, Removal, ServiceEvent};
use super::super::ids::{EnvironmentId, MessageId, QueueName, ReplyToken};
use super::super::input::{Exit, FunctionError, Input, InvocationSource, InvocationType, InvokeRequest};
use super::super::narration::{Step, told};
use super::super::time::{Micros, Timestamp};

/// What the code does with one event.
#[derive(Clone, Debug)]
pub enum Answer {
    Respond(&'static str),
    /// A response made from the payload of the event.
    FailItems(&'static [usize]),
    Throw,
    Exit(i32),
    Hang,
}

pub const START: Timestamp = Timestamp(1_772_359_200_000_000);

pub struct Driver {
    pub service: LambdaService,
    pub log: String,
    pub events: Vec<Arc<ServiceEvent>>,
    pub replies: BTreeMap<ReplyToken, InvokeReply>,
    /// Events on disk: accepted and not ended.
    pub on_disk: BTreeMap<super::super::ids::RequestId, u32>,
    /// The ARN that each attempt was told, in order.
    pub arns: Vec<Arc<str>>,
    pub messages_on_disk: BTreeSet<(QueueName, MessageId)>,
    /// Answers in the order of calls; the last one repeats.
    pub answers: VecDeque<Answer>,
    pub init: Micros,
    pub run: Micros,
    /// How long after its answer a runtime asks for the next event.
    pub next: Micros,
    /// Inputs that come later, by time.
    later: BTreeMap<(Timestamp, u64), Input>,
    sequence: u64,
    now: Timestamp,
    tokens: u64,
}

impl Driver {
    pub fn new(answers: &[Answer]) -> Self {
        Self::with_settings(ServiceSettings { seed: 7, ..ServiceSettings::default() }, answers)
    }

    pub fn with_settings(settings: ServiceSettings, answers: &[Answer]) -> Self {
        Self {
            service: LambdaService::new(settings, START),
            log: String::new(),
            events: Vec::new(),
            replies: BTreeMap::new(),
            on_disk: BTreeMap::new(),
            arns: Vec::new(),
            messages_on_disk: BTreeSet::new(),
            answers: answers.iter().cloned().collect(),
            init: Micros::from_millis(100),
            run: Micros::from_millis(20),
            next: Micros(0),
            later: BTreeMap::new(),
            sequence: 0,
            now: START,
            tokens: 0,
        }
    }

    pub fn function(&mut self, change: impl FnOnce(&mut FunctionConfiguration)) {
        let mut configuration = FunctionConfiguration::new("f");
        change(&mut configuration);
        self.input(Input::ConfigureFunction(configuration.into()));
    }

    pub fn input(&mut self, input: Input) {
        self.service.handle(self.now, input);
        self.carry_out();
    }

    pub fn invoke(&mut self, invocation_type: InvocationType, payload: &'static [u8]) -> ReplyToken {
        self.tokens += 1;
        let token = ReplyToken(self.tokens);
        let payload = Bytes::from_static(payload);
        let request = InvokeRequest::new("f".into(), invocation_type, payload, InvocationSource::Workbench);
        self.input(Input::Invoke(InvokeRequest { reply: Some(token), ..request }.into()));
        token
    }

    /// What a step says that went to `due`, and began before the event of this number.
    pub fn told(&self, due: &Due, before: usize) -> String {
        let outlook = |queue: &QueueName, message_id| self.service.outlook(queue, message_id);
        let step =
            Step { happened: &self.events[before..], now: self.service.now(), outlook: &outlook, labels: &self.service.labels() };
        told(due, &step).text()
    }

    /// Messages of a queue that wait, and that are invisible; `None` if there is no such queue.
    pub fn depth(&self, queue: &str) -> Option<(usize, usize)> {
        let queue = self.service.queues.get(queue)?;
        Some((queue.ready.len(), queue.messages.len() - queue.ready.len()))
    }

    /// Lets time pass until `until` after the start, every deadline and answer at its own moment.
    pub fn until(&mut self, until: Micros) {
        let end = START + until;
        loop {
            let later = self.later.keys().next().map(|(at, _)| *at);
            let next = [later, self.service.next_deadline()].into_iter().flatten().min().filter(|at| *at <= end);
            let Some(at) = next else { break };
            self.now = self.now.max(at);
            match later.filter(|later| *later <= self.now) {
                Some(_) => {
                    let Some((_, input)) = self.later.pop_first() else { break };
                    self.service.handle(self.now, input);
                }
                None => self.service.advance(self.now),
            }
            self.carry_out();
        }
        self.now = end;
        self.service.advance(end);
        self.carry_out();
    }

    /// Until nothing but idle environments is left, at most a week.
    /// Until nothing is due but messages that expire, after four days.
    pub fn until_idle(&mut self) {
        self.until(Micros::from_secs(3 * 86_400));
    }

    fn carry_out(&mut self) {
        while let Some(effect) = self.service.poll_effect() {
            match effect {
                Effect::StartEnvironment { environment, .. } => self.after(self.init, Input::EnvironmentReady { environment }),
                Effect::Dispatch(dispatch) => self.dispatch(&dispatch),
                Effect::StopEnvironment { environment, .. } => {
                    self.later.retain(|_, input| environment_of(input) != Some(environment))
                }
                Effect::Reply { token, reply } => {
                    assert!(self.replies.insert(token, reply).is_none(), "{token:?} was answered twice");
                }
                Effect::Persist { ticket, change, wait } => self.persist(ticket, change, wait),
                Effect::Publish(event) => {
                    self.note(&event);
                    self.events.push(event);
                }
            }
        }
    }

    fn persist(&mut self, ticket: u64, change: Persist, wait: bool) {
        match change {
            Persist::EventAccepted(event) => assert!(self.on_disk.insert(event.request_id, 0).is_none()),
            Persist::EventRescheduled { request_id, failed_attempts, .. } => {
                assert!(self.on_disk.insert(request_id, failed_attempts).is_some(), "only what is on disk is rescheduled");
            }
            Persist::EventEnded(request_id) => assert!(self.on_disk.remove(&request_id).is_some(), "an event ends once"),
            Persist::MessagePut(message) => drop(self.messages_on_disk.insert((message.queue, message.message_id))),
            Persist::MessageDeleted { queue, message_id } => {
                assert!(self.messages_on_disk.remove(&(queue, message_id)), "a message ends once");
            }
            Persist::MessageReceived { .. } => {}
        }
        if wait {
            self.after(Micros(500), Input::Stored { ticket });
        }
    }

    fn dispatch(&mut self, dispatch: &Dispatch) {
        self.arns.push(dispatch.invoked_function_arn.clone());
        let answer = if self.answers.len() > 1 { self.answers.pop_front() } else { self.answers.front().cloned() };
        let (environment, request_id) = (dispatch.environment, dispatch.request_id);
        let payload = match answer.unwrap_or(Answer::Respond("null")) {
            Answer::Hang => return,
            Answer::Exit(code) => return self.after(self.run, Input::Exited { environment, exit: Exit::Code(code) }),
            Answer::Throw => {
                let payload = Bytes::from_static(b"{\"errorType\":\"Boom\",\"errorMessage\":\"went wrong\"}");
                let error = FunctionError { error_type: "Boom".into(), message: "went wrong".into(), payload };
                self.after(self.run, Input::ErrorResponse { environment, request_id, error });
                return self.after(self.run + self.next, Input::NextRequested { environment });
            }
            Answer::Respond(text) => Bytes::from_static(text.as_bytes()),
            Answer::FailItems(indexes) => fail_items(&dispatch.payload, indexes),
        };
        self.after(self.run, Input::Response { environment, request_id, payload });
        self.after(self.run + self.next, Input::NextRequested { environment });
    }

    fn after(&mut self, wait: Micros, input: Input) {
        self.sequence += 1;
        self.later.insert((self.now + wait, self.sequence), input);
    }

    fn note(&mut self, event: &ServiceEvent) {
        let text = match &event.what {
            Happened::AttemptStarted { attempt, cold, .. } => {
                format!("attempt {attempt} starts{}", if *cold { ", cold" } else { "" })
            }
            Happened::AttemptFinished { attempt, result, billed_millis, .. } => match result {
                Ok(_) => format!("attempt {attempt} succeeds, billed {billed_millis} ms"),
                Err(error) => format!("attempt {attempt} fails: {}", error.error_type),
            },
            Happened::AttemptThrottled { reason, .. } => format!("throttled: {}", reason.name()),
            Happened::RetryScheduled { next_attempt, due, .. } => format!("attempt {next_attempt} in {}", due.since(event.at)),
            Happened::InvocationEnded { outcome, attempts, .. } => format!("ended: {outcome:?} after {attempts}"),
            Happened::Delivered { outlet, target, error, .. } => {
                format!("{outlet:?} to {target}{}", error.as_deref().map(|e| format!(": {e}")).unwrap_or_default())
            }
            Happened::MessageRefused { queue, reason } => format!("refused by {queue}: {reason}"),
            Happened::InvocationRefused { error, .. } => format!("refused: {error}"),
            Happened::EnvironmentStopped { reason, .. } => format!("environment stopped: {reason:?}"),
            Happened::EnvironmentInitFailed { error, .. } => format!("init failed: {}", error.error_type),
            Happened::BatchClosed { closed_by, message_ids, .. } => {
                format!("batch of {} closed by {closed_by:?}", message_ids.len())
            }
            Happened::MessageLeftOut { mismatches, .. } => {
                let reasons: Vec<_> = mismatches.iter().map(ToString::to_string).collect();
                format!("left out: {}", reasons.join("; "))
            }
            Happened::BatchDropped { .. } => "the batch is dropped".to_owned(),
            Happened::BatchFinished { failed, reason, .. } => format!("batch finished, {} failed: {reason:?}", failed.len()),
            Happened::MessageVisible { receive_count, .. } => {
                format!("a message is visible again after {receive_count} receives")
            }
            Happened::MessageMoved { to, receive_count, .. } => format!("a message moved to {to} after {receive_count} receives"),
            Happened::MessageRemoved { queue, removal: Removal::Expired, .. } => format!("a message of {queue} expired"),
            _ => return,
        };
        let millis = event.at.since(START).as_millis_f64();
        // Writing to a string does not fail.
        let _ = writeln!(self.log, "{millis:.1} {text}");
    }
}

fn fail_items(payload: &Bytes, indexes: &[usize]) -> Bytes {
    let event: serde_json::Value = serde_json::from_slice(payload).unwrap();
    let items: Vec<_> = indexes
        .iter()
        .filter_map(|index| event["Records"].get(index)?["messageId"].as_str())
        .map(|id| serde_json::json!({ "itemIdentifier": id }))
        .collect();
    serde_json::json!({ "batchItemFailures": items }).to_string().into()
}

fn environment_of(input: &Input) -> Option<EnvironmentId> {
    match input {
        Input::EnvironmentReady { environment }
        | Input::Response { environment, .. }
        | Input::ErrorResponse { environment, .. }
        | Input::NextRequested { environment }
        | Input::Exited { environment, .. } => Some(*environment),
        _ => None,
    }
}

/// Runs one asynchronous event to its end and compares the whole log.
pub fn check_event(answers: &[Answer], change: impl FnOnce(&mut FunctionConfiguration), expected: expect_test::Expect) {
    let mut driver = Driver::new(answers);
    driver.function(change);
    driver.invoke(InvocationType::Event, b"{\"order\":7}");
    driver.until_idle();
    assert!(driver.on_disk.is_empty(), "an event that ended is still on disk");
    expected.assert_eq(&driver.log);
}
