//! The characters of a document: a rope addressed by byte offsets on character boundaries, with LF and CRLF as line ends.

use std::ops::Range;

use ropey::Rope;

/// Text of any size. Every offset is in bytes; one that falls inside a character is moved back to its start.
#[derive(Clone, Debug, Default)]
pub struct Text {
    rope: Rope,
}

impl Text {
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { rope: Rope::from_str(text) }
    }

    /// In bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rope.len_bytes()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is this text, byte by byte; texts of other lengths are not looked at.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.len() == text.len() && self.rope == *text
    }

    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.rope.len_bytes() == self.rope.len_chars()
    }

    /// At least 1: an empty text has one empty line.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.rope.len_lines()
    }

    /// The line, from 0, that holds `offset`.
    #[must_use]
    pub fn line_at(&self, offset: usize) -> usize {
        self.rope.byte_to_line(offset.min(self.len()))
    }

    #[must_use]
    pub fn line_start(&self, line: usize) -> usize {
        self.rope.line_to_byte(line.min(self.lines() - 1))
    }

    /// The bytes of a line without its line end.
    #[must_use]
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let line = line.min(self.lines() - 1);
        let start = self.line_start(line);
        if line + 1 >= self.lines() {
            return start..self.len();
        }
        let mut end = self.rope.line_to_byte(line + 1);
        if let Some(last) = self.char_before(end) {
            end -= last.len_utf8();
            if last == '\n' && end > start && self.byte_at(end - 1) == Some(b'\r') {
                end -= 1;
            }
        }
        start..end
    }

    #[must_use]
    pub fn byte_at(&self, offset: usize) -> Option<u8> {
        self.rope.get_byte(offset)
    }

    #[must_use]
    pub fn char_at(&self, offset: usize) -> Option<char> {
        if offset >= self.len() {
            return None;
        }
        let (chunk, start, _, _) = self.rope.chunk_at_byte(offset);
        chunk.get(offset - start..)?.chars().next()
    }

    #[must_use]
    pub fn char_before(&self, offset: usize) -> Option<char> {
        if offset == 0 || offset > self.len() {
            return None;
        }
        let (chunk, start, _, _) = self.rope.chunk_at_byte(offset - 1);
        chunk.get(..offset - start)?.chars().next_back()
    }

    /// The largest character boundary that is not beyond `offset`.
    #[must_use]
    pub fn floor(&self, offset: usize) -> usize {
        let offset = offset.min(self.len());
        if offset == self.len() {
            return offset;
        }
        let (chunk, start, _, _) = self.rope.chunk_at_byte(offset);
        start + chunk.floor_char_boundary(offset - start)
    }

    /// The pieces of `range` as they are stored; each ends on a character boundary.
    pub fn chunks(&self, range: Range<usize>) -> impl Iterator<Item = &str> {
        let end = self.floor(range.end);
        let start = self.floor(range.start).min(end);
        self.rope.byte_slice(start..end).chunks()
    }

    #[must_use]
    pub fn string(&self, range: Range<usize>) -> String {
        let mut text = String::with_capacity(range.len());
        text.extend(self.chunks(range));
        text
    }

    /// Characters from `offset` on.
    pub fn chars_from(&self, offset: usize) -> impl Iterator<Item = char> + '_ {
        self.rope.chars_at(self.rope.byte_to_char(offset.min(self.len())))
    }

    /// Characters before `offset`, nearest first.
    pub fn chars_back_from(&self, offset: usize) -> impl Iterator<Item = char> + '_ {
        self.rope.chars_at(self.rope.byte_to_char(offset.min(self.len()))).reversed()
    }

    /// Number of characters in `range`.
    #[must_use]
    pub fn characters(&self, range: Range<usize>) -> usize {
        self.rope.byte_to_char(range.end.min(self.len())) - self.rope.byte_to_char(range.start.min(self.len()))
    }

    /// The offset `count` characters after `offset`, at most the end.
    #[must_use]
    pub fn skip_characters(&self, offset: usize, count: usize) -> usize {
        let at = self.rope.byte_to_char(offset.min(self.len())) + count;
        self.rope.char_to_byte(at.min(self.rope.len_chars()))
    }

    /// Puts `with` where `range` was and gives back what stood there.
    pub fn replace(&mut self, range: Range<usize>, with: &str) -> String {
        let start = self.rope.byte_to_char(range.start);
        let removed = if range.is_empty() { String::new() } else { self.string(range.clone()) };
        if !range.is_empty() {
            let end = self.rope.byte_to_char(range.end);
            self.rope.remove(start..end);
        }
        if !with.is_empty() {
            self.rope.insert(start, with);
        }
        removed
    }

    /// Copies everything; for saving and sending, not for drawing.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.string(0..self.len())
    }
}
