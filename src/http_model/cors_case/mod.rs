//! Described requests in, verdicts out: the format of `invokelab cors` (`cors-cases.md`).

mod answers;
mod arriving;
mod case;
mod judge;
mod read;
mod verdict;

pub use answers::CaseServer;
pub use arriving::Arriving;
pub use case::{Case, CaseCookie, CaseHop, CaseRequest, CaseStep};
pub use judge::{Browsers, Judged, StepError, judge, judge_step};
pub use read::{BrokenCase, ReadCase, read_cases};
pub use verdict::{Outcome, PreflightHeaders, ProducedLine, StandardVerdict, Verdict, VerdictNote};
