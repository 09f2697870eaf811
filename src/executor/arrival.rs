//! What comes from outside. It waits for changes of files that the system has told of and nobody has read yet, so that changed
//! code takes effect at the very next invoke, however soon that comes.

use super::builds::Built;
use super::doors::DoorCall;
use super::event_loop::{EventLoop, Message};
use super::lambda_api::ApiCall;
use crate::command::Command;

/// A call or a command, in the order in which it came.
pub enum Arrival {
    Api(ApiCall),
    Door(DoorCall),
    Command(Command),
    Built(Built),
}

/// The end of the program, and what is asked for right before it.
fn must_not_wait(arrival: &Arrival) -> bool {
    matches!(arrival, Arrival::Command(Command::Shutdown | Command::KeepTexts { .. } | Command::ClearHistory))
}

impl EventLoop {
    /// Takes it, or keeps it for the moment in which changed files are followed.
    pub(super) fn arrived(&mut self, arrival: Arrival) {
        if must_not_wait(&arrival) || (self.held.is_empty() && !self.follows_files()) {
            self.take_arrival(arrival);
        } else {
            self.held.push(arrival);
        }
    }

    /// Whether changes are pending; then they are told now, and [`EventLoop::files_followed`] comes after them.
    fn follows_files(&self) -> bool {
        let Some(watch) = &self.watch else { return false };
        let messages = self.messages.clone();
        // The loop is gone: nobody waits any more.
        watch.hurry(move || drop(messages.blocking_send(Message::FilesFollowed)))
    }

    /// Takes what was held back.
    pub(super) fn files_followed(&mut self) {
        for arrival in std::mem::take(&mut self.held) {
            self.take_arrival(arrival);
        }
    }

    fn take_arrival(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Api(call) => self.call(call),
            Arrival::Door(call) => self.door_call(call),
            Arrival::Command(command) => self.command(command),
            Arrival::Built(built) => self.built(built),
        }
    }
}
