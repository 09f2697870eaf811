//! Who waits for an answer of the service: clients of the Lambda API and of the doors, and commands that want to know their
//! invocation.

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use super::doors::Waiting;
use crate::event::Event;
use crate::service::effect::InvokeReply;
use crate::service::ids::ReplyToken;

enum Waiter {
    Api(oneshot::Sender<InvokeReply>),
    /// A client of a function URL, an API or a load balancer.
    Door(Box<Waiting>),
    /// Told as soon as the invocation has an id.
    Command {
        ticket: u64,
        told: bool,
    },
}

/// What came of an answer.
pub enum Passed {
    /// Whoever waited has it.
    On,
    /// A command wants to know its invocation.
    Event(Event),
    /// It becomes an HTTP response.
    Door(Box<Waiting>, InvokeReply),
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
            Waiter::Api(_) | Waiter::Door(_) => None,
        }
    }

    /// A token for a request at a door.
    pub fn door(&mut self, waiting: Waiting) -> ReplyToken {
        self.insert(Waiter::Door(Box::new(waiting)))
    }

    /// Passes an answer on; what the loop has to do itself comes back.
    pub fn answer(&mut self, token: ReplyToken, reply: InvokeReply) -> Passed {
        match self.waiting.remove(&token) {
            None | Some(Waiter::Command { told: true, .. }) => Passed::On,
            Some(Waiter::Api(answer)) => {
                // A client that is gone needs no answer.
                let _ = answer.send(reply);
                Passed::On
            }
            Some(Waiter::Door(waiting)) => Passed::Door(waiting, reply),
            Some(Waiter::Command { ticket, told: false }) => {
                Passed::Event(Event::Invoked { ticket, request_id: reply.request_id() })
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
