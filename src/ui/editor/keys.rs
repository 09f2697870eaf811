//! The keyboard: what each key does to the document.

use egui::{Event, EventFilter, ImeEvent, Key, Modifiers, Ui};

use super::code_editor::{CodeEditor, EditorOptions};
use super::layout::{Composition, Metrics};
use crate::model::editor::{Direction, Document, EditKind, Motion, Selection};

/// Handles the events of a frame. Returns whether Ctrl+Enter was among them, which is left to others.
pub fn handle(
    editor: &mut CodeEditor,
    ui: &Ui,
    document: &mut Document,
    options: &EditorOptions<'_>,
    metrics: &Metrics,
    filter: EventFilter,
) -> bool {
    let mut submitted = false;
    let page = (metrics.rows() as usize).saturating_sub(1).max(1);
    for event in ui.input(|input| input.filtered_events(&filter)) {
        let before = (document.revision(), document.selection());
        match &event {
            Event::Key { key: Key::Enter, pressed: true, modifiers, .. } if modifiers.command => submitted = true,
            Event::Key { key, pressed: true, modifiers, .. } => {
                let _known = moves(document, *key, *modifiers, page)
                    || finds(editor, ui, document, *key, *modifiers, options)
                    || folds(document, *key, *modifiers)
                    || !options.read_only && edits(document, *key, *modifiers);
            }
            Event::Copy => ui.copy_text(document.text_to_copy()),
            Event::Cut if options.read_only => ui.copy_text(document.text_to_copy()),
            Event::Cut => ui.copy_text(document.cut()),
            Event::Paste(text) if !options.read_only => document.paste(text),
            Event::Text(text) if !options.read_only && editor.composition.is_none() && !matches!(text.as_str(), "\n" | "\r") => {
                document.type_text(text);
            }
            Event::Ime(event) if !options.read_only => compose(editor, document, event),
            _ => continue,
        }
        if before != (document.revision(), document.selection()) || editor.composition.is_some() {
            editor.touch(ui);
        }
    }
    submitted
}

fn moves(document: &mut Document, key: Key, modifiers: Modifiers, page: usize) -> bool {
    let words = if cfg!(target_os = "macos") { modifiers.alt } else { modifiers.command };
    if modifiers.alt && !words {
        return false;
    }
    let motion = match key {
        Key::ArrowLeft if words => Motion::WordLeft,
        Key::ArrowRight if words => Motion::WordRight,
        Key::ArrowLeft if modifiers.mac_cmd => Motion::LineStart,
        Key::ArrowRight if modifiers.mac_cmd => Motion::LineEnd,
        Key::ArrowUp if modifiers.mac_cmd => Motion::DocumentStart,
        Key::ArrowDown if modifiers.mac_cmd => Motion::DocumentEnd,
        Key::ArrowLeft => Motion::Left,
        Key::ArrowRight => Motion::Right,
        Key::ArrowUp => Motion::Up(1),
        Key::ArrowDown => Motion::Down(1),
        Key::PageUp => Motion::Up(page),
        Key::PageDown => Motion::Down(page),
        Key::Home if modifiers.command => Motion::DocumentStart,
        Key::End if modifiers.command => Motion::DocumentEnd,
        Key::Home => Motion::LineStart,
        Key::End => Motion::LineEnd,
        Key::A if modifiers.command => {
            document.select_all();
            return true;
        }
        _ => return false,
    };
    document.move_caret(motion, modifiers.shift);
    true
}

fn edits(document: &mut Document, key: Key, modifiers: Modifiers) -> bool {
    let words = if cfg!(target_os = "macos") { modifiers.alt } else { modifiers.command };
    match key {
        Key::Enter => document.new_line(),
        Key::Tab if modifiers.shift => document.outdent(),
        Key::Tab => document.indent(),
        Key::Backspace => document.delete(Direction::Back, words),
        Key::Delete if modifiers.shift => return false,
        Key::Delete => document.delete(Direction::Forward, words),
        Key::Z if modifiers.command && modifiers.shift => return document.redo(),
        Key::Y if modifiers.command => return document.redo(),
        Key::Z if modifiers.command => return document.undo(),
        Key::ArrowUp if modifiers.alt => document.move_lines(Direction::Back),
        Key::ArrowDown if modifiers.alt && modifiers.shift => document.duplicate_lines(),
        Key::ArrowDown if modifiers.alt => document.move_lines(Direction::Forward),
        Key::D if modifiers.command && modifiers.shift => document.duplicate_lines(),
        Key::K if modifiers.command && modifiers.shift => document.delete_lines(),
        _ => return false,
    }
    true
}

fn folds(document: &mut Document, key: Key, modifiers: Modifiers) -> bool {
    if !(modifiers.command && modifiers.shift) {
        return false;
    }
    match key {
        Key::OpenBracket | Key::OpenCurlyBracket => document.fold_at_caret(),
        Key::CloseBracket | Key::CloseCurlyBracket => document.unfold_at_caret(),
        _ => false,
    }
}

/// Keys of the find bar. They are taken, so that the window does not answer them too.
fn finds(
    editor: &mut CodeEditor,
    ui: &Ui,
    document: &mut Document,
    key: Key,
    modifiers: Modifiers,
    options: &EditorOptions<'_>,
) -> bool {
    match key {
        Key::F if modifiers.command => editor.find.open_find(document),
        Key::H if modifiers.command && !options.read_only => editor.find.open_replace(document),
        Key::G if modifiers.command => editor.find.open_go_to_line(),
        Key::F3 => {
            let direction = if modifiers.shift { Direction::Back } else { Direction::Forward };
            editor.reveal |= editor.find.step(document, direction);
        }
        Key::Escape if editor.find.is_open() => editor.find.close(),
        _ => return false,
    }
    ui.input_mut(|input| input.consume_key(modifiers, key));
    true
}

/// Text of an input method: shown while it is composed, part of the document when it is done.
fn compose(editor: &mut CodeEditor, document: &mut Document, event: &ImeEvent) {
    match event {
        ImeEvent::Preedit { text, .. } if text.is_empty() => editor.composition = None,
        ImeEvent::Preedit { text, .. } => {
            if !document.selection().is_empty() {
                document.edit(document.selection().range(), "", EditKind::Command);
            }
            editor.composition = Some(Composition { text: text.clone(), offset: document.selection().caret });
        }
        ImeEvent::Commit(text) => {
            editor.composition = None;
            if !text.is_empty() && text != "\n" && text != "\r" {
                document.edit(document.selection().range(), text, EditKind::Typing);
            }
        }
        ImeEvent::DeleteSurrounding { before_chars, after_chars } => {
            let caret = document.selection().caret;
            let text = document.text();
            let before: usize = text.chars_back_from(caret).take(*before_chars).map(char::len_utf8).sum();
            let end = text.skip_characters(caret, *after_chars);
            document.select(Selection::at(caret));
            document.edit(caret - before..end, "", EditKind::Command);
        }
        #[expect(deprecated, reason = "older integrations may still send them")]
        ImeEvent::Enabled | ImeEvent::Disabled => {}
    }
}
