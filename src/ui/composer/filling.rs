//! Variables are filled in where that takes no time, else off the window's thread; what is done with it comes in order.

use std::sync::Arc;

use super::Composer;
use super::sending::refusal;
use crate::command::Command;
use crate::event::DocumentError;
use crate::events_catalog::{Filled, Filling, Shape};
use crate::model::Model;
use crate::service::ids::{FunctionName, QueueName, RequestId};
use crate::service::input::InvocationType;
use crate::ui::action::Action;

/// Bytes that are filled in within a frame.
const AT_ONCE: usize = 256 << 10;

/// What a document is filled in for, as it was when the button was pressed.
pub(super) enum Then {
    Invoke { function: FunctionName, invocation_type: InvocationType, label: Option<Arc<str>> },
    Send(QueueName),
    Retry(RequestId),
    Copy,
}

impl Composer {
    /// Has the event that is seen filled in.
    pub(super) fn fill(&mut self, model: &Model, copies: usize, shape: Shape, then: Then, actions: &mut Vec<Action>) {
        let text = self.draft().edited.document.to_text();
        let now = model.clock.map(|clock| clock.now).unwrap_or_default();
        let variables = Arc::clone(&self.draft().meta.variables);
        let filling = Filling { text, copies, now, sequence: self.sequence + 1, variables, shape };
        self.sequence += copies as u64;
        if self.filling.is_empty() && filling.size() <= AT_ONCE {
            return self.go_on(then, filling.fill(), actions);
        }
        self.ticket += 1;
        let (ticket, filling) = (self.ticket, Box::new(filling));
        self.filling.insert(ticket, then);
        actions.push(Action::Command(Command::Fill { ticket, filling }));
    }

    /// An answer; those before it have come, or never will.
    pub(super) fn filled(&mut self, ticket: u64, result: Result<Filled, DocumentError>, actions: &mut Vec<Action>) {
        self.filling = self.filling.split_off(&ticket);
        if let Some(then) = self.filling.remove(&ticket) {
            self.go_on(then, result, actions);
        }
    }

    fn go_on(&mut self, then: Then, result: Result<Filled, DocumentError>, actions: &mut Vec<Action>) {
        let done = if matches!(then, Then::Copy) { "copied" } else { "sent" };
        match (then, result) {
            (_, Err(error)) => actions.push(refusal(done, &error)),
            (Then::Invoke { function, invocation_type, label }, Ok(Filled::Payloads(payloads))) => {
                self.send_events(function, invocation_type, label, payloads, actions);
            }
            (Then::Retry(request_id), Ok(Filled::Payloads(payloads))) => {
                self.retry.take_if(|retry| *retry == request_id);
                let payload = payloads.into_iter().next().unwrap_or_default();
                actions.push(Action::Command(Command::EditAndRetry { request_id, payload }));
                actions.push(Action::ShowSent(crate::model::selection::Selection::Invocation(request_id)));
            }
            (Then::Send(queue), Ok(Filled::Messages(bodies))) => super::sending::send_messages(queue, bodies, actions),
            (Then::Copy, Ok(Filled::Command(text))) => actions.push(Action::Copy(text.to_string())),
            // Each shape becomes its own.
            (_, Ok(_)) => {}
        }
    }
}
