//! From a draft to commands: checked, one message or many.

use std::sync::Arc;

use bytes::Bytes;

use super::filling::Then;
use super::{Composer, Drafts, Working};
use crate::command::{Command, DocumentWork};
use crate::event::{DocumentError, NoticeLevel};
use crate::events_catalog::Shape;
use crate::model::Model;
use crate::model::selection::InvocationModel;
use crate::service::ids::{FunctionName, QueueName};
use crate::service::input::{InvocationSource, InvocationType};
use crate::ui::action::Action;

/// Bytes that an event of each model may have (semantics 1.6, 4.6).
pub const fn limit(model: InvocationModel) -> usize {
    match model {
        InvocationModel::Synchronous | InvocationModel::Url | InvocationModel::Api => crate::service::limits::SYNCHRONOUS_PAYLOAD,
        InvocationModel::Asynchronous => crate::service::limits::ASYNCHRONOUS_PAYLOAD,
        InvocationModel::Queue => crate::service::limits::MESSAGE_BODY,
    }
}

/// Bytes that all copies of an event may have together.
const SENT_AT_ONCE: usize = 64 << 20;

impl Composer {
    /// Has the document checked off the window's thread, once a revision.
    pub(super) fn check(&mut self, actions: &mut Vec<Action>) {
        let draft = self.draft();
        let revision = draft.edited.document.revision();
        if draft.checked.as_ref().is_some_and(|(checked, _)| *checked == revision) || self.is_worked_on(revision) {
            return;
        }
        self.work(DocumentWork::Check, actions);
    }

    /// Whether an answer to the event that is seen is still to come.
    fn is_worked_on(&self, revision: u64) -> bool {
        let name = self.drafts.get(&self.function).and_then(Drafts::name);
        self.working.as_ref().is_some_and(|working| {
            working.function == self.function && working.name.as_deref() == name && working.revision == revision
        })
    }

    /// Asks for work on the event that is seen; what was asked for before is not answered any more.
    pub(super) fn work(&mut self, work: DocumentWork, actions: &mut Vec<Action>) {
        self.ticket += 1;
        let (ticket, function) = (self.ticket, self.function.clone());
        let drafts = self.drafts_here();
        let name = drafts.name().map(str::to_owned);
        let draft = drafts.seen_mut();
        let (document, variables) = (&draft.edited.document, Arc::clone(&draft.meta.variables));
        let (revision, text) = (document.revision(), document.to_text());
        self.working = Some(Working { ticket, work, function, name, revision });
        actions.push(Action::Command(Command::Document { ticket, work, text, variables }));
    }

    /// The answer goes to the document that it was asked for, whichever is seen by now.
    pub(super) fn document_done(&mut self, ticket: u64, result: &Result<Option<String>, DocumentError>) {
        let Some(working) = self.working.take_if(|working| working.ticket == ticket) else { return };
        let drafts = self.drafts.get_mut(&working.function);
        let Some(draft) = drafts.and_then(|drafts| drafts.get_mut(working.name.as_deref())) else { return };
        let (document, revision) = (&mut draft.edited.document, working.revision);
        if document.revision() != revision {
            return;
        }
        match result {
            Ok(None) if working.work == DocumentWork::Check => draft.checked = Some((revision, None)),
            // What can be laid out need not be JSON yet: its variables are not filled in.
            Ok(None) => {}
            Ok(Some(text)) => document.replace_all(text),
            Err(error) => draft.checked = Some((revision, Some(error.clone()))),
        }
    }

    /// What is wrong with the present text; `None` when nothing is known to be.
    pub(super) fn error(&self) -> Option<&DocumentError> {
        let draft = self.drafts.get(&self.function)?.seen()?;
        let (revision, error) = draft.checked.as_ref()?;
        error.as_ref().filter(|_| *revision == draft.edited.document.revision())
    }

    /// Why the button cannot be pressed, if so.
    pub(super) fn obstacle(&self, model: &Model) -> Option<String> {
        if let Some(error) = self.error() {
            return Some(format!("line {}, column {}: {}", error.line, error.column, error.message));
        }
        let draft = self.drafts.get(&self.function).and_then(Drafts::seen);
        let size = draft.map_or(0, |draft| draft.edited.document.len());
        let limit = limit(self.model);
        if size > limit {
            return Some(format!("{size} bytes are more than {limit}, the limit of {}", self.model.name()));
        }
        let times = self.times();
        if size.saturating_mul(times) > SENT_AT_ONCE {
            let most = SENT_AT_ONCE / size;
            return Some(format!("{times} copies of {size} bytes are more than 64 MB; send at most {most} at once"));
        }
        let no_queue = self.model == InvocationModel::Queue && self.target_queue(model).is_none();
        no_queue.then(|| format!("no queue is mapped to {}: add an [[event_source_mappings]] to invokelab.toml", self.function))
    }

    /// The queue that messages go to: the chosen one, else the one that is mapped to the function.
    pub(super) fn target_queue(&self, model: &Model) -> Option<QueueName> {
        let chosen = self.queue.clone().filter(|queue| model.queues.contains_key(queue));
        let mapped = || Some(model.functions.get(&self.function)?.mappings.first()?.queue.clone());
        chosen.or_else(mapped)
    }

    /// An event that has ended waits for no other payload: what was typed for it is sent as one of its own.
    pub(super) fn let_go_of_ended(&mut self, model: &Model, actions: &mut Vec<Action>) {
        let waits = |id| model.invocations.get(&id).is_some_and(|invocation| invocation.outcome.is_none());
        if self.retry.is_some_and(|id| !waits(id)) {
            self.retry = None;
            let text = "The event has ended meanwhile, so what you edit is sent as a new event.";
            actions.push(Action::Notify(NoticeLevel::Information, text.to_owned()));
        }
    }

    /// Times that the document is sent, each with its own variables.
    fn times(&self) -> usize {
        if self.retry.is_some() { 1 } else { self.copies.max(1) }
    }

    /// What the button does, with how many it makes.
    pub(super) fn send_words(&mut self) -> String {
        if self.retry.is_some() {
            return "Retry with this payload".into();
        }
        let times = self.times();
        let verb = self.model.verb();
        match self.model {
            InvocationModel::Queue => {
                let parts = self.draft().parts().filter(|_| self.one_each);
                let count = times * parts.map_or(1, |(_, count)| count);
                if count == 1 { verb.into() } else { format!("Send {count} messages") }
            }
            _ if times == 1 => verb.into(),
            _ => format!("{verb} × {times}"),
        }
    }

    /// Sends what the composer holds.
    pub fn send(&mut self, model: &Model, actions: &mut Vec<Action>) {
        if self.model.is_http() || self.tab == crate::ui::action::ComposerTab::Http {
            let function = self.function.clone();
            return self.http.send(model, &function, actions);
        }
        if let Some(reason) = self.obstacle(model) {
            actions.push(Action::Notify(NoticeLevel::Error, format!("Nothing was sent: {reason}.")));
            return;
        }
        let times = self.times();
        if let Some(request_id) = self.retry {
            return self.fill(model, times, Shape::Payloads, Then::Retry(request_id), actions);
        }
        let invocation_type = match self.model {
            InvocationModel::Queue => {
                let Some(queue) = self.target_queue(model) else { return };
                let shape = Shape::Messages { one_each: self.one_each };
                return self.fill(model, times, shape, Then::Send(queue), actions);
            }
            InvocationModel::Synchronous | InvocationModel::Url | InvocationModel::Api => InvocationType::RequestResponse,
            InvocationModel::Asynchronous => InvocationType::Event,
        };
        let (function, label) = (self.function.clone(), self.label());
        self.fill(model, times, Shape::Payloads, Then::Invoke { function, invocation_type, label }, actions);
    }

    /// What the event that is seen is called.
    fn label(&mut self) -> Option<Arc<str>> {
        let edited = self.draft().edited.file().is_some() && self.draft().edited.is_unsaved();
        let label = self.drafts_here().label()?;
        // By its name alone it would be taken for what the file holds.
        Some(if edited { format!("{label} (edited)").into() } else { label.into() })
    }

    pub(super) fn send_events(
        &mut self,
        function: FunctionName,
        invocation_type: InvocationType,
        label: Option<Arc<str>>,
        payloads: Vec<Bytes>,
        actions: &mut Vec<Action>,
    ) {
        self.ticket += 1;
        self.awaiting_invocation = Some(self.ticket);
        actions.push(Action::Command(Command::Invoke {
            function,
            invocation_type,
            payloads,
            label,
            source: InvocationSource::Workbench,
            ticket: self.ticket,
        }));
    }
}

pub(super) fn send_messages(queue: QueueName, bodies: Vec<Arc<str>>, actions: &mut Vec<Action>) {
    let source = InvocationSource::Workbench;
    actions.push(Action::Command(Command::SendMessages { queue: queue.clone(), bodies, source }));
    actions.push(Action::ShowSent(crate::model::selection::Selection::Queue(queue)));
}

/// Says why nothing was done with a document.
pub(super) fn refusal(done: &str, error: &DocumentError) -> Action {
    let DocumentError { line, column, message } = error;
    Action::Notify(NoticeLevel::Error, format!("Nothing was {done}: line {line}, column {column}: {message}."))
}
