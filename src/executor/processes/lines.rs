//! Bytes of a pipe, cut into lines.

use std::sync::Arc;

/// The longest line; a longer one is cut.
pub(super) const LINE_LIMIT: usize = 256 << 10;

/// What was read and not passed on yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Bytes are appended to this.
    pub rest: Vec<u8>,
    /// How many of them are known to hold no line end.
    searched: usize,
}

impl Lines {
    /// The lines that are complete; with `whole` also the one that has no end yet. A carriage return ends a line, too:
    /// the official runtimes write the line breaks inside one log record as such.
    pub fn take(&mut self, whole: bool) -> Vec<Arc<str>> {
        let mut lines = Vec::new();
        let mut begin = 0;
        while let Some(length) = self.rest[self.searched.max(begin)..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let end = self.searched.max(begin) + length;
            if self.rest[end] == b'\r' && end + 1 == self.rest.len() && !whole {
                // Its line feed may be the next byte.
                self.searched = end - begin;
                self.rest.drain(..begin);
                return lines;
            }
            lines.push(text(&self.rest[begin..end]));
            begin = end + 1 + usize::from(self.rest[end..].starts_with(b"\r\n"));
            self.searched = begin;
        }
        self.rest.drain(..begin);
        self.searched = self.rest.len();
        while self.rest.len() >= LINE_LIMIT {
            self.cut(LINE_LIMIT, &mut lines);
        }
        if whole && !self.rest.is_empty() {
            self.cut(self.rest.len(), &mut lines);
        }
        lines
    }

    /// Passes on a line without an end, whole characters only unless the bytes are no text.
    fn cut(&mut self, length: usize, lines: &mut Vec<Arc<str>>) {
        let incomplete = match std::str::from_utf8(&self.rest[..length]) {
            Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => length - error.valid_up_to(),
            _ => 0,
        };
        // The beginning of a character stays for the bytes that complete it.
        lines.push(text(&self.rest[..length - incomplete]));
        self.rest.drain(..length - incomplete);
        self.searched = self.rest.len();
    }
}

fn text(bytes: &[u8]) -> Arc<str> {
    String::from_utf8_lossy(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut all = Vec::new();
        for piece in pieces {
            lines.rest.extend_from_slice(piece);
            all.extend(lines.take(false));
        }
        all.extend(lines.take(true));
        assert!(lines.rest.is_empty());
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_line_end_is_one() {
        assert_eq!(lines(&[b"a\nb\r\nc\rd\n\ne"]), ["a", "b", "c", "d", "", "e"]);
        assert_eq!(lines(&[b"a\r", b"\nb"]), ["a", "b"]);
        assert_eq!(lines(&[b"a\nb\r", b"c"]), ["a", "b", "c"]);
        assert_eq!(lines(&[b"\r"]), [""]);
        assert_eq!(lines(&[b"a", b"b", b"\n"]), ["ab"]);
        assert!(lines(&[b""]).is_empty());
    }

    #[test]
    fn a_line_without_end_is_cut_between_characters() {
        let long = "é".repeat(LINE_LIMIT);
        let cut = lines(&[b"x", long.as_bytes()]);
        assert!(cut.iter().all(|line| line.len() <= LINE_LIMIT && !line.contains('\u{fffd}')), "{}", cut.len());
        assert_eq!(cut.concat(), format!("x{long}"));
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_and_do_not_stop_it() {
        assert_eq!(lines(&[b"a\xff\nb"]), ["a\u{fffd}", "b"]);
        assert_eq!(lines(&[&[0x80; 2 * LINE_LIMIT][..]]).len(), 2);
    }
}
