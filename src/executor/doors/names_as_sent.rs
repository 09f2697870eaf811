//! Header names with the case in which the client wrote them. REST APIs hand them to the function so (semantics 6.2), and
//! the HTTP library keeps them in lower case only, so they are read off the connection beside it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::http::request::Parts;
use memchr::memmem;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes of a connection are remembered: more than any head that browsers and tools send.
const REMEMBERED: usize = 64 << 10;

/// What came over the connection last.
#[derive(Debug, Default)]
pub struct NamesAsSent(Mutex<Vec<u8>>);

impl NamesAsSent {
    fn remember(&self, bytes: &[u8]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() + bytes.len() > REMEMBERED {
            seen.clear();
        }
        if bytes.len() <= REMEMBERED {
            seen.extend_from_slice(bytes);
        }
    }

    /// This request's head, the first line too, or nothing when it is not remembered. What came before it is forgotten.
    pub fn head_of(&self, request: &Parts) -> Vec<u8> {
        let target = request.uri.path_and_query().map_or("", |target| target.as_str());
        let line = [request.method.as_str(), " ", target, " HTTP/"].concat();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(start) = memmem::find(&seen, line.as_bytes()) else { return Vec::new() };
        let end = memmem::find(&seen[start..], b"\r\n\r\n").map_or(seen.len(), |end| start + end);
        let head = seen[start..end].to_vec();
        seen.drain(..end);
        head
    }
}

/// The header names of a head, in order.
pub fn in_head(head: &[u8]) -> impl Iterator<Item = &str> {
    let lines = head.split(|byte| *byte == b'\n').skip(1);
    lines.filter_map(|line| std::str::from_utf8(&line[..memchr::memchr(b':', line)?]).ok())
}

/// A connection that remembers what is read from it.
pub struct Recorder<S> {
    stream: S,
    names: Arc<NamesAsSent>,
}

impl<S> Recorder<S> {
    pub fn new(stream: S) -> (Self, Arc<NamesAsSent>) {
        let names = Arc::new(NamesAsSent::default());
        (Self { stream, names: Arc::clone(&names) }, names)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Recorder<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let result = Pin::new(&mut this.stream).poll_read(context, buffer);
        this.names.remember(&buffer.filled()[before..]);
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recorder<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(method: &str, target: &str) -> Parts {
        hyper::Request::builder().method(method).uri(target).body(()).unwrap().into_parts().0
    }

    fn names(names: &NamesAsSent, method: &str, target: &str, wanted: &[&str]) -> Vec<String> {
        let head = names.head_of(&parts(method, target));
        let found = |name: &&str| in_head(&head).find(|written| written.eq_ignore_ascii_case(name)).map(str::to_owned);
        wanted.iter().filter_map(found).collect()
    }

    #[test]
    fn each_request_of_a_connection_has_its_own_names() {
        let sent = NamesAsSent::default();
        sent.remember(b"POST /a HTTP/1.1\r\nHost: x\r\nX-Trace-ID: 1\r\n\r\nbody");
        assert_eq!(names(&sent, "POST", "/a", &["host", "x-trace-id", "body", "post"]), ["Host", "X-Trace-ID"]);
        sent.remember(b"GET /a?b=1 HTTP/1.1\r\nx-lower: 1\r\n\r\n");
        assert_eq!(names(&sent, "GET", "/a?b=1", &["X-LOWER"]), ["x-lower"]);
        assert!(names(&sent, "GET", "/a?b=1", &["x-lower"]).is_empty());
    }

    #[test]
    fn a_body_of_any_length_is_not_remembered() {
        let sent = NamesAsSent::default();
        sent.remember(&vec![b'x'; 1 << 20]);
        sent.remember(b"GET / HTTP/1.1\r\nA: 1\r\n\r\n");
        assert_eq!(names(&sent, "GET", "/", &["a"]), ["A"]);
    }
}
