//! A text of a file that is edited here: its document and undo history, its place on the screen, and what the file holds.

use std::sync::Arc;

use egui::{RichText, Ui};

use super::comparison::Comparison;
use crate::event::NoticeLevel;
use crate::model::editor::{Document, Language};
use crate::ui::action::Action;
use crate::ui::editor::{CodeEditor, EditorOptions, EditorResponse};
use crate::ui::theme::{self, Palette};
use crate::ui::{icons, widgets};

/// A text under edit, with what was last saved or loaded of it.
pub(super) struct EditedText {
    pub document: Document,
    pub editor: CodeEditor,
    /// What the file holds as far as is known; `None` while there is no file.
    file: Option<Arc<str>>,
    /// What somebody else wrote into the file while it was edited here; nothing is saved before one of both is chosen.
    theirs: Option<Arc<str>>,
    /// What was sent to be saved and is not answered yet.
    saving: Option<Arc<str>>,
    /// What lies below edits that came back at the start of the program, until they are saved or somebody says what becomes of
    /// them.
    below: Option<Arc<str>>,
    /// It is being compared with its file.
    compared_with: Option<Comparison>,
    /// A revision of the document, and whether the file holds something else.
    compared: Option<(u64, bool)>,
    /// How often it was learned what the file holds.
    learned: u64,
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
        let editor = CodeEditor::default();
        let (file, theirs, saving, below) = (None, None, None, None);
        Self { document, editor, file, theirs, saving, below, compared_with: None, compared: None, learned: 0 }
    }

    /// A text as it was left when the program ended, over what it began with: one undo leads back there.
    #[must_use]
    pub fn brought_back(text: &str, file: Option<Arc<str>>, blank: &str, language: Language) -> Self {
        let below: Arc<str> = file.clone().unwrap_or_else(|| blank.into());
        let mut edited = Self { file, below: Some(below.clone()), ..Self::without_file(&below, language) };
        edited.document.replace_all(text);
        edited
    }

    /// Whether it holds edits of an earlier run of the program about which nothing was said yet.
    pub fn is_brought_back(&mut self) -> bool {
        if self.below.is_some() && !self.is_unsaved() {
            self.below = None;
        }
        self.below.is_some()
    }

    /// Differs whenever the text, or what the file holds, has become another.
    #[must_use]
    pub fn state(&self) -> (u64, u64) {
        (self.document.revision(), self.learned)
    }

    /// Whether it is to be decided first which text stays.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.theirs.is_some()
    }

    /// Shows the editor in all the space there is, below the question which text stays, if that is open.
    pub fn show(&mut self, ui: &mut Ui, options: &EditorOptions<'_>) -> EditorResponse {
        if self.theirs.is_some() {
            super::padded(ui, |ui| self.conflict_ui(ui));
        } else if self.is_brought_back() {
            super::padded(ui, |ui| self.brought_back_ui(ui));
        }
        self.compared_with.take_if(|comparison| !comparison.ui(ui));
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

    /// What the file holds once everything sent before is saved, and the text as it goes to be saved over that; nothing
    /// while it is not decided which text stays. `name` is that of the file.
    pub fn save(&mut self, name: &str, actions: &mut Vec<Action>) -> Option<(Option<Arc<str>>, String)> {
        if self.theirs.is_some() {
            let text = format!("Not saved: {name} has changed on disk. Keep your text or take the file's first.");
            actions.push(Action::Notify(NoticeLevel::Warning, text));
            return None;
        }
        let replaces = self.saving.clone().or_else(|| self.file.clone());
        Some((replaces, self.save_elsewhere()))
    }

    /// The text as it goes to be saved in another file.
    pub fn save_elsewhere(&mut self) -> String {
        let text = self.document.to_text();
        self.saving = Some(text.as_str().into());
        text
    }

    /// What was sent last to be saved, if that is not answered yet.
    #[must_use]
    pub fn saving(&self) -> Option<&str> {
        self.saving.as_deref()
    }

    /// What was sent to be saved is in the file, whatever was typed since.
    pub fn saved(&mut self, text: &str) {
        self.answered(text);
        self.file_holds(Some(text.into()));
    }

    /// What was sent to be saved was saved or refused. What was sent after it waits for an answer of its own.
    pub fn answered(&mut self, text: &str) {
        self.saving.take_if(|saving| **saving == *text);
    }

    /// The file was read. A text without edits follows it; an edited one waits for a decision. What was sent to be saved is
    /// answered for itself: the file may have been read before.
    pub fn read(&mut self, text: &str) {
        self.theirs = None;
        if self.file.as_deref() == Some(text) {
            return;
        }
        if self.document.text().is(text) {
            self.file_holds(Some(text.into()));
        } else if self.is_unsaved() {
            self.theirs = Some(text.into());
        } else {
            self.take_file(text.into());
        }
    }

    /// The file is gone; the text stays.
    pub fn file_removed(&mut self) {
        self.file_holds(None);
    }

    fn file_holds(&mut self, text: Option<Arc<str>>) {
        (self.file, self.theirs, self.compared) = (text, None, None);
        self.learned += 1;
    }

    /// Puts what the file holds in place of the document, as one step that undo takes back.
    fn take_file(&mut self, text: Arc<str>) {
        self.document.replace_all(&text);
        self.file_holds(Some(text));
    }

    /// Says that these are edits of an earlier run, and asks what becomes of them. They can be typed on without an answer.
    fn brought_back_ui(&mut self, ui: &mut Ui) {
        let palette = Palette::of(ui);
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(icons::PENCIL).font(theme::icon(14.0)).color(palette.throttle));
            ui.label(RichText::new("Unsaved, from your last session").color(palette.throttle));
            if let Some(file) = &self.file
                && widgets::small_button(ui, "Compare with file").clicked()
            {
                self.compared_with = Some(Comparison::of(file, &self.document.to_text()));
            }
            let discard = widgets::small_button(ui, "Discard").on_hover_text("Undo brings your text back");
            if discard.clicked()
                && let Some(below) = self.below.take()
            {
                self.document.replace_all(&below);
            }
            let keep = widgets::small_button(ui, "Keep").on_hover_text("Stays unsaved, without this line");
            if keep.clicked() {
                self.below = None;
            }
        });
    }

    /// Says that the file holds another text than the one that was edited, and asks which of both stays.
    fn conflict_ui(&mut self, ui: &mut Ui) {
        let palette = Palette::of(ui);
        let sentence = if self.file.is_some() {
            "Changed on disk since you began to edit"
        } else {
            "The file of this name holds another text"
        };
        let (mine, theirs) = ui
            .horizontal(|ui| {
                ui.label(RichText::new(icons::WARNING).font(theme::icon(14.0)).color(palette.throttle));
                ui.label(RichText::new(sentence).color(palette.throttle));
                if let Some(theirs) = &self.theirs
                    && widgets::small_button(ui, "Compare").clicked()
                {
                    self.compared_with = Some(Comparison::of(theirs, &self.document.to_text()));
                }
                let mine = widgets::small_button(ui, "Keep mine").on_hover_text("The next save replaces what the file holds now");
                let theirs = widgets::small_button(ui, "Take the file's").on_hover_text("Undo brings your text back");
                (mine.clicked(), theirs.clicked())
            })
            .inner;
        if (mine || theirs)
            && let Some(text) = self.theirs.take()
        {
            if mine { self.file_holds(Some(text)) } else { self.take_file(text) }
        }
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
        assert_eq!(edited.save("a", &mut Vec::new()), Some((None, "a".to_owned())));
        type_over(&mut edited, "ab");
        edited.saved("a");
        assert!(edited.is_unsaved());
        edited.document.undo();
        assert!(!edited.is_unsaved());
        assert_eq!(edited.saving(), None, "answered once");
    }

    #[test]
    fn a_save_is_answered_although_the_file_was_read_before_it() {
        let mut edited = EditedText::of_file("a", Language::Json);
        type_over(&mut edited, "b");
        edited.save("it", &mut Vec::new());
        edited.read("a");
        type_over(&mut edited, "c");
        assert_eq!(edited.save("it", &mut Vec::new()).map(|(replaces, _)| replaces), Some(Some("b".into())));
        edited.saved("b");
        assert_eq!(edited.saving(), Some("c"), "the second is under way");
        edited.saved("c");
        assert!(!edited.is_unsaved());
    }
}
