//! What a scenario has seen: made from events, for its checks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;

use crate::event::{ClockState, Event, Problem, WorkspaceView};
use crate::service::happened::{ClosedBy, Happened, Outcome, ServiceEvent};
use crate::service::ids::{FunctionName, MessageId, QueueName, RequestId};
use crate::service::input::{FunctionError, InvocationType};
use crate::service::time::Timestamp;

/// An invocation as checks see it.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub function: FunctionName,
    pub invocation_type: InvocationType,
    pub attempts: u32,
    pub last_attempt_at: Option<Timestamp>,
    pub result: Option<Result<Bytes, FunctionError>>,
    pub outcome: Option<Outcome>,
    /// HTTP status of a refusal.
    pub refused: Option<(u16, &'static str)>,
    pub log: Vec<Arc<str>>,
}

/// A batch that was closed.
#[derive(Clone, Debug)]
pub struct Batch {
    pub closed_by: ClosedBy,
    pub records: usize,
    pub failed: Option<usize>,
    pub at: Timestamp,
}

/// Everything seen so far.
#[derive(Debug, Default)]
pub struct Observed {
    pub invocations: BTreeMap<RequestId, Invocation>,
    /// Bodies of the messages in each queue, oldest first.
    pub messages: BTreeMap<QueueName, Vec<(MessageId, Arc<str>)>>,
    /// The last record that reached each target, by its text form.
    pub records: BTreeMap<String, Bytes>,
    pub batches: BTreeMap<QueueName, Batch>,
    pub clock: Option<ClockState>,
    /// The tickets of own invocations and what became of them.
    pub invoked: BTreeMap<u64, RequestId>,
    pub notices: Vec<String>,
    /// Why messages were not sent.
    pub refused: Vec<Arc<str>>,
    /// What the service knows by name.
    pub functions: BTreeSet<FunctionName>,
    pub queues: BTreeSet<QueueName>,
    /// Functions that have a URL, and APIs.
    pub urls: BTreeSet<FunctionName>,
    pub apis: BTreeSet<Arc<str>>,
    /// What is wrong in the workspace's files.
    pub problems: Vec<Problem>,
}

impl Observed {
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Service(event) => self.service(event),
            Event::Clock(state) => self.clock = Some(*state),
            Event::Invoked { ticket, request_id } => {
                self.invoked.insert(*ticket, *request_id);
            }
            Event::NotInvoked { ticket, function, invocation_type, status, error_type, .. } => {
                // The service was not asked and gave it no id. Those that it gives have a version in them, which these have not.
                let id = RequestId((*ticket).into());
                self.invocations.insert(id, invocation(function, *invocation_type, Some((*status, *error_type))));
                self.invoked.insert(*ticket, id);
            }
            Event::Workspace(view) => self.workspace(view),
            Event::Notice(notice) => self.notices.push(notice.text.clone()),
            _ => {}
        }
    }

    fn workspace(&mut self, view: &WorkspaceView) {
        let with_url = view.functions.iter().filter(|function| function.access.url.is_some());
        self.urls = with_url.map(|function| function.configuration.name.clone()).collect();
        self.apis = view.apis.iter().map(|api| api.name.clone()).collect();
        let told = view.problems.iter().filter(|problem| !problem.is_not_active_yet());
        self.add_problems(told.cloned().collect());
    }

    /// Keeps what is wrong, each once though every view lists it again.
    pub fn add_problems(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }

    /// Events accepted for a function and not ended, those that wait for a retry included.
    #[must_use]
    pub fn depth(&self, function: &str) -> usize {
        let waits = |invocation: &&Invocation| {
            &*invocation.function == function
                && invocation.invocation_type == InvocationType::Event
                && invocation.outcome.is_none()
        };
        self.invocations.values().filter(waits).count()
    }

    fn service(&mut self, event: &ServiceEvent) {
        match &event.what {
            Happened::InvocationAccepted { request_id, function, invocation_type, .. } => {
                self.invocations.insert(*request_id, invocation(function, *invocation_type, None));
            }
            Happened::InvocationRefused { request_id, function, invocation_type, error, .. } => {
                let refused = invocation(function, *invocation_type, Some(error.status_and_name()));
                self.invocations.insert(*request_id, refused);
            }
            Happened::AttemptStarted { request_id, attempt, .. } => self.with(*request_id, |invocation| {
                invocation.attempts = *attempt;
                invocation.last_attempt_at = Some(event.at);
            }),
            Happened::AttemptFinished { request_id, result, .. } => {
                self.with(*request_id, |invocation| invocation.result = Some(result.clone()));
            }
            Happened::InvocationEnded { request_id, outcome, .. } => {
                self.with(*request_id, |invocation| invocation.outcome = Some(*outcome));
            }
            Happened::LogWritten { request_id: Some(request_id), lines, .. } => {
                self.with(*request_id, |invocation| invocation.log.extend(lines.iter().map(|line| line.text.clone())));
            }
            Happened::Delivered { target, body, error: None, .. } => {
                self.records.insert(target.to_string(), body.clone());
            }
            Happened::FunctionConfigured(function) => drop(self.functions.insert(function.name.clone())),
            _ => self.queues(event),
        }
    }

    fn queues(&mut self, event: &ServiceEvent) {
        match &event.what {
            Happened::QueueConfigured(queue) => drop(self.queues.insert(queue.name.clone())),
            Happened::QueueRemoved(queue) => {
                self.queues.remove(queue);
                self.messages.remove(queue);
            }
            Happened::MessageSent { queue, message_id, body, .. } => {
                self.records.insert(format!("queue:{queue}"), Bytes::copy_from_slice(body.as_bytes()));
                self.messages.entry(queue.clone()).or_default().push((*message_id, body.clone()));
            }
            Happened::MessagePutBack { queue, message_id, body, .. } => {
                self.messages.entry(queue.clone()).or_default().push((*message_id, body.clone()));
            }
            Happened::MessageRefused { reason, .. } => self.refused.push(reason.clone()),
            Happened::MessageRemoved { queue, message_id, .. } => {
                self.take(queue, *message_id);
            }
            Happened::MessageMoved { from, to, message_id, .. } => {
                if let Some(body) = self.take(from, *message_id) {
                    self.records.insert(format!("queue:{to}"), Bytes::copy_from_slice(body.as_bytes()));
                    self.messages.entry(to.clone()).or_default().push((*message_id, body));
                }
            }
            Happened::BatchClosed { queue, closed_by, message_ids, .. } => {
                let batch = Batch { closed_by: *closed_by, records: message_ids.len(), failed: None, at: event.at };
                self.batches.insert(queue.clone(), batch);
            }
            Happened::BatchFinished { queue, failed, .. } => {
                if let Some(batch) = self.batches.get_mut(queue) {
                    batch.failed = Some(failed.len());
                }
            }
            _ => {}
        }
    }

    fn take(&mut self, queue: &str, message_id: MessageId) -> Option<Arc<str>> {
        let messages = self.messages.get_mut(queue)?;
        let index = messages.iter().position(|(id, _)| *id == message_id)?;
        Some(messages.remove(index).1)
    }

    fn with(&mut self, request_id: RequestId, change: impl FnOnce(&mut Invocation)) {
        if let Some(invocation) = self.invocations.get_mut(&request_id) {
            change(invocation);
        }
    }
}

fn invocation(function: &FunctionName, invocation_type: InvocationType, refused: Option<(u16, &'static str)>) -> Invocation {
    Invocation {
        function: function.clone(),
        invocation_type,
        attempts: 0,
        last_attempt_at: None,
        result: None,
        outcome: refused.map(|_| Outcome::Refused),
        refused,
        log: Vec::new(),
    }
}
