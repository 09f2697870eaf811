//! Lambda as a pure state machine in virtual time. It has no clock, no thread and no socket: whoever drives it
//! says what time it is, and so decides whether the service is live, paused, stepped or run as fast as it can.
//!
//! In: [`LambdaService::handle`] and [`LambdaService::advance`]. Out: [`LambdaService::poll_effect`] until `None`,
//! then [`LambdaService::next_deadline`]. The same seed and inputs give the same effects, byte for byte.

pub mod configuration;
pub mod counted;
pub mod effect;
pub mod error;
pub mod happened;
pub mod ids;
pub mod input;
pub mod time;

mod async_queue;
mod batching;
mod deadlines;
pub mod deleted;
mod destinations;
mod doors;
mod environments;
pub mod error_words;
pub mod filter;
mod functions;
mod invocation;
mod lambda_service;
pub mod limits;
mod lineage;
mod log_lines;
pub mod narration;
mod platform_errors;
pub mod random;
mod retention;
mod sqs;
mod state;

pub use lambda_service::LambdaService;
pub use retention::Outlook;

#[cfg(test)]
mod tests;
