//! The context menu.

use egui::{Button, Response, ViewportCommand};

use super::code_editor::{CodeEditor, EditorOptions, TextRequest};
use crate::model::editor::{Document, Language};
use crate::ui::menus::context_menu;

pub fn show(
    editor: &mut CodeEditor,
    document: &mut Document,
    options: &EditorOptions<'_>,
    response: &Response,
) -> Option<TextRequest> {
    let mut request = None;
    context_menu(response, |ui| {
        let selected = !document.selection().is_empty();
        let writable = !options.read_only;
        if ui.add_enabled(selected && writable, Button::new("Cut").shortcut_text("Ctrl+X")).clicked() {
            ui.copy_text(document.cut());
            ui.close();
        }
        if ui.add_enabled(selected, Button::new("Copy").shortcut_text("Ctrl+C")).clicked() {
            ui.copy_text(document.text_to_copy());
            ui.close();
        }
        if ui.add_enabled(writable, Button::new("Paste").shortcut_text("Ctrl+V")).clicked() {
            response.request_focus();
            ui.send_viewport_cmd(ViewportCommand::RequestPaste);
            ui.close();
        }
        if ui.add(Button::new("Select all").shortcut_text("Ctrl+A")).clicked() {
            document.select_all();
            ui.close();
        }
        ui.separator();
        if ui.add(Button::new("Find").shortcut_text("Ctrl+F")).clicked() {
            editor.find.open_find(document);
            ui.close();
        }
        if document.language() == Language::Json {
            if ui.add(Button::new("Fold").shortcut_text("Ctrl+Shift+[")).clicked() {
                document.fold_at_caret();
                ui.close();
            }
            if ui.button("Unfold all").clicked() {
                document.unfold_all();
                ui.close();
            }
        }
        if options.offers_format && writable {
            ui.separator();
            for (label, wanted) in
                [("Format", TextRequest::Format), ("Minify", TextRequest::Minify), ("Sort keys", TextRequest::SortKeys)]
            {
                if ui.button(label).clicked() {
                    request = Some(wanted);
                    ui.close();
                }
            }
        }
    });
    request
}
