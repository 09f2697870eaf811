//! A command's words as options with their values.

use super::super::error::ImportError;
use super::option_table::Meaning;
use super::word::Word;

/// An option as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub meaning: Meaning,
    /// As written, for errors.
    pub name: String,
    /// Empty, and at the option itself, where it takes none.
    pub value: Word,
}

/// The words after `curl` as options; a word without an option is the URL.
///
/// # Errors
/// An option that is not known, cannot be followed, or lacks its value.
pub(super) fn options(text: &str, words: Vec<Word>) -> Result<Vec<Given>, ImportError> {
    let mut given = Vec::new();
    let mut words = words.into_iter();
    let mut only_urls = false;
    while let Some(word) = words.next() {
        let written = word.text().into_owned();
        if only_urls || written == "-" || !written.starts_with('-') {
            given.push(Given { meaning: Meaning::Url, name: "the URL".into(), value: word });
        } else if written == "--" {
            only_urls = true;
        } else if let Some(long) = written.strip_prefix("--") {
            let meaning = known(text, &word, &written, Meaning::of(Some(long), None))?;
            let value = if meaning.takes_value() { value_after(text, &word, &written, words.next())? } else { empty(&word) };
            given.push(Given { meaning, name: written, value });
        } else {
            given.extend(short_options(text, &word, &written, &mut words)?);
        }
    }
    Ok(given)
}

/// Short options in one word: `-sSL`, `-XPOST`, `-sXPOST`, `-sX POST`.
fn short_options(
    text: &str,
    word: &Word,
    written: &str,
    words: &mut impl Iterator<Item = Word>,
) -> Result<Vec<Given>, ImportError> {
    let mut given = Vec::new();
    for (at, letter) in written.char_indices().skip(1) {
        let name = format!("-{letter}");
        let meaning = known(text, word, &name, Meaning::of(None, Some(letter)))?;
        if !meaning.takes_value() {
            given.push(Given { meaning, name, value: empty(word) });
            continue;
        }
        let rest = word.bytes.get(at + letter.len_utf8()..).unwrap_or_default();
        let joined = (!rest.is_empty()).then(|| Word { bytes: rest.to_vec(), offset: word.offset });
        let value = value_after(text, word, &name, joined.or_else(|| words.next()))?;
        given.push(Given { meaning, name, value });
        break;
    }
    Ok(given)
}

fn known(text: &str, word: &Word, written: &str, meaning: Option<Meaning>) -> Result<Meaning, ImportError> {
    match meaning {
        Some(Meaning::Refused(repair)) => {
            Err(ImportError::at(text, word.offset, format!("{written} cannot be followed here."), repair))
        }
        Some(meaning) => Ok(meaning),
        None => {
            let repair = "Leave it away, with its value if it has one.";
            Err(ImportError::at(text, word.offset, format!("The option {written} is not known here."), repair))
        }
    }
}

fn value_after(text: &str, word: &Word, written: &str, value: Option<Word>) -> Result<Word, ImportError> {
    let missing = || ImportError::at(text, word.offset, format!("{written} has no value."), "Write its value after it.");
    value.ok_or_else(missing)
}

fn empty(word: &Word) -> Word {
    Word::empty(word.offset)
}

#[cfg(test)]
mod tests {
    use super::super::shell_words::shell_words;
    use super::*;

    fn shapes(command: &str) -> Result<Vec<String>, String> {
        let words = shell_words(command, 0).map_err(|error| error.to_string())?;
        let given = options(command, words).map_err(|error| error.to_string())?;
        Ok(given.iter().map(|given| format!("{:?}={}", given.meaning, given.value.text())).collect())
    }

    #[test]
    fn short_options_are_combined() {
        for (command, expected) in [
            ("-sSL a", vec!["Silent=", "Silent=", "Silent=", "Url=a"]),
            ("-XPUT -sXPOST -sX GET", vec!["Method=PUT", "Silent=", "Method=POST", "Silent=", "Method=GET"]),
            ("--request PUT -H'a: b' -- -x", vec!["Method=PUT", "Header=a: b", "Url=-x"]),
            ("-iI --http2 a", vec!["Silent=", "Head=", "Protocol(\"HTTP/2.0\")=", "Url=a"]),
        ] {
            assert_eq!(shapes(command).as_deref(), Ok(expected.iter().map(ToString::to_string).collect::<Vec<_>>().as_slice()));
        }
    }

    #[test]
    fn what_cannot_be_followed() {
        for (command, expected) in [
            ("a -H", "line 1, column 3: -H has no value. Write its value after it."),
            (
                "a \\\n  --ech x",
                "line 2, column 3: The option --ech is not known here. Leave it away, with its value if it has one.",
            ),
            ("-sZ", "line 1, column 1: The option -Z is not known here. Leave it away, with its value if it has one."),
            ("a --next b", "line 1, column 3: --next cannot be followed here. Paste one request at a time."),
        ] {
            assert_eq!(shapes(command), Err(expected.to_owned()));
        }
    }
}
