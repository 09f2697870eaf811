//! A pasted curl command, HAR document or raw HTTP request as a request, and what the CORS rules say about it.
//!
//! ```text
//! text ── read ──▶ Imported { request, case } ── diagnosis ──▶ sentence, code, fix
//! ```

mod connection;
mod curl;
mod diagnosis;
mod error;
mod har;
mod page_request;
mod raw_http;
mod target;
#[cfg(test)]
mod tests;
mod unrecorded;

pub use diagnosis::{Diagnosis, NoDiagnosis, diagnosis};
pub use error::{ImportError, Place};

use crate::http_model::HttpRequest;
use crate::http_model::cors_case::CaseStep;
use page_request::Recording;

/// What was pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Curl,
    Har,
    RawHttp,
}

/// A request that was read from a pasted text.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// As it went, or would go, over the wire; ready to become an event.
    pub request: HttpRequest,
    /// Of the page that asked.
    pub page_origin: Option<String>,
    /// What the page asked for and what was answered, when a page asked. Answers that were not recorded are absent.
    pub case: Option<CaseStep>,
    /// What the browser says went wrong, such as `net::ERR_FAILED`.
    pub browser_error: Option<String>,
    pub source: Source,
}

impl Imported {
    fn of(recording: &Recording<'_>, source: Source) -> Self {
        Self {
            request: recording.request.clone(),
            page_origin: recording.page_origin(),
            case: recording.case_step(),
            browser_error: None,
            source,
        }
    }
}

/// Reads a pasted text; recognises by itself what it is.
///
/// # Errors
/// The place, the problem and the repair.
pub fn read(text: &str) -> Result<Imported, ImportError> {
    let first = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if let Some(start) = curl::begin(text) {
        let request = curl::read(text, start)?;
        return Ok(Imported::of(&Recording::of_request(&request), Source::Curl));
    }
    if first.starts_with(['{', '[']) {
        return har::read(text);
    }
    if let Some(start) = raw_http::begin(text) {
        let request = raw_http::read(text, start)?;
        return Ok(Imported::of(&Recording::of_request(&request), Source::RawHttp));
    }
    Err(unknown(text, first))
}

fn unknown(text: &str, first: &str) -> ImportError {
    let offset = text.len() - first.len();
    let copied = |start: &str| first.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    let problem = if first.is_empty() {
        "There is nothing to read."
    } else if copied("fetch(") || copied("await fetch(") {
        "This is a fetch() call, which is not read here."
    } else if copied("Invoke-WebRequest") || copied("$session") {
        "This is a PowerShell command, which is not read here."
    } else {
        "This is no curl command, no HAR document and no HTTP request."
    };
    let repair = "In the browser's network panel take “Copy as cURL” or “Copy all as HAR”, or paste a request that begins with \
                  its method.";
    ImportError::at(text, offset, problem, repair)
}
