//! Bash's `$'…'`, in which browsers write bodies with line breaks, quotes and characters beyond ASCII.

use std::iter::Peekable;
use std::str::CharIndices;

/// Reads up to the closing quote; gives the bytes and the length with that quote. `None` when there is none.
pub(super) fn read_ansi_quoted(text: &str) -> Option<(Vec<u8>, usize)> {
    let mut characters = text.char_indices().peekable();
    let mut bytes = Vec::new();
    loop {
        match characters.next()? {
            (at, '\'') => return Some((bytes, at + 1)),
            (_, '\\') => escape(&mut characters, &mut bytes)?,
            (_, c) => push(&mut bytes, c),
        }
    }
}

fn push(bytes: &mut Vec<u8>, c: char) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn escape(characters: &mut Peekable<CharIndices<'_>>, bytes: &mut Vec<u8>) -> Option<()> {
    let (_, kind) = characters.next()?;
    match kind {
        'a' => bytes.push(0x07),
        'b' => bytes.push(0x08),
        'e' | 'E' => bytes.push(0x1b),
        'f' => bytes.push(0x0c),
        'n' => bytes.push(b'\n'),
        'r' => bytes.push(b'\r'),
        't' => bytes.push(b'\t'),
        'v' => bytes.push(0x0b),
        '\\' | '\'' | '"' | '?' => push(bytes, kind),
        '0'..='7' => {
            let first = kind.to_digit(8).unwrap_or_default();
            let more = number(characters, 8, 2);
            let value = more.iter().fold(first, |value, digit| value * 8 + digit);
            bytes.push(u8::try_from(value & 0xff).unwrap_or_default());
        }
        'x' => hexadecimal(characters, 2, kind, bytes, |value, bytes| bytes.push(u8::try_from(value).unwrap_or_default())),
        'u' => unicode(characters, bytes),
        'U' => hexadecimal(characters, 8, kind, bytes, |value, bytes| push(bytes, code_point(value))),
        other => {
            bytes.push(b'\\');
            push(bytes, other);
        }
    }
    Some(())
}

/// Up to `most` digits.
fn number(characters: &mut Peekable<CharIndices<'_>>, radix: u32, most: usize) -> Vec<u32> {
    let mut digits = Vec::new();
    while digits.len() < most
        && let Some(digit) = characters.peek().and_then(|(_, c)| c.to_digit(radix))
    {
        digits.push(digit);
        characters.next();
    }
    digits
}

/// Hexadecimal digits and what they stand for; without digits the backslash stands for itself.
fn hexadecimal(
    characters: &mut Peekable<CharIndices<'_>>,
    most: usize,
    kind: char,
    bytes: &mut Vec<u8>,
    then: impl FnOnce(u32, &mut Vec<u8>),
) {
    let digits = number(characters, 16, most);
    if digits.is_empty() {
        bytes.push(b'\\');
        push(bytes, kind);
    } else {
        then(digits.iter().fold(0, |value, digit| (value << 4) | digit), bytes);
    }
}

/// `\uHHHH`; Chromium writes characters beyond U+FFFF as two of them.
fn unicode(characters: &mut Peekable<CharIndices<'_>>, bytes: &mut Vec<u8>) {
    let mut first = None;
    hexadecimal(characters, 4, 'u', bytes, |value, _| first = Some(value));
    let Some(first) = first else { return };
    let mut ahead = characters.clone();
    let pair = (0xd800..0xdc00).contains(&first) && matches!((ahead.next(), ahead.next()), (Some((_, '\\')), Some((_, 'u'))));
    let second = if pair { number(&mut ahead, 16, 4).iter().fold(0, |value, digit| (value << 4) | digit) } else { 0 };
    if (0xdc00..0xe000).contains(&second) {
        *characters = ahead;
        push(bytes, code_point(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)));
    } else {
        push(bytes, code_point(first));
    }
}

fn code_point(value: u32) -> char {
    char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_escape() {
        for (text, expected) in [
            (r"a'", &b"a"[..]),
            (r"a\nb\r\t'", b"a\nb\r\t"),
            (r"it\'s \\ \u0021'", b"it's \\ !"),
            (r"\ud83d\ude00'", "😀".as_bytes()),
            (r"\ud83dx'", "\u{fffd}x".as_bytes()),
            (r"\u00e9\U0001F600'", "é😀".as_bytes()),
            (r"\xe9\x41g'", b"\xe9Ag"),
            (r"\101\0'", b"A\0"),
            (r"\xzz\q'", b"\\xzz\\q"),
        ] {
            assert_eq!(read_ansi_quoted(text), Some((expected.to_vec(), text.len())), "{text}");
        }
        assert_eq!(read_ansi_quoted("a\\'"), None);
        assert_eq!(read_ansi_quoted("a\\"), None);
    }
}
