//! The editor's state between frames, and one frame of it.

use egui::{EventFilter, Id, IdSalt, Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::bars::{self, Scroll};
use super::colours::EditorColours;
use super::find_bar::FindBar;
use super::layout::{Composition, Metrics};
use super::{keys, menu, mouse, paint};
use crate::event::DocumentError;
use crate::model::editor::{CodeHighlighter, Document, Language, Selection};

/// Characters that a screen reader gets at once.
const SPOKEN: usize = 256;

/// Work that the editor asks its owner for, because it may outlast a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRequest {
    Format,
    Minify,
    SortKeys,
}

/// How the editor is shown this frame.
pub struct EditorOptions<'a> {
    /// Its accessible name.
    pub label: &'a str,
    pub colours: &'a EditorColours,
    pub read_only: bool,
    /// Where the text is wrong; lines and columns from 1. For the text as it is now.
    pub error: Option<&'a DocumentError>,
    /// Whether the context menu offers to format, minify and sort.
    pub offers_format: bool,
}

impl<'a> EditorOptions<'a> {
    #[must_use]
    pub fn new(label: &'a str, colours: &'a EditorColours) -> Self {
        Self { label, colours, read_only: false, error: None, offers_format: false }
    }
}

/// What happened in a frame.
pub struct EditorResponse {
    pub response: Response,
    /// The text is another one than at the start of the frame.
    pub changed: bool,
    pub caret_moved: bool,
    /// Ctrl+Enter (Cmd+Enter) was pressed here; the key is left for others to see.
    pub submitted: bool,
    pub request: Option<TextRequest>,
}

/// An editor on the screen. Its text is a [`Document`]; every document has an editor of its own.
#[derive(Default)]
pub struct CodeEditor {
    pub(super) scroll: Scroll,
    pub(super) find: FindBar,
    pub(super) highlighter: CodeHighlighter,
    pub(super) composition: Option<Composition>,
    /// Bring the caret into view.
    pub(super) reveal: bool,
    pub(super) take_focus: bool,
    /// When the person last did something here, in seconds; the caret blinks for a while after that.
    pub(super) touched_at: f64,
    pub(super) selecting: mouse::Selecting,
    derived: Derived,
}

/// What is worked out once for a text and a caret.
#[derive(Default)]
struct Derived {
    of: Option<(u64, usize, bool)>,
    brackets: Option<(usize, usize)>,
    pointer: String,
}

impl CodeEditor {
    /// Brings the caret into view in the next frame.
    pub fn reveal_caret(&mut self) {
        self.reveal = true;
    }

    /// Leaves the keyboard to another field after all.
    pub fn decline_focus(&mut self) {
        self.take_focus = false;
    }

    /// Takes the keyboard in the next frame.
    pub fn request_focus(&mut self) {
        self.take_focus = true;
    }

    /// Opens the search, or goes to its field.
    pub fn open_find(&mut self, document: &Document) {
        self.find.open_find(document);
    }

    /// The JSON Pointer of the caret as of the last frame.
    #[must_use]
    pub fn json_pointer(&self) -> &str {
        &self.derived.pointer
    }

    /// Shows the editor in all the space there is.
    pub fn show(&mut self, ui: &mut Ui, document: &mut Document, options: &EditorOptions<'_>) -> EditorResponse {
        let (revision, selection) = (document.revision(), document.selection());
        let busy = document.continue_work();
        let spacing = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
        let searching = self.find.show(ui, document, options, &mut self.reveal, &mut self.take_focus, spacing);
        let mut shown = self.text_area(ui, document, options);
        ui.spacing_mut().item_spacing.y = spacing;
        shown.changed = document.revision() != revision;
        shown.caret_moved = document.selection() != selection;
        if shown.changed {
            shown.response.mark_changed();
        }
        if busy || searching {
            ui.request_repaint();
        }
        shown
    }

    fn text_area(&mut self, ui: &mut Ui, document: &mut Document, options: &EditorOptions<'_>) -> EditorResponse {
        let rect = ui.available_rect_before_wrap();
        let id = ui.make_persistent_id(IdSalt::new(("code editor", options.label)));
        ui.advance_cursor_after_rect(rect);
        let response = ui.interact(rect, id, Sense::click_and_drag());
        if std::mem::take(&mut self.take_focus) {
            response.request_focus();
        }
        let mut metrics = Metrics::new(ui, rect, document.text().lines());
        mouse::handle(self, ui, document, &metrics, &response);
        let submitted = self.keyboard(ui, id, document, options, &metrics);
        let request = menu::show(self, document, options, &response);

        metrics = Metrics::new(ui, rect, document.text().lines());
        self.follow_caret(document, &metrics);
        self.scroll.wheel(ui, &response, &metrics);
        self.scroll.keep_inside(document, &metrics);
        self.derive(document);
        let focused = response.has_focus();
        let caret = paint::editor(self, ui, document, options, &metrics, focused);
        bars::show(ui, &mut self.scroll, document, options.colours, &metrics, id);
        if focused {
            self.input_method(ui, rect, caret);
            self.blink(ui);
        }
        speak(&response, document, options);
        let response = self.explain_error(response, document, options, &metrics);
        EditorResponse { response, changed: false, caret_moved: false, submitted, request }
    }

    fn keyboard(&mut self, ui: &Ui, id: Id, document: &mut Document, options: &EditorOptions<'_>, metrics: &Metrics) -> bool {
        if !ui.memory(|memory| memory.has_focus(id)) {
            self.composition = None;
            return false;
        }
        let filter = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        keys::handle(self, ui, document, options, metrics, filter)
    }

    /// The person did something: the caret is shown, and brought into view.
    pub(super) fn touch(&mut self, ui: &Ui) {
        self.touched_at = ui.input(|input| input.time);
        self.reveal = true;
    }

    fn follow_caret(&mut self, document: &mut Document, metrics: &Metrics) {
        if !std::mem::take(&mut self.reveal) {
            return;
        }
        let caret = document.selection().caret;
        let row = document.row_of_line(document.text().line_at(caret));
        let line = document.line_of_row(row);
        let shown = document.row(line);
        let column = document.column_of(&shown, caret);
        self.scroll.reveal(row, column, metrics);
    }

    fn derive(&mut self, document: &Document) {
        let of = (document.revision(), document.selection().caret, document.settled());
        if self.derived.of != Some(of) {
            let brackets = document.matching_brackets();
            self.derived = Derived { of: Some(of), brackets, pointer: document.json_pointer() };
        }
    }

    pub(super) fn brackets(&self) -> Option<(usize, usize)> {
        self.derived.brackets
    }

    fn input_method(&self, ui: &Ui, rect: Rect, caret: Option<Rect>) {
        let to_global = ui.layer_transform_to_global(ui.layer_id()).unwrap_or_default();
        let cursor_rect = to_global * caret.unwrap_or(Rect::from_min_size(rect.min, egui::Vec2::ZERO));
        ui.output_mut(|output| {
            output.ime = Some(egui::output::IMEOutput {
                purpose: egui::IMEPurpose::Normal,
                rect: to_global * rect,
                cursor_rect,
                should_interrupt_composition: false,
            });
        });
    }

    /// Seconds that the caret blinks after the last key; then it stays, and the window may rest.
    const BLINKS: f64 = 10.0;
    const HALF_BLINK: f64 = 0.53;

    pub(super) fn caret_shown(&self, ui: &Ui) -> bool {
        let since = ui.input(|input| input.time) - self.touched_at;
        since > Self::BLINKS || !ui.visuals().text_cursor.blink || (since / Self::HALF_BLINK) as i64 % 2 == 0
    }

    fn blink(&self, ui: &Ui) {
        let (now, window_focused) = ui.input(|input| (input.time, input.focused));
        let since = now - self.touched_at;
        if window_focused && since <= Self::BLINKS && ui.visuals().text_cursor.blink {
            let rest = Self::HALF_BLINK - since.rem_euclid(Self::HALF_BLINK);
            ui.request_repaint_after(std::time::Duration::from_secs_f64(rest.max(0.01)));
        }
    }

    fn explain_error(&self, response: Response, document: &Document, options: &EditorOptions<'_>, metrics: &Metrics) -> Response {
        let Some(error) = options.error else { return response };
        let Some(pos) = response.hover_pos() else { return response };
        let (row, column) = metrics.cell(pos, self.scroll.top, self.scroll.left);
        let on_row = document.row_of_line(error.line.saturating_sub(1)) == row as usize;
        let near = (column - error.column as f64 + 1.0).abs() < 3.0 || pos.x < metrics.text.left();
        if on_row && near { response.on_hover_text_at_pointer(&error.message) } else { response }
    }
}

/// Tells assistive technology what this is: role, name, and the text, at most [`SPOKEN`] characters of it.
fn speak(response: &Response, document: &Document, options: &EditorOptions<'_>) {
    response.widget_info(|| {
        let text = document.text();
        let spoken = if text.len() <= SPOKEN {
            text.to_text()
        } else {
            let Selection { caret, .. } = document.selection();
            let line = text.line_range(text.line_at(caret));
            let start = if caret - line.start > SPOKEN / 2 { text.floor(caret - SPOKEN / 2) } else { line.start };
            text.chars_from(start).take(SPOKEN.min(text.characters(start..line.end))).collect()
        };
        let mut info = WidgetInfo::labeled(Role::MultilineTextInput, !options.read_only, options.label);
        info.current_text_value = Some(spoken);
        info
    });
}

/// Whether lines have colours from syntect rather than from the JSON lexer.
pub(super) fn is_code(document: &Document) -> bool {
    !matches!(document.language(), Language::Json | Language::Plain)
}
