//! One entry of a HAR document: a request, and the response if the browser got one.

use serde_json::Value;

use super::super::error::ImportError;
use super::super::target;
use crate::http_model::browser::{HeaderList, WireResponse};
use crate::http_model::{HttpRequest, message};

/// An entry whose request could be read.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Without fragment.
    pub url: String,
    pub request: HttpRequest,
    /// `None` when the browser shows none, which HAR writes as status 0.
    pub response: Option<WireResponse>,
    /// Such as `net::ERR_FAILED`.
    pub browser_error: Option<String>,
    /// Chromium's `_resourceType`: `fetch`, `xhr`, `preflight`, `image`.
    pub kind: Option<String>,
}

impl Entry {
    /// Reads an entry, or a request that stands alone.
    ///
    /// # Errors
    /// A member of the request is missing or wrong.
    pub(super) fn read(path: &str, value: &Value) -> Result<Self, ImportError> {
        let (path, asked) = match value.get("request") {
            Some(asked) => (member(path, "request"), asked),
            None => (path.to_owned(), value),
        };
        let written = text(&path, asked, "url")?;
        let wrong = || {
            let problem = format!("`{written}` is no http or https URL.");
            ImportError::in_member(member(&path, "url"), problem, "Paste an entry that went over HTTP.")
        };
        let mut url = target::web_url(written).ok_or_else(wrong)?;
        url.set_fragment(None);
        let protocol = target::protocol(asked.get("httpVersion").and_then(Value::as_str).unwrap_or_default());
        let mut request = target::request_for(&url, text(&path, asked, "method")?, protocol);
        read_headers(&path, asked, &mut request)?;
        let body = body(&path, asked)?;
        target::set_body(&mut request, body);
        let own = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let of_response = value.pointer("/response/_error").and_then(Value::as_str).filter(|text| !text.is_empty());
        let browser_error = of_response.map(str::to_owned).or_else(|| own("_error"));
        Ok(Self { url: url.into(), request, response: response(value), browser_error, kind: own("_resourceType") })
    }

    /// Whether the browser asks here for permission.
    pub(super) fn is_preflight(&self) -> bool {
        self.request.method == "OPTIONS" && self.request.headers.contains("access-control-request-method")
    }

    /// Whether a script asked, rather than an element of the page.
    pub(super) fn is_script_request(&self) -> bool {
        let by_mode = self.request.headers.get("sec-fetch-mode") == Some("cors");
        by_mode || matches!(self.kind.as_deref(), Some("fetch" | "xhr" | "preflight"))
    }
}

fn member(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn text<'a>(path: &str, value: &'a Value, name: &str) -> Result<&'a str, ImportError> {
    let missing = || ImportError::in_member(member(path, name), "This text is missing.", "Add it, or copy the entry again.");
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(missing)
}

/// Name and value of each header. Chromium writes repeated lines as one value with line breaks.
fn header_lines(list: Option<&Value>) -> Vec<(&str, &str)> {
    let lines = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let parts = lines.iter().filter_map(|line| Some((line.get("name")?.as_str()?, line.get("value")?.as_str()?)));
    parts.flat_map(|(name, value)| value.split('\n').map(move |value| (name, value))).collect()
}

fn read_headers(path: &str, asked: &Value, request: &mut HttpRequest) -> Result<(), ImportError> {
    for (name, value) in header_lines(asked.get("headers")) {
        if name.eq_ignore_ascii_case("host") || name.starts_with(':') {
            continue; // The URL says it.
        }
        if request.headers.push(name, value) == message::Pushed::Refused {
            let problem = format!("`{name}` is no name of a header.");
            return Err(ImportError::in_member(member(path, "headers"), problem, "Remove it, or write it as it was sent."));
        }
    }
    let cookies = asked.get("cookies").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let pair = |cookie: &Value| Some(format!("{}={}", cookie.get("name")?.as_str()?, cookie.get("value")?.as_str()?));
    let pairs: Vec<String> = cookies.iter().filter_map(pair).collect();
    if !pairs.is_empty() && !request.headers.contains("cookie") {
        request.headers.push("Cookie", &pairs.join("; "));
    }
    Ok(())
}

/// The text that was posted; a form without text is put together from its parameters.
fn body(path: &str, asked: &Value) -> Result<Vec<u8>, ImportError> {
    let Some(posted) = asked.get("postData").filter(|posted| posted.is_object()) else { return Ok(Vec::new()) };
    if let Some(text) = posted.get("text").and_then(Value::as_str).filter(|text| !text.is_empty()) {
        return Ok(text.as_bytes().to_vec());
    }
    let parameters = posted.get("params").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let kind = posted.get("mimeType").and_then(Value::as_str).unwrap_or_default();
    if parameters.is_empty() {
        return Ok(Vec::new());
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        let problem = format!("The body of type `{kind}` is recorded as parameters only.");
        return Err(ImportError::in_member(member(path, "postData.text"), problem, "Add the body as text."));
    }
    let said = |parameter: &Value, name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let pairs: Vec<String> = parameters.iter().map(|one| format!("{}={}", said(one, "name"), said(one, "value"))).collect();
    Ok(pairs.join("&").into_bytes())
}

fn response(value: &Value) -> Option<WireResponse> {
    let answer = value.get("response")?;
    let status = u16::try_from(answer.get("status")?.as_u64()?).ok().filter(|status| *status > 0)?;
    let mut headers = HeaderList::default();
    for (name, value) in header_lines(answer.get("headers")).into_iter().filter(|(name, _)| !name.starts_with(':')) {
        headers.append(name, value);
    }
    let content = answer.get("content");
    let is_text = content.is_some_and(|content| content.get("encoding").is_none());
    let body = content.and_then(|content| content.get("text")?.as_str()).filter(|_| is_text).unwrap_or_default();
    Some(WireResponse { status, headers, body: body.to_owned() })
}
