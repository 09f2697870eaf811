//! The bar above the text: find, replace, go to line.

use egui::{Button, Key, Modifiers, TextEdit, Ui};

use super::code_editor::EditorOptions;
use crate::model::editor::{Direction, Document, Match, Query, Search, Selection};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Closed,
    Find,
    Replace,
    GoToLine,
}

/// What is typed into the bar, and what was found.
#[derive(Default)]
pub struct FindBar {
    mode: Mode,
    query: Query,
    replacement: String,
    line: String,
    search: Search,
    /// Put the keyboard into the first field.
    take_focus: bool,
    /// Go to the nearest match as soon as there is one.
    jump_from: Option<usize>,
    message: String,
}

/// Room for what stands behind a field, so that it fits into a narrow editor.
const BEHIND_FIELD: f32 = 380.0;

fn field_width(ui: &Ui) -> f32 {
    (ui.available_width() - BEHIND_FIELD).clamp(80.0, 200.0)
}

impl FindBar {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.mode != Mode::Closed
    }

    /// Matches to be marked in the text.
    #[must_use]
    pub fn search(&self) -> Option<&Search> {
        matches!(self.mode, Mode::Find | Mode::Replace).then_some(&self.search)
    }

    pub fn open_find(&mut self, document: &Document) {
        self.open(Mode::Find, document);
    }

    pub fn open_replace(&mut self, document: &Document) {
        self.open(Mode::Replace, document);
    }

    pub fn open_go_to_line(&mut self) {
        self.mode = Mode::GoToLine;
        self.line.clear();
        self.take_focus = true;
    }

    pub fn close(&mut self) {
        self.mode = Mode::Closed;
        self.message.clear();
    }

    /// A short selection becomes what is looked for.
    fn open(&mut self, mode: Mode, document: &Document) {
        let range = document.selection().range();
        if !range.is_empty() && range.len() <= 200 {
            let text = document.selected_text();
            if !text.contains('\n') {
                self.query.text = text;
            }
        }
        self.mode = mode;
        self.take_focus = true;
        self.message.clear();
    }

    /// Selects the next or the previous match. Returns whether there is one.
    pub fn step(&mut self, document: &mut Document, direction: Direction) -> bool {
        let range = document.selection().range();
        let index = match direction {
            Direction::Forward => self.search.next(if range.is_empty() { range.start } else { range.start + 1 }),
            Direction::Back => self.search.previous(range.start),
        };
        let found = index.and_then(|index| self.search.matches().get(index).copied());
        if let Some(Match { start, end }) = found {
            document.select(Selection::of(start..end));
        }
        found.is_some()
    }

    /// Draws the bar if it is open. Returns whether it is still searching.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        document: &mut Document,
        options: &EditorOptions<'_>,
        reveal: &mut bool,
        focus_text: &mut bool,
        spacing: f32,
    ) -> bool {
        if !self.is_open() {
            return false;
        }
        let frame = egui::Frame::new().fill(options.colours.raised).inner_margin(egui::Margin::symmetric(8, 4));
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = spacing;
            if self.mode == Mode::GoToLine {
                ui.horizontal(|ui| self.go_to_line_ui(ui, document, reveal, focus_text));
                return;
            }
            ui.horizontal(|ui| self.find_ui(ui, document, reveal, focus_text));
            if self.mode == Mode::Replace && !options.read_only {
                ui.horizontal(|ui| self.replace_ui(ui, document, reveal));
            }
        });
        if self.mode == Mode::GoToLine {
            return false;
        }
        self.search.set_query(self.query.clone());
        let searching = self.search.advance(document);
        self.jump(document, searching, reveal);
        searching
    }

    /// After the query changed: to the first match from where the person was.
    fn jump(&mut self, document: &mut Document, searching: bool, reveal: &mut bool) {
        let Some(from) = self.jump_from else { return };
        let behind = self.search.matches().last().is_some_and(|found| found.start >= from);
        if behind || !searching {
            self.jump_from = None;
            if let Some(Match { start, end }) = self.search.next(from).and_then(|index| self.search.matches().get(index).copied())
            {
                document.select(Selection::of(start..end));
                *reveal = true;
            }
        }
    }

    fn find_ui(&mut self, ui: &mut Ui, document: &mut Document, reveal: &mut bool, focus_text: &mut bool) {
        let field =
            ui.add(TextEdit::singleline(&mut self.query.text).hint_text("Find").desired_width(field_width(ui)).return_key(None));
        let field = field.accessible_name("Find");
        if std::mem::take(&mut self.take_focus) {
            field.request_focus();
        }
        let case = ui.add(Button::selectable(self.query.match_case, "Aa")).on_hover_text("Match case");
        self.query.match_case ^= case.accessible_name("Match case").clicked();
        let word = ui.add(Button::selectable(self.query.whole_word, "Word")).on_hover_text("Whole word");
        self.query.whole_word ^= word.accessible_name("Whole word").clicked();
        if self.query != *self.search.query() {
            self.jump_from = Some(document.selection().range().start);
            self.message.clear();
        }
        let mut direction = None;
        if ui.button("↑").on_hover_text("Previous, Shift+Enter").accessible_name("Previous").clicked() {
            direction = Some(Direction::Back);
        }
        if ui.button("↓").on_hover_text("Next, Enter").accessible_name("Next").clicked() {
            direction = Some(Direction::Forward);
        }
        if field.has_focus() {
            direction = ui.input_mut(|input| {
                if input.consume_key(Modifiers::SHIFT, Key::Enter) {
                    Some(Direction::Back)
                } else {
                    input.consume_key(Modifiers::NONE, Key::Enter).then_some(Direction::Forward).or(direction)
                }
            });
        }
        if let Some(direction) = direction {
            *reveal |= self.step(document, direction);
        }
        ui.label(self.count(document));
        self.close_ui(ui, focus_text);
    }

    fn count(&self, document: &Document) -> String {
        if !self.message.is_empty() {
            return self.message.clone();
        }
        if self.query.text.is_empty() {
            return String::new();
        }
        let total = self.search.matches().len();
        let more = if self.search.full() || !self.search.complete(document) { "+" } else { "" };
        match self.search.current(document.selection()) {
            Some(index) => format!("{} of {total}{more}", index + 1),
            None if total == 0 && more.is_empty() => "not found".to_owned(),
            None => format!("{total}{more} found"),
        }
    }

    fn replace_ui(&mut self, ui: &mut Ui, document: &mut Document, reveal: &mut bool) {
        let field =
            TextEdit::singleline(&mut self.replacement).hint_text("Replace with").desired_width(field_width(ui)).return_key(None);
        let field = ui.add(field).accessible_name("Replace with");
        let enter = field.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        if ui.button("Replace").clicked() || enter {
            self.search.replace_current(document, &self.replacement);
            self.search.advance(document);
            *reveal |= self.step(document, Direction::Forward);
        }
        if ui.button("Replace all").clicked() {
            let count = self.search.replace_all(document, &self.replacement);
            self.message = format!("{count} replaced");
            *reveal = true;
        }
    }

    fn go_to_line_ui(&mut self, ui: &mut Ui, document: &mut Document, reveal: &mut bool, focus_text: &mut bool) {
        let field = TextEdit::singleline(&mut self.line)
            .hint_text("Line, or line:column")
            .desired_width(field_width(ui))
            .return_key(None);
        let field = ui.add(field).accessible_name("Go to line");
        if std::mem::take(&mut self.take_focus) {
            field.request_focus();
        }
        ui.label(format!("of {}", document.text().lines()));
        if field.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
            let (line, column) = self.line.split_once(':').unwrap_or((&self.line, "1"));
            if let (Ok(line), Ok(column)) = (line.trim().parse(), column.trim().parse()) {
                document.go_to(line, column);
                *reveal = true;
                *focus_text = true;
                self.close();
            }
        }
        self.close_ui(ui, focus_text);
    }

    fn close_ui(&mut self, ui: &mut Ui, focus_text: &mut bool) {
        let escape = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        let close = ui.button("Close").on_hover_text("Esc");
        if close.clicked() || escape {
            self.close();
            *focus_text = true;
        }
    }
}
