//! Reading a file of cases: one JSON object a line, a JSON array, or `{"cases": […]}`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::case::Case;

/// A case that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenCase {
    /// Its id, when that much could be read.
    pub id: Option<String>,
    /// The line it stands on, from 1.
    pub line: usize,
    pub problem: String,
}

#[derive(Deserialize)]
struct CasesObject<'a> {
    #[serde(borrow)]
    cases: Vec<&'a RawValue>,
}

/// Reads all cases, in order. A broken one does not keep the others from being read.
#[must_use]
pub fn read_cases(text: &str) -> Vec<Result<Case, BrokenCase>> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.trim_start();
    if first.starts_with('[') {
        return match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(items) => items.into_iter().map(|item| read_case(item.get(), line_of(text, item.get()))).collect(),
            Err(error) => vec![Err(BrokenCase { id: None, line: error.line(), problem: error.to_string() })],
        };
    }
    if let Ok(CasesObject { cases }) = serde_json::from_str::<CasesObject<'_>>(text) {
        return cases.into_iter().map(|item| read_case(item.get(), line_of(text, item.get()))).collect();
    }
    if let Ok(whole) = serde_json::from_str::<&RawValue>(text) {
        return vec![read_case(whole.get(), line_of(text, whole.get()))];
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| read_case(line, index + 1)).collect()
}

fn read_case(text: &str, line: usize) -> Result<Case, BrokenCase> {
    serde_json::from_str(text).map_err(|error| {
        let value = serde_json::from_str::<serde_json::Value>(text).ok();
        let id = value.and_then(|value| value.get("id").and_then(|id| id.as_str().map(str::to_owned)));
        BrokenCase { id, line, problem: error.to_string() }
    })
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
        let line = |read: &Result<Case, BrokenCase>| match read {
            Ok(case) => case.id.clone(),
            Err(broken) => format!("{:?} line {}", broken.id, broken.line),
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
    }
}
