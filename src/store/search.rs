//! What a person types, as an FTS5 query: any text is safe, every word must occur, the last letters may be missing.

/// Words of one search; more are left out.
const WORDS: usize = 16;

/// The FTS5 expression for `text`, or `None` when there is nothing in it to look for.
///
/// Every word becomes a quoted string (in which only the quote itself means something) with a prefix star, so no letter,
/// operator or column name of a search can be read as syntax.
pub(super) fn expression(text: &str) -> Option<String> {
    let words: Vec<String> = text.split_whitespace().filter_map(word).take(WORDS).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// FTS5 ends a query at NUL, and finds no token in punctuation alone.
fn word(word: &str) -> Option<String> {
    let clean: String = word.chars().filter(|c| !c.is_control()).collect();
    clean.contains(char::is_alphanumeric).then(|| format!("\"{}\"*", clean.replace('"', "\"\"")))
}
