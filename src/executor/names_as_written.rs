//! Header names of responses with the case in which a function wrote them, or AWS does (semantics 5.3). The HTTP library keeps
//! names in lower case only, so they are put right where its bytes leave: case changes no length.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::http::response;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::body_to_come::{BodyToCome, end_of_head};

/// What AWS writes otherwise than with a capital at the beginning of each word, and no response here names itself.
const OF_AWS: [&str; 2] = ["x-amzn-RequestId", "x-amzn-ErrorType"];

/// The names of a response in order, as they are to be written; an extension of the response.
#[derive(Clone, Debug, Default)]
pub struct WrittenNames(pub Arc<[Box<str>]>);

/// Responses whose heads are still to be written, in order.
#[derive(Debug, Default)]
pub struct ComingHeads(Mutex<VecDeque<Head>>);

#[derive(Debug)]
struct Head {
    names: WrittenNames,
    /// The request was a HEAD.
    alone: bool,
}

impl ComingHeads {
    /// Says how the head of a response is written; to be told before the library is given the response.
    pub fn expect(&self, response: &response::Parts, to_head: bool) {
        let names = response.extensions.get::<WrittenNames>().cloned().unwrap_or_default();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(Head { names, alone: to_head });
    }

    /// Puts the names of a head right, and says what follows it. The library answers requests by itself that it cannot read.
    fn write(&self, head: &mut [u8]) -> BodyToCome {
        let status = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u16>().ok()).unwrap_or(0);
        let interim = (100..200).contains(&status);
        let next = || self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let (names, alone) = match if interim { None } else { next() } {
            Some(coming) => (coming.names, coming.alone),
            None => (WrittenNames::default(), false),
        };
        names.put_into(head);
        if interim || alone || matches!(status, 204 | 304) { BodyToCome::Nothing } else { BodyToCome::of_response(head) }
    }
}

impl WrittenNames {
    fn put_into(&self, head: &mut [u8]) {
        let mut written: Vec<Option<&str>> = self.0.iter().map(|name| Some(&**name)).collect();
        for line in head.split_mut(|byte| *byte == b'\n').skip(1) {
            let Some(end) = memchr::memchr(b':', line) else { continue };
            let name = &mut line[..end];
            let is_it = |other: &str| other.as_bytes().eq_ignore_ascii_case(name);
            let own = written.iter_mut().find(|other| other.is_some_and(is_it)).and_then(Option::take);
            match own.or_else(|| OF_AWS.into_iter().find(|other| is_it(other))) {
                Some(own) => name.copy_from_slice(own.as_bytes()),
                None => capitalise(name),
            }
        }
    }
}

/// `Content-Length`.
fn capitalise(name: &mut [u8]) {
    name.split_mut(|byte| *byte == b'-').filter_map(|word| word.first_mut()).for_each(|first| first.make_ascii_uppercase());
}

/// A connection that puts the names of what is written to it right.
pub struct NameWriter<S> {
    stream: S,
    heads: Arc<ComingHeads>,
    /// The beginning of a head.
    head: Vec<u8>,
    /// Heads that are right and not written yet.
    ready: Vec<u8>,
    body: BodyToCome,
}

impl<S> NameWriter<S> {
    pub fn new(stream: S) -> (Self, Arc<ComingHeads>) {
        let heads = Arc::new(ComingHeads::default());
        let writer = Self { stream, heads: Arc::clone(&heads), head: Vec::new(), ready: Vec::new(), body: BodyToCome::Nothing };
        (writer, heads)
    }

    /// Takes what belongs to a head, and how much that was.
    fn take_head(&mut self, bytes: &[u8]) -> usize {
        let before = self.head.len();
        self.head.extend_from_slice(bytes);
        let Some(end) = end_of_head(&self.head) else { return bytes.len() };
        self.head.truncate(end);
        self.body = self.heads.write(&mut self.head);
        self.ready.append(&mut self.head);
        end - before
    }
}

impl<S: AsyncWrite + Unpin> NameWriter<S> {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.ready.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.ready))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.ready.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    /// Writes of a body what is there of it, with the head before it in one go.
    fn poll_body(&mut self, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut ahead = self.body.clone();
        let counted: Vec<&[u8]> = slices.iter().map(|slice| &slice[..ahead.count_off(slice)]).collect();
        loop {
            let before = self.ready.len();
            let mut all = vec![IoSlice::new(&self.ready)];
            all.extend(counted.iter().map(|part| IoSlice::new(part)));
            let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, &all))?;
            self.ready.drain(..written.min(before));
            let accepted = written.saturating_sub(before);
            if accepted > 0 || written == 0 {
                let mut left = accepted;
                for part in counted {
                    left -= self.body.count_off(&part[..left.min(part.len())]);
                }
                return Poll::Ready(Ok(accepted));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for NameWriter<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Some(first) = slices.iter().position(|slice| !slice.is_empty()) else { return Poll::Ready(Ok(0)) };
        if this.body == BodyToCome::Nothing {
            return Poll::Ready(Ok(this.take_head(&slices[first])));
        }
        this.poll_body(context, &slices[first..])
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_ready(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_ready(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for NameWriter<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// Takes at most so many bytes at a time.
    struct Narrow {
        taken: Vec<u8>,
        most: usize,
    }

    impl AsyncWrite for Narrow {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let now = bytes.len().min(self.most);
            self.taken.extend_from_slice(&bytes[..now]);
            Poll::Ready(Ok(now))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn response(names: &[&str]) -> response::Parts {
        let names = names.iter().map(|name| Box::from(*name)).collect();
        hyper::Response::builder().extension(WrittenNames(names)).body(()).unwrap().into_parts().0
    }

    /// A body that looks like a head, which nobody may touch.
    const DECOY: &str = "HTTP/1.1 200 OK\r\nx-one: 1\r\n\r\n";

    #[tokio::test]
    async fn names_are_written_as_the_response_says_and_bodies_are_left_alone() {
        let chunked = format!("{:x}\r\n{DECOY}\r\n0\r\n\r\n", DECOY.len());
        let sized = |name: &str| format!("{name}: {}\r\n\r\n{DECOY}", DECOY.len());
        let sent = [
            format!("HTTP/1.1 200 OK\r\nx-one: 1\r\nx-one: 2\r\nx-amzn-requestid: 3\r\n{}", sized("content-length")),
            format!("HTTP/1.1 200 OK\r\nx-one: 1\r\ntransfer-encoding: chunked\r\n\r\n{chunked}"),
            "HTTP/1.1 200 OK\r\nx-one: 1\r\ncontent-length: 9\r\n\r\n".to_owned(),
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nx-one: 1\r\n\r\n".to_owned(),
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".to_owned(),
        ];
        let expected = [
            format!("HTTP/1.1 200 OK\r\nX-one: 1\r\nx-ONE: 2\r\nx-amzn-RequestId: 3\r\n{}", sized("Content-Length")),
            format!("HTTP/1.1 200 OK\r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"),
            "HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 9\r\n\r\n".to_owned(),
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nx-onE: 1\r\n\r\n".to_owned(),
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_owned(),
        ];
        for (cut, most) in (1..200).flat_map(|cut| [1, 7, usize::MAX].map(|most| (cut, most))) {
            let (mut writer, heads) = NameWriter::new(Narrow { taken: Vec::new(), most });
            heads.expect(&response(&["X-one", "x-ONE"]), false);
            heads.expect(&response(&[]), false);
            heads.expect(&response(&[]), true);
            heads.expect(&response(&["x-onE"]), false);
            for piece in sent.concat().as_bytes().chunks(cut) {
                writer.write_all(piece).await.unwrap();
            }
            writer.flush().await.unwrap();
            let written = String::from_utf8(writer.stream.taken).unwrap();
            assert_eq!(written, expected.concat(), "{cut} {most}");
        }
    }
}
