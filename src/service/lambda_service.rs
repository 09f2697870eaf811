//! The service's doors: inputs in, effects out, and what lies ahead.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::configuration::ServiceSettings;
use super::deadlines::{Deadlines, Timer};
use super::deleted::Deleted;
use super::effect::{Effect, Persist};
use super::happened::{Due, DueKind, Happened, ServiceEvent};
use super::ids::{BatchId, EnvironmentId, FunctionName, MessageId, QueueName, RequestId};
use super::input::{Fault, Input};
use super::random::Random;
use super::state::{Batch, Environment, Function, Invocation, Mapping, Message, Phase, Queue};
use super::time::Timestamp;

/// Lambda in virtual time.
#[derive(Debug)]
pub struct LambdaService {
    pub(super) settings: ServiceSettings,
    pub(super) now: Timestamp,
    pub(super) random: Random,
    pub(super) functions: BTreeMap<FunctionName, Function>,
    pub(super) environments: BTreeMap<EnvironmentId, Environment>,
    /// Boxed: nodes of the tree move their values about, and an invocation is large.
    pub(super) invocations: BTreeMap<RequestId, Box<Invocation>>,
    pub(super) queues: BTreeMap<QueueName, Queue>,
    /// Messages of queues that are gone; they come back with the queue of that name.
    pub(super) parked: BTreeMap<QueueName, BTreeMap<MessageId, Message>>,
    /// Messages that a person deleted last.
    pub(super) deleted: Deleted<Message>,
    pub(super) mappings: BTreeMap<(FunctionName, QueueName), Mapping>,
    pub(super) batches: BTreeMap<BatchId, Batch>,
    pub(super) faults: Vec<Fault>,
    pub(super) deadlines: Deadlines,
    pub(super) effects: VecDeque<Effect>,
    /// Asynchronous events, by the ticket that has to be on disk before they are accepted; oldest first.
    pub(super) awaiting_disk: VecDeque<(u64, RequestId)>,
    pub(super) last_environment: u64,
    pub(super) last_batch: u64,
    pub(super) last_ticket: u64,
    pub(super) last_order: u64,
}

impl LambdaService {
    #[must_use]
    pub fn new(settings: ServiceSettings, now: Timestamp) -> Self {
        let random = Random::new(settings.seed);
        Self {
            settings,
            now,
            random,
            functions: BTreeMap::new(),
            environments: BTreeMap::new(),
            invocations: BTreeMap::new(),
            queues: BTreeMap::new(),
            parked: BTreeMap::new(),
            deleted: Deleted::default(),
            mappings: BTreeMap::new(),
            batches: BTreeMap::new(),
            faults: Vec::new(),
            deadlines: Deadlines::default(),
            effects: VecDeque::new(),
            awaiting_disk: VecDeque::new(),
            last_environment: 0,
            last_batch: 0,
            last_ticket: 0,
            last_order: 0,
        }
    }

    /// Takes an input that arrives at `now`; what is due until then happens first. Time never goes back: an earlier
    /// `now` counts as the latest one seen.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        self.advance(now);
        match input {
            Input::ConfigureFunction(configuration) => self.configure_function(configuration),
            Input::RemoveFunction(name) => self.remove_function(&name),
            Input::ConfigureQueue(configuration) => self.configure_queue(configuration),
            Input::RemoveQueue(name) => self.remove_queue(&name),
            Input::ConfigureMapping(configuration) => self.configure_mapping(configuration),
            Input::RemoveMapping { function, queue } => self.remove_mapping(function, queue),
            Input::SetFaults(faults) => self.faults = faults,
            Input::SetIdleExpiry(expiry) => self.set_idle_expiry(expiry),
            Input::Invoke(request) => self.invoke(*request),
            Input::Stored { ticket } => self.stored(ticket),
            Input::NotStored { tickets, reason } => self.not_stored(&tickets, &reason),
            Input::Restore { events, messages } => self.restore(events, messages),
            Input::EnvironmentReady { environment } => self.environment_ready(environment),
            Input::InitError { environment, error } => self.init_error(environment, error),
            Input::Response { environment, request_id, payload } => self.answered(environment, request_id, Ok(payload)),
            Input::ErrorResponse { environment, request_id, error } => self.answered(environment, request_id, Err(error)),
            Input::NextRequested { environment } => self.next_requested(environment),
            Input::Log { environment, lines } => self.log(environment, lines),
            Input::Exited { environment, exit } => self.exited(environment, &exit),
            Input::MemoryUsed { environment, megabytes } => self.memory_used(environment, megabytes),
            Input::SendMessages { queue, messages, source } => self.send_messages(&queue, messages, &source),
            Input::DeleteMessage { queue, message_id } => self.delete_message(&queue, message_id),
            Input::PutBack { queue, message_ids } => self.put_back(&queue, message_ids),
            Input::PurgeQueue(queue) => self.purge(&queue),
            Input::Redrive(queue) => self.redrive(&queue),
            Input::RetryNow(request_id) => self.retry_now(request_id, None),
            Input::EditAndRetry { request_id, payload } => self.retry_now(request_id, Some(payload)),
            Input::DropEvent(request_id) => self.drop_event(request_id),
            Input::StopInvocation(request_id) => self.stop_invocation(request_id),
        }
    }

    /// Lets time pass: everything due at or before `now` happens, each at its own moment.
    pub fn advance(&mut self, now: Timestamp) {
        while let Some((at, timer)) = self.deadlines.take_due(now) {
            self.now = self.now.max(at);
            self.fire(timer);
        }
        self.now = self.now.max(now);
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Attempt(request_id) => self.attempt_due(request_id),
            Timer::Timeout(environment) => self.timed_out(environment),
            Timer::InitLimit(environment) => self.init_limit(environment),
            Timer::IntegrationTimeout(request_id) => self.integration_timed_out(request_id),
            Timer::IdleExpiry(environment) => self.idle_expired(environment),
            Timer::Fault(environment) => self.fault_due(environment),
            Timer::Delay(environment) => self.delay_over(environment),
            Timer::FollowLimit(environment) => self.follow_limit(environment),
            Timer::MessageVisible(queue, message_id) => self.message_visible(&queue, message_id),
            Timer::WindowCloses(function, queue) => self.window_closes(function, queue),
            Timer::Expiry(queue) => self.expire(&queue),
            Timer::BatchRetry(batch) => self.batch_retry(batch),
            Timer::ConcurrencyGrows(function, queue) => self.concurrency_grows(function, queue),
        }
    }

    /// What is to be done next, oldest first; `None` when all is done.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// The latest moment that was let pass.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The next moment at which anything happens by itself.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.next()
    }

    /// What lies ahead, earliest first.
    #[must_use]
    pub fn due(&self, limit: usize) -> Vec<Due> {
        self.deadlines.iter().filter_map(|(at, timer)| self.due_of(at, timer)).take(limit).collect()
    }

    /// What *Step* goes to.
    #[must_use]
    pub fn next_step(&self) -> Option<Due> {
        self.deadlines.iter().filter_map(|(at, timer)| self.due_of(at, timer)).find(|due| due.what.is_step())
    }

    fn due_of(&self, at: Timestamp, timer: &Timer) -> Option<Due> {
        let of = |id: &EnvironmentId| self.environments.get(id).map(|environment| environment.function.clone());
        let what = match timer {
            Timer::Attempt(request_id) => {
                let invocation = self.invocations.get(request_id)?;
                DueKind::Attempt {
                    request_id: *request_id,
                    function: invocation.function.clone(),
                    attempt: invocation.attempt(),
                    label: invocation.label.clone(),
                }
            }
            Timer::BatchRetry(id) => {
                let batch = self.batches.get(id)?;
                DueKind::Attempt {
                    request_id: batch.request_id,
                    function: batch.function.clone(),
                    attempt: 1,
                    label: Some(format!("a batch of {}", batch.queue).into()),
                }
            }
            Timer::Timeout(id) | Timer::Fault(id) => {
                let environment = self.environments.get(id)?;
                DueKind::Timeout { request_id: environment.request?, function: environment.function.clone() }
            }
            // Nothing that a person waits for: what it lets through runs already, or waits for what runs.
            Timer::Delay(_) | Timer::FollowLimit(_) | Timer::ConcurrencyGrows(..) => return None,
            Timer::InitLimit(id) => DueKind::InitLimit { environment: *id, function: of(id)? },
            Timer::IntegrationTimeout(request_id) => DueKind::IntegrationTimeout {
                request_id: *request_id,
                function: self.invocations.get(request_id)?.function.clone(),
            },
            Timer::IdleExpiry(id) => DueKind::IdleExpiry { environment: *id, function: of(id)? },
            Timer::MessageVisible(queue, message_id) => DueKind::MessageVisible { queue: queue.clone(), message_id: *message_id },
            Timer::Expiry(queue) => {
                let (_, message_id) = *self.queues.get(queue)?.by_age.first()?;
                DueKind::MessageExpires { queue: queue.clone(), message_id }
            }
            Timer::WindowCloses(function, queue) => {
                let mapping = self.mappings.get(&(function.clone(), queue.clone()))?;
                let records = mapping.collecting.as_ref()?.messages.len();
                DueKind::WindowCloses { function: function.clone(), queue: queue.clone(), records }
            }
        };
        Some(Due { at, what })
    }

    /// Whether an environment initialises or has an event in hand.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.environments.values().any(|environment| environment.phase != Phase::Idle)
    }

    /// Nothing is queued, collected, running or waiting for the disk.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.invocations.is_empty()
            && self.awaiting_disk.is_empty()
            && !self.is_running()
            && self.mappings.values().all(|mapping| mapping.collecting.is_none())
            && self.queues.values().all(|queue| queue.messages.len() == queue.ready.len())
    }

    /// Nothing is queued or runs, and no message lies in a queue.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_quiet() && self.queues.values().all(|queue| queue.messages.is_empty())
    }

    pub(super) fn publish(&mut self, what: Happened) {
        self.effects.push_back(Effect::Publish(Arc::new(ServiceEvent { at: self.now, what })));
    }

    /// Asks for a change of what is on disk; gives back the ticket.
    pub(super) fn persist(&mut self, change: Persist, wait: bool) -> u64 {
        self.last_ticket += 1;
        self.effects.push_back(Effect::Persist { ticket: self.last_ticket, change, wait });
        self.last_ticket
    }
}
