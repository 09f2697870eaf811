//! The essence of a content type (MIME Sniffing standard, "parse a MIME type").

use super::header_list::is_token;

/// The lower-case `type/subtype` of a value, or `None` when it does not parse.
///
/// Parameters never make a MIME type fail, so they need no parsing here.
#[must_use]
pub fn essence(value: &str) -> Option<String> {
    let value = value.trim_matches(['\t', '\n', '\r', ' ']);
    let (kind, rest) = value.split_once('/')?;
    let subtype = rest.split(';').next()?.trim_end_matches(['\t', '\n', '\r', ' ']);
    (is_token(kind) && is_token(subtype)).then(|| format!("{kind}/{subtype}").to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn essences() {
        for (value, expected) in [
            ("text/plain", Some("text/plain")),
            (" Text/PLAIN ; charset=x", Some("text/plain")),
            ("text/plain;;;", Some("text/plain")),
            ("text/plain, application/json", None),
            ("text /plain", None),
            ("text/ plain", None),
            ("text", None),
            ("text/", None),
            ("/plain", None),
            ("", None),
        ] {
            assert_eq!(essence(value).as_deref(), expected, "{value}");
        }
    }
}
