//! A workspace on disk: `invokelab.toml`, handler files, saved events, the demo, and which workspace to open.
//!
//! [`load()`] reads what can be read and reports the rest with its place; [`view()`] makes the plain data the window shows;
//! [`edit`], [`route_edit`], [`removal`] and [`setting`] change the file with comments and formatting kept; [`watch`] tells what changed on disk. But
//! for a watch nothing here keeps state, so whoever owns the loop decides when the disk is read.

pub(crate) mod atomic;
pub mod code;
mod credentials;
pub mod definition;
pub mod demo;
mod doors;
pub mod edit;
pub mod environment_file;
pub mod event_meta;
mod filter_criteria;
mod function;
mod keys;
mod list_edit;
mod load;
pub mod locate;
mod places;
mod reader;
pub mod recent;
pub mod removal;
pub mod replaced_code;
pub mod route_edit;
mod runtime;
pub mod saved_events;
pub mod setting;
mod sources;
mod syntax;
pub mod unsaved_texts;
mod values;
mod view;
pub mod watch;

pub use keys::nearest;
pub use load::{FILE_NAME, load, load_text, reload};
pub use runtime::is_version;
pub use view::{is_read_only, view};

#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod tests;
