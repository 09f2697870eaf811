//! Files of environment variables (`env_file`): read when an environment starts, never written, never shown.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::definition::FunctionDefinition;
use super::function::is_variable_name;

/// Why the variables of a file could not be read. No message holds a value.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentFileError {
    #[error("the env_file {} cannot be read: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("the env_file {} is not understood at line {line}: {message}", path.display())]
    Line { path: PathBuf, line: usize, message: &'static str },
}

/// The variables of a function: those of its `env_file`, overridden by those of `invokelab.toml`.
///
/// # Errors
/// The file cannot be read, or a line is not `NAME=VALUE`.
pub fn variables(definition: &FunctionDefinition) -> Result<BTreeMap<String, String>, EnvironmentFileError> {
    let mut variables = definition.env_file.as_deref().map(read).transpose()?.unwrap_or_default().variables;
    variables.extend(definition.environment.clone());
    Ok(variables)
}

/// What a file of variables holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentFile {
    pub variables: BTreeMap<String, String>,
    /// Lines, from 1, whose names Lambda does not take: their variables are left out.
    pub left_out: Vec<usize>,
}

impl EnvironmentFile {
    /// Why a line is left out.
    pub const LEFT_OUT: &str =
        "this is no name of a variable, so it is left out: a letter first, then letters, digits and _, two at least";
}

/// Reads a file of `NAME=VALUE` lines, as dotenv files are written.
///
/// # Errors
/// The file cannot be read, or a line is not `NAME=VALUE`.
pub fn read(path: &Path) -> Result<EnvironmentFile, EnvironmentFileError> {
    let text = fs::read_to_string(path).map_err(|error| EnvironmentFileError::Unreadable { path: path.to_path_buf(), error })?;
    parse(&text).map_err(|(line, message)| EnvironmentFileError::Line { path: path.to_path_buf(), line, message })
}

/// Comments start with `#`; `export` before a name is allowed; a value may stand in single quotes (taken as it is) or in
/// double quotes (with `\n`, `\t`, `\"` and `\\`), and may then go over several lines.
fn parse(text: &str) -> Result<EnvironmentFile, (usize, &'static str)> {
    let mut file = EnvironmentFile::default();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let end = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        let here = rest[..end].trim();
        let assignment = here.strip_prefix("export ").unwrap_or(here).trim_start();
        if assignment.is_empty() || assignment.starts_with('#') {
            rest = &rest[end..];
            line += 1;
            continue;
        }
        let (name, _) = assignment.split_once('=').ok_or((line, "a line is NAME=VALUE"))?;
        let name = name.trim();
        let value_at = rest.find('=').map_or(rest.len(), |equals| equals + 1);
        let (value, used) = value(&rest[value_at..]).map_err(|message| (line, message))?;
        if is_variable_name(name) {
            file.variables.insert(name.to_owned(), value);
        } else {
            file.left_out.push(line);
        }
        line += rest[..value_at + used].matches('\n').count();
        rest = &rest[value_at + used..];
    }
    Ok(file)
}

/// The value at the start of `text`, and how many bytes it takes with the end of its line.
fn value(text: &str) -> Result<(String, usize), &'static str> {
    let start = text.len() - text.trim_start_matches([' ', '\t']).len();
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |newline| from + newline + 1);
    match text[start..].chars().next() {
        Some(quote @ ('\'' | '"')) => {
            let (value, length) = quoted(&text[start + 1..], quote).ok_or("a quote is not closed")?;
            Ok((value, line_end(start + 1 + length)))
        }
        _ => {
            let end = line_end(0);
            let bare = text[..end].trim();
            // A comment behind a bare value needs a space before it, or a # in a password would end it.
            let bare = bare.split_once(" #").map_or(bare, |(value, _)| value.trim_end());
            Ok((bare.to_owned(), end))
        }
    }
}

fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character == quote => return Some((value, at + 1)),
            '\\' if quote == '"' => match characters.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                'r' => value.push('\r'),
                other @ ('"' | '\\' | '$') => value.push(other),
                other => value.extend(['\\', other]),
            },
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_dotenv_files_write_them() {
        let text =
            "# secrets\nexport KEY=abc#1 # a comment\nDSN = \"postgres://x\\ny\"\nRAW='a\\nb'\nEMPTY=\nLONG=\"one\ntwo\"\nLAST=7";
        let variables = parse(text).unwrap().variables;
        let found: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected =
            [("DSN", "postgres://x\ny"), ("EMPTY", ""), ("KEY", "abc#1"), ("LAST", "7"), ("LONG", "one\ntwo"), ("RAW", "a\\nb")];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_broken_line_is_named_without_its_value() {
        assert_eq!(parse("AB=1\nsecret-without-name\n"), Err((2, "a line is NAME=VALUE")));
        assert_eq!(parse("AB=1\n\nCD=\"open\n"), Err((3, "a quote is not closed")));
    }

    #[test]
    fn a_name_that_lambda_does_not_take_costs_its_own_line_alone() {
        let file = parse("AB=\"1\n2\"\nQ=3\nCD=4\n_X=5").unwrap();
        assert_eq!(file.variables.keys().collect::<Vec<_>>(), ["AB", "CD"]);
        assert_eq!(file.left_out, [3, 5]);
    }
}
