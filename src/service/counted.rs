//! A number with what it counts.

use std::fmt::Display;

/// `1 message`, `2 messages`, `0 batches`; `noun` is the word for one.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let ending = match count == N::from(1) {
        true => "",
        false if noun.ends_with("ch") => "es",
        false => "s",
    };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_as_one() {
        assert_eq!([counted(1_usize, "message"), counted(0_u32, "message")], ["1 message", "0 messages"]);
        assert_eq!([counted(1_u64, "batch"), counted(2_u64, "batch")], ["1 batch", "2 batches"]);
    }
}
