//! What happened, is happening and will: lanes of bars on one axis of service time.

mod paint;
mod rows;
mod view;

pub use view::TimelinePanel;
