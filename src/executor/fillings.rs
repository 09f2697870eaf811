//! Filling in documents that are too long for the window's thread: one after the other, in the order in which they came.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use super::event_loop::Message;
use crate::event::DocumentError;
use crate::events_catalog::Filling;

/// Documents that may wait; each has up to 64 MB.
const WAITING: usize = 8;

pub struct Fillings {
    messages: mpsc::Sender<Message>,
    busy: bool,
    waiting: VecDeque<(u64, Box<Filling>)>,
}

impl Fillings {
    #[must_use]
    pub fn new(messages: mpsc::Sender<Message>) -> Self {
        Self { messages, busy: false, waiting: VecDeque::new() }
    }

    /// Takes a document; its answer comes after those of all that were taken before.
    ///
    /// # Errors
    /// Too many wait already, as a sentence without its end.
    pub fn begin(&mut self, ticket: u64, filling: Box<Filling>) -> Result<(), DocumentError> {
        if self.waiting.len() == WAITING {
            let message = format!("{WAITING} documents are still being filled in; send it again in a moment");
            return Err(DocumentError { line: 1, column: 1, message });
        }
        self.waiting.push_back((ticket, filling));
        self.start_next();
        Ok(())
    }

    /// A result has come.
    pub fn ended(&mut self) {
        self.busy = false;
        self.start_next();
    }

    fn start_next(&mut self) {
        if self.busy {
            return;
        }
        let Some((ticket, filling)) = self.waiting.pop_front() else { return };
        self.busy = true;
        let messages = self.messages.clone();
        tokio::task::spawn_blocking(move || {
            let result = filling.fill();
            // The loop is gone: so is whoever asked.
            let _ = messages.blocking_send(Message::Filled { ticket, result });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events_catalog::{Filled, Shape};
    use crate::service::time::Timestamp;

    #[test]
    fn answers_come_in_the_order_of_the_questions() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (sender, mut messages) = mpsc::channel(16);
            let mut fillings = Fillings::new(sender);
            let of = |length: usize| {
                let text = format!("\"{}{{{{seq}}}}\"", "x".repeat(length));
                let (now, variables) = (Timestamp(0), std::sync::Arc::default());
                Box::new(Filling { text, copies: 1, now, sequence: 1, variables, shape: Shape::Payloads })
            };
            // The first takes longest.
            for (ticket, length) in [(1, 1 << 20), (2, 1_000), (3, 1)] {
                fillings.begin(ticket, of(length)).unwrap();
            }
            for expected in 1..=3 {
                let Some(Message::Filled { ticket, result: Ok(Filled::Payloads(payloads)) }) = messages.recv().await else {
                    panic!("an answer")
                };
                assert_eq!((ticket, payloads.len()), (expected, 1));
                fillings.ended();
            }
            (10..=10 + WAITING as u64).for_each(|ticket| fillings.begin(ticket, of(1)).unwrap());
            assert!(fillings.begin(99, of(1)).unwrap_err().message.contains("in a moment"));
        });
    }
}
