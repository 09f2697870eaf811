//! What happened, is happening and will: lanes of bars on one axis of service time.

mod filter;
mod flags;
mod future;
pub mod geometry;
mod labels;
pub mod paint;
mod placed;
mod reveal;
pub mod rows;
mod sent;
mod tools;
mod view;

pub use tools::TimelineAction;
pub use view::TimelinePanel;
