//! Events into the model, one at a time.

use std::sync::Arc;

use super::functions::Environment;
use super::invocations::{Attempt, Delivery, Ended, Invocation, Retry, Start};
use super::selection::{InvocationModel, Selection};
use super::timeline::{BarKind, LaneKey};
use super::{EXCHANGES_KEPT, INVOCATIONS_KEPT, Model};
use crate::command::ClockMode;
use crate::event::{Door, Event, Exchange, ExchangeDoor, Notice, NoticeLevel, Problem, WorkspaceView};
use crate::service::error::ServiceError;
use crate::service::happened::{Happened, Outcome, RetryReason, ServiceEvent};
use crate::service::ids::{EnvironmentId, RequestId};
use crate::service::time::Timestamp;

impl Model {
    /// Takes an event in.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Service(event) => {
                // What the last step did is no news any more; lines of its log may come late.
                if !matches!(event.what, Happened::LogWritten { .. }) {
                    self.stepped = None;
                }
                self.began.get_or_insert(event.at);
                self.service(event);
            }
            Event::Clock(clock) => {
                if clock.mode != ClockMode::Paused {
                    self.stepped = None;
                }
                self.clock = Some(*clock);
            }
            Event::Due(due) => self.due.clone_from(due),
            Event::Workspace(view) => self.workspace_view(view),
            Event::RecentWorkspaces(recent) => self.recent_workspaces.clone_from(recent),
            Event::Door(door) => self.door(door),
            Event::Exchange(exchange) => self.exchange(exchange),
            Event::History { rows, total, .. } => {
                self.history.clone_from(rows);
                self.history_total = *total;
            }
            Event::Notice(notice) => self.tell(notice.clone()),
            Event::Faults(faults) => self.faults.clone_from(faults),
            Event::Stepped(told) => {
                self.stepped = Some(told.clone());
                self.answers.push(event.clone());
            }
            Event::Invoked { .. }
            | Event::NotInvoked { .. }
            | Event::Advanced
            | Event::Browsed { .. }
            | Event::TestPage { .. }
            | Event::PageReport(_)
            | Event::Code { .. }
            | Event::CodeSaved { .. }
            | Event::CodeNotSaved { .. }
            | Event::CodeReplaced { .. }
            | Event::CodeChanged { .. }
            | Event::SavedEvent { .. }
            | Event::SavedEventChanged { .. }
            | Event::EventSaved { .. }
            | Event::EventNotSaved { .. }
            | Event::TextSaved { .. }
            | Event::UnsavedTexts { .. }
            | Event::Document { .. }
            | Event::Filled { .. }
            | Event::HistoryInvocation(_)
            | Event::SettingNotChanged { .. }
            | Event::WorkspaceNotOpened(_)
            | Event::Removed(_)
            | Event::Added(_)
            | Event::File { .. }
            | Event::NoFile { .. }
            | Event::Stopped => self.answers.push(event.clone()),
            Event::QueueDepth { .. } => {}
        }
    }

    /// Told in the list behind the bell, and by a toast.
    fn tell(&mut self, notice: Notice) {
        self.notice(notice.clone());
        self.answers.push(Event::Notice(notice));
    }

    fn door(&mut self, door: &Door) {
        // Function URLs and APIs share a port, so one sentence is enough for all of them.
        let known = self
            .doors
            .iter()
            .any(|other| other == door || (other.moved_from == door.moved_from && is_shared(other) && is_shared(door)));
        self.doors.retain(|other| other.kind != door.kind || other.is_https() != door.is_https());
        self.doors.push(door.clone());
        if let Some(port) = door.moved_from.filter(|_| !known) {
            let text = format!("Port {port} is in use by another program, so {} {}.", place_words(door), door.address);
            self.tell(Notice { level: NoticeLevel::Warning, text });
        }
    }

    /// What was right in the files and is wrong now.
    fn new_problems(&mut self, view: &WorkspaceView) {
        let known = &self.workspace.problems;
        let new: Vec<&Problem> =
            view.problems.iter().filter(|problem| !problem.is_not_active_yet() && !known.contains(problem)).collect();
        let Some(first) = new.first() else { return };
        let more = match new.len() - 1 {
            0 => String::new(),
            1 => " One more problem is listed in the status bar.".to_owned(),
            more => format!(" {more} more problems are listed in the status bar."),
        };
        let stop = if more.is_empty() || first.message.ends_with(['.', '?']) { "" } else { "." };
        let text = format!("{}: {}{stop}{more}", first.place(), first.message);
        self.tell(Notice { level: NoticeLevel::Error, text });
    }

    /// Another workspace begins from nothing.
    fn workspace_view(&mut self, view: &Arc<WorkspaceView>) {
        let same = self.workspace.folder == view.folder || self.workspace.folder.as_os_str().is_empty();
        if !same {
            let (doors, recent_workspaces) = (std::mem::take(&mut self.doors), std::mem::take(&mut self.recent_workspaces));
            let (answers, clock) = (std::mem::take(&mut self.answers), self.clock);
            *self = Self { doors, recent_workspaces, answers, clock, ..Self::default() };
        }
        self.new_problems(view);
        self.workspace = Arc::clone(view);
        let has_url = |name: &str| {
            view.functions.iter().any(|function| &*function.configuration.name == name && function.access.url.is_some())
        };
        self.doors.retain(|door| door.kind.strip_prefix("url ").is_none_or(has_url));
    }

    /// A request that never reached a function is a call of its own on the clients' lane.
    fn exchange(&mut self, exchange: &Arc<Exchange>) {
        if self.exchanges.len() == EXCHANGES_KEPT {
            self.exchanges.pop_front();
        }
        self.exchanges.push_back(Arc::clone(exchange));
        // The words of its bar have a status now.
        self.timeline.version += 1;
        if exchange.request_id.is_none() {
            let model = match exchange.door {
                ExchangeDoor::Api { .. } => InvocationModel::Api,
                ExchangeDoor::FunctionUrl(_) | ExchangeDoor::Nowhere => InvocationModel::Url,
            };
            let failed = exchange.response.status >= 400;
            let target = Selection::Exchange(exchange.id);
            self.timeline.mark(LaneKey::Clients, exchange.ended_at, BarKind::Call(model), target, failed);
        }
    }

    fn service(&mut self, event: &ServiceEvent) {
        let at = event.at;
        match &event.what {
            Happened::FunctionConfigured(configuration) => {
                self.functions.entry(configuration.name.clone()).or_default().configuration = Some(configuration.clone());
            }
            Happened::FunctionRemoved(name) => drop(self.functions.remove(name)),
            Happened::QueueConfigured(configuration) => {
                self.queues.entry(configuration.name.clone()).or_default().configuration = Some(configuration.clone());
            }
            Happened::QueueRemoved(name) => self.queue_removed(name, at),
            Happened::MappingConfigured(mapping) => {
                let mappings = &mut self.functions.entry(mapping.function.clone()).or_default().mappings;
                mappings.retain(|other| other.queue != mapping.queue);
                mappings.push(mapping.clone());
            }
            Happened::MappingRemoved { function, queue } => {
                if let Some(function) = self.functions.get_mut(function) {
                    function.mappings.retain(|mapping| mapping.queue != *queue);
                    function.scaling.remove(queue);
                }
            }
            Happened::MappingScaled { function, queue, concurrency, reason } => {
                self.functions.entry(function.clone()).or_default().scaling.insert(queue.clone(), (*concurrency, *reason));
            }
            Happened::InvocationAccepted { .. } | Happened::InvocationRefused { .. } => self.accepted(event),
            Happened::EnvironmentStarting { environment, function, number } => {
                let new = Environment {
                    function: function.clone(),
                    number: *number,
                    started: at,
                    ready: false,
                    init_failed: false,
                    running: None,
                };
                self.environments.insert(*environment, new);
                let lane = LaneKey::Environment(function.clone(), *number);
                self.timeline.begin(lane, at, BarKind::Init, Selection::Environment(*environment), None);
            }
            Happened::EnvironmentReady { environment, init_duration } => {
                self.initialised(*environment, at, Start::InitWithin(Some(*init_duration)));
            }
            Happened::EnvironmentInitFailed { environment, .. } => self.initialised(*environment, at, Start::InitFailed),
            Happened::EnvironmentStopped { environment, .. } => {
                if let Some(environment) = self.environments.remove(environment) {
                    self.timeline.end(&LaneKey::Environment(environment.function, environment.number), at, true);
                }
            }
            Happened::AttemptStarted { .. } | Happened::AttemptFinished { .. } => self.attempt(event),
            Happened::AttemptThrottled { request_id, function, .. } => {
                self.throttled += 1;
                self.functions.entry(function.clone()).or_default().throttles += 1;
                self.with(*request_id, |invocation| invocation.throttles += 1);
            }
            Happened::RetryScheduled { request_id, next_attempt, due, reason, .. } => {
                let retry = Retry { since: at, due: *due, attempt: *next_attempt, reason: reason.clone() };
                self.with(*request_id, |invocation| {
                    if retry.reason == RetryReason::CutOff {
                        invocation.cut_off = Some(retry.attempt);
                    }
                    invocation.retry = Some(retry);
                });
                self.wait_bar(*request_id, at);
            }
            Happened::EventEdited { request_id, payload } => {
                self.with(*request_id, |invocation| invocation.payload = payload.clone());
            }
            Happened::InvocationEnded { request_id, function, outcome, .. } => {
                self.ended += 1;
                if *outcome == Outcome::RecursiveLoop {
                    let function = self.functions.entry(function.clone()).or_default();
                    function.recursions += 1;
                    function.is_stopped_loop = true;
                    // No code ran that could have a red end: the call has it.
                    self.timeline.fail(&LaneKey::Clients, &Selection::Invocation(*request_id));
                }
                self.end_wait(*request_id, at);
                self.with(*request_id, |invocation| {
                    invocation.outcome = Some(*outcome);
                    invocation.ended_at = Some(at);
                    invocation.retry = None;
                });
            }
            Happened::Delivered { request_id, outlet, target, body, error, .. } => {
                let delivery = Delivery { at, outlet: *outlet, target: target.clone(), body: body.clone(), error: error.clone() };
                self.with(*request_id, |invocation| invocation.delivered.push(delivery));
            }
            Happened::LogWritten { function, request_id, lines, .. } => {
                self.functions.entry(function.clone()).or_default().write(lines);
                if let Some(request_id) = request_id {
                    self.with(*request_id, |invocation| invocation.write(lines));
                }
            }
            _ => self.queue(event),
        }
    }

    /// An init has ended. Where it was a part of an attempt, the attempt says so by `start` and its bar goes on.
    fn initialised(&mut self, id: EnvironmentId, at: Timestamp, start: Start) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        environment.init_failed = start == Start::InitFailed;
        environment.ready = !environment.init_failed;
        let lane = LaneKey::Environment(environment.function.clone(), environment.number);
        let Some(request_id) = environment.running else {
            return self.timeline.end(&lane, at, start == Start::InitFailed);
        };
        self.with(request_id, |invocation| {
            if let Some(attempt) = invocation.attempts.last_mut() {
                attempt.start = start;
            }
        });
    }

    fn accepted(&mut self, event: &ServiceEvent) {
        let mut accepted_at = event.at;
        let (request_id, function, invocation_type, source, payload, label, refused) = match &event.what {
            Happened::InvocationAccepted { request_id, function, invocation_type, source, payload, label, accepted_at: at } => {
                accepted_at = *at;
                (request_id, function, invocation_type, source, payload, label.clone(), None)
            }
            Happened::InvocationRefused { request_id, function, invocation_type, source, payload, error } => {
                (request_id, function, invocation_type, source, payload, None, Some(error.clone()))
            }
            _ => return,
        };
        let throttled = matches!(refused, Some(ServiceError::TooManyRequests { .. }));
        let stopped = matches!(refused, Some(ServiceError::RecursiveInvocation { .. }));
        let counts = self.functions.entry(function.clone()).or_default();
        counts.invocations += 1;
        counts.throttles += u64::from(throttled);
        counts.recursions += u64::from(stopped);
        counts.is_stopped_loop |= stopped;
        let failed = refused.is_some();
        self.ended += u64::from(failed);
        let invocation = Invocation {
            function: function.clone(),
            invocation_type: *invocation_type,
            source: source.clone(),
            payload: payload.clone(),
            label,
            accepted_at,
            attempts: Vec::new(),
            retry: None,
            throttles: 0,
            cut_off: None,
            outcome: refused.as_ref().map(|_| Outcome::Refused),
            ended_at: refused.as_ref().map(|_| event.at),
            refused,
            delivered: Vec::new(),
            log: Vec::new(),
            log_left_out: 0,
            log_bytes: 0,
            batch: None,
            has_wait_bar: false,
        };
        let model = invocation.model();
        self.invocations.insert(*request_id, invocation);
        self.order.push_back(*request_id);
        self.forget_old();
        // Nobody calls now for an event that an earlier run accepted. One of this run was accepted a moment ago: it had to be
        // on disk first.
        let called_now = self.began.is_none_or(|began| accepted_at >= began);
        if called_now && !matches!(source, crate::service::input::InvocationSource::Mapping { .. }) {
            self.timeline.mark(LaneKey::Clients, event.at, BarKind::Call(model), Selection::Invocation(*request_id), failed);
        }
        self.wait_bar(*request_id, event.at);
    }

    fn forget_old(&mut self) {
        while self.order.len() > INVOCATIONS_KEPT {
            let oldest = self.order.pop_front();
            let Some(id) = oldest else { break };
            match self.invocations.get(&id).is_some_and(|invocation| invocation.outcome.is_none()) {
                true => self.order.push_back(id),
                false => drop(self.invocations.remove(&id)),
            }
            if self.order.len() <= INVOCATIONS_KEPT + 1_000 && oldest == self.order.back().copied() {
                break;
            }
        }
    }

    fn attempt(&mut self, event: &ServiceEvent) {
        let at = event.at;
        match &event.what {
            Happened::AttemptStarted { request_id, function, environment, attempt, cold } => {
                self.end_wait(*request_id, at);
                let (number, start) = self.environments.get_mut(environment).map_or((1, Start::Warm), |environment| {
                    environment.running = Some(*request_id);
                    (environment.number, environment.start(*cold))
                });
                let mut model = super::selection::InvocationModel::Synchronous;
                self.with(*request_id, |invocation| {
                    model = invocation.model();
                    invocation.retry = None;
                    invocation.attempts.push(Attempt {
                        number: *attempt,
                        environment: *environment,
                        environment_number: number,
                        start,
                        started: at,
                        ended: None,
                    });
                });
                let lane = LaneKey::Environment(function.clone(), number);
                self.timeline.begin(lane, at, BarKind::Run(model), Selection::Attempt(*request_id, *attempt), Some(*attempt));
            }
            Happened::AttemptFinished {
                request_id,
                function,
                environment,
                result,
                duration,
                billed_millis,
                init_duration,
                max_memory_used_megabytes,
                ..
            } => {
                if let Some(environment) = self.environments.get_mut(environment) {
                    environment.running = None;
                    let lane = LaneKey::Environment(function.clone(), environment.number);
                    self.timeline.end(&lane, at, result.is_err());
                }
                let entry = self.functions.entry(function.clone()).or_default();
                entry.errors += u64::from(result.is_err());
                entry.last = Some(*request_id);
                entry.is_stopped_loop = false;
                let ended = Ended {
                    at,
                    result: result.clone(),
                    duration: *duration,
                    billed_millis: *billed_millis,
                    memory_megabytes: *max_memory_used_megabytes,
                };
                self.with(*request_id, |invocation| {
                    if let Some(attempt) = invocation.attempts.last_mut() {
                        if attempt.start == Start::Cold(None) {
                            attempt.start = Start::Cold(*init_duration);
                        }
                        attempt.ended = Some(ended);
                    }
                });
            }
            _ => {}
        }
    }

    /// An asynchronous event waits in the queue of its function.
    fn wait_bar(&mut self, request_id: RequestId, at: Timestamp) {
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        // An event whose wait is only made longer, as after a restart, still has its first bar.
        if invocation.is_waiting() && !std::mem::replace(&mut invocation.has_wait_bar, true) {
            let lane = LaneKey::Events(invocation.function.clone());
            self.timeline.begin_wait(lane, at, Selection::Invocation(request_id));
        }
    }

    fn end_wait(&mut self, request_id: RequestId, at: Timestamp) {
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        if std::mem::take(&mut invocation.has_wait_bar) {
            self.timeline.end_wait(&LaneKey::Events(invocation.function.clone()), at, &Selection::Invocation(request_id));
        }
    }

    pub(super) fn with(&mut self, request_id: RequestId, change: impl FnOnce(&mut Invocation)) {
        if let Some(invocation) = self.invocations.get_mut(&request_id) {
            change(invocation);
        }
    }
}

fn place_words(door: &Door) -> &str {
    if is_shared(door) { "function URLs and APIs are on another, such as" } else { "the Lambda API is at" }
}

fn is_shared(door: &Door) -> bool {
    &*door.kind != "lambda api"
}
