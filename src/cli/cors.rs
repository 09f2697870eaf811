//! `invokelab cors`: reads described requests and prints what Chromium makes of them.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use crate::http_model::cors_case::{ReadCase, Verdict, judge, read_cases};

/// Exit code when every case was answered.
const DONE: u8 = 0;
/// Exit code when the file or one of its cases cannot be read.
const WRONG: u8 = 2;

/// How verdicts are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Jsonl,
    /// Columns for people.
    Table,
}

/// Prints the verdicts on the cases of a file, `-` being standard input; gives the exit code.
///
/// # Errors
/// The file cannot be read, or the output not be written.
pub fn cors(file: &Path, format: Format, out: &mut dyn Write) -> io::Result<u8> {
    let bytes = if file == Path::new("-") { read_input()? } else { std::fs::read(file)? };
    print_verdicts(&String::from_utf8_lossy(&bytes), format, out)
}

fn read_input() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::stdin().lock(), &mut bytes)?;
    Ok(bytes)
}

/// Prints the verdicts on the cases in `text`; gives the exit code.
///
/// # Errors
/// The output cannot be written.
pub fn print_verdicts(text: &str, format: Format, out: &mut dyn Write) -> io::Result<u8> {
    let mut code = DONE;
    let mut rows = Vec::new();
    for read in read_cases(text) {
        match verdicts(read) {
            Ok(verdicts) if format == Format::Jsonl => {
                for verdict in verdicts {
                    writeln!(out, "{}", serde_json::to_string(&verdict)?)?;
                }
            }
            Ok(verdicts) => rows.extend(verdicts.iter().map(Row::from)),
            Err((id, problem)) => {
                code = WRONG;
                match format {
                    Format::Jsonl => writeln!(out, "{}", json!({ "id": id, "error_in_case": problem }))?,
                    Format::Table => rows.push(Row::broken(id, problem)),
                }
            }
        }
    }
    if format == Format::Table {
        print_table(&rows, out)?;
    }
    out.flush()?;
    Ok(code)
}

/// The verdicts on a case; else its id and a sentence that names its line.
fn verdicts(read: ReadCase) -> Result<Vec<Verdict>, (Option<String>, String)> {
    let line = read.line;
    let case = read.case.map_err(|broken| (broken.id, format!("line {line}: {}", broken.problem)))?;
    let judged = judge(&case).map_err(|error| (Some(case.id.clone()), format!("line {line}: {error}")))?;
    Ok(judged.into_iter().map(|judged| judged.verdict).collect())
}

struct Row([String; 6]);

impl From<&Verdict> for Row {
    fn from(verdict: &Verdict) -> Self {
        let preflight = match verdict.preflight_ok {
            None => "none",
            Some(true) => "ok",
            Some(false) => "failed",
        };
        let sent = if verdict.actual_sent { "sent" } else { "not sent" };
        let status = verdict.status.map_or("-".to_owned(), |status| status.to_string());
        let code = verdict.code.clone().unwrap_or_default();
        let outcome = serde_json::to_value(verdict.outcome).ok().and_then(|value| value.as_str().map(str::to_owned));
        Self([verdict.id.clone(), preflight.into(), sent.into(), status, outcome.unwrap_or_default(), code])
    }
}

impl Row {
    fn broken(id: Option<String>, problem: String) -> Self {
        let none = || "-".to_owned();
        Self([id.unwrap_or_else(none), none(), none(), none(), "error in case".into(), problem])
    }
}

fn print_table(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    let head = Row(["case", "preflight", "request", "status", "outcome", "code"].map(str::to_owned));
    let mut widths = head.0.each_ref().map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(&row.0) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in std::iter::once(&head).chain(rows) {
        let cells = row.0.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jsonl => "jsonl",
            Self::Table => "table",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{"id":"a","page":"http://a.test/","req":{"url":"http://b.test/","method":"PUT"},
        "preflight":{"status":204,"headers":[["Access-Control-Allow-Origin","*"]]},"response":{"status":200}}"#;

    fn printed(text: &str, format: Format) -> (u8, String) {
        let mut out = Vec::new();
        let code = print_verdicts(text, format, &mut out).unwrap();
        (code, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_broken_line_is_told_and_the_rest_is_answered() {
        let line = CASE.replace('\n', "");
        let (code, text) = printed(&format!("{line}\n{{\"id\":7\n{line}\n{{\"id\":\"b\"}}"), Format::Jsonl);
        assert_eq!(code, 2);
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["cors_error"], "MethodDisallowedByPreflightResponse");
        assert_eq!(lines[0]["code"], "PF_METHOD");
        assert!(lines[1]["error_in_case"].as_str().unwrap().starts_with("line 2: "));
        assert_eq!(lines[2], lines[0]);
        assert_eq!(
            lines[3],
            json!({ "id": "b", "error_in_case": "line 4: neither page nor origin is given, and page_kind says no origin by itself" })
        );
    }

    #[test]
    fn a_table_has_a_row_a_request() {
        let (code, text) = printed(CASE, Format::Table);
        let expected = "case  preflight  request   status  outcome           code\n\
                        a     failed     not sent  -       preflight-failed  PF_METHOD\n";
        assert_eq!((code, text.as_str()), (0, expected));
    }
}
