//! A command taken apart into words, by the quoting rules of bash.

use super::super::error::ImportError;
use super::ansi_quote::read_ansi_quoted;
use super::word::Word;

/// The words of the first command of `text`, from byte `start` on.
///
/// # Errors
/// A quotation that does not end, or a variable, whose value only the shell knows.
pub(super) fn shell_words(text: &str, start: usize) -> Result<Vec<Word>, ImportError> {
    let mut reader = Reader { text, position: start, words: Vec::new(), word: None };
    while reader.step()? {}
    reader.finish_word();
    Ok(reader.words)
}

struct Reader<'a> {
    text: &'a str,
    position: usize,
    words: Vec<Word>,
    /// The word that is being read.
    word: Option<Word>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.position += c.len_utf8();
        Some(c)
    }

    fn error<T>(&self, offset: usize, problem: &str, repair: &str) -> Result<T, ImportError> {
        Err(ImportError::at(self.text, offset, problem, repair))
    }

    fn push(&mut self, offset: usize, bytes: &[u8]) {
        self.word.get_or_insert_with(|| Word::empty(offset)).bytes.extend_from_slice(bytes);
    }

    fn push_char(&mut self, offset: usize, c: char) {
        self.push(offset, c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn finish_word(&mut self) {
        self.words.extend(self.word.take());
    }

    /// Reads on; says whether the command goes on.
    fn step(&mut self) -> Result<bool, ImportError> {
        let (offset, inside) = (self.position, self.word.is_some());
        let Some(c) = self.take() else { return Ok(false) };
        match c {
            // PowerShell's way to go on in the next line.
            '`' if self.joins_lines() => {}
            '\\' => self.escape(offset),
            '\'' => self.single_quoted(offset)?,
            '"' => self.double_quoted(offset)?,
            '$' if self.rest().starts_with('\'') => self.ansi_quoted(offset)?,
            '$' if self.rest().starts_with('"') => {}
            '$' | '`' => self.dollar(offset, c)?,
            '#' if !inside => self.position += self.rest().find('\n').unwrap_or(self.rest().len()),
            '&' if inside => {
                return self.error(offset, "The shell ends the command at this &.", "Put the URL in single quotes.");
            }
            '&' | '|' | ';' => return Ok(false),
            '<' | '>' => {
                self.word.take_if(|word| word.bytes.iter().all(u8::is_ascii_digit)); // As in `2>`.
                return Ok(false);
            }
            c if c.is_whitespace() => self.finish_word(),
            c => self.push_char(offset, c),
        }
        Ok(true)
    }

    /// Goes on in the next line if nothing more stands in this one but blanks.
    fn joins_lines(&mut self) -> bool {
        let blanks = self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r']).len();
        let after = self.rest().get(blanks..).unwrap_or_default();
        let joins = after.is_empty() || after.starts_with('\n');
        if joins {
            self.position += blanks + usize::from(!after.is_empty());
        }
        joins
    }

    /// A backslash; before the end of a line it joins two lines, even with blanks between.
    fn escape(&mut self, offset: usize) {
        if !self.joins_lines()
            && let Some(c) = self.take()
        {
            self.push_char(offset, c);
        }
    }

    fn single_quoted(&mut self, offset: usize) -> Result<(), ImportError> {
        let Some(length) = self.rest().find('\'') else {
            return self.error(offset, "This quotation does not end.", "Add the closing '.");
        };
        let quoted = self.rest().get(..length).unwrap_or_default();
        self.push(offset, quoted.as_bytes());
        self.position += length + 1;
        Ok(())
    }

    fn double_quoted(&mut self, offset: usize) -> Result<(), ImportError> {
        self.push(offset, &[]);
        loop {
            let at = self.position;
            match self.take() {
                None => return self.error(offset, "This quotation does not end.", "Add the closing \"."),
                Some('"') => return Ok(()),
                Some('\\') => match self.take() {
                    Some(c) if "$`\"\\".contains(c) => self.push_char(offset, c),
                    Some('\n') | None => {}
                    Some(c) => {
                        self.push_char(offset, '\\');
                        self.push_char(offset, c);
                    }
                },
                Some(c @ ('$' | '`')) => self.dollar(at, c)?,
                Some(c) => self.push_char(offset, c),
            }
        }
    }

    fn ansi_quoted(&mut self, offset: usize) -> Result<(), ImportError> {
        self.position += 1;
        let Some((bytes, length)) = read_ansi_quoted(self.rest()) else {
            return self.error(offset, "This quotation does not end.", "Add the closing '.");
        };
        self.push(offset, &bytes);
        self.position += length;
        Ok(())
    }

    /// A dollar sign that stands for itself; before a name or a bracket it stands for what only the shell knows.
    fn dollar(&mut self, offset: usize, sign: char) -> Result<(), ImportError> {
        let begins_name = |c: char| c.is_alphanumeric() || "_{(@*?!#$".contains(c);
        if sign == '`' || self.rest().starts_with(begins_name) {
            let repair = "Write the value in its place, or put the word in single quotes if it is meant as it stands.";
            return self.error(offset, "Only the shell knows the value of this variable or command.", repair);
        }
        self.push_char(offset, sign);
        Ok(())
    }
}
