//! Who waits for an answer of the service: clients of the Lambda API, and commands that want to know their invocation.

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use crate::event::Event;
use crate::service::effect::InvokeReply;
use crate::service::ids::ReplyToken;

enum Waiter {
    Api(oneshot::Sender<InvokeReply>),
    /// Told as soon as the invocation has an id.
    Command {
        ticket: u64,
        told: bool,
    },
}

/// All who wait, by token.
#[derive(Default)]
pub struct Replies {
    waiting: BTreeMap<ReplyToken, Waiter>,
    last: u64,
    /// The command that is being handled right now.
    current: Option<ReplyToken>,
}

impl Replies {
    /// A token for a client of the Lambda API.
    pub fn api(&mut self, answer: oneshot::Sender<InvokeReply>) -> ReplyToken {
        self.insert(Waiter::Api(answer))
    }

    /// A token for a command; until [`Replies::handled`] the next accepted invocation is taken to be its own.
    pub fn command(&mut self, ticket: u64) -> ReplyToken {
        let token = self.insert(Waiter::Command { ticket, told: false });
        self.current = Some(token);
        token
    }

    /// The command has been handled; what is accepted from now on is somebody else's.
    pub fn handled(&mut self) {
        self.current = None;
    }

    /// An invocation was accepted or refused: the ticket of the command that it belongs to, if one is being handled.
    pub fn accepted(&mut self) -> Option<u64> {
        match self.waiting.get_mut(&self.current.take()?)? {
            Waiter::Command { ticket, told } => {
                *told = true;
                Some(*ticket)
            }
            Waiter::Api(_) => None,
        }
    }

    /// Passes an answer on; what a command still wants to know comes back as an event.
    pub fn answer(&mut self, token: ReplyToken, reply: InvokeReply) -> Option<Event> {
        match self.waiting.remove(&token)? {
            Waiter::Api(answer) => {
                // A client that is gone needs no answer.
                let _ = answer.send(reply);
                None
            }
            Waiter::Command { told: true, .. } => None,
            Waiter::Command { ticket, told: false } => {
                let request_id = match reply {
                    InvokeReply::Completed(completed) => completed.request_id,
                    InvokeReply::Accepted { request_id }
                    | InvokeReply::DryRun { request_id }
                    | InvokeReply::Refused { request_id, .. } => request_id,
                    InvokeReply::Sent { .. } => return None,
                };
                Some(Event::Invoked { ticket, request_id })
            }
        }
    }

    fn insert(&mut self, waiter: Waiter) -> ReplyToken {
        self.last += 1;
        let token = ReplyToken(self.last);
        self.waiting.insert(token, waiter);
        token
    }
}
