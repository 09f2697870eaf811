//! How the value of a setting is typed, and what is typed as a value of `invokelab.toml`.

use egui::TextEdit;
use serde_json::value::RawValue;

use super::cors_settings::is_list;
use crate::ui::theme::{self, SMALL};

/// The setting that is a list of JSON texts.
pub const FILTER_CRITERIA: &str = "filter_criteria";

const WIDTH: f32 = 240.0;
const WIDTH_OF_JSON: f32 = 380.0;

/// Where the value of a setting is typed.
pub(super) fn field<'t>(key: &str, text: &'t mut String) -> TextEdit<'t> {
    if key == FILTER_CRITERIA {
        return TextEdit::multiline(text).desired_rows(1).desired_width(WIDTH_OF_JSON).font(theme::mono(SMALL));
    }
    TextEdit::singleline(text).desired_width(WIDTH)
}

/// Numbers as they are, lists as TOML arrays, anything else as a TOML string.
pub(super) fn toml_value(key: &str, text: &str) -> String {
    if key == FILTER_CRITERIA {
        let entries: Vec<String> = json_texts(text).into_iter().map(toml_text).collect();
        return format!("[{}]", entries.join(", "));
    }
    if is_list(key) {
        let entries: Vec<&str> = text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
        return serde_json::json!(entries).to_string();
    }
    let number = text.parse::<i64>().is_ok() && key != "handler";
    if number { text.to_owned() } else { serde_json::Value::String(text.to_owned()).to_string() }
}

/// The JSON texts that stand one after the other. From the first that is none, the rest is one entry: it is refused with
/// its reason.
fn json_texts(text: &str) -> Vec<&str> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let mut texts = Vec::new();
    loop {
        let start = values.byte_offset();
        match values.next() {
            None => return texts,
            Some(Ok(value)) => texts.push(value.get()),
            Some(Err(_)) => {
                texts.push(text[start..].trim());
                return texts;
            }
        }
    }
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
        assert_eq!(toml_value("url.cors.allow_methods", "GET, PUT,"), r#"["GET","PUT"]"#);
    }
}
