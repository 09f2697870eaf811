//! What to tell a person about a request: the rule that was broken, how to repair it, and whether the function ran.
//!
//! Codes and rules are those of `cors.md`, section 4. Where the repair is a setting, it comes as a [`Fix`] too.

mod code;
mod explain;
mod fix;
mod hints;
mod notes;

pub use code::Code;
pub use explain::{Context, Message, explain};
pub use fix::Fix;
pub use notes::notes;
