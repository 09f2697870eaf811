//! Checkpoints of a JSON document every few kilobytes: the lexer's state, how the text nests, how wide it is.
//!
//! Blocks carry lengths instead of offsets, so an edit changes one of them. After an edit they are lexed again from there
//! on until the state matches what was known; what does not fit into one frame's budget is done in the next ones.

use std::ops::Range;

use super::columns;
use super::lexer::{Mark, State, scan};
use super::text::Text;

const SIZE: usize = 4_096;
const UNKNOWN: u32 = u32::MAX;

/// A stretch of text that starts and ends on character boundaries.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub length: usize,
    pub start: State,
    pub end: State,
    lexed: bool,
    /// Openings minus closings.
    pub net: isize,
    /// The lowest depth, from 0 at the start of the block.
    pub lowest: isize,
    /// Commas at that lowest depth, and the offset of the last of them in the block.
    pub commas: usize,
    pub last_comma: Option<usize>,
    /// Columns of its characters, a tab counting as one.
    cells: u32,
}

impl Block {
    fn new(length: usize) -> Self {
        let (start, end) = (State::Plain, State::Plain);
        Self { length, start, end, lexed: false, net: 0, lowest: 0, commas: 0, last_comma: None, cells: UNKNOWN }
    }

    fn lex(&mut self, text: &Text, offset: usize, state: State) {
        *self = Self { length: self.length, cells: self.cells, start: state, ..Self::new(self.length) };
        let (mut depth, mut lowest, mut commas, mut last_comma) = (0, 0, 0, None);
        self.end = lex_range(text, offset..offset + self.length, state, |mark| match mark {
            Mark::Open(_) => depth += 1,
            Mark::Close(_) => {
                depth -= 1;
                if depth < lowest {
                    (lowest, commas, last_comma) = (depth, 0, None);
                }
            }
            Mark::Comma(at) if depth == lowest => {
                commas += 1;
                last_comma = Some(at - offset);
            }
            Mark::Comma(_) => {}
        });
        (self.net, self.lowest, self.commas, self.last_comma, self.lexed) = (depth, lowest, commas, last_comma, true);
    }
}

/// Lexes a range of the text; marks carry offsets of the document.
pub fn lex_range(text: &Text, range: Range<usize>, state: State, mut mark: impl FnMut(Mark)) -> State {
    let mut state = state;
    let mut base = range.start;
    for chunk in text.chunks(range) {
        state = scan(state, chunk.as_bytes(), base, &mut mark);
        base += chunk.len();
    }
    state
}

/// The checkpoints of a document, in order; together they cover it.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    blocks: Vec<Block>,
    /// So many blocks, from the first one on, are known to start in the right state.
    known: usize,
}

impl Blocks {
    #[must_use]
    pub fn new(text: &Text) -> Self {
        let blocks = cut(text, 0..text.len()).into_iter().map(Block::new).collect();
        Self { blocks, known: 0 }
    }

    /// Every block is lexed.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.known == self.blocks.len()
    }

    /// `None` while the block is not lexed with the right state.
    #[must_use]
    pub fn known(&self, index: usize) -> Option<&Block> {
        self.blocks[..self.known].get(index)
    }

    /// The block that holds `offset` and where it starts; the last one for the end of the text.
    #[must_use]
    pub fn find(&self, offset: usize) -> Option<(usize, usize)> {
        let mut start = 0;
        for (index, block) in self.blocks.iter().enumerate() {
            if offset < start + block.length || index + 1 == self.blocks.len() {
                return Some((index, start));
            }
            start += block.length;
        }
        None
    }

    /// Follows an edit: `removed` bytes at `offset` became `inserted` ones. `text` is the text afterwards.
    pub fn edited(&mut self, text: &Text, offset: usize, removed: usize, inserted: usize) {
        let Some((first, start)) = self.find(offset) else {
            *self = Self::new(text);
            return;
        };
        let mut last = first;
        let mut covered = self.blocks[first].length;
        while start + covered < offset + removed && last + 1 < self.blocks.len() {
            last += 1;
            covered += self.blocks[last].length;
        }
        let mut length = (covered + inserted).saturating_sub(removed);
        if length < SIZE / 4
            && let Some(next) = self.blocks.get(last + 1)
        {
            last += 1;
            length += next.length;
        }
        let pieces = if length > 2 * SIZE { cut(text, start..start + length) } else { vec![length] };
        let mut fresh: Vec<Block> = pieces.into_iter().filter(|length| *length > 0).map(Block::new).collect();
        if let Some(block) = fresh.first_mut() {
            block.start = self.blocks[first].start;
        }
        self.blocks.splice(first..=last, fresh);
        self.known = self.known.min(first);
    }

    /// Lexes what an edit made unknown, at most about `budget` bytes of it. Returns whether everything is known.
    pub fn advance(&mut self, text: &Text, budget: usize) -> bool {
        if self.complete() {
            return true;
        }
        let mut spent = 0;
        let mut offset: usize = self.blocks[..self.known].iter().map(|block| block.length).sum();
        let mut state = self.known.checked_sub(1).map_or(State::Plain, |last| self.blocks[last].end);
        while let Some(block) = self.blocks.get_mut(self.known) {
            if !block.lexed || block.start != state {
                if spent >= budget {
                    return false;
                }
                block.lex(text, offset, state);
                spent += block.length;
            }
            offset += block.length;
            state = block.end;
            self.known += 1;
        }
        true
    }

    /// The lexer's state at `offset`. Before everything is known it may be the one of before the last edit.
    #[must_use]
    pub fn state_at(&self, text: &Text, offset: usize) -> State {
        let Some((index, start)) = self.find(offset) else { return State::Plain };
        let state = match index.checked_sub(1) {
            Some(before) if index == self.known => self.blocks[before].end,
            _ => self.blocks[index].start,
        };
        lex_range(text, start..offset, state, |_| {})
    }

    /// Columns between two offsets, every character counting for itself (a tab for one).
    pub fn cells(&mut self, text: &Text, range: Range<usize>) -> usize {
        if text.is_ascii() {
            return range.len();
        }
        let Some((mut index, mut start)) = self.find(range.start) else { return 0 };
        let mut at = range.start;
        let mut cells = 0;
        while at < range.end && index < self.blocks.len() {
            let end = start + self.blocks[index].length;
            if at == start && end <= range.end {
                cells += self.block_cells(text, index, start);
            } else {
                cells += columns::cells(text.chunks(at..end.min(range.end)));
            }
            (at, start, index) = (end, end, index + 1);
        }
        cells
    }

    /// The offset `cells` columns behind `from`, at most `limit`; in the middle of a wide character its start.
    pub fn offset_at(&mut self, text: &Text, from: usize, cells: usize, limit: usize) -> usize {
        if text.is_ascii() {
            return (from + cells).min(limit);
        }
        let Some((mut index, mut start)) = self.find(from) else { return from };
        let mut at = from;
        let mut left = cells;
        while at < limit && index < self.blocks.len() {
            let end = start + self.blocks[index].length;
            let whole = at == start && end <= limit;
            let block = if whole { self.block_cells(text, index, start) } else { usize::MAX };
            if block > left {
                let stop = end.min(limit);
                let (offset, rest) = columns::offset_in(text.chunks(at..stop), left);
                if at + offset < stop {
                    return at + offset;
                }
                left = rest;
            } else {
                left -= block;
            }
            (at, start, index) = (end, end, index + 1);
        }
        limit
    }

    fn block_cells(&mut self, text: &Text, index: usize, start: usize) -> usize {
        let block = &mut self.blocks[index];
        if block.cells == UNKNOWN {
            let cells = columns::cells(text.chunks(start..start + block.length));
            block.cells = u32::try_from(cells).unwrap_or(UNKNOWN - 1);
        }
        block.cells as usize
    }
}

/// The lengths of blocks that cover `range`, cut on character boundaries.
fn cut(text: &Text, range: Range<usize>) -> Vec<usize> {
    let mut lengths = Vec::with_capacity(range.len() / SIZE + 1);
    let mut at = range.start;
    while at < range.end {
        let end = if at + SIZE >= range.end { range.end } else { text.floor(at + SIZE) };
        lengths.push(end - at);
        at = end;
    }
    lengths
}
