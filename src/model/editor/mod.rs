//! The text that a person edits: JSON of any size and handler code, without a window.
//!
//! [`Document`] owns text, selection and history; every change goes through one door, which keeps the checkpoints of the
//! lexer, the folds and the log of changes right. Nothing here costs more than the edit itself and a few blocks of 4 KB,
//! so a keystroke in 6 MB costs what it costs in 6 KB; what must touch everything is cut into portions per frame.

mod blocks;
mod brackets;
mod changes;
mod code_highlight;
mod columns;
mod document;
mod editing;
mod folding;
mod history;
mod lexer;
pub mod line_changes;
mod motion;
mod pointer;
mod rows;
mod search;
mod selection;
mod text;

#[cfg(test)]
mod tests;

pub use changes::{Change, ChangeLog};
pub use code_highlight::CodeHighlighter;
pub use columns::{TAB, next_column, width};
pub use document::{Document, Language};
pub use editing::Direction;
pub use folding::Fold;
pub use history::EditKind;
pub use lexer::{Span, State, TokenKind, spans};
pub use motion::Motion;
pub use rows::{Piece, Row};
pub use search::{Match, Query, Search};
pub use selection::Selection;
pub use text::Text;
