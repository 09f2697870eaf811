//! The pointer: places the caret, selects characters, words and lines, folds, and scrolls while dragging outside.

use egui::{CursorIcon, PointerButton, Pos2, Response, Ui};

use super::code_editor::CodeEditor;
use super::layout::Metrics;
use crate::model::editor::{Document, Piece, Selection};

/// What a drag selects by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selecting {
    #[default]
    Nothing,
    Characters,
    Lines,
}

/// What lies under the pointer.
enum Target {
    Offset(usize),
    /// The bracket of a fold's placeholder.
    Folded(usize),
    /// A line in the gutter; the mark for folding, or the number.
    FoldMark(usize),
    Number(usize),
}

pub fn handle(editor: &mut CodeEditor, ui: &Ui, document: &mut Document, metrics: &Metrics, response: &Response) {
    let over_text = response.hover_pos().is_some_and(|pos| pos.x >= metrics.text.left());
    if response.hovered() {
        ui.set_cursor_icon(if over_text { CursorIcon::Text } else { CursorIcon::PointingHand });
    }
    let Some(pos) = response.interact_pointer_pos() else {
        editor.selecting = Selecting::Nothing;
        return;
    };
    let (pressed, shift) = ui.input(|input| (input.pointer.primary_pressed(), input.modifiers.shift));
    if pressed && (response.is_pointer_button_down_on() || response.clicked()) {
        response.request_focus();
        if editor.composition.take().is_some() {
            ui.memory_mut(egui::Memory::interrupt_ime);
        }
        press(editor, document, metrics, pos, shift);
        editor.touch(ui);
    }
    if response.triple_clicked_by(PointerButton::Primary) && over_text {
        let offset = document.selection().caret;
        document.select_line(offset);
    } else if response.double_clicked_by(PointerButton::Primary) && over_text {
        let offset = offset_at(editor, document, metrics, pos);
        document.select_word(offset);
    } else if response.dragged_by(PointerButton::Primary) && editor.selecting != Selecting::Nothing {
        drag(editor, ui, document, metrics, pos);
    } else if response.secondary_clicked() {
        response.request_focus();
        let offset = offset_at(editor, document, metrics, pos);
        let range = document.selection().range();
        if range.is_empty() || !range.contains(&offset) {
            document.select(Selection::at(offset));
        }
    }
}

fn press(editor: &mut CodeEditor, document: &mut Document, metrics: &Metrics, pos: Pos2, extend: bool) {
    editor.selecting = Selecting::Characters;
    match target(editor, document, metrics, pos) {
        Target::Folded(open) => {
            document.unfold(open);
            editor.selecting = Selecting::Nothing;
        }
        Target::FoldMark(line) => {
            document.toggle_fold(line);
            editor.selecting = Selecting::Nothing;
        }
        Target::Number(line) => {
            document.select_line(document.text().line_start(line));
            editor.selecting = Selecting::Lines;
        }
        Target::Offset(offset) if extend => {
            document.select(Selection { anchor: document.selection().anchor, caret: offset });
        }
        Target::Offset(offset) => document.select(Selection::at(offset)),
    }
}

fn drag(editor: &mut CodeEditor, ui: &Ui, document: &mut Document, metrics: &Metrics, pos: Pos2) {
    let offset = offset_at(editor, document, metrics, pos);
    let anchor = document.selection().anchor;
    let caret = match editor.selecting {
        Selecting::Lines => {
            let line = document.text().line_at(offset);
            let next = document.text().line_start((line + 1).min(document.text().lines() - 1));
            if offset < anchor { document.text().line_start(line) } else { next.max(offset) }
        }
        Selecting::Characters | Selecting::Nothing => offset,
    };
    if caret != document.selection().caret {
        document.select(Selection { anchor, caret });
        editor.touch(ui);
    }
    if !metrics.text.contains(pos) {
        editor.reveal = true;
        ui.request_repaint();
    }
}

fn target(editor: &CodeEditor, document: &mut Document, metrics: &Metrics, pos: Pos2) -> Target {
    let (row, column) = metrics.cell(pos, editor.scroll.top, editor.scroll.left);
    let row = (row as usize).min(document.rows() - 1);
    let line = document.line_of_row(row);
    if pos.x < metrics.text.left() - metrics.advance * 2.0 {
        return Target::Number(line);
    }
    if pos.x < metrics.text.left() && (document.foldable(line).is_some() || document.is_folded(line)) {
        return Target::FoldMark(line);
    }
    let shown = document.row(line);
    for piece in &shown.pieces {
        if let Piece::Folded { open, column: start, columns, .. } = piece
            && (*start..start + columns).contains(&(column as usize))
        {
            return Target::Folded(*open);
        }
    }
    Target::Offset(document.offset_at(&shown, (column + 0.5) as usize))
}

fn offset_at(editor: &CodeEditor, document: &mut Document, metrics: &Metrics, pos: Pos2) -> usize {
    let (row, column) = metrics.cell(pos, editor.scroll.top, editor.scroll.left);
    let row = (row as usize).min(document.rows() - 1);
    let line = document.line_of_row(row);
    let shown = document.row(line);
    document.offset_at(&shown, (column + 0.5) as usize)
}
