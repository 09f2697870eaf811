//! A raw HTTP request: request line, header lines, an empty line, the body.

use url::Url;

use super::error::ImportError;
use super::target;
use crate::http_model::browser::is_token;
use crate::http_model::{HttpRequest, message};

/// Byte offset of the request line when `text` is a raw request.
pub(super) fn begin(text: &str) -> Option<usize> {
    let first = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let line = first.lines().next()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?, words.next()?);
    let is_path = path == "*" || path.starts_with('/') || path.starts_with("http://") || path.starts_with("https://");
    let is_method = is_token(method) && (line.contains(" HTTP/") || !method.contains(char::is_lowercase));
    (is_method && is_path).then(|| text.len() - first.len())
}

/// Reads the request that begins at byte `start`.
///
/// # Errors
/// A line that is no header, no host, or a body whose length cannot be told.
pub(super) fn read(text: &str, start: usize) -> Result<HttpRequest, ImportError> {
    let mut lines = Lines { text, position: start };
    let (_, line) = lines.next().unwrap_or_default();
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let protocol = words.next().unwrap_or("HTTP/1.1");
    if words.next().is_some() || !protocol.starts_with("HTTP/") {
        let repair = "Write METHOD, path and HTTP/1.1, and encode blanks in the path as %20.";
        return Err(ImportError::at(text, start, format!("`{line}` is no request line."), repair));
    }
    let mut request = HttpRequest::default();
    let host = headers(&mut lines, &mut request)?;
    let url = url(text, start, path, host.as_deref())?;
    let lines_left = text.get(lines.position..).unwrap_or_default();
    let body = body(text, lines.position, lines_left, &request)?;
    let mut whole = target::request_for(&url, method, target::protocol(protocol));
    whole.headers = request.headers;
    target::set_body(&mut whole, body);
    Ok(whole)
}

/// Lines with their offsets, without their ends.
struct Lines<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.position..).filter(|rest| !rest.is_empty())?;
        let (offset, length) = (self.position, rest.find('\n').unwrap_or(rest.len()));
        self.position = (offset + length + 1).min(self.text.len());
        rest.get(..length).map(|line| (offset, line.trim_end_matches('\r')))
    }
}

/// Reads header lines up to the empty one; gives the host.
fn headers(lines: &mut Lines<'_>, request: &mut HttpRequest) -> Result<Option<String>, ImportError> {
    let mut host = None;
    let mut found: Vec<(usize, String, String)> = Vec::new();
    let text = lines.text;
    for (offset, line) in lines.by_ref().take_while(|(_, line)| !line.trim().is_empty()) {
        if let (true, Some((.., value))) = (line.starts_with([' ', '\t']), found.last_mut()) {
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let pseudo = usize::from(line.starts_with(':'));
        let Some((name, value)) = line.get(pseudo..).and_then(|line| line.split_once(':')) else {
            let repair = "Write NAME: VALUE, and an empty line before the body.";
            return Err(ImportError::at(text, offset, format!("`{line}` is no header line."), repair));
        };
        match (pseudo == 1, name.trim().to_ascii_lowercase().as_str()) {
            (true, "authority") | (false, "host") => host = Some(value.trim().to_owned()),
            (true, _) => {}
            (false, _) => found.push((offset, name.trim().to_owned(), value.to_owned())),
        }
    }
    for (offset, name, value) in found {
        if request.headers.push(&name, &value) == message::Pushed::Refused {
            let problem = format!("`{name}` is no name of a header.");
            return Err(ImportError::at(text, offset, problem, "Write NAME: VALUE, and an empty line before the body."));
        }
    }
    Ok(host)
}

/// The URL; a request does not say its scheme, so a host on this machine counts as http and any other as https.
fn url(text: &str, start: usize, path: &str, host: Option<&str>) -> Result<Url, ImportError> {
    let wrong = |problem: String, repair: &str| ImportError::at(text, start, problem, repair);
    let whole = match host {
        _ if !path.starts_with('/') && path != "*" => path.to_owned(),
        None => return Err(wrong("The request names no host.".into(), "Add a line `Host: name`.")),
        Some(host) => {
            let here = ["localhost", "127.", "[::1]"].iter().any(|start| host.starts_with(start)) || host.contains(".localhost");
            let path = if path == "*" { "/" } else { path };
            format!("{}://{host}{path}", if here { "http" } else { "https" })
        }
    };
    target::web_url(&whole).ok_or_else(|| wrong(format!("`{whole}` is no URL."), "Correct the path or the host."))
}

/// The rest of the text; what a `Content-Length` does not cover is left away if it is blank.
fn body(text: &str, offset: usize, rest: &str, request: &HttpRequest) -> Result<Vec<u8>, ImportError> {
    if request.headers.get("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked")) {
        let repair = "Write the body in one piece, and leave Transfer-Encoding away.";
        return Err(ImportError::at(text, offset, "The body is divided into chunks.", repair));
    }
    let length = request.headers.get("content-length").and_then(|value| value.parse().ok());
    let split = length.and_then(|length: usize| rest.split_at_checked(length));
    let body = split.filter(|(_, beyond)| beyond.trim().is_empty()).map_or(rest, |(body, _)| body);
    let is_blank = length.is_none() && body.trim().is_empty();
    Ok(if is_blank { Vec::new() } else { body.as_bytes().to_vec() })
}
