//! The lines that the service itself writes into a function's log (semantics 2.8, the new forms).

use std::fmt::{self, Write as _};

use super::ids::RequestId;
use super::time::Micros;

/// Milliseconds with two decimals, rounded half up.
struct Hundredths(Micros);

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = (self.0.0 + 5) / 10;
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// The part of a REPORT that is the same for every way of ending.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    pub request_id: RequestId,
    pub duration: Micros,
    pub init_duration: Option<Micros>,
    pub memory_size: u32,
    pub max_memory_used: u32,
}

impl Report {
    /// ceil(Duration + Init Duration) on a cold start, else ceil(Duration) (2.8).
    pub fn billed_millis(&self) -> u64 {
        (self.duration + self.init_duration.unwrap_or_default()).ceil_millis()
    }

    /// `status`: `timeout`, or `error` with its type; `None` when the code answered.
    pub fn line(&self, status: Option<(&str, Option<&str>)>) -> String {
        let mut line = String::with_capacity(192);
        line += "REPORT RequestId: ";
        line += self.request_id.text().as_str();
        // Writing to a string does not fail.
        let _ = write!(
            line,
            "\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
            Hundredths(self.duration),
            self.billed_millis(),
            self.memory_size,
            self.max_memory_used
        );
        if let Some(init) = self.init_duration {
            let _ = write!(line, "Init Duration: {} ms\t", Hundredths(init));
        }
        if let Some((status, error_type)) = status {
            line += &format!("Status: {status}");
            if let Some(error_type) = error_type {
                line += &format!("\tError Type: {error_type}");
            }
        }
        line
    }
}

pub(super) fn start(request_id: RequestId) -> String {
    ["START RequestId: ", request_id.text().as_str(), " Version: $LATEST"].concat()
}

pub(super) fn end(request_id: RequestId) -> String {
    ["END RequestId: ", request_id.text().as_str()].concat()
}

/// The line is written before the runtime has said which version it is, so it names none: the interpreter of this machine may
/// be another one than the configuration asks for.
pub(super) fn init_start(runtime: &str) -> String {
    let name = match runtime.split_once('.').map_or(runtime, |(name, _)| name) {
        node if node.starts_with("nodejs") => "nodejs",
        other => other,
    };
    format!("INIT_START Runtime Version: {name}")
}

/// An init that failed (2.7).
pub(super) fn init_report(duration: Micros, error_type: Option<&str>) -> String {
    let status = error_type.map_or_else(|| "timeout".to_owned(), |error_type| format!("error\tError Type: {error_type}"));
    format!("INIT_REPORT Init Duration: {} ms\tPhase: init\tStatus: {status}", Hundredths(duration))
}

#[cfg(test)]
mod tests {
    use super::init_start;

    #[test]
    fn no_version_is_claimed_before_it_is_known() {
        for (asked, told) in [
            ("python3.12", "python3"),
            ("nodejs20.x", "nodejs"),
            ("nodejs", "nodejs"),
            ("javascript", "javascript"),
            ("provided.al2023", "provided"),
        ] {
            assert_eq!(init_start(asked), format!("INIT_START Runtime Version: {told}"));
        }
    }
}
