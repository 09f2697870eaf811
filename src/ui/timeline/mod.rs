//! What happened, is happening and will: lanes of bars on one axis of service time.

mod arrange;
mod filter;
mod flags;
mod future;
pub mod geometry;
mod hover;
mod keyboard;
mod labels;
pub mod paint;
mod placed;
mod range;
mod reveal;
pub mod rows;
mod sent;
mod tools;
mod view;
mod words;

pub use tools::TimelineAction;
pub use view::TimelinePanel;
