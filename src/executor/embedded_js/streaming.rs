//! What a streaming handler writes: to its caller at once, and kept for the answer that the service gets.

use std::cell::RefCell;

use bytes::Bytes;
use tokio::sync::mpsc::error::TrySendError;

use super::Orders;
use crate::executor::environment::{StreamPiece, StreamSender};
use crate::service::limits::{RESPONSE_PAYLOAD, STREAMED_PAYLOAD};

/// The stream of the present invocation.
pub(super) struct Streamed {
    orders: Orders,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    caller: Option<StreamSender>,
    /// A streaming handler began to answer.
    begun: bool,
    /// At most what a response may have; one byte more where nobody reads along, so that the service sees it is too large.
    kept: Vec<u8>,
    written: usize,
}

impl Streamed {
    pub fn new(orders: Orders) -> Self {
        Self { orders, state: RefCell::default() }
    }

    /// A new invocation, and who reads along, if anybody.
    pub fn begin(&self, caller: Option<StreamSender>) {
        *self.state.borrow_mut() = State { caller, ..State::default() };
    }

    pub fn begun(&self, content_type: Option<String>) {
        self.state.borrow_mut().begun = true;
        self.pass(StreamPiece::Begun { content_type });
    }

    pub fn write(&self, chunk: &[u8]) {
        let mut state = self.state.borrow_mut();
        state.written += chunk.len();
        let most = if state.caller.is_some() { RESPONSE_PAYLOAD } else { RESPONSE_PAYLOAD + 1 };
        let room = most.saturating_sub(state.kept.len()).min(chunk.len());
        state.kept.extend_from_slice(&chunk[..room]);
        let too_much = state.written > STREAMED_PAYLOAD;
        drop(state);
        self.pass(if too_much { StreamPiece::CutOff } else { StreamPiece::Bytes(Bytes::copy_from_slice(chunk)) });
        if too_much {
            self.state.borrow_mut().caller = None;
        }
    }

    /// The invocation is over, and nobody hears more of it.
    pub fn end(&self) {
        *self.state.borrow_mut() = State::default();
    }

    /// What was written, if the handler was a streaming one. Its caller has the end with it.
    pub fn take(&self) -> Option<Bytes> {
        let state = std::mem::take(&mut *self.state.borrow_mut());
        state.begun.then(|| state.kept.into())
    }

    /// A caller that reads slowly slows the function down; one that is gone changes nothing.
    fn pass(&self, piece: StreamPiece) {
        let Some(caller) = self.state.borrow().caller.clone() else { return };
        let mut piece = piece;
        while let Err(error) = caller.try_send(piece) {
            match error {
                TrySendError::Full(back) if !self.orders.stopped() => piece = back,
                TrySendError::Full(_) | TrySendError::Closed(_) => {
                    self.state.borrow_mut().caller = None;
                    return;
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}
