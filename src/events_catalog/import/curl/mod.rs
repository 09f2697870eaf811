//! A curl command as the request that curl would send.

#[cfg(test)]
mod against_curl;
mod ansi_quote;
mod cmd_words;
mod command;
mod data;
mod globs;
mod option_table;
mod options;
#[cfg(test)]
mod round_trip;
mod shell_words;
#[cfg(test)]
mod tests;
mod word;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::ImportError;
use super::target;
use crate::http_model::HttpRequest;
use command::Command;

/// What curl calls itself.
const USER_AGENT: &str = "curl/8.5.0";

/// Byte offset of the word `curl` when `text` is a curl command; a prompt may stand before it.
pub(super) fn begin(text: &str) -> Option<usize> {
    let command = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n', '$', '>']);
    let word = command.split_whitespace().next()?;
    matches!(word, "curl" | "curl.exe").then(|| text.len() - command.len())
}

/// Reads the command that begins at byte `start`.
///
/// # Errors
/// Quotation, options or URL cannot be understood.
pub(super) fn read(text: &str, start: usize) -> Result<HttpRequest, ImportError> {
    let for_cmd = cmd_words::is_for_cmd(text.get(start..).unwrap_or_default());
    let mut words = if for_cmd { cmd_words::cmd_words(text, start)? } else { shell_words::shell_words(text, start)? };
    if !words.is_empty() {
        words.remove(0);
    }
    let command = Command::of(text, &options::options(text, words)?)?;
    request(text, start, command)
}

fn request(text: &str, start: usize, mut command: Command) -> Result<HttpRequest, ImportError> {
    let mut url = url(text, start, &command)?;
    add_query(&mut url, &mut command);
    let method = method(&command);
    let mut request = target::request_for(&url, &method, command.protocol.unwrap_or("HTTP/1.1"));
    let body = body(&mut command);
    let in_url = (!url.username().is_empty()).then(|| format!("{}:{}", url.username(), url.password().unwrap_or_default()));
    if let Some(user) = command.user.take().or(in_url) {
        command.implied.push(("Authorization", format!("Basic {}", STANDARD.encode(user))));
    }
    add_headers(&mut request, &command);
    target::set_body(&mut request, body);
    Ok(request)
}

/// The URL; without a scheme curl takes http.
fn url(text: &str, start: usize, command: &Command) -> Result<url::Url, ImportError> {
    let Some(word) = &command.url else {
        return Err(ImportError::at(text, start, "The command has no URL.", "Write the URL behind curl."));
    };
    let written = word.text();
    let written = if command.no_globs { written } else { globs::without(text, word)?.into() };
    let whole = if written.contains("://") { written.to_string() } else { format!("http://{written}") };
    let wrong = || {
        let repair = "Write scheme://host/path, and put it in quotes.";
        ImportError::at(text, word.offset, format!("`{written}` is no http or https URL."), repair)
    };
    target::web_url(&whole).ok_or_else(wrong)
}

/// `-G` and `--url-query` put data behind the question mark.
fn add_query(url: &mut url::Url, command: &mut Command) {
    let mut pieces: Vec<String> = url.query().map(str::to_owned).into_iter().collect();
    pieces.extend(command.query.iter().map(|piece| String::from_utf8_lossy(piece).into_owned()));
    if command.data_as_query {
        pieces.extend(command.data.take().map(|data| String::from_utf8_lossy(&data).into_owned()));
    }
    if !pieces.is_empty() {
        url.set_query(Some(&pieces.join("&")));
    }
}

fn method(command: &Command) -> String {
    let sends = command.data.is_some() || !command.form.is_empty();
    let usual = if command.head {
        "HEAD"
    } else if sends {
        "POST"
    } else {
        "GET"
    };
    command.method.clone().unwrap_or_else(|| usual.to_owned())
}

/// The body, with the headers that belong to it.
fn body(command: &mut Command) -> Vec<u8> {
    if !command.form.is_empty() {
        command.implied.push(("Content-Type", format!("multipart/form-data; boundary={}", data::BOUNDARY)));
        command.form.extend_from_slice(format!("--{}--\r\n", data::BOUNDARY).as_bytes());
        return std::mem::take(&mut command.form);
    }
    let Some(data) = command.data.take() else { return Vec::new() };
    if command.is_json {
        command.implied.extend([("Content-Type", "application/json".into()), ("Accept", "application/json".into())]);
    } else {
        command.implied.push(("Content-Type", "application/x-www-form-urlencoded".into()));
    }
    data
}

fn add_headers(request: &mut HttpRequest, command: &Command) {
    for (name, value) in [("User-Agent", USER_AGENT), ("Accept", "*/*")] {
        let implied = command.implied.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if !implied && !command.says(name) {
            request.headers.push(name, value);
        }
    }
    for (name, value) in &command.implied {
        if !command.says(name) {
            request.headers.push(name, value);
        }
    }
    for (name, value) in &command.headers {
        match value {
            Some(host) if name.eq_ignore_ascii_case("host") => request.authority.clone_from(host),
            Some(value) => drop(request.headers.push(name, value)),
            None => {}
        }
    }
    if !command.cookies.is_empty() {
        request.headers.push("Cookie", &command.cookies.join("; "));
    }
}
