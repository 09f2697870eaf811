//! Running a scenario: its actions become commands, its checks look at the events that come back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::check::{Seen, check, mismatch};
use super::file::{Advance, ChangeAction, Expectation, InvokeAction, Scenario, SendAction, Step};
use super::observed::Observed;
use super::payload::Payload;
use super::report::{FailedStep, Outcome};
use super::request::RequestSeen;
use crate::channel::{CommandSender, EventReceiver};
use crate::command::Command;
use crate::event::{Event, NoticeLevel};
use crate::service::ids::RequestId;
use crate::service::input::{InvocationSource, InvocationType};
use crate::service::time::{Micros, Timestamp};
use crate::workspace::nearest;

/// Longest wait for one command to show its effect, in real time: more than Lambda's longest function timeout.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// The ends of an executor that was started for this scenario.
pub struct Ends<'a> {
    pub commands: &'a CommandSender,
    pub events: &'a EventReceiver,
}

pub(super) struct Driver<'a> {
    ends: Ends<'a>,
    pub(super) scenario: &'a Scenario,
    pub(super) observed: Observed,
    pub(super) named: BTreeMap<String, RequestId>,
    pub(super) requests: BTreeMap<String, RequestSeen>,
    pub(super) latest_request: Option<RequestSeen>,
    latest: Option<RequestId>,
    pub(super) began: Timestamp,
    pub(super) tickets: u64,
}

/// Runs every step until one fails.
#[must_use]
pub fn run(scenario: &Scenario, ends: Ends) -> Outcome {
    let mut driver = Driver {
        ends,
        scenario,
        observed: Observed::default(),
        named: BTreeMap::new(),
        requests: BTreeMap::new(),
        latest_request: None,
        latest: None,
        began: Timestamp::default(),
        tickets: 0,
    };
    let failed = driver.begin().and_then(|()| driver.steps()).err();
    Outcome {
        title: scenario.title.clone(),
        file: scenario.file.clone(),
        steps: scenario.steps.len(),
        failed: failed.map(|failed| *failed),
        problems: driver.observed.problems,
    }
}

pub(super) type Result<T> = std::result::Result<T, Box<FailedStep>>;

impl Driver<'_> {
    fn begin(&mut self) -> Result<()> {
        self.command(Command::SetFaults(self.scenario.faults()))?;
        self.settle()?;
        for fault in self.scenario.faults() {
            known("fault, function", "a function of the workspace", &fault.function, &self.observed.functions)?;
        }
        self.began = self.observed.clock.map_or(Timestamp::default(), |clock| clock.now);
        Ok(())
    }

    fn steps(&mut self) -> Result<()> {
        for (index, step) in self.scenario.steps.iter().enumerate() {
            self.step(step).map_err(|mut failed| {
                failed.number = index + 1;
                failed.title.clone_from(&step.title);
                failed
            })?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        if let Some(action) = &step.invoke {
            // What becomes of a name that Lambda does not know may be just what the step is about.
            if step.expect.is_empty() {
                known("invoke, function", "a function of the workspace", &action.function, &self.observed.functions)?;
            }
            self.invoke(action, step)?;
        }
        if let Some(action) = &step.send {
            known("send, to", "a queue of the workspace", action.queue(), &self.observed.queues)?;
            self.send(action)?;
        }
        if let Some(action) = &step.request {
            match (&action.url, &action.api) {
                (Some(function), _) => known("request, url", "a function with a URL", function, &self.observed.urls)?,
                (None, Some(api)) => known("request, api", "an API of the workspace", api, &self.observed.apis)?,
                (None, None) => {}
            }
            self.request(action)?;
        }
        if let Some(action) = &step.change {
            known("change, function", "a function of the workspace", &action.function, &self.observed.functions)?;
            self.change(action)?;
        }
        match step.advance.as_deref().and_then(Advance::parse) {
            Some(Advance::Next) => self.command_and_wait(Command::WaitForNext, |event| matches!(event, Event::Stepped(_)))?,
            Some(Advance::Idle) => self.command_and_wait(Command::WaitUntilIdle, advanced)?,
            Some(Advance::Length(length)) => self.command_and_wait(Command::Advance(length), advanced)?,
            None => {}
        }
        self.settle()?;
        self.check(step)
    }

    /// Everything that is due now has run when this returns.
    fn settle(&mut self) -> Result<()> {
        self.command_and_wait(Command::Advance(Micros(0)), advanced)
    }

    fn invoke(&mut self, action: &InvokeAction, step: &Step) -> Result<()> {
        let Payload { text, invocation_type } = self.payload(action, step)?;
        self.tickets += 1;
        let ticket = self.tickets;
        // What the step says goes before what its event says.
        let written = action.invocation_type.map(InvocationType::from).or(invocation_type);
        let invocation_type = written.unwrap_or(InvocationType::RequestResponse);
        self.command(Command::Invoke {
            function: action.function.as_str().into(),
            invocation_type,
            payloads: vec![text],
            label: action.name.as_deref().or(action.event.as_deref()).map(Into::into),
            source: InvocationSource::Scenario,
            ticket,
        })?;
        self.wait(|observed, _| observed.invoked.contains_key(&ticket))?;
        let id = self.observed.invoked.get(&ticket).copied();
        self.latest = id;
        if let (Some(name), Some(id)) = (&action.name, id) {
            self.named.insert(name.clone(), id);
        }
        Ok(())
    }

    fn send(&mut self, action: &SendAction) -> Result<()> {
        let body = |record: &Value| match record {
            Value::String(text) => text.as_str().into(),
            other => other.to_string().into(),
        };
        let bodies = action.records.iter().map(body).collect();
        self.command(Command::SendMessages { queue: action.queue().into(), bodies, source: InvocationSource::Scenario })?;
        let settled = self.settle();
        match self.observed.refused.first() {
            Some(reason) => Err(failure("send, records", "messages that the queue takes", reason)),
            None => settled,
        }
    }

    fn change(&mut self, action: &ChangeAction) -> Result<()> {
        let function = action.function.as_str();
        let command = Command::ReplaceCode { function: function.into(), text: action.code.clone() };
        self.command_and_wait(command, |event| matches!(event, Event::CodeReplaced { function: of } if **of == *function))
    }

    fn check(&mut self, step: &Step) -> Result<()> {
        let now = self.observed.clock.map_or(self.began, |clock| clock.now);
        let requested = step.request.is_some().then_some(self.latest_request.as_ref()).flatten();
        let seen = Seen {
            observed: &self.observed,
            named: &self.named,
            requests: &self.requests,
            requested,
            latest: self.latest,
            began: self.began,
            now,
        };
        let checked = |expectation: &Expectation| match expectation.subject(step) {
            Ok(subject) => check(expectation, subject, &seen),
            Err(mistake) => vec![mismatch("check", "it can be made", &mistake)],
        };
        let mismatches: Vec<_> = step.expect.iter().flat_map(checked).collect();
        if mismatches.is_empty() {
            return Ok(());
        }
        Err(Box::new(FailedStep { mismatches, ..FailedStep::default() }))
    }

    pub(super) fn command(&self, command: Command) -> Result<()> {
        self.ends.commands.send(command).map_err(|_| failure("command", "the executor takes it", "the executor has ended"))
    }

    fn command_and_wait(&mut self, command: Command, done: impl Fn(&Event) -> bool) -> Result<()> {
        self.command(command)?;
        self.wait(|_, event| event.is_some_and(&done))
    }

    /// Takes turns until one is right; an error notice ends it, since what is waited for will not come.
    pub(super) fn wait(&mut self, mut done: impl FnMut(&Observed, Option<&Event>) -> bool) -> Result<()> {
        if done(&self.observed, None) {
            return Ok(());
        }
        let mut error = None;
        loop {
            let Some(turn) = self.ends.events.wait_for_turn(PATIENCE) else {
                return Err(failure("executor", "an answer", error.as_deref().unwrap_or("it does not answer any more")));
            };
            let mut right = false;
            for event in &turn {
                self.observed.apply(event);
                right |= done(&self.observed, Some(event));
                if let Event::Notice(notice) = event
                    && notice.level == NoticeLevel::Error
                {
                    error = Some(notice.text.clone());
                }
            }
            match error {
                _ if right => return Ok(()),
                Some(text) => return Err(failure("executor", "the step is done", &text)),
                None => {}
            }
        }
    }
}

/// Whether there is something of this name; else the step fails with the name that was meant.
fn known(what: &str, wanted: &str, name: &str, names: &BTreeSet<Arc<str>>) -> Result<()> {
    if names.contains(name) {
        return Ok(());
    }
    let expected = match nearest(name, names.iter().map(|name| &**name)) {
        Some(near) => format!("{wanted}; did you mean {near}?"),
        None => wanted.to_owned(),
    };
    Err(wrong_file(what, &expected, name))
}

fn advanced(event: &Event) -> bool {
    matches!(event, Event::Advanced)
}

pub(super) fn failure(what: &str, expected: &str, found: &str) -> Box<FailedStep> {
    Box::new(FailedStep { mismatches: vec![mismatch(what, expected, found)], ..FailedStep::default() })
}

/// What cannot be done because a file says something that there is not.
pub(super) fn wrong_file(what: &str, expected: &str, found: &str) -> Box<FailedStep> {
    Box::new(FailedStep { file_is_wrong: true, ..*failure(what, expected, found) })
}
