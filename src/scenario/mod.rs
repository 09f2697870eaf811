//! Scenario files: what to do, what to expect, run against an executor on a virtual or a live clock.
//!
//! A scenario drives the executor as the window does: commands in, events out. It never names the executor; whoever
//! starts one hands its two channel ends over.

pub mod check;
pub mod driver;
pub mod file;
pub mod observed;
mod payload;
pub mod report;
pub mod request;
pub mod subject;

pub use driver::{Ends, run};
pub use file::{Scenario, ScenarioError};
pub use report::{Outcome, json, junit};
