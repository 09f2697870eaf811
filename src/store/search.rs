//! What a person types, as a search: any text is safe, every word must occur, and a part of a word is enough.

/// Words of one search; more are left out.
const WORDS: usize = 16;
/// The index knows parts of three characters; what is shorter is looked for in the columns of the rows.
const PART: usize = 3;

/// The words of a search.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// An FTS5 expression for the trigram index, if any word is long enough for it.
    pub(super) expression: Option<String>,
    /// The words of the expression as `LIKE` patterns, for rows that are not in the index yet.
    pub(super) parts: Vec<String>,
    /// Patterns of the words that are too short for the index, with a backslash as escape character.
    pub(super) patterns: Vec<String>,
}

impl Wanted {
    /// In the expression every word is a quoted string, in which only the quote itself means something, so no letter,
    /// operator or column name of a search can be read as syntax. Punctuation alone is no word.
    pub(super) fn of(text: &str) -> Self {
        let clean = |word: &str| word.chars().filter(|c| !c.is_control()).collect::<String>();
        let words = text.split_whitespace().map(clean).filter(|word| word.contains(char::is_alphanumeric)).take(WORDS);
        let (long, short): (Vec<_>, Vec<_>) = words.partition(|word| word.chars().count() >= PART);
        let quoted: Vec<_> = long.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
        let pattern = |word: &String| {
            let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            format!("%{escaped}%")
        };
        Self {
            expression: (!quoted.is_empty()).then(|| quoted.join(" ")),
            parts: long.iter().map(pattern).collect(),
            patterns: short.iter().map(pattern).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_go_to_the_index_and_short_ones_to_the_columns() {
        let wanted = Wanted::of("declined  or \"der\" -- 7% a_\u{0}b");
        assert_eq!(wanted.expression.as_deref(), Some("\"declined\" \"\"\"der\"\"\" \"a_b\""));
        assert_eq!(wanted.parts, ["%declined%", "%\"der\"%", "%a\\_b%"]);
        assert_eq!(wanted.patterns, ["%or%", "%7\\%%"]);
        assert_eq!(Wanted::of(" -- {} "), Wanted::default());
    }
}
