//! How the value of a setting is typed, and what is typed as a value of `invokelab.toml`.

use egui::{Key, KeyboardShortcut, Modifiers, TextEdit};

use super::cors_settings::is_list;
use super::pattern_text::json_texts;

/// The setting that is a list of JSON texts.
pub const FILTER_CRITERIA: &str = "filter_criteria";

/// Settings that are texts, whatever is typed.
const TEXTS: [&str; 4] = ["handler", "payload_format_version", "credentials_file", "route"];

const WIDTH: f32 = 240.0;
const WIDTH_OF_JSON: f32 = 380.0;
const LEAST: f32 = 80.0;

/// Begins a new line where a value may have several: Enter takes it over, as in every other field.
const NEW_LINE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter);
/// What is said below such a field.
pub(super) const OF_SEVERAL_LINES: &str = "Enter takes it over, Shift+Enter begins a new line";

/// Where the value of a setting is typed; `room` is how wide it may be, in points.
pub(super) fn field<'t>(key: &str, text: &'t mut String, room: f32) -> TextEdit<'t> {
    let room = room.max(LEAST);
    if key == FILTER_CRITERIA {
        return TextEdit::multiline(text).desired_rows(1).desired_width(WIDTH_OF_JSON.min(room)).return_key(NEW_LINE);
    }
    TextEdit::singleline(text).desired_width(WIDTH.min(room))
}

/// Numbers as they are, lists as TOML arrays, anything else as a TOML string.
pub(super) fn toml_value(key: &str, text: &str) -> String {
    if key == FILTER_CRITERIA {
        let entries: Vec<String> = json_texts(text).into_iter().map(|(_, text)| toml_text(text)).collect();
        return format!("[{}]", entries.join(", "));
    }
    if is_list(key) {
        let entries: Vec<&str> = text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
        return serde_json::json!(entries).to_string();
    }
    let number = text.parse::<i64>().is_ok() && !TEXTS.contains(&key);
    if number { text.to_owned() } else { serde_json::Value::String(text.to_owned()).to_string() }
}

/// A string as one writes it by hand: JSON stands in single quotes.
fn toml_text(text: &str) -> String {
    let plain = !text.contains(|character: char| character == '\'' || character.is_control());
    if plain { format!("'{text}'") } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_written_one_after_the_other() {
        for (typed, expected) in [
            (r#"{"body":["a"]}"#, r#"['{"body":["a"]}']"#),
            ("{\"body\":[\"a\"]}\n {\"body\":[\"b\"]}", r#"['{"body":["a"]}', '{"body":["b"]}']"#),
            (r#"{"body":["it's"]}"#, r#"["{\"body\":[\"it's\"]}"]"#),
            ("{\n\"body\":[5]}", r#"["{\n\"body\":[5]}"]"#),
            (r#"{"body":["a"]} {"body":["#, r#"['{"body":["a"]}', '{"body":[']"#),
            ("body", "['body']"),
        ] {
            assert_eq!(toml_value(FILTER_CRITERIA, typed), expected, "{typed}");
        }
    }

    #[test]
    fn values_are_numbers_lists_or_texts() {
        assert_eq!(toml_value("timeout", "5"), "5");
        assert_eq!(toml_value("handler", "5"), "\"5\"");
        assert_eq!(toml_value("payload_format_version", "2"), "\"2\"");
        assert_eq!(toml_value("url.cors.allow_methods", "GET, PUT,"), r#"["GET","PUT"]"#);
    }
}
