//! The window: receives events in `logic`, draws the model in `ui`, and sends what was asked for at the end of a frame.

pub mod action;
mod add_function;
mod add_queue;
mod app;
mod beginning;
mod composer;
mod docking;
mod dropped_file;
pub mod editor;
mod exchange_parts;
mod file_place;
mod fonts;
mod forecast;
mod functions_panel;
mod icons;
mod inspector;
mod leaving;
mod list_keys;
mod list_row;
mod listed;
mod listed_rows;
mod log_view;
mod menus;
mod palette;
mod palette_entries;
mod shortcuts;
mod status_bar;
pub mod theme;
pub mod timeline;
mod toasts;
mod toolbar;
mod unsaved_code;
mod widgets;
mod window;

#[cfg(test)]
mod http_tests;
#[cfg(test)]
mod tests;

pub use app::{App, Preferences};
pub use beginning::{Begin, Beginning, Begun, NotBegun};
pub use window::{Picture, Pictures, TypedRequest, WindowError, run};
