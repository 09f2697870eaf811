//! Bytes of a pipe, cut into lines.

use std::sync::Arc;

use crate::executor::log_gate::{LINE_LIMIT, shortened};

/// What was read and not passed on yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Bytes are appended to this.
    pub rest: Vec<u8>,
    /// How many of them are known to hold no line end.
    searched: usize,
    /// The line was too long: what comes before its end is left out.
    cutting: bool,
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
            if !std::mem::take(&mut self.cutting) {
                lines.push(text(&self.rest[begin..end]));
            }
            begin = end + 1 + usize::from(self.rest[end..].starts_with(b"\r\n"));
            self.searched = begin;
        }
        self.rest.drain(..begin);
        self.take_unended(whole, &mut lines);
        self.searched = self.rest.len();
        lines
    }

    /// What has no line end yet: cut once it is too long for a line, passed on if `whole`.
    fn take_unended(&mut self, whole: bool, lines: &mut Vec<Arc<str>>) {
        if self.cutting {
            self.rest.clear();
        } else if self.rest.len() > LINE_LIMIT {
            lines.push(text(&self.rest));
            self.rest.clear();
            self.cutting = true;
        }
        if whole {
            self.cutting = false;
            // The beginning of a character stays for the bytes that complete it.
            let length = whole_characters(&self.rest);
            if length > 0 {
                lines.push(text(&self.rest[..length]));
                self.rest.drain(..length);
            }
        }
    }
}

/// How many bytes make whole characters; all of them if they are no text.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => error.valid_up_to(),
        _ => bytes.len(),
    }
}

fn text(bytes: &[u8]) -> Arc<str> {
    // One byte over the limit is enough to be cut, and bytes that are no text grow threefold.
    let head = &bytes[..bytes.len().min(LINE_LIMIT + 4)];
    shortened(&String::from_utf8_lossy(head)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::log_gate::CUT;

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
    fn a_line_that_is_too_long_is_cut_between_characters_and_says_so() {
        let long = "é".repeat(LINE_LIMIT);
        let expected = format!("x{}{CUT}", "é".repeat(LINE_LIMIT / 2 - 1));
        for pieces in [
            &[b"x".as_slice(), long.as_bytes(), b"more\nnext"][..],
            &[b"x", &long.as_bytes()[..LINE_LIMIT], &long.as_bytes()[LINE_LIMIT..], b"\r\nnext"],
            &[b"first\nx", long.as_bytes(), b"\nnext"],
        ] {
            let mut lines = lines(pieces);
            lines.retain(|line| line != "first");
            assert_eq!(lines, [expected.as_str(), "next"]);
        }
        let fits = "x".repeat(LINE_LIMIT);
        assert_eq!(lines(&[fits.as_bytes(), b"\nnext"]), [fits.as_str(), "next"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_and_do_not_stop_it() {
        assert_eq!(lines(&[b"a\xff\nb"]), ["a\u{fffd}", "b"]);
        assert_eq!(lines(&[&[0x80; 2 * LINE_LIMIT][..]]).len(), 1);
    }

    #[test]
    fn half_a_character_waits_for_its_other_half() {
        let mut lines = Lines::default();
        lines.rest.extend_from_slice(b"a\xc3");
        assert_eq!(lines.take(true).iter().map(|line| &**line).collect::<Vec<_>>(), ["a"]);
        lines.rest.extend_from_slice(b"\xa9");
        assert_eq!(lines.take(true).iter().map(|line| &**line).collect::<Vec<_>>(), ["é"]);
    }
}
