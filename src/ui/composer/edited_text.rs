//! A text of a file that is edited here: its document and undo history, its place on the screen, and what the file holds.

use std::sync::Arc;

use egui::Ui;

use crate::model::editor::{Document, Language};
use crate::ui::editor::{CodeEditor, EditorOptions, EditorResponse};

/// A text under edit, with what was last saved or loaded of it.
pub(super) struct EditedText {
    pub document: Document,
    pub editor: CodeEditor,
    /// What the file holds as far as is known; `None` while there is no file.
    file: Option<Arc<str>>,
    /// What was sent to be saved and is not answered yet.
    saving: Option<Arc<str>>,
    /// A revision of the document, and whether the file holds something else.
    compared: Option<(u64, bool)>,
}

impl EditedText {
    /// What a file holds.
    #[must_use]
    pub fn of_file(text: &str, language: Language) -> Self {
        Self { file: Some(text.into()), ..Self::without_file(text, language) }
    }

    /// A text that no file holds.
    #[must_use]
    pub fn without_file(text: &str, language: Language) -> Self {
        let document = Document::new(text, language);
        Self { document, editor: CodeEditor::default(), file: None, saving: None, compared: None }
    }

    /// Shows the editor in all the space there is.
    pub fn show(&mut self, ui: &mut Ui, options: &EditorOptions<'_>) -> EditorResponse {
        self.editor.show(ui, &mut self.document, options)
    }

    /// Opens the search.
    pub fn find(&mut self) {
        self.editor.open_find(&self.document);
    }

    #[must_use]
    pub fn file(&self) -> Option<&Arc<str>> {
        self.file.as_ref()
    }

    /// Whether something would be lost without saving. Compares the text itself, so that an undo back to what the file
    /// holds needs no saving; at most once a revision, and only texts of the same length byte by byte.
    pub fn is_unsaved(&mut self) -> bool {
        let revision = self.document.revision();
        if let Some((_, unsaved)) = self.compared.filter(|(of, _)| *of == revision) {
            return unsaved;
        }
        let unsaved = self.file.as_ref().is_none_or(|file| !self.document.text().is(file));
        self.compared = Some((revision, unsaved));
        unsaved
    }

    /// The text as it goes to be saved.
    pub fn save(&mut self) -> String {
        let text = self.document.to_text();
        self.saving = Some(text.as_str().into());
        text
    }

    /// The same, and what the file holds once everything sent before is saved.
    pub fn save_over(&mut self) -> (Option<Arc<str>>, String) {
        let replaces = self.saving.clone().or_else(|| self.file.clone());
        (replaces, self.save())
    }

    /// What was sent to be saved is in the file, whatever was typed since. Returns whether something had been sent.
    pub fn saved(&mut self) -> bool {
        let saved = self.saving.take();
        let found = saved.is_some();
        if found {
            self.file_holds(saved);
        }
        found
    }

    /// The file was read and holds this: whatever else was sent to be saved is not in it.
    pub fn file_read(&mut self, text: &str) {
        self.saving.take_if(|saving| **saving != *text);
    }

    /// Tells what the file holds now; the document stays as it is.
    pub fn file_holds(&mut self, text: Option<Arc<str>>) {
        self.file = text;
        self.compared = None;
    }

    /// Puts what the file holds in place of the document, as one step that undo takes back.
    pub fn take_file(&mut self, text: Arc<str>) {
        self.document.replace_all(&text);
        self.file_holds(Some(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_over(edited: &mut EditedText, text: &str) {
        edited.document.replace_all(text);
    }

    #[test]
    fn undo_back_to_what_the_file_holds_leaves_nothing_to_save() {
        let mut edited = EditedText::of_file("a\n", Language::Json);
        assert!(!edited.is_unsaved());
        type_over(&mut edited, "b\n");
        assert!(edited.is_unsaved(), "as long as before, and another");
        edited.document.undo();
        assert!(!edited.is_unsaved());
        edited.document.redo();
        assert!(edited.is_unsaved());
    }

    #[test]
    fn what_is_typed_while_it_is_being_saved_is_not_saved() {
        let mut edited = EditedText::without_file("a", Language::Json);
        assert!(edited.is_unsaved(), "there is no file");
        assert_eq!(edited.save(), "a");
        type_over(&mut edited, "ab");
        assert!(edited.saved());
        assert!(edited.is_unsaved());
        edited.document.undo();
        assert!(!edited.is_unsaved());
        assert!(!edited.saved(), "answered once");
    }
}
