//! "URL & CORS": a request as a page would make it, what a browser makes of that and why, and how it is repaired.

mod door_facts;
mod draft;
mod form;
mod live;
mod paste;
mod prediction;
mod reading;
mod repair;
mod side;
mod snippets;
mod steps;
mod tab;
mod target;

pub use tab::HttpTab;
