//! How a run of scenarios is told: a line each for people, JUnit and JSON for machines.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::check::{Mismatch, Told};
use super::file::{Scenario, ScenarioError};
use crate::event::Problem;
use crate::service::counted::counted;

/// The step that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedStep {
    /// From 1; 0 before the first step.
    pub number: usize,
    pub title: String,
    pub mismatches: Vec<Mismatch>,
    /// The step cannot be made as its file says it: an unknown name, a saved event that is none. Not what a check found.
    pub file_is_wrong: bool,
}

/// How a scenario ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub title: String,
    pub file: PathBuf,
    pub steps: usize,
    pub failed: Option<FailedStep>,
    /// What is wrong in the files that it was read from, and what in them is kept without effect.
    pub problems: Vec<Problem>,
}

impl Outcome {
    /// The scenario's workspace could not be opened, or nothing could be started for it.
    #[must_use]
    pub fn not_started(scenario: &Scenario, reason: &str) -> Self {
        let expected = Told::Words(scenario.workspace().display().to_string());
        let mismatch = Mismatch { what: "workspace".to_owned(), expected, found: Told::Words(reason.to_owned()) };
        let failed = FailedStep { mismatches: vec![mismatch], file_is_wrong: true, ..FailedStep::default() };
        Self {
            title: scenario.title.clone(),
            file: scenario.file.clone(),
            steps: scenario.steps.len(),
            failed: Some(failed),
            problems: Vec::new(),
        }
    }

    /// The file of a scenario cannot be read, so it has no title and no steps.
    #[must_use]
    pub fn not_read(error: &ScenarioError) -> Self {
        let problem = error.problem();
        let file = problem.file.clone();
        Self { title: file.display().to_string(), file, steps: 0, failed: None, problems: vec![problem] }
    }

    /// Whether every check holds and nothing is wrong with the files.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failed.is_none() && self.mistakes().next().is_none()
    }

    /// Whether a file is wrong: of the scenario, of its workspace, or an event.
    #[must_use]
    pub fn file_is_wrong(&self) -> bool {
        self.mistakes().next().is_some() || self.failed.as_ref().is_some_and(|failed| failed.file_is_wrong)
    }

    fn mistakes(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.is_mistake())
    }

    /// `ok    title (7 steps)`, or the failing step with expected and found, then what is wrong in the files.
    #[must_use]
    pub fn text(&self) -> String {
        if self.passed() {
            return format!("ok    {} ({})", self.title, counted(self.steps, "step"));
        }
        let mut text = format!("FAIL  {}", self.title);
        if let Some(failed) = &self.failed {
            text += &failed.text();
        }
        for mistake in self.mistakes() {
            // Writing to a string does not fail.
            let _ = write!(text, "\n      {}: {}", mistake.full_place(), mistake.message);
        }
        text
    }
}

impl FailedStep {
    /// Its place, and what was expected and found, each on a line of its own.
    fn text(&self) -> String {
        let mut text = match self.number {
            0 => "\n      before the first step".to_owned(),
            number if self.title.is_empty() => format!("\n      step {number}"),
            number => format!("\n      step {number}: {}", self.title),
        };
        for mismatch in &self.mismatches {
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
    let problem = |problem: &Problem| {
        let (file, is_mistake) = (problem.file.display().to_string(), problem.is_mistake());
        json!({
            "problem": problem.message, "file": file, "line": problem.line, "column": problem.column, "mistake": is_mistake,
        })
    };
    let one = |outcome: &Outcome| -> Value {
        json!({
            "title": outcome.title,
            "file": outcome.file.display().to_string(),
            "steps": outcome.steps,
            "passed": outcome.passed(),
            "failed_step": outcome.failed.as_ref().map(|failed| json!({
                "number": failed.number,
                "title": failed.title,
                "mismatches": failed.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
            })),
            "file_is_wrong": outcome.file_is_wrong(),
            "problems": outcome.problems.iter().map(problem).collect::<Vec<_>>(),
        })
    };
    let failures = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    json!({ "scenarios": outcomes.iter().map(one).collect::<Vec<_>>(), "failures": failures }).to_string()
}

/// A JUnit test suite: one test case a scenario.
#[must_use]
pub fn junit(outcomes: &[Outcome]) -> String {
    let failures = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"invokelab\" tests=\"{}\" failures=\"{failures}\">\n",
        outcomes.len()
    );
    for outcome in outcomes {
        let name = escaped(&outcome.title);
        let file = escaped(&outcome.file.display().to_string());
        // Writing to a string does not fail.
        let _ = match outcome.passed() {
            true => writeln!(text, "  <testcase name=\"{name}\" classname=\"{file}\"/>"),
            false => {
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
    use crate::event::ProblemKind;

    fn outcomes() -> Vec<Outcome> {
        let mismatch =
            Mismatch { what: "queue a, depth".into(), expected: Told::Json(json!(1)), found: Told::Words("<2>".into()) };
        let failed = FailedStep { number: 2, title: "Retry".into(), mismatches: vec![mismatch], file_is_wrong: false };
        let passed = Outcome { title: "fine".into(), file: "a.toml".into(), steps: 3, failed: None, problems: Vec::new() };
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

    #[test]
    fn a_wrong_file_is_a_failure_in_every_report_though_its_checks_hold() {
        let problem = Problem {
            file: "w/invokelab.toml".into(),
            line: 4,
            column: 1,
            message: "timeuot is not a known key".into(),
            kind: ProblemKind::Mistake,
        };
        let later =
            Problem { message: "streams is kept, but not active yet".into(), kind: ProblemKind::NotActiveYet, ..problem.clone() };
        let passed = outcomes().swap_remove(0);
        let told = Outcome { problems: vec![later.clone()], ..passed.clone() };
        assert!(told.passed() && !told.file_is_wrong() && told.text() == passed.text());
        let wrong = Outcome { problems: vec![later, problem], ..passed };
        assert_eq!(wrong.text(), "FAIL  fine\n      w/invokelab.toml:4:1: timeuot is not a known key");
        let value: Value = serde_json::from_str(&json(&[told, wrong.clone()])).unwrap();
        assert_eq!((&value["failures"], &value["scenarios"][1]["file_is_wrong"]), (&json!(1), &json!(true)));
        assert_eq!(value["scenarios"][1]["problems"][1]["line"], 4);
        assert!(junit(&[wrong]).contains("failures=\"1\""));
    }
}
