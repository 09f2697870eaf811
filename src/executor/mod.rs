//! The executor: one thread with one loop that owns the service and carries out its effects for real.

mod arrival;
mod body_to_come;
mod build_outputs;
mod builds;
pub mod clock;
mod commands;
mod documents;
mod doors;
mod drive;
mod effects;
pub mod embedded_js;
pub mod environment;
mod environments;
mod event_loop;
mod file_commands;
mod files;
mod fillings;
mod folder_snapshot;
mod gathered;
pub mod guard;
mod lambda_api;
pub mod log_gate;
mod loopback;
mod names_as_written;
mod outbox;
pub mod processes;
mod replies;
pub mod runtime_api;
mod scripted;
mod sessions;
mod start;
mod storage;
mod unsaved_texts;

pub use doors::DEFAULT_DOORS_PORT;
pub use lambda_api::check_json;
pub use start::{ApiPort, DEFAULT_PORT, Database, Executor, Options, StartError};
