//! The JSON Pointer (RFC 6901) of a place in a document, found with bounded work in a document of any size.

use super::blocks::Blocks;
use super::brackets::{Opening, enclosing};
use super::text::Text;

/// Levels that are looked at; deeper ones are left out at the front and shown as `…`.
const MOST_LEVELS: usize = 64;
/// Longest key that is read, in bytes.
const LONGEST_KEY: usize = 512;

/// `/detail/lines/1/price` for the value at `offset`, the empty text for the whole document.
#[must_use]
pub fn json_pointer(text: &Text, blocks: &Blocks, offset: usize) -> String {
    let openings = enclosing(text, blocks, offset, MOST_LEVELS);
    let mut pointer = String::new();
    if openings.len() == MOST_LEVELS {
        pointer.push('…');
    }
    for opening in openings.iter().rev() {
        if text.byte_at(opening.offset) == Some(b'[') {
            pointer.push('/');
            pointer.push_str(&opening.commas.to_string());
        } else if let Some(key) = key_of_member(text, opening) {
            pointer.push('/');
            pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        }
    }
    pointer
}

/// The key of the member after the last comma.
fn key_of_member(text: &Text, opening: &Opening) -> Option<String> {
    let member = opening.last_comma.unwrap_or(opening.offset) + 1;
    let lead: usize = text.chars_from(member).take(LONGEST_KEY).take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
    let start = member + lead;
    if text.byte_at(start) != Some(b'"') {
        return None;
    }
    let raw = text.string(start..(start + LONGEST_KEY).min(text.len()));
    let mut escaped = false;
    let end = raw.char_indices().skip(1).find(|&(_, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    let Some((end, _)) = end else { return Some(format!("{}…", &raw[1..])) };
    Some(serde_json::from_str(&raw[..=end]).unwrap_or_else(|_| raw[1..end].to_owned()))
}
