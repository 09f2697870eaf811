//! Header lists in the order of their lines, tokens, and lists of names (Fetch, "header list"; RFC 9110, 5.6).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Header lines in order; a name may repeat. Values hold one character a byte (U+0000 to U+00FF).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct HeaderList(pub Vec<(String, String)>);

impl<'de> Deserialize<'de> for HeaderList {
    /// Reads `[[name, value], …]`, or an object whose values are texts or lists of texts.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bad = || serde::de::Error::custom("headers are a list of [name, value] or an object");
        let mut list = Self::default();
        match Value::deserialize(deserializer)? {
            Value::Null => {}
            Value::Array(lines) => {
                for line in lines {
                    let (name, value): (String, Value) = serde_json::from_value(line).map_err(|_| bad())?;
                    list.append(name, scalar(&value).ok_or_else(bad)?);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let values = if let Value::Array(values) = value { values } else { vec![value] };
                    for value in values {
                        list.append(name.clone(), scalar(&value).ok_or_else(bad)?);
                    }
                }
            }
            _ => return Err(bad()),
        }
        Ok(list)
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

impl HeaderList {
    /// All lines of a name joined with `, `; `None` when there is none.
    #[must_use]
    pub fn joined(&self, name: &str) -> Option<String> {
        let lines: Vec<&str> = self.lines(name).collect();
        if lines.is_empty() { None } else { Some(lines.join(", ")) }
    }

    /// The values of all lines of a name.
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(line, _)| line.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(line, _)| line.eq_ignore_ascii_case(name))
    }

    pub fn append(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Takes out every line of a name; says whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(line, _)| !line.eq_ignore_ascii_case(name));
        self.0.len() < before
    }

    /// One line a name, repeated lines joined with `, `; names in lower case, in the order of their first line.
    #[must_use]
    pub fn combined(&self) -> Self {
        let mut combined: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.0 {
            let name = name.to_ascii_lowercase();
            match combined.iter_mut().find(|(line, _)| *line == name) {
                Some((_, joined)) => {
                    joined.push_str(", ");
                    joined.push_str(value);
                }
                None => combined.push((name, value.clone())),
            }
        }
        Self(combined)
    }
}

impl<const LINES: usize> From<[(&str, &str); LINES]> for HeaderList {
    fn from(lines: [(&str, &str); LINES]) -> Self {
        Self(lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

/// Whether a text is a token of RFC 9110, 5.6.2.
#[must_use]
pub fn is_token(text: &str) -> bool {
    let in_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(in_token)
}

/// The names in a comma-separated list; empty items are skipped (`cors.md`, 1.5).
///
/// # Errors
/// The first item that is no token, which makes the whole header void.
pub fn list_items(value: &str) -> Result<Vec<&str>, String> {
    let items = value.split(',').map(|item| item.trim_matches([' ', '\t'])).filter(|item| !item.is_empty());
    items.map(|item| if is_token(item) { Ok(item) } else { Err(item.to_owned()) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_taken_apart_at_commas() {
        for (value, expected) in [
            ("", Ok(vec![])),
            (" , ,", Ok(vec![])),
            ("a,b", Ok(vec!["a", "b"])),
            (" a ,\tb ,, c", Ok(vec!["a", "b", "c"])),
            ("*", Ok(vec!["*"])),
            ("PUT;DELETE", Err("PUT;DELETE".to_owned())),
            ("a, \"b\"", Err("\"b\"".to_owned())),
            ("x-a x-b", Err("x-a x-b".to_owned())),
            ("x-a:", Err("x-a:".to_owned())),
        ] {
            assert_eq!(list_items(value), expected, "{value}");
        }
    }

    #[test]
    fn repeated_lines_are_joined() {
        let list = HeaderList::from([("X-A", "1"), ("b", "2"), ("x-a", "3")]);
        assert_eq!(list.joined("x-A").as_deref(), Some("1, 3"));
        assert_eq!(list.combined(), HeaderList::from([("x-a", "1, 3"), ("b", "2")]));
        assert_eq!(list.joined("c"), None);
    }
}
