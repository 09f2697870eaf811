//! Responses that reach their callers while the function still runs (semantics 2.3): the bounded ways past the loop.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, oneshot};

use super::environment::{StreamPiece, StreamSender};
use crate::service::ids::RequestId;

/// Pieces that may wait for the connection of a caller.
const PIECES: usize = 16;

/// Who reads a response while it is made, until its event is handed to an environment.
#[derive(Default)]
pub struct Streams(BTreeMap<RequestId, StreamSender>);

impl Streams {
    /// Opens a way for the response to this event.
    pub fn open(&mut self, request_id: RequestId) -> mpsc::Receiver<StreamPiece> {
        let (sender, pieces) = mpsc::channel(PIECES);
        self.0.insert(request_id, sender);
        pieces
    }

    /// Where the response to this event goes while the function writes it.
    pub fn take(&mut self, request_id: RequestId) -> Option<StreamSender> {
        self.0.remove(&request_id)
    }
}

/// A caller's end: pieces as they come, and how the invocation ended.
#[derive(Debug)]
pub struct StreamReader<E> {
    pieces: mpsc::Receiver<StreamPiece>,
    end: oneshot::Receiver<E>,
    ended: Option<E>,
    /// No end comes any more.
    is_over: bool,
}

impl<E> StreamReader<E> {
    pub fn new(pieces: mpsc::Receiver<StreamPiece>, end: oneshot::Receiver<E>) -> Self {
        Self { pieces, end, ended: None, is_over: false }
    }

    /// The next piece; `None` when no more can come. Whatever was written before the invocation ended is there when it ends.
    pub async fn next(&mut self) -> Option<StreamPiece> {
        if self.is_over {
            return self.pieces.try_recv().ok();
        }
        tokio::select! {
            biased;
            Some(piece) = self.pieces.recv() => Some(piece),
            end = &mut self.end => {
                (self.ended, self.is_over) = (end.ok(), true);
                self.pieces.try_recv().ok()
            }
        }
    }

    /// How the invocation ended, as soon as it has; `None` when the loop is gone.
    pub async fn end(self) -> Option<E> {
        if self.is_over { self.ended } else { self.end.await.ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> (StreamSender, oneshot::Sender<u8>, StreamReader<u8>) {
        let mut streams = Streams::default();
        let (end, ended) = oneshot::channel();
        let reader = StreamReader::new(streams.open(RequestId(1)), ended);
        (streams.take(RequestId(1)).unwrap(), end, reader)
    }

    fn bytes(text: &'static str) -> StreamPiece {
        StreamPiece::Bytes(text.into())
    }

    #[tokio::test]
    async fn what_was_written_comes_before_the_end() {
        let (sender, end, mut reader) = open();
        end.send(7).unwrap();
        for text in ["a", "b"] {
            sender.send(bytes(text)).await.unwrap();
        }
        assert_eq!(reader.next().await, Some(bytes("a")));
        assert_eq!(reader.next().await, Some(bytes("b")));
        assert_eq!(reader.next().await, None);
        assert_eq!(reader.end().await, Some(7));
    }

    /// The environment lets go of its end before the loop says how it ended.
    #[tokio::test]
    async fn a_writer_that_is_gone_is_not_the_end() {
        let (sender, end, mut reader) = open();
        drop(sender);
        let later = tokio::spawn(async move { end.send(7) });
        assert_eq!(reader.next().await, None);
        assert_eq!(reader.end().await, Some(7));
        later.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_loop_that_is_gone_ends_the_response() {
        let (_sender, end, mut reader) = open();
        drop(end);
        assert_eq!(reader.next().await, None);
        assert_eq!(reader.end().await, None);
    }
}
