//! Which bracket belongs to which: by the blocks' depths, so that a partner megabytes away costs two blocks of lexing.

use std::ops::Range;

use super::blocks::{Blocks, lex_range};
use super::lexer::{Mark, State};
use super::text::Text;

/// An opening bracket that encloses a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub offset: usize,
    /// Commas of this object or array between the bracket and the place.
    pub commas: usize,
    pub last_comma: Option<usize>,
}

/// How the marks of a stretch change the nesting.
struct Profile {
    /// Enclosing brackets that it closes.
    closes: isize,
    /// Commas of what is open after these closings.
    commas: usize,
    last_comma: Option<usize>,
    /// What it leaves open, outermost first.
    openings: Vec<Opening>,
}

/// The bracket that belongs to the one at `offset`; `None` if there is none, or the text is not lexed that far yet.
#[must_use]
pub fn partner(text: &Text, blocks: &Blocks, offset: usize) -> Option<usize> {
    match text.byte_at(offset)? {
        b'{' | b'[' if is_mark(text, blocks, offset) => closing(text, blocks, offset),
        b'}' | b']' if is_mark(text, blocks, offset) => enclosing(text, blocks, offset, 1).first().map(|opening| opening.offset),
        _ => None,
    }
}

/// Whether the bracket at `offset` nests, and is not part of a string.
fn is_mark(text: &Text, blocks: &Blocks, offset: usize) -> bool {
    let state = blocks.state_at(text, offset);
    let mut found = false;
    lex_range(text, offset..offset + 1, state, |mark| found |= matches!(mark, Mark::Open(_) | Mark::Close(_)));
    found
}

/// The bracket that closes the one at `open`.
#[must_use]
pub fn closing(text: &Text, blocks: &Blocks, open: usize) -> Option<usize> {
    walk_out(text, blocks, open).map(|(close, _)| close)
}

/// Members of the object or array that opens at `open`, if its end is known.
#[must_use]
pub fn members(text: &Text, blocks: &Blocks, open: usize) -> Option<usize> {
    let (close, commas) = walk_out(text, blocks, open)?;
    let blank: usize = text.chars_from(open + 1).take(1_024).take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
    let closes_at_once = open + 1 + blank == close;
    Some(if closes_at_once { 0 } else { commas + 1 })
}

/// The closing bracket of `open` and the commas between them at their level.
fn walk_out(text: &Text, blocks: &Blocks, open: usize) -> Option<(usize, usize)> {
    let (mut index, mut start) = blocks.find(open)?;
    let mut depth = -1;
    let mut commas = 0;
    let mut opened = false;
    while let Some(block) = blocks.known(index) {
        let inside = opened && depth + block.lowest >= 0;
        if inside {
            commas += if depth + block.lowest == 0 { block.commas } else { 0 };
            depth += block.net;
        } else {
            let mut found = None;
            lex_range(text, start..start + block.length, block.start, |mark| match mark {
                Mark::Open(at) if at >= open => {
                    depth += 1;
                    opened = true;
                }
                Mark::Close(at) if opened && found.is_none() => {
                    depth -= 1;
                    if depth < 0 {
                        found = Some((at, commas));
                    }
                }
                Mark::Comma(_) if opened && depth == 0 => commas += 1,
                _ => {}
            });
            if found.is_some() || !opened {
                return found;
            }
        }
        start += block.length;
        index += 1;
    }
    None
}

/// The brackets that are open at `offset`, innermost first, at most `most`.
#[must_use]
pub fn enclosing(text: &Text, blocks: &Blocks, offset: usize, most: usize) -> Vec<Opening> {
    let mut found = Vec::new();
    let Some((mut index, mut start)) = blocks.find(offset) else { return found };
    let Some(block) = blocks.known(index) else { return found };
    let inner = profile(text, start..offset, block.start);
    found.extend(inner.openings.iter().rev());
    let mut level = -inner.closes;
    let (mut commas, mut last_comma) = (inner.commas, inner.last_comma);
    while found.len() < most && index > 0 {
        index -= 1;
        let Some(block) = blocks.known(index) else { return found };
        start -= block.length;
        level += block.net;
        if level > block.lowest {
            let outer = profile(text, start..start + block.length, block.start);
            let openings = (level - block.lowest).cast_unsigned().min(outer.openings.len());
            for (depth, opening) in outer.openings[..openings].iter().enumerate().rev() {
                let mut opening = *opening;
                if depth + 1 == openings {
                    opening.commas += commas;
                    opening.last_comma = last_comma.or(opening.last_comma);
                }
                found.push(opening);
            }
            (level, commas, last_comma) = (block.lowest, outer.commas, outer.last_comma);
        } else if level == block.lowest {
            commas += block.commas;
            last_comma = last_comma.or(block.last_comma.map(|comma| start + comma));
        }
    }
    found.truncate(most);
    found
}

/// What the marks of `range` do.
fn profile(text: &Text, range: Range<usize>, state: State) -> Profile {
    let mut profile = Profile { closes: 0, commas: 0, last_comma: None, openings: Vec::new() };
    lex_range(text, range, state, |mark| match mark {
        Mark::Open(at) => profile.openings.push(Opening { offset: at, commas: 0, last_comma: None }),
        Mark::Close(_) if profile.openings.pop().is_none() => {
            profile.closes += 1;
            (profile.commas, profile.last_comma) = (0, None);
        }
        Mark::Close(_) => {}
        Mark::Comma(at) => {
            if let Some(opening) = profile.openings.last_mut() {
                opening.commas += 1;
                opening.last_comma = Some(at);
            } else {
                profile.commas += 1;
                profile.last_comma = Some(at);
            }
        }
    });
    profile
}
