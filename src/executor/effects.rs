//! Carrying out what the service wants done, in the order in which it comes, and moving a clock that stands still.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::drive::{Goal, Move};
use super::environment::EnvironmentStart;
use super::event_loop::EventLoop;
use super::replies::Passed;
use crate::command::ClockMode;
use crate::event::{Event, NoticeLevel};
use crate::service::counted::counted;
use crate::service::effect::{Dispatch, Effect, InvokeReply};
use crate::service::error::ServiceError;
use crate::service::happened::{Happened, Outcome, Removal, ServiceEvent};
use crate::service::ids::{EnvironmentId, FunctionName, QueueName, ReplyToken};
use crate::service::input::Input;
use crate::service::limits;
use crate::service::narration::{self, Step, Told};

/// The function that was stopped, whether it was invoked as a caller waits or not.
fn stopped_loop(what: &Happened) -> Option<&FunctionName> {
    match what {
        Happened::InvocationEnded { function, outcome: Outcome::RecursiveLoop, .. }
        | Happened::InvocationRefused { function, error: ServiceError::RecursiveInvocation { .. }, .. } => Some(function),
        _ => None,
    }
}

impl EventLoop {
    /// Takes effects until there are none.
    pub(super) fn carry_out(&mut self) {
        let mut expired: BTreeMap<QueueName, usize> = BTreeMap::new();
        while let Some(effect) = self.service.poll_effect() {
            match effect {
                Effect::StartEnvironment { environment, function } => self.start_environment(environment, &function),
                Effect::Dispatch(dispatch) => self.dispatch(*dispatch),
                Effect::StopEnvironment { environment, reason } => {
                    self.files.not_waiting(environment);
                    self.environments.stop(environment, reason);
                }
                Effect::Reply { token, reply } => self.reply(token, reply),
                Effect::Persist { ticket, change, wait } => self.storage.persist(ticket, change, wait),
                Effect::Publish(event) => {
                    if let Happened::MessageRemoved { queue, removal: Removal::Expired, .. } = &event.what {
                        *expired.entry(queue.clone()).or_default() += 1;
                    }
                    self.publish(event);
                }
            }
        }
        for (queue, count) in expired {
            let words = counted(count, "message");
            self.outbox.notice(NoticeLevel::Information, format!("{words} of {queue} expired (message_retention_period)."));
        }
        self.due_changed = true;
    }

    fn dispatch(&mut self, dispatch: Dispatch) {
        let stream = self.streams.take(dispatch.request_id);
        if self.environments.is_real(dispatch.environment) {
            self.clock.begin_code(self.service.now());
        }
        self.environments.dispatch(self.now(), dispatch, stream);
    }

    fn start_environment(&mut self, environment: EnvironmentId, function: &str) {
        if self.files.must_build(function) {
            self.build(function, environment);
            return;
        }
        match self.files.environment_start(environment, function, self.now()) {
            Ok(start) => self.begin(start),
            Err(exit) => self.service.handle(self.now(), Input::Exited { environment, exit }),
        }
    }

    pub(super) fn begin(&mut self, start: EnvironmentStart) {
        if start.runtime.is_real() {
            self.clock.begin_code(self.service.now());
        }
        if let Some(input) = self.environments.start(start) {
            self.service.handle(self.now(), input);
        }
    }

    fn reply(&mut self, token: ReplyToken, reply: InvokeReply) {
        // Where nobody was given the event, nobody will stream.
        drop(self.streams.take(reply.request_id()));
        match self.replies.answer(token, reply) {
            Passed::On => {}
            Passed::Event(event) => self.outbox.push_now(event),
            Passed::Door(waiting, reply) => self.door_reply(*waiting, reply),
        }
    }

    fn publish(&mut self, event: Arc<ServiceEvent>) {
        if let Happened::InvocationAccepted { request_id, .. } | Happened::InvocationRefused { request_id, .. } = event.what
            && let Some(ticket) = self.replies.accepted()
        {
            self.outbox.push_now(Event::Invoked { ticket, request_id });
        }
        if let Happened::MessageRefused { queue, reason } = &event.what {
            self.outbox.error(format!("A message was not sent to {queue}: {reason}."));
        }
        if let Some(function) = stopped_loop(&event.what)
            && self.loops_told.insert(function.clone())
        {
            let times = limits::CHAIN;
            let text = format!(
                "{function} was stopped as a recursive loop: it was invoked {times} times in one chain of requests (recursive_loop = Terminate)."
            );
            self.outbox.notice(NoticeLevel::Warning, text);
        }
        if let Some(drive) = &mut self.drive {
            drive.note(&event);
        }
        self.storage.record(Arc::clone(&event));
        self.outbox.push(Event::Service(event));
    }

    /// Moves a clock that stands still; `true` when something may have become due.
    pub(super) fn move_clock(&mut self) -> bool {
        if self.environments.real_code_running() || self.storage.is_waited_for() || self.files.building() {
            return false;
        }
        let still = self.drive.as_ref().map_or(self.clock.mode() == ClockMode::Paused, |drive| !drive.waits());
        if self.service.is_running() {
            return still && self.jump_over_script();
        }
        let Some(drive) = &mut self.drive else { return false };
        let now = self.clock.now();
        match drive.next(now, self.service.next_step().as_ref(), self.service.next_deadline()) {
            Move::Jump(at) => {
                self.clock.jump_to(at);
                true
            }
            Move::Wait => false,
            Move::Done => {
                self.drive_done();
                false
            }
        }
    }

    /// Scripted functions wait for nobody: the clock goes to their answer or to their timeout.
    fn jump_over_script(&mut self) -> bool {
        let next = [self.environments.next_scripted(), self.service.next_deadline()].into_iter().flatten().min();
        if let Some(at) = next {
            self.clock.jump_to(at);
        }
        next.is_some()
    }

    fn drive_done(&mut self) {
        let Some(drive) = self.drive.take() else { return };
        let step = Step {
            happened: &drive.happened,
            now: self.service.now(),
            outlook: &|queue, message_id| self.service.outlook(queue, message_id),
            labels: &drive.labels,
        };
        let told = match drive.due() {
            Some(due) => narration::told(due, &step),
            None => Told::one("What was running has ended."),
        };
        match &drive.goal {
            Goal::Step(_) | Goal::StepTo(..) | Goal::StepToDue(_) => self.outbox.push_now(Event::Stepped(told)),
            Goal::Until(_) | Goal::Idle => {
                if drive.gave_up() {
                    self.outbox.error("Something is due again and again, so idle never comes; give the queue a redrive policy.");
                }
                self.outbox.push_now(Event::Advanced);
            }
        }
    }
}
