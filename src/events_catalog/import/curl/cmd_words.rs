//! A command taken apart into words, by the rules of cmd.exe and of the C runtime below it.
//!
//! First cmd.exe takes its carets away, then the program divides the line at blanks outside double quotes. Between the two
//! a line is a list of characters with their offsets.

use super::super::error::ImportError;
use super::word::Word;

/// The words of a command of cmd.exe, from byte `start` on.
///
/// # Errors
/// A quotation that does not end.
pub(super) fn cmd_words(text: &str, start: usize) -> Result<Vec<Word>, ImportError> {
    let line = without_carets(text, start);
    let doubled = is_quoted_with_carets(text.get(start..).unwrap_or_default());
    let mut splitter = Splitter { line: &line, position: 0, words: Vec::new(), word: None, quote: None, doubled };
    while splitter.step() {}
    if let Some(offset) = splitter.quote {
        return Err(ImportError::at(text, offset, "This quotation does not end.", "Add the closing \"."));
    }
    splitter.words.extend(splitter.word.take());
    Ok(splitter.words)
}

/// Whether a command was copied for cmd.exe: its first word is quoted with carets, or its lines end with carets.
pub(super) fn is_for_cmd(command: &str) -> bool {
    let first = command.lines().next().unwrap_or_default();
    let for_bash = first.contains(" '") || first.contains("$'");
    is_quoted_with_carets(command) || (first.trim_end().ends_with('^') && !for_bash)
}

/// Whether the first word begins with `^"`, as Chromium writes it.
fn is_quoted_with_carets(command: &str) -> bool {
    command.split_whitespace().nth(1).is_some_and(|word| word.starts_with("^\""))
}

/// The line that the program gets, with the offset of each character.
fn without_carets(text: &str, start: usize) -> Vec<(usize, char)> {
    let rest = text.get(start..).unwrap_or_default();
    let everywhere = rest.contains("^\\^\""); // Older Chromium writes carets inside plain quotes too.
    let characters: Vec<(usize, char)> = rest.char_indices().filter(|(_, c)| *c != '\r').map(|(at, c)| (start + at, c)).collect();
    let mut line = Vec::with_capacity(characters.len());
    let (mut quoted, mut index) = (false, 0);
    while let Some(&(offset, c)) = characters.get(index) {
        index += 1;
        if c == '^' && (!quoted || everywhere) {
            // At the end of a line the caret joins the next one, whose first character counts as it stands.
            index += usize::from(characters.get(index).is_some_and(|(_, next)| *next == '\n'));
            line.extend(characters.get(index));
            index += 1;
            continue;
        }
        quoted ^= c == '"';
        line.push((offset, c));
    }
    line
}

struct Splitter<'a> {
    line: &'a [(usize, char)],
    position: usize,
    words: Vec<Word>,
    word: Option<Word>,
    /// Where the open quotation began.
    quote: Option<usize>,
    /// Chromium doubles every backslash, although the C runtime halves only those before a double quote.
    doubled: bool,
}

impl Splitter<'_> {
    fn push(&mut self, offset: usize, c: char) {
        let word = self.word.get_or_insert_with(|| Word::empty(offset));
        word.bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn is_at(&self, index: usize, wanted: char) -> bool {
        self.line.get(index).is_some_and(|(_, c)| *c == wanted)
    }

    /// Reads on; says whether the line goes on.
    fn step(&mut self) -> bool {
        let Some(&(offset, c)) = self.line.get(self.position) else { return false };
        self.position += 1;
        match c {
            '\\' => self.backslashes(offset),
            '"' if self.quote.is_some() && self.is_at(self.position, '"') => {
                self.push(offset, '"');
                self.position += 1;
            }
            '"' => {
                self.word.get_or_insert_with(|| Word::empty(offset));
                self.quote = if self.quote.is_some() { None } else { Some(offset) };
            }
            ' ' | '\t' | '\n' if self.quote.is_none() => self.words.extend(self.word.take()),
            '&' | '|' | '>' | '<' if self.quote.is_none() && self.word.is_none() => return false,
            c => self.push(offset, c),
        }
        true
    }

    /// Backslashes stand for themselves, except before a double quote, where each two are one.
    fn backslashes(&mut self, offset: usize) {
        let mut count = 1;
        while self.is_at(self.position, '\\') {
            count += 1;
            self.position += 1;
        }
        let before_quote = self.is_at(self.position, '"');
        let kept = match (before_quote, self.doubled) {
            (true, _) => count / 2,
            (false, true) => count - count / 2,
            (false, false) => count,
        };
        for _ in 0..kept {
            self.push(offset, '\\');
        }
        if before_quote && count % 2 == 1 {
            self.push(offset, '"');
            self.position += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_carets_and_lines() {
        for (text, expected) in [
            (r#"curl ^"https://a.test/?x=1^&y=2^""#, vec!["curl", "https://a.test/?x=1&y=2"]),
            ("curl a ^\n  -X PUT ^\r\n  -k", vec!["curl", "a", "-X", "PUT", "-k"]),
            (r#"curl --data-raw ^"^{^\^"a^\^":^\^"50^%^ ^^ b^\^"^}^""#, vec!["curl", "--data-raw", r#"{"a":"50% ^ b"}"#]),
            ("curl -d ^\"a^\n\nb^\"", vec!["curl", "-d", "a\nb"]),
            ("curl -d ^\"a^\r\n\r\nb^\"", vec!["curl", "-d", "a\nb"]),
            (r#"curl -H "ua: ^\^"Chromium^\^";v=^\^"92^\^"""#, vec!["curl", "-H", r#"ua: "Chromium";v="92""#]),
            (r#"curl -d "{\"a\":1,\"p\":\"C:\\x\"}" "^""#, vec!["curl", "-d", r#"{"a":1,"p":"C:\\x"}"#, "^"]),
            (r#"curl "a""b" "" c\d | more"#, vec!["curl", "a\"b", "", "c\\d"]),
        ] {
            let words = cmd_words(text, 0).unwrap();
            assert_eq!(words.iter().map(Word::text).collect::<Vec<_>>(), expected, "{text}");
        }
        assert!(cmd_words("curl \"a", 0).unwrap_err().to_string().starts_with("line 1, column 6: "));
    }
}
