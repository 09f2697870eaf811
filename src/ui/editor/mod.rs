//! The code editor: a widget that draws only what is seen of a [`Document`](crate::model::editor::Document) of any size.
//!
//! `egui::TextEdit` lays out its whole text at every keystroke; here a frame costs what its visible rows and columns
//! cost. Text, selection and history live in the document, the rest (scrolling, find bar, colours of code) in
//! [`CodeEditor`].

mod bars;
mod code_editor;
mod colours;
mod find_bar;
mod keys;
mod layout;
mod menu;
mod mouse;
mod paint;

#[cfg(test)]
mod tests;

pub use code_editor::{CodeEditor, EditorOptions, EditorResponse, TextRequest};
pub use colours::EditorColours;
