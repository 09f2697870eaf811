//! From a draft to commands: checked, variables filled in, one message or many.

use std::sync::Arc;

use super::Composer;
use super::drafts::elements;
use crate::command::Command;
use crate::event::{DocumentError, NoticeLevel};
use crate::events_catalog::json_text;
use crate::events_catalog::variables::{Expansion, expand};
use crate::model::Model;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::QueueName;
use crate::service::input::{InvocationSource, InvocationType};
use crate::service::limits;
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::widgets;

/// Most copies at once: of invocations, and of messages.
pub const MOST_INVOCATIONS: usize = 500;
pub const MOST_MESSAGES: usize = 10_000;
/// Texts with variables up to this size are checked again after they were filled in.
const CHECKED_AGAIN: usize = 1 << 20;

/// Bytes that an event of each model may have (semantics 1.6, 4.6).
#[must_use]
pub const fn limit(model: InvocationModel) -> usize {
    match model {
        InvocationModel::Synchronous => limits::SYNCHRONOUS_PAYLOAD,
        InvocationModel::Asynchronous => limits::ASYNCHRONOUS_PAYLOAD,
        InvocationModel::Queue => limits::MESSAGE_BODY,
    }
}

/// The type of a direct invocation; a message is sent to try it, so it is invoked synchronously.
#[must_use]
pub fn invocation_type(model: InvocationModel) -> InvocationType {
    match model {
        InvocationModel::Asynchronous => InvocationType::Event,
        InvocationModel::Synchronous | InvocationModel::Queue => InvocationType::RequestResponse,
    }
}

impl Composer {
    /// Why the button cannot be pressed, if so.
    pub(super) fn obstacle(&mut self, model: &Model) -> Option<String> {
        let (kind, no_queue) = (self.model, self.model == InvocationModel::Queue && self.target_queue(model).is_none());
        if no_queue {
            let name = &self.function;
            return Some(format!("no queue is mapped to {name}: choose one, or add [[event_source_mappings]] to invokelab.toml"));
        }
        let draft = self.draft();
        let split = kind == InvocationModel::Queue && draft.one_message_per_element && draft.is_array();
        // Any text may be a message; an event has to be JSON.
        if let Some(error) = draft.error().filter(|_| kind != InvocationModel::Queue || split) {
            return Some(format!("line {}, column {}: {}", error.line, error.column, error.message));
        }
        let (size, limit) = (draft.document.len(), limit(kind));
        if size > limit && !split {
            let (has, may) = (widgets::size(size), widgets::size(limit));
            return Some(format!("{has} are more than {may}, the limit of {}", what_has_the_limit(kind)));
        }
        if size == 0 && kind == InvocationModel::Queue {
            return Some("a message has at least one character".into());
        }
        if split && draft.look().elements == Some(0) {
            return Some("the array has no element".into());
        }
        None
    }

    /// The queue that messages go to: the chosen one, else the one that is mapped to the function.
    pub(super) fn target_queue(&self, model: &Model) -> Option<QueueName> {
        let mapped = model.functions.get(&self.function).and_then(|function| function.mappings.first());
        let chosen = self.queue.clone().filter(|queue| model.queues.contains_key(queue));
        chosen.or_else(|| mapped.map(|mapping| mapping.queue.clone()))
    }

    /// Sends what the composer holds.
    pub fn send(&mut self, model: &Model, actions: &mut Vec<Action>) {
        if self.function.is_empty() {
            return;
        }
        let made = match self.obstacle(model) {
            Some(reason) => Err(reason),
            None => self.make(model, actions),
        };
        if let Err(reason) = made {
            actions.push(Action::Notify(NoticeLevel::Error, format!("Nothing was sent: {reason}.")));
        }
    }

    fn make(&mut self, model: &Model, actions: &mut Vec<Action>) -> Result<(), String> {
        if let Some(request_id) = self.retried() {
            let payload = self.filled(model)?.into();
            self.retry = None;
            actions.push(Action::Command(Command::EditAndRetry { request_id, payload }));
            actions.push(Action::Select(Selection::Invocation(request_id)));
            return Ok(());
        }
        match self.model {
            InvocationModel::Queue => self.send_messages(model, actions),
            kind => self.send_events(model, invocation_type(kind), actions),
        }
    }

    /// The text with its variables filled in, and checked again if there were any.
    fn filled(&mut self, model: &Model) -> Result<String, String> {
        let text = self.draft().document.to_text();
        let filled = self.expanded(&text, model).map_err(|error| place(&error))?;
        if filled != text && self.model != InvocationModel::Queue && filled.len() <= CHECKED_AGAIN {
            json_text::check(&filled).map_err(|error| format!("with its variables filled in, {}", place(&error)))?;
        }
        let limit = limit(self.model);
        if filled != text && filled.len() > limit && self.model != InvocationModel::Queue {
            return Err(format!(
                "with its variables filled in it has {}, more than {}",
                widgets::size(filled.len()),
                widgets::size(limit)
            ));
        }
        Ok(filled)
    }

    /// Fills in variables as of now; each call counts `{{seq}}` on.
    pub(super) fn expanded(&mut self, text: &str, model: &Model) -> Result<String, DocumentError> {
        self.sequence += 1;
        expand_at(text, model, self.sequence)
    }

    fn send_messages(&mut self, model: &Model, actions: &mut Vec<Action>) -> Result<(), String> {
        let queue = self.target_queue(model).ok_or("there is no queue to send to")?;
        let split = self.draft().one_message_per_element;
        let mut bodies: Vec<Arc<str>> = Vec::new();
        for _ in 0..self.copies.max(1) {
            let text = self.filled(model)?;
            match elements(&text).filter(|_| split) {
                Some(elements) => bodies.extend(elements.into_iter().map(Arc::from)),
                // One line of JSON is enough; any other text goes as it is.
                None => bodies.push(json_text::minify(&text).unwrap_or(text).into()),
            }
            if bodies.len() > MOST_MESSAGES {
                return Err(format!("{MOST_MESSAGES} messages are the most at once"));
            }
        }
        if let Some(index) = bodies.iter().position(|body| body.len() > limits::MESSAGE_BODY || body.is_empty()) {
            let has = widgets::size(bodies[index].len());
            return Err(format!("message {} has {has}; a message has at least one character and at most 1 MB", index + 1));
        }
        let source = InvocationSource::Workbench;
        actions.push(Action::Command(Command::SendMessages { queue: queue.clone(), bodies, source }));
        actions.push(Action::Select(Selection::Queue(queue)));
        Ok(())
    }

    fn send_events(&mut self, model: &Model, invocation_type: InvocationType, actions: &mut Vec<Action>) -> Result<(), String> {
        let label: Option<Arc<str>> = self.draft().name().map(Into::into);
        let mut payloads = Vec::new();
        for _ in 0..self.copies.clamp(1, MOST_INVOCATIONS) {
            payloads.push(self.filled(model)?);
        }
        for payload in payloads {
            let ticket = self.invocation_ticket();
            actions.push(Action::Command(Command::Invoke {
                function: self.function.clone(),
                invocation_type,
                payload: payload.into(),
                label: label.clone(),
                source: InvocationSource::Workbench,
                ticket,
            }));
        }
        Ok(())
    }
}

/// Fills in variables at the service time of the last turn.
pub fn expand_at(text: &str, model: &Model, sequence: u64) -> Result<String, DocumentError> {
    let now = model.clock.map_or(Timestamp::default(), |clock| clock.now);
    let seed = now.0 ^ (sequence << 40);
    expand(text, &Expansion { now, seq: sequence, seed, environment: &|name| std::env::var(name).ok() })
}

fn place(error: &DocumentError) -> String {
    format!("line {}, column {}: {}", error.line, error.column, error.message)
}

fn what_has_the_limit(model: InvocationModel) -> &'static str {
    match model {
        InvocationModel::Synchronous => "a synchronous invocation",
        InvocationModel::Asynchronous => "an asynchronous event",
        InvocationModel::Queue => "a message",
    }
}
