//! `{{variables}}` of an event, filled in when it is sent.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::IgnoredAny;

use super::json_text;
use crate::event::DocumentError;
use crate::service::ids::{RequestId, as_uuid_v4};
use crate::service::time::Timestamp;

/// What is wrong with a random number.
const RANDOM: &str = "{{random.int LOW HIGH}} takes two whole numbers, the smaller first";
/// Variables that every event has, but for `env.NAME`.
const EVERYWHERE: [&str; 5] = ["uuid", "now", "epoch_ms", "seq", "random.int"];
/// Bytes that a variable may have between its braces.
const LONGEST: usize = 120;
/// Bytes that a variable takes at most, braces included: whoever looks at a part of a text looks so much further.
pub const REACH: usize = LONGEST + "{{}}".len();

/// What the variables stand for this time.
pub struct Expansion<'a> {
    pub now: Timestamp,
    pub seq: u64,
    /// Of `{{uuid}}` and `{{random.int}}`.
    pub seed: u64,
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The event's own, by name (`NAME.meta.toml`).
    pub variables: &'a BTreeMap<String, String>,
}

/// What an event without variables of its own has.
pub static NO_VARIABLES: BTreeMap<String, String> = BTreeMap::new();

/// Whether an event may have a variable of its own of this name: letters, digits, `_`, `-` and `.`, and none of those that
/// every event has.
#[must_use]
pub fn is_own_name(name: &str) -> bool {
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    is_word && name.len() <= LONGEST && !EVERYWHERE.contains(&name) && !name.starts_with("env.")
}

/// Fills in `{{uuid}}`, `{{now}}`, `{{epoch_ms}}`, `{{seq}}`, `{{random.int 1 100}}` and `{{env.NAME}}`.
///
/// # Errors
/// A variable that is not known or has no value, with its place.
pub fn expand(text: &str, expansion: &Expansion) -> Result<String, DocumentError> {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (count, Variable { start, end, name }) in (1..).zip(variables(text)) {
        let value = value(name, expansion, count).map_err(|message| place(text, start, message))?;
        out.push_str(&text[at..start]);
        out.push_str(&escaped(&value));
        at = end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

/// Whether a document is JSON once its variables are filled in.
///
/// # Errors
/// The first place where it is not, and the repair.
pub fn check(text: &str, expansion: &Expansion) -> Result<(), DocumentError> {
    json_text::check(text)?;
    let (mut at, mut quoted) = (0, false);
    for (count, Variable { start, end, name }) in (1..).zip(variables(text)) {
        let wrong = |message| Err(place(text, start, message));
        quoted ^= has_odd_quotes(&text[at..start]);
        match value(name, expansion, count) {
            Err(message) => return wrong(message),
            Ok(_) if quoted => {}
            Ok(_) if text[end..].trim_start().starts_with(':') => {
                return wrong(format!("a key stands in double quotes: \"{{{{{name}}}}}\""));
            }
            Ok(value) if serde_json::from_str::<IgnoredAny>(&escaped(&value)).is_err() => {
                return wrong(format!("{{{{{name}}}}} becomes text, which stands in double quotes: \"{{{{{name}}}}}\""));
            }
            Ok(_) => {}
        }
        at = end;
    }
    Ok(())
}

/// Whether the quotes of a piece of JSON begin or end a text that the piece does not hold whole.
fn has_odd_quotes(piece: &str) -> bool {
    let (mut odd, mut escaped) = (false, false);
    for byte in piece.bytes() {
        odd ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
    }
    odd
}

/// A variable, as it stands in a text.
pub(super) struct Variable<'a> {
    /// Where its braces open, and where they have closed.
    start: usize,
    pub end: usize,
    name: &'a str,
}

/// The variable whose braces open here. `{{` may also stand in a text, or be two brackets; a variable is one short line.
pub(super) fn variable_at(text: &str, start: usize) -> Option<Variable<'_>> {
    let inside = text[start..].strip_prefix("{{")?;
    let near = &inside[..inside.floor_char_boundary(LONGEST + "}}".len())];
    let name = &near[..near.find("}}")?];
    let end = start + name.len() + "{{}}".len();
    (!name.contains(['\n', '{', '"'])).then(|| Variable { start, end, name: name.trim() })
}

/// Where variables stand in a text, braces included; in JSON also inside of strings.
pub fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    variables(text).map(|variable| variable.start..variable.end)
}

/// The variables of a text, in their order.
fn variables(text: &str) -> impl Iterator<Item = Variable<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find("{{")?;
            if let Some(variable) = variable_at(text, start) {
                at = variable.end;
                return Some(variable);
            }
            at = start + 1;
        }
    })
}

fn value(name: &str, expansion: &Expansion, count: u64) -> Result<String, String> {
    let random = |salt: u64| mix(expansion.seed ^ mix(expansion.seq ^ (count << 32) ^ salt));
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.as_slice() {
        ["uuid"] => Ok(RequestId(as_uuid_v4((u128::from(random(1)) << 64) | u128::from(random(2)))).to_string()),
        ["now"] => Ok(expansion.now.iso_millis()),
        ["epoch_ms"] => Ok(expansion.now.millis().to_string()),
        ["seq"] => Ok(expansion.seq.to_string()),
        ["random.int", low, high] => match (low.parse::<i64>(), high.parse::<i64>()) {
            (Ok(low), Ok(high)) if low <= high => {
                let range = high.abs_diff(low).saturating_add(1);
                Ok(low.wrapping_add_unsigned(random(3) % range).to_string())
            }
            _ => Err(RANDOM.into()),
        },
        ["random.int", ..] => Err(RANDOM.into()),
        [name] if name.starts_with("env.") => {
            (expansion.environment)(&name[4..]).ok_or_else(|| format!("the environment variable {} is not set", &name[4..]))
        }
        [name] if let Some(value) = expansion.variables.get(*name) => Ok(value.clone()),
        _ => Err(format!(
            "{{{{{name}}}}} is no variable; there are uuid, now, epoch_ms, seq, random.int LOW HIGH, env.NAME and those of the event's .meta.toml"
        )),
    }
}

fn mix(value: u64) -> u64 {
    let z = (value.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) ^ (z >> 31)
}

/// As it may stand inside a JSON string.
fn escaped(value: &str) -> String {
    let quoted = serde_json::Value::String(value.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn place(text: &str, byte: usize, message: String) -> DocumentError {
    let before = &text[..byte];
    let start = before.rfind('\n').map_or(0, |index| index + 1);
    DocumentError { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expansion() -> Expansion<'static> {
        let environment = &|name: &str| (name == "HOME").then(|| "C:\\Users\\\"me\"".to_owned());
        Expansion { now: Timestamp(1_772_359_205_568_000), seq: 4, seed: 9, environment, variables: &NO_VARIABLES }
    }

    #[test]
    fn every_variable_is_filled_in() {
        let text = expand("{\"at\":\"{{now}}\",\"ms\":{{epoch_ms}},\"n\":{{ seq }},\"id\":\"{{uuid}}\"}", &expansion()).unwrap();
        assert!(text.starts_with("{\"at\":\"2026-03-01T10:00:05.568Z\",\"ms\":1772359205568,\"n\":4,\"id\":\""), "{text}");
        assert_ne!(
            expand("{{uuid}} {{uuid}}", &expansion()).unwrap().split(' ').next(),
            expand("{{uuid}} {{uuid}}", &expansion()).unwrap().split(' ').nth(1)
        );
        for _ in 0..50 {
            let number: i64 = expand("{{random.int -2 3}}", &expansion()).unwrap().parse().unwrap();
            assert!((-2..=3).contains(&number));
        }
    }

    #[test]
    fn values_are_escaped_and_objects_are_left_alone() {
        let text = expand("{\"home\":\"{{env.HOME}}\"}", &expansion()).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["home"], "C:\\Users\\\"me\"");
        let nested = "{\"a\":{\"b\":{\"c\":1}}}";
        assert_eq!(expand(nested, &expansion()).unwrap(), nested);
    }

    #[test]
    fn a_document_is_checked_as_it_is_sent() {
        let sent = |text: &str| {
            let checked = check(text, &expansion()).map_err(|error| (error.line, error.column, error.message));
            let filled = expand(text, &expansion());
            let is_json = filled.is_ok_and(|filled| serde_json::from_str::<serde_json::Value>(&filled).is_ok());
            assert_eq!(checked.is_ok(), is_json, "{text}");
            checked.map_err(|(line, column, message)| format!("{line}:{column} {message}")).err()
        };
        for text in [
            "{\"a\": {{seq}}, \"b\": [{{random.int 1 9}}]}",
            "\"{{uuid}} \\\" {{now}}\"",
            "{\"{{seq}}\": \"\\\\\"}",
            "{{epoch_ms}}",
        ] {
            assert_eq!(sent(text), None);
        }
        let cases = [
            ("{\"a\":\n {{uuid}}}", "2:2 {{uuid}} becomes text, which stands in double quotes: \"{{uuid}}\""),
            ("[\"\\\\\", {{env.HOME}}]", "1:8 {{env.HOME}} becomes text, which stands in double quotes: \"{{env.HOME}}\""),
            ("{{{seq}} : 1}", "1:2 a key stands in double quotes: \"{{seq}}\""),
            ("{{\"a\":1}}", "1:2 a key in double quotes was expected here instead of {"),
            ("{\"a\": {{\"x\"}}}", "1:8 a key in double quotes was expected here instead of {"),
            ("{ {{seq}} : 1}", "1:3 a key stands in double quotes: \"{{seq}}\""),
            ("[{{seq}}", "1:"),
        ];
        for (text, told) in cases {
            let found = sent(text).unwrap_or_default();
            assert!(found.starts_with(told), "{text}: {found}");
        }
        assert!(sent("[\"{{later}}\"]").is_some_and(|told| told.contains("is no variable")));
    }

    #[test]
    fn a_variable_has_up_to_120_bytes_between_its_braces() {
        let variable = |length: usize| format!("{{{{{}}}}}", "ä".repeat(length / 2));
        assert_eq!(variable_at(&variable(120), 0).map(|found| found.end), Some(124));
        assert!(variable_at(&variable(122), 0).is_none());
        assert!(json_text::check(&variable(122)).is_err(), "what is no variable is a bracket");
    }

    proptest::proptest! {
        #[test]
        fn what_is_checked_as_json_is_json_when_it_is_sent(
            pieces in proptest::collection::vec(
                r#"(\{\{seq\}\}|\{\{now\}\}|\{\{x"\}\}|\{\{|\}\}|\{|\}|"a":|"\{\{now\}\}"|"b\{\{"|\[|\]|,|:|"|1|\n| )"#, 0..9
            ),
        ) {
            let text = pieces.concat();
            let filled = expand(&text, &expansion());
            let is_json = filled.is_ok_and(|filled| serde_json::from_str::<IgnoredAny>(&filled).is_ok());
            // A variable is a whole value, also where it would complete a number.
            let joined = ["1{{", "}}1", "}}{{"].iter().any(|joint| text.contains(joint));
            let checked = check(&text, &expansion()).is_ok();
            proptest::prop_assert!(checked == is_json || (is_json && joined), "{:?}: checked {}", text, checked);
        }
    }

    #[test]
    fn an_event_has_variables_of_its_own_beside_those_that_all_have() {
        let variables = BTreeMap::from([("customer".to_owned(), "\"Ada\"".to_owned()), ("n-1.x".to_owned(), "7".to_owned())]);
        let own = Expansion { variables: &variables, ..expansion() };
        let text = "{\"by\":\"{{customer}}\",\"n\":{{n-1.x}},\"seq\":{{seq}}}";
        assert_eq!(expand(text, &own).unwrap(), "{\"by\":\"\\\"Ada\\\"\",\"n\":7,\"seq\":4}");
        assert_eq!(check(text, &own), Ok(()));
        assert!(check(text, &expansion()).is_err());
        assert!(variables.keys().all(|name| is_own_name(name)));
        for taken in ["", "uuid", "random.int", "env.HOME", "a b", "a}b"] {
            assert!(!is_own_name(taken), "{taken}");
        }
    }

    #[test]
    fn an_unknown_variable_is_named_with_its_place() {
        let error = expand("{\n  \"a\": \"{{later}}\"\n}", &expansion()).unwrap_err();
        assert_eq!((error.line, error.column), (2, 9));
        assert!(error.message.contains("{{later}} is no variable"), "{}", error.message);
        assert!(expand("{{env.NOT_SET}}", &expansion()).is_err());
    }
}
