//! Everything about the thing I clicked, the question "why?" first.

mod attempts;
mod batch;
mod buttons;
mod function;
mod head;
mod message;
mod panel;
mod parts;
mod queue;
mod response;
mod shown_text;

pub use panel::Inspector;
pub use shown_text::pretty;
