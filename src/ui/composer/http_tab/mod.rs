//! "URL & CORS": a request as a page would make it, what a browser makes of that and why, and how it is repaired.

mod absent_door;
mod at_door;
mod browser_report;
mod door_facts;
mod draft;
mod form;
mod live;
mod notes;
mod paste;
mod prediction;
mod reading;
mod refused;
mod repair;
mod side;
mod snippets;
mod step_words;
mod steps;
mod tab;
mod target;

pub use tab::HttpTab;
pub(super) use target::kind_words;
