//! Reading a file of cases: one JSON object a line, a JSON array, or `{"cases": […]}`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::case::Case;

/// A case where it stands in its file.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadCase {
    /// From 1.
    pub line: usize,
    pub case: Result<Case, BrokenCase>,
}

/// A case that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenCase {
    /// Its id, when that much could be read.
    pub id: Option<String>,
    pub problem: String,
}

#[derive(Deserialize)]
struct CasesObject<'a> {
    #[serde(borrow)]
    cases: Vec<&'a RawValue>,
}

/// Reads all cases, in order. A broken one does not keep the others from being read.
#[must_use]
pub fn read_cases(text: &str) -> Vec<ReadCase> {
    let text = text.trim_start_matches('\u{feff}');
    let read_part = |part: &&RawValue| read_case(part.get(), line_of(text, part.get()));
    if text.trim_start().starts_with('[') {
        return match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(items) => items.iter().map(read_part).collect(),
            Err(error) => vec![ReadCase { line: error.line(), case: Err(BrokenCase { id: None, problem: problem(&error) }) }],
        };
    }
    if let Ok(CasesObject { cases }) = serde_json::from_str::<CasesObject<'_>>(text) {
        return cases.iter().map(read_part).collect();
    }
    if let Ok(whole) = serde_json::from_str::<&RawValue>(text) {
        return vec![read_part(&whole)];
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| read_case(line, index + 1)).collect()
}

fn read_case(text: &str, line: usize) -> ReadCase {
    let case = serde_json::from_str(text).map_err(|error| {
        let value = serde_json::from_str::<serde_json::Value>(text).unwrap_or_default();
        let id = match value.get("id") {
            Some(serde_json::Value::String(id)) => Some(id.clone()),
            Some(other) => Some(other.to_string()),
            None => None,
        };
        BrokenCase { id, problem: problem(&error) }
    });
    ReadCase { line, case }
}

/// What is wrong, without the line: that is counted from the beginning of the case.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    if error.column() > 0 { format!("{what} (column {})", error.column()) } else { what.to_owned() }
}

/// The line on which `part`, a slice of `text`, begins.
fn line_of(text: &str, part: &str) -> usize {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id":"a","page":"http://a.test","req":{"url":"http://b.test"},"unknown":1}"#;

    fn shape(text: &str) -> Vec<String> {
        let line = |read: &ReadCase| match &read.case {
            Ok(case) => case.id.clone(),
            Err(broken) => format!("{:?} line {}", broken.id, read.line),
        };
        read_cases(text).iter().map(line).collect()
    }

    #[test]
    fn three_shapes_and_broken_lines() {
        assert_eq!(shape(&format!("{GOOD}\n\nnot json\n{GOOD}\n")), ["a", "None line 3", "a"]);
        assert_eq!(shape(&format!("{GOOD}\n{{\"id\":\"b\",\"req\":1}}")), ["a", "Some(\"b\") line 2"]);
        assert_eq!(shape(&format!("[{GOOD},\n{{\"id\":\"b\",\"req\":1}},{GOOD}]")), ["a", "Some(\"b\") line 2", "a"]);
        assert_eq!(shape(&format!("{{\"cases\":[{GOOD}]}}")), ["a"]);
        assert_eq!(shape("{\n\"id\": \"a\"\n}"), ["a"]);
        assert_eq!(shape("[1,"), ["None line 1"]);
        assert!(shape(" \n").is_empty());
        let interim = r#"{"id":"c","req":{"url":"http://b.test"},"response":{"status":101}}"#;
        assert_eq!(shape(interim), ["Some(\"c\") line 1"]);
    }
}
