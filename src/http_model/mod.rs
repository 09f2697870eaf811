//! The front doors of Lambda as pure rules: who may come in, which event a request becomes, which response a result becomes,
//! what the service does about CORS, and what a browser makes of it all.
//!
//! Nothing here reads a clock, opens a socket or invents an id: times, ids and settings are arguments.

pub mod admission;
pub mod answers;
pub mod browser;
pub mod configuration;
pub mod cors;
pub mod cors_case;
pub mod cors_lints;
pub mod cors_messages;
pub mod door;
pub mod door_limits;
pub mod entry;
pub mod event_from_request;
pub mod field_note;
pub mod gateway;
pub mod message;
pub mod policy;
pub mod response_from_result;
pub mod routes;
pub mod signature;
mod trace_header;
pub mod translation;
pub mod url_id;

pub use door::{AnswerContext, CallerIdentity, Door, DoorContext};
pub use field_note::{Change, FieldNote};
pub use message::{HeaderList, HttpRequest, HttpResponse};

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
