//! Header names with the case in which the client wrote them. REST APIs hand them to the function so (semantics 6.2), and
//! the HTTP library keeps them in lower case only, so they are read off the connection beside it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::http::request::Parts;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::executor::body_to_come::{BodyToCome, end_of_head};

/// What came over the connection and no request has taken yet: it begins with the head of the next one.
#[derive(Debug, Default)]
pub struct NamesAsSent(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// Never more than the HTTP library has read ahead.
    bytes: Vec<u8>,
    body: BodyToCome,
}

impl NamesAsSent {
    fn remember(&self, bytes: &[u8]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_body = seen.body.count_off(bytes);
        seen.bytes.extend_from_slice(&bytes[of_body..]);
    }

    /// This request's head, the first line too. Heads are taken in the order in which they came, each once.
    pub fn head_of(&self, request: &Parts) -> Vec<u8> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Seen { bytes, body } = &mut *seen;
        // A client may put line breaks between two requests (RFC 9112, 2.2).
        let start = bytes.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(bytes.len());
        let end = end_of_head(&bytes[start..]).map_or(bytes.len(), |end| start + end);
        let head = bytes[start..end].to_vec();
        *body = BodyToCome::of_request(request);
        let taken = end + body.count_off(&bytes[end..]);
        bytes.drain(..taken);
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

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let request = headers.iter().fold(hyper::Request::builder(), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    /// The names of the next request, which has these headers to say how long its body is.
    fn names(sent: &NamesAsSent, framing: &[(&str, &str)]) -> Vec<String> {
        in_head(&sent.head_of(&parts(framing))).map(str::to_owned).collect()
    }

    const SIZED: [(&str, &str); 1] = [("content-length", "29")];
    const CHUNKED: [(&str, &str); 1] = [("transfer-encoding", "chunked")];
    /// What looks like the second request, in the body of the first; 29 bytes.
    const DECOY: &str = "GET /b HTTP/1.1\r\nX-TWO: 9\r\n\r\n";

    fn pipelined(framing: &str, body: &str) -> String {
        format!(
            "POST /b HTTP/1.1\r\nX-One: 1\r\n{framing}\r\n\r\n{body}\r\nGET /b HTTP/1.1\r\nX-tWo: 1\r\n\r\nGET /b HTTP/1.1\nx-THREE: 1\n\n"
        )
    }

    /// Every way in which the bytes may come in two reads, the second of which may begin before or after the first request is
    /// taken.
    fn check(bytes: &str, framing: &[(&str, &str)], framing_name: &str) {
        let head = bytes.find("\r\n\r\n").unwrap() + 4;
        for cut in head..bytes.len() {
            for taken_before in [true, false] {
                let sent = NamesAsSent::default();
                sent.remember(&bytes.as_bytes()[..cut]);
                let mut found = if taken_before { names(&sent, framing) } else { Vec::new() };
                sent.remember(&bytes.as_bytes()[cut..]);
                if !taken_before {
                    found = names(&sent, framing);
                }
                assert_eq!(found, ["X-One", framing_name], "{cut}");
                assert_eq!(names(&sent, &[]), ["X-tWo"], "{cut}");
                assert_eq!(names(&sent, &[]), ["x-THREE"], "{cut}");
            }
        }
    }

    #[test]
    fn each_of_several_requests_in_one_read_has_its_own_names() {
        assert_eq!(DECOY.len(), 29);
        check(&pipelined("Content-LENGTH: 29", DECOY), &SIZED, "Content-LENGTH");
        let chunks = format!("1D;a=\"b\"\r\n{DECOY}\r\n0\r\n\r\n");
        check(&pipelined("Transfer-Encoding: chunked", &chunks), &CHUNKED, "Transfer-Encoding");
        let trailed = format!("00d\r\n{}\r\n10\r\n{}\r\n0\r\nGET /b HTTP/1.1: x\r\n\r\n", &DECOY[..13], &DECOY[13..]);
        check(&pipelined("transfer-Encoding: chunked", &trailed), &CHUNKED, "transfer-Encoding");
    }

    #[test]
    fn a_body_of_any_length_is_not_remembered() {
        let sent = NamesAsSent::default();
        sent.remember(b"POST / HTTP/1.1\r\nA: 1\r\n\r\nxx");
        assert_eq!(names(&sent, &[("content-length", "1000000")]), ["A"]);
        sent.remember(&vec![b'x'; 999_998]);
        assert_eq!(sent.0.lock().unwrap().bytes, b"");
        sent.remember(b"GET / HTTP/1.1\r\nB: 1\r\n\r\n");
        assert_eq!(names(&sent, &[]), ["B"]);
    }
}
