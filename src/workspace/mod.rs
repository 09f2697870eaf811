//! A workspace on disk: `invokelab.toml`, handler files, saved events, the demo, and which workspace to open.
//!
//! [`load`] reads what can be read and reports the rest with its place; [`view`] makes the plain data the window shows;
//! the rest changes files with comments and formatting kept, and tells what
//! changed on disk. Nothing here keeps state, so whoever owns the loop decides when the disk is read.

mod atomic;
pub mod definition;
pub mod demo;
pub mod environment_file;
mod function;
mod keys;
mod load;
pub mod locate;
mod reader;
mod runtime;
pub mod saved_events;
mod sources;
mod syntax;
mod values;
mod view;

pub use load::{FILE_NAME, load, load_text};
pub use view::{is_read_only, view};

#[cfg(test)]
mod tests;
