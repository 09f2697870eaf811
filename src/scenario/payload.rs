//! What an `invoke` sends: the payload of the step, or a saved event of the workspace.

use std::fs;

use bytes::Bytes;
use serde_json::Value;

use super::driver::{Driver, Result, wrong_file};
use super::file::{InvokeAction, Step};
use crate::event::{DocumentError, Problem};
use crate::events_catalog::variables::{self, Expansion, expand};
use crate::service::input::InvocationType;
use crate::workspace::event_meta;

/// The payload with its variables filled in.
pub(super) struct Payload {
    pub text: Bytes,
    /// What the saved event says of itself.
    pub invocation_type: Option<InvocationType>,
}

impl Driver<'_> {
    pub(super) fn payload(&mut self, action: &InvokeAction, step: &Step) -> Result<Payload> {
        let Some(event) = &action.event else {
            let payload = action.payload.clone().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
            return Ok(Payload { text: payload.to_string().into(), invocation_type: None });
        };
        let path = self.scenario.workspace().join("events").join(format!("{event}.json"));
        let what = format!("invoke, event {event}");
        let unread = |error: std::io::Error| wrong_file(&what, "a saved event", &format!("{}: {error}", path.display()));
        let text = fs::read_to_string(&path).map_err(unread)?;
        let (meta, problems) = event_meta::read(&path);
        self.take_problems(&what, problems)?;
        let expansion = Expansion {
            now: self.observed.clock.map_or(self.began, |clock| clock.now),
            seq: self.tickets + 1,
            seed: self.tickets,
            environment: &|name| std::env::var(name).ok(),
            variables: &meta.variables,
        };
        let wrong = |DocumentError { line, column, message }: DocumentError| {
            wrong_file(&what, "JSON", &format!("{}:{line}:{column}: {message}", path.display()))
        };
        if !step.expects_refused_json() {
            variables::check(&text, &expansion).map_err(wrong)?;
        }
        let text = expand(&text, &expansion).map_err(wrong)?.into();
        Ok(Payload { text, invocation_type: meta.invocation_type })
    }

    /// A mistake beside the event ends the scenario; what is kept without effect is told.
    fn take_problems(&mut self, what: &str, problems: Vec<Problem>) -> Result<()> {
        let mistake = problems.iter().find(|problem| problem.is_mistake());
        if let Some(problem) = mistake {
            let found = format!("{}: {}", problem.full_place(), problem.message);
            return Err(wrong_file(what, "a file without mistakes beside it", &found));
        }
        self.observed.add_problems(problems);
        Ok(())
    }
}

impl Step {
    /// Whether it is about what Lambda answers to an event that is no JSON (semantics 1.4).
    fn expects_refused_json(&self) -> bool {
        self.expect
            .iter()
            .any(|check| check.status_code == Some(400) || check.error_type.as_deref() == Some("InvalidRequestContentException"))
    }
}
