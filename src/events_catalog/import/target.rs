//! From a URL to the request line of a request.

use url::Url;

use crate::http_model::HttpRequest;

/// Where a request came from, as far as a pasted text can tell.
const SOURCE_IP: &str = "127.0.0.1";

/// A request for `url` without headers and body.
pub(super) fn request_for(url: &Url, method: &str, protocol: &str) -> HttpRequest {
    HttpRequest {
        method: method.to_owned(),
        scheme: url.scheme().to_owned(),
        authority: authority(url),
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        source_ip: SOURCE_IP.to_owned(),
        protocol: protocol.to_owned(),
        ..HttpRequest::default()
    }
}

/// Host, and port if it is not the usual one.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The URL of a request.
pub(super) fn url_of(request: &HttpRequest) -> String {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    format!("{}://{}{}{query}", request.scheme, request.authority, request.path)
}

/// An http or https URL; `None` for anything else.
pub(super) fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Gives a request its body, and the `Content-Length` that fits it.
pub(super) fn set_body(request: &mut HttpRequest, body: Vec<u8>) {
    request.headers.remove("content-length");
    if !body.is_empty() {
        request.headers.push("Content-Length", &body.len().to_string());
    }
    request.body = body.into();
}

/// A protocol as events name it: `HTTP/1.1`, `HTTP/2.0`.
pub(super) fn protocol(written: &str) -> &'static str {
    match written.to_ascii_lowercase().as_str() {
        "http/1.0" => "HTTP/1.0",
        "h2" | "http/2" | "http/2.0" => "HTTP/2.0",
        "h3" | "http/3" | "http/3.0" => "HTTP/3.0",
        _ => "HTTP/1.1",
    }
}
