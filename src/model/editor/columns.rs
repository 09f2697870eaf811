//! How many columns a character takes: none for combining marks, two for CJK and emoji, a tab up to the next stop.

/// Columns between tab stops.
pub const TAB: usize = 4;

/// East Asian Wide and Fullwidth, and emoji that terminals and editors show two columns wide (Unicode, UAX #11).
const WIDE: &[(u32, u32)] = &[
    (0x1100, 0x115f),
    (0x231a, 0x231b),
    (0x2329, 0x232a),
    (0x23e9, 0x23ec),
    (0x25fd, 0x25fe),
    (0x2614, 0x2615),
    (0x2648, 0x2653),
    (0x26aa, 0x26ab),
    (0x26bd, 0x26be),
    (0x26c4, 0x26c5),
    (0x2705, 0x2705),
    (0x270a, 0x270b),
    (0x2728, 0x2728),
    (0x274c, 0x274c),
    (0x2753, 0x2755),
    (0x2757, 0x2757),
    (0x2795, 0x2797),
    (0x2b1b, 0x2b1c),
    (0x2b50, 0x2b50),
    (0x2b55, 0x2b55),
    (0x2e80, 0x303e),
    (0x3041, 0x33ff),
    (0x3400, 0x4dbf),
    (0x4e00, 0x9fff),
    (0xa000, 0xa4cf),
    (0xa960, 0xa97f),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe10, 0xfe19),
    (0xfe30, 0xfe6f),
    (0xff00, 0xff60),
    (0xffe0, 0xffe6),
    (0x1f004, 0x1f004),
    (0x1f0cf, 0x1f0cf),
    (0x1f18e, 0x1f18e),
    (0x1f191, 0x1f19a),
    (0x1f200, 0x1f320),
    (0x1f32d, 0x1f335),
    (0x1f337, 0x1f37c),
    (0x1f37e, 0x1f393),
    (0x1f3a0, 0x1f3ca),
    (0x1f3e0, 0x1f3f0),
    (0x1f3f8, 0x1f43e),
    (0x1f440, 0x1f440),
    (0x1f442, 0x1f4fc),
    (0x1f4ff, 0x1f53d),
    (0x1f550, 0x1f567),
    (0x1f5fb, 0x1f64f),
    (0x1f680, 0x1f6c5),
    (0x1f6eb, 0x1f6ec),
    (0x1f7e0, 0x1f7eb),
    (0x1f90c, 0x1f9ff),
    (0x1fa70, 0x1faff),
    (0x20000, 0x3fffd),
];

/// Combining marks of the scripts met most, joiners and variation selectors.
const NONE: &[(u32, u32)] = &[
    (0x0300, 0x036f),
    (0x0483, 0x0489),
    (0x0591, 0x05bd),
    (0x0610, 0x061a),
    (0x064b, 0x065f),
    (0x0e31, 0x0e31),
    (0x0e34, 0x0e3a),
    (0x0e47, 0x0e4e),
    (0x1ab0, 0x1aff),
    (0x1dc0, 0x1dff),
    (0x200b, 0x200f),
    (0x20d0, 0x20ff),
    (0x302a, 0x302d),
    (0x3099, 0x309a),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
    (0xfeff, 0xfeff),
    (0xe0100, 0xe01ef),
];

/// Columns of one character; a tab counts as one here, see [`next_column`].
#[must_use]
pub fn width(c: char) -> usize {
    let code = u32::from(c);
    if code < 0x300 {
        1
    } else if within(NONE, code) {
        0
    } else if within(WIDE, code) {
        2
    } else {
        1
    }
}

fn within(table: &[(u32, u32)], code: u32) -> bool {
    let index = table.partition_point(|(_, last)| *last < code);
    table.get(index).is_some_and(|(first, _)| *first <= code)
}

/// The column behind `c` when it stands at `column`.
#[must_use]
pub fn next_column(column: usize, c: char) -> usize {
    if c == '\t' { (column / TAB + 1) * TAB } else { column + width(c) }
}

/// Columns of all characters, a tab counting as one.
pub fn cells<'a>(chunks: impl Iterator<Item = &'a str>) -> usize {
    chunks.map(|chunk| if chunk.is_ascii() { chunk.len() } else { chunk.chars().map(width).sum() }).sum()
}

/// The byte offset of the character at column `cells`, and the columns that were left when the text was too short.
pub fn offset_in<'a>(chunks: impl Iterator<Item = &'a str>, cells: usize) -> (usize, usize) {
    let mut left = cells;
    let mut offset = 0;
    for chunk in chunks {
        for c in chunk.chars() {
            let width = width(c);
            if width > left {
                return (offset, left);
            }
            left -= width;
            offset += c.len_utf8();
        }
    }
    (offset, left)
}
