//! Reads a result just as far as a door needs: the kind of value, and the members of an object as their own text.

use std::collections::BTreeMap;
use std::fmt;

use memchr::{memchr, memchr2};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The outermost value of a result. Numbers keep their text, since nothing is parsed that is only passed on.
pub(super) enum ResultJson<'a> {
    Object(BTreeMap<String, &'a RawValue>),
    Text(String),
    /// An array, a number, a boolean or null.
    Other,
}

impl<'a> ResultJson<'a> {
    /// The error says what is wrong with the text.
    pub(super) fn read(result: &'a [u8]) -> Result<Self, String> {
        let not_json = |error: serde_json::Error| format!("the result is not JSON: {error}");
        let first = result.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            None => Err("the result is empty, not JSON".to_owned()),
            Some(b'{') => serde_json::from_slice(result).map(Self::Object).map_err(not_json),
            Some(b'"') => serde_json::from_slice(result).map(Self::Text).map_err(not_json),
            Some(_) => serde_json::from_slice::<&RawValue>(result).map(|_| Self::Other).map_err(not_json),
        }
    }
}

/// The members of an object in their order, each as its own text; of two with one name the last counts.
pub(super) struct Entries<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Vec<(String, &RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    match entries.iter_mut().find(|(other, _)| *other == name) {
                        Some(entry) => entry.1 = value,
                        None => entries.push((name, value)),
                    }
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// The value of a member that is not passed on as it is.
pub(super) fn parsed(raw: &RawValue) -> Result<Value, String> {
    serde_json::from_str(raw.get()).map_err(|error| error.to_string())
}

/// A short text of a value for a sentence: `"abc"`, `[1,2,3…`.
pub(super) fn shown(raw: &RawValue) -> String {
    const LONGEST: usize = 40;
    let text = compact(raw.get());
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

/// JSON without the white space between its tokens; Lambda writes results of other shapes like that (semantics 5.3).
pub(super) fn compact(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(quote) = memchr(b'"', rest.as_bytes()) {
        text.extend(rest[..quote].split_ascii_whitespace());
        let end = quote + 1 + text_length(&rest.as_bytes()[quote + 1..]);
        text.push_str(&rest[quote..end]);
        rest = &rest[end..];
    }
    text.extend(rest.split_ascii_whitespace());
    text
}

/// Bytes of a text from its first character to its closing quote.
fn text_length(text: &[u8]) -> usize {
    let mut length = 0;
    while let Some(found) = memchr2(b'"', b'\\', &text[length..]) {
        length += found + 1;
        if text[length - 1] == b'"' {
            return length;
        }
        // Whatever is escaped, it is one byte of ASCII, and no closing quote.
        length = text.len().min(length + 1);
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn only_the_space_between_tokens_goes() {
        for (json, expected) in [
            ("{ \"a b\" : [ 1.00 , 2e3 ] }\n", r#"{"a b":[1.00,2e3]}"#),
            (r#"[ "x \" y" , "\\" , " " ]"#, r#"["x \" y","\\"," "]"#),
            ("[ \"é \u{1f9ca}\" ,\t\"\", {} ]", "[\"é \u{1f9ca}\",\"\",{}]"),
            ("3.1", "3.1"),
        ] {
            assert_eq!(compact(json), expected);
        }
    }
}
