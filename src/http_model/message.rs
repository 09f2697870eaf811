//! An HTTP request and an HTTP response as values, and a list of headers that cannot split a response.

use bytes::Bytes;

/// A request as a door received it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    pub method: String,
    /// `http` or `https`.
    pub scheme: String,
    /// What the client asked for: host, and port if it named one.
    pub authority: String,
    /// As sent: not decoded, with a leading slash.
    pub path: String,
    /// As sent, without the question mark; empty if there was none.
    pub query: String,
    pub headers: HeaderList,
    /// Names of headers whose bytes were no UTF-8; such bytes stand as `U+FFFD` in the values.
    pub not_utf8: Vec<String>,
    pub body: Bytes,
    /// Address of the client, without port.
    pub source_ip: String,
    /// `HTTP/1.1`, `HTTP/2.0`.
    pub protocol: String,
}

impl HttpRequest {
    /// Whether bytes of this header were no UTF-8.
    #[must_use]
    pub fn was_not_utf8(&self, name: &str) -> bool {
        self.not_utf8.iter().any(|other| other.eq_ignore_ascii_case(name))
    }

    /// Whether its connection stays open for the next request. HTTP/1.0 is left to whoever writes the response.
    #[must_use]
    pub fn keeps_connection(&self) -> bool {
        let mut options = self.headers.get_all("connection").flat_map(|line| line.split(','));
        self.protocol != "HTTP/1.0" && !options.any(|option| option.trim().eq_ignore_ascii_case("close"))
    }

    /// The port named in the authority, else the usual one of the scheme.
    #[must_use]
    pub fn port(&self) -> u16 {
        let usual = if self.scheme == "https" { 443 } else { 80 };
        let after_address = self.authority.rsplit(']').next().unwrap_or_default();
        after_address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(usual)
    }
}

/// A response for the client. `Content-Length` and the rest of the framing belong to whoever writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    pub status: u16,
    /// What stands after the status in its line; `None`: the usual words.
    pub reason: Option<String>,
    pub headers: HeaderList,
    pub body: Bytes,
}

/// What became of a header that was pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    AsGiven,
    /// The value had line breaks or other control characters; each is a space now.
    Cleaned,
    /// The name is no header name (RFC 9110, 5.1), so nothing was added.
    Refused,
}

/// Header lines in order; names keep their case and are compared without it.
///
/// No value contains a line break or another control character, whoever pushes what: so no function can split a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderList(Vec<(String, String)>);

impl HeaderList {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a line. RFC 9110, 5.5 lets a recipient replace what must not stand in a value by spaces.
    pub fn push(&mut self, name: &str, value: &str) -> Pushed {
        if !is_header_name(name) {
            return Pushed::Refused;
        }
        let trimmed = value.trim_matches([' ', '\t']);
        let forbidden = |c: char| c.is_control() && c != '\t';
        let plain = trimmed.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
        if !plain && trimmed.contains(forbidden) {
            self.0.push((name.to_owned(), trimmed.replace(forbidden, " ")));
            return Pushed::Cleaned;
        }
        self.0.push((name.to_owned(), trimmed.to_owned()));
        Pushed::AsGiven
    }

    /// The first line of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every line of this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Removes every line of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each name once, as first written, with all its values.
    #[must_use]
    pub fn grouped(&self) -> Vec<(&str, Vec<&str>)> {
        grouped_lines(self.iter())
    }
}

/// Each name once, as first written, with all its values.
pub(super) fn grouped_lines<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, value) in lines {
        match groups.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
            Some((_, values)) => values.push(value),
            None => groups.push((name, vec![value])),
        }
    }
    groups
}

impl<'a> FromIterator<(&'a str, &'a str)> for HeaderList {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(lines: T) -> Self {
        let mut list = Self::new();
        for (name, value) in lines {
            list.push(name, value);
        }
        list
    }
}

/// Whether a text is a token of RFC 9110, 5.6.2.
fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_cleaned_and_names_are_checked() {
        let table = [
            ("X-A", "plain", Pushed::AsGiven, Some("plain")),
            ("X-A", " padded\t", Pushed::AsGiven, Some("padded")),
            ("X-A", "a\r\nSet-Cookie: b=1", Pushed::Cleaned, Some("a  Set-Cookie: b=1")),
            ("X-A", "a\0b\u{7f}", Pushed::Cleaned, Some("a b ")),
            ("X-A", "Grüße", Pushed::AsGiven, Some("Grüße")),
            ("X A", "v", Pushed::Refused, None),
            ("X:A", "v", Pushed::Refused, None),
            ("X-A\r\nX-B", "v", Pushed::Refused, None),
            ("", "v", Pushed::Refused, None),
        ];
        for (name, value, pushed, kept) in table {
            let mut list = HeaderList::new();
            assert_eq!(list.push(name, value), pushed, "{name:?} {value:?}");
            assert_eq!(list.iter().next().map(|(_, value)| value), kept, "{name:?} {value:?}");
        }
    }

    #[test]
    fn names_are_compared_without_case() {
        let list: HeaderList = [("Accept", "a"), ("X-B", "b"), ("ACCEPT", "c")].into_iter().collect();
        assert_eq!(list.get_all("accept").collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(list.grouped(), [("Accept", vec!["a", "c"]), ("X-B", vec!["b"])]);
    }

    #[test]
    fn a_connection_stays_open_unless_the_request_says_otherwise() {
        let kept = |protocol: &str, connection: &str| {
            let headers = [("Connection", connection)].into_iter().filter(|(_, value)| !value.is_empty()).collect();
            HttpRequest { protocol: protocol.into(), headers, ..HttpRequest::default() }.keeps_connection()
        };
        assert!(kept("HTTP/1.1", "") && kept("HTTP/1.1", "keep-alive") && kept("HTTP/1.1", "x-closed"));
        assert!(!kept("HTTP/1.1", "close") && !kept("HTTP/1.1", "TE, Close") && !kept("HTTP/1.0", ""));
    }

    #[test]
    fn ports_are_found() {
        for (scheme, authority, port) in [
            ("http", "a.localhost:9002", 9002),
            ("http", "a", 80),
            ("https", "a", 443),
            ("http", "[::1]:9", 9),
            ("http", "[::1]", 80),
        ] {
            let request = HttpRequest { scheme: scheme.into(), authority: authority.into(), ..HttpRequest::default() };
            assert_eq!(request.port(), port, "{authority}");
        }
    }
}
