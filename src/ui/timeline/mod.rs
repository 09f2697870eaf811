//! What happened, is happening and will: lanes of bars on one axis of service time.

mod filter;
mod future;
pub mod geometry;
pub mod paint;
mod placed;
mod reveal;
pub mod rows;
mod tools;
mod view;

pub use tools::TimelineAction;
pub use view::TimelinePanel;
