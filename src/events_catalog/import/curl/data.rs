//! The body options of curl: data joined by `&`, form parts, and what is escaped in them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::super::error::ImportError;
use super::options::Given;

/// What curl leaves as it is (RFC 3986, unreserved); a blank becomes `+` afterwards.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b' ');
/// Between the parts of a form.
pub(super) const BOUNDARY: &str = "------------------------4f2b6c1d9a3e5078";

/// Refuses a value that names a file: what stands in it cannot be known here.
pub(super) fn refuse_file(text: &str, given: &Given) -> Result<(), ImportError> {
    let value = given.value.text();
    let Some(file) = value.strip_prefix('@') else { return Ok(()) };
    let file = if file == "-" { "standard input".to_owned() } else { format!("the file `{file}`") };
    let problem = format!("{} takes its value from {file}, which is not read here.", given.name);
    Err(ImportError::at(text, given.value.offset, problem, "Write the text in its place."))
}

/// `--data-urlencode`: `content`, `=content`, `name=content`; with `@` in the place of `=` a file.
pub(super) fn url_encoded(text: &str, given: &Given) -> Result<Vec<u8>, ImportError> {
    let bytes = &given.value.bytes;
    let Some(equals) = bytes.iter().position(|byte| *byte == b'=') else {
        if let Some((_, file)) = given.value.text().split_once('@') {
            let problem = format!("--data-urlencode takes its value from the file `{file}`, which is not read here.");
            return Err(ImportError::at(text, given.value.offset, problem, "Write NAME=TEXT."));
        }
        return Ok(escaped(bytes));
    };
    let (name, content) = bytes.split_at(equals);
    let content = escaped(content.get(1..).unwrap_or_default());
    Ok(if name.is_empty() { content } else { [name, b"=", &content].concat() })
}

fn escaped(bytes: &[u8]) -> Vec<u8> {
    percent_encode(bytes, ESCAPED).to_string().replace(' ', "+").into_bytes()
}

/// `-F name=text`, `-F 'name=text;type=…'`: one part of a form.
pub(super) fn form_part(text: &str, given: &Given, with_options: bool) -> Result<Vec<u8>, ImportError> {
    let written = given.value.text();
    let Some((name, content)) = written.split_once('=') else {
        let problem = format!("{} needs a name and a value.", given.name);
        return Err(ImportError::at(text, given.value.offset, problem, "Write NAME=TEXT."));
    };
    let file = if with_options { content.strip_prefix(['@', '<']) } else { None };
    if let Some(file) = file {
        let problem = format!("The form takes `{name}` from the file `{file}`, which is not read here.");
        return Err(ImportError::at(text, given.value.offset, problem, "Write NAME=TEXT."));
    }
    let typed = if with_options { content.rsplit_once(";type=") } else { None };
    let (content, kind) = typed.map_or((content, None), |(content, kind)| (content, Some(kind)));
    let kind = kind.map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default();
    let name = name.replace('"', "%22");
    Ok(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n{kind}\r\n{content}\r\n").into_bytes())
}
