//! Events to begin with, what is filled into them, and the commands that send them from elsewhere.

pub mod copy_as;
mod derived_members;
mod filling;
pub mod import;
pub mod json_text;
mod message_bodies;
mod set_pointers;
mod templates;
pub mod variables;

pub use filling::{Elsewhere, Filled, Filling, Shape};
pub use message_bodies::MessageBodies;
pub use set_pointers::set_pointers;
pub use templates::{Template, UnknownKind, find, templates};
