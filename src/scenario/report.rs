//! How a run of scenarios is told: a line each for people, JUnit and JSON for machines.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::check::{Mismatch, Told};
use super::file::Scenario;

/// The step that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedStep {
    /// From 1; 0 before the first step.
    pub number: usize,
    pub title: String,
    pub mismatches: Vec<Mismatch>,
}

/// How a scenario ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub title: String,
    pub file: PathBuf,
    pub steps: usize,
    pub failed: Option<FailedStep>,
}

impl Outcome {
    /// The scenario's workspace could not be opened, or nothing could be started for it.
    #[must_use]
    pub fn not_started(scenario: &Scenario, reason: &str) -> Self {
        let expected = Told::Words(scenario.workspace().display().to_string());
        let mismatch = Mismatch { what: "workspace".to_owned(), expected, found: Told::Words(reason.to_owned()) };
        let failed = FailedStep { number: 0, title: String::new(), mismatches: vec![mismatch] };
        Self { title: scenario.title.clone(), file: scenario.file.clone(), steps: scenario.steps.len(), failed: Some(failed) }
    }

    /// `ok    title (7 steps)`, or the failing step with expected and found.
    #[must_use]
    pub fn text(&self) -> String {
        let Some(failed) = &self.failed else {
            let steps = if self.steps == 1 { "step" } else { "steps" };
            return format!("ok    {} ({} {steps})", self.title, self.steps);
        };
        let place = match failed.number {
            0 => "before the first step".to_owned(),
            number if failed.title.is_empty() => format!("step {number}"),
            number => format!("step {number}: {}", failed.title),
        };
        let mut text = format!("FAIL  {}\n      {place}", self.title);
        for mismatch in &failed.mismatches {
            // Writing to a string does not fail.
            let _ = write!(
                text,
                "\n      {}\n        expected  {}\n        found     {}",
                mismatch.what, mismatch.expected, mismatch.found
            );
        }
        text
    }
}

fn value(told: &Told) -> Value {
    match told {
        Told::Words(words) => json!(words),
        Told::Json(value) => value.clone(),
    }
}

/// One JSON object with an array of scenarios.
#[must_use]
pub fn json(outcomes: &[Outcome]) -> String {
    let mismatch = |mismatch: &Mismatch| json!({ "what": mismatch.what, "expected": value(&mismatch.expected), "found": value(&mismatch.found) });
    let one = |outcome: &Outcome| -> Value {
        json!({
            "title": outcome.title,
            "file": outcome.file.display().to_string(),
            "steps": outcome.steps,
            "passed": outcome.failed.is_none(),
            "failed_step": outcome.failed.as_ref().map(|failed| json!({
                "number": failed.number,
                "title": failed.title,
                "mismatches": failed.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
            })),
        })
    };
    let failures = outcomes.iter().filter(|outcome| outcome.failed.is_some()).count();
    json!({ "scenarios": outcomes.iter().map(one).collect::<Vec<_>>(), "failures": failures }).to_string()
}

/// A JUnit test suite: one test case a scenario.
#[must_use]
pub fn junit(outcomes: &[Outcome]) -> String {
    let failures = outcomes.iter().filter(|outcome| outcome.failed.is_some()).count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"invokelab\" tests=\"{}\" failures=\"{failures}\">\n",
        outcomes.len()
    );
    for outcome in outcomes {
        let name = escaped(&outcome.title);
        let file = escaped(&outcome.file.display().to_string());
        // Writing to a string does not fail.
        let _ = match &outcome.failed {
            None => writeln!(text, "  <testcase name=\"{name}\" classname=\"{file}\"/>"),
            Some(_) => {
                let message = escaped(&outcome.text());
                writeln!(text, "  <testcase name=\"{name}\" classname=\"{file}\"><failure>{message}</failure></testcase>")
            }
        };
    }
    text.push_str("</testsuite>\n");
    text
}

/// Text that may stand in XML content and attributes; characters that XML 1.0 forbids become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c < ' ' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes() -> Vec<Outcome> {
        let mismatch =
            Mismatch { what: "queue a, depth".into(), expected: Told::Json(json!(1)), found: Told::Words("<2>".into()) };
        let failed = FailedStep { number: 2, title: "Retry".into(), mismatches: vec![mismatch] };
        let passed = Outcome { title: "fine".into(), file: "a.toml".into(), steps: 3, failed: None };
        vec![passed.clone(), Outcome { title: "a & b".into(), failed: Some(failed), ..passed }]
    }

    #[test]
    fn a_failing_step_is_told_with_expected_and_found() {
        let text = outcomes()[1].text();
        assert_eq!(text, "FAIL  a & b\n      step 2: Retry\n      queue a, depth\n        expected  1\n        found     <2>");
    }

    #[test]
    fn machines_get_junit_and_json() {
        let xml = junit(&outcomes());
        assert!(xml.contains("tests=\"2\" failures=\"1\"") && xml.contains("a &amp; b") && xml.contains("found     &lt;2&gt;"));
        let value: Value = serde_json::from_str(&json(&outcomes())).unwrap();
        assert_eq!(value["failures"], 1);
        let mismatch = &value["scenarios"][1]["failed_step"]["mismatches"][0];
        assert_eq!((&mismatch["expected"], &mismatch["found"]), (&json!(1), &json!("<2>")));
    }
}
