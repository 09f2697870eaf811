//! Draws what is seen: bands, rows, caret, marks. Rows and columns outside the rectangle cost nothing.

use egui::{Align2, Painter, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::code_editor::{CodeEditor, EditorOptions, is_code};
use super::layout::{Composition, Metrics, Part, RowBuilder, in_row};
use crate::model::editor::{Document, Piece, Row, Span, spans};

/// Time for the colours of code in one frame, in seconds.
const COLOURING: f64 = 0.001_5;

/// Everything that the parts of a frame share.
struct Canvas<'a> {
    ui: &'a Ui,
    painter: Painter,
    metrics: &'a Metrics,
    options: &'a EditorOptions<'a>,
    focused: bool,
    left: f64,
    /// The columns that are seen.
    from: usize,
    to: usize,
}

/// Draws the editor; gives the caret's rectangle if it is in view.
pub fn editor(
    editor: &mut CodeEditor,
    ui: &Ui,
    document: &mut Document,
    options: &EditorOptions<'_>,
    metrics: &Metrics,
    focused: bool,
) -> Option<Rect> {
    let (top, left) = (editor.scroll.top, editor.scroll.left);
    let from = left as usize;
    let to = (left + metrics.columns()).ceil() as usize + 1;
    let painter = ui.painter_at(metrics.rect);
    painter.rect_filled(metrics.rect, 0.0, options.colours.ground);
    let canvas = Canvas { ui, painter, metrics, options, focused, left, from, to };
    let first = top as usize;
    let last = ((top + metrics.rows()).ceil() as usize).min(document.rows());
    colour_code(editor, ui, document, last);

    let unchanged = editor.scroll.widest_of == document.revision();
    let mut widest = if left > 0.0 && unchanged { editor.scroll.widest } else { 0 };
    let mut caret = None;
    let caret_line = document.text().line_at(document.selection().caret);
    let caret_row = document.row_of_line(caret_line);
    for row in first..last {
        let line = document.line_of_row(row);
        let shown = document.row(line);
        widest = widest.max(shown.columns);
        let y = metrics.y(row, top);
        if row == caret_row {
            canvas.current_line(y);
        }
        canvas.grounds(editor, document, &shown, y);
        canvas.text(editor, document, &shown, y);
        canvas.gutter(document, &shown, y, row == caret_row);
        if row == caret_row {
            caret = Some(canvas.caret(editor, document, &shown, y));
        }
    }
    (editor.scroll.widest, editor.scroll.widest_of) = (widest, document.revision());
    if !unchanged && left > 0.0 {
        // What was far to the right may be gone: the next frame scrolls back to what is there.
        ui.request_repaint();
    }
    caret.filter(|caret| metrics.rect.intersects(*caret))
}

fn colour_code(editor: &mut CodeEditor, ui: &Ui, document: &Document, last_row: usize) {
    if !is_code(document) {
        return;
    }
    #[expect(clippy::disallowed_methods, reason = "a budget of this frame, not service time")]
    let started = std::time::Instant::now();
    let go_on = || started.elapsed().as_secs_f64() < COLOURING;
    if editor.highlighter.advance(document, document.line_of_row(last_row), go_on) {
        ui.request_repaint_after(std::time::Duration::from_millis(8));
    }
}

impl Canvas<'_> {
    fn current_line(&self, y: f32) {
        let rect =
            Rect::from_min_size(pos2(self.metrics.rect.left(), y), vec2(self.metrics.rect.width(), self.metrics.row_height));
        self.painter.rect_filled(rect, 0.0, self.options.colours.current_line);
    }

    /// The parts of the row's text that are in view.
    fn parts<'r>(&self, document: &mut Document, row: &'r Row) -> Vec<Part<'r>> {
        let mut parts = Vec::new();
        for piece in &row.pieces {
            if let Piece::Text { range, column } = piece {
                let (visible, first) = document.visible_part(range, *column, self.from, self.to);
                parts.push(Part { piece: range, range: visible, column: first });
            }
        }
        parts
    }

    /// What lies under the text: selection, matches, brackets, the error.
    fn grounds(&self, editor: &CodeEditor, document: &mut Document, row: &Row, y: f32) {
        let colours = self.options.colours;
        let selected = document.selection().range();
        let selection = if self.focused { colours.selection } else { colours.selection_resting };
        let error = self.options.error.map(|error| document.offset_of(error.line, error.column));
        for part in self.parts(document, row) {
            let stretch = |from: usize, to: usize, document: &Document| {
                let from = part.column_of(document, from.max(part.range.start));
                let to = part.column_of(document, to.min(part.range.end));
                self.metrics.cells(y, from, to, self.left)
            };
            if let Some(search) = editor.find.search() {
                let current = search.current(document.selection()).map(|index| search.matches()[index].start);
                for found in search.within(&part.range) {
                    let colour = if Some(found.start) == current { colours.found_current } else { colours.found };
                    let rect = stretch(found.start, found.end, document);
                    self.in_text().rect_filled(rect.shrink2(vec2(0.0, 1.0)), 2.0, colour);
                }
            }
            if selected.start < part.range.end && selected.end > part.range.start {
                self.in_text().rect_filled(stretch(selected.start, selected.end, document), 0.0, selection);
            }
            if let Some((one, other)) = editor.brackets().filter(|_| self.focused) {
                for at in [one, other].into_iter().filter(|at| part.range.contains(at)) {
                    let rect = stretch(at, at + 1, document).shrink2(vec2(0.0, 2.0));
                    self.in_text().rect_stroke(rect, 2.0, Stroke::new(1.0, colours.bracket), StrokeKind::Inside);
                }
            }
            if let Some(at) = error.filter(|at| part.range.contains(at) || *at == part.range.end) {
                let column = part.column_of(document, at);
                let end = document.word_behind(at).min(part.range.end);
                let to = part.column_of(document, end).clamp(column + 1, self.to.max(column + 1));
                self.squiggle(self.metrics.cells(y, column, to, self.left));
            }
        }
        self.line_end_selected(document, row, y);
    }

    /// A selection that goes on in the next line is seen behind the end of this one.
    fn line_end_selected(&self, document: &Document, row: &Row, y: f32) {
        let selected = document.selection().range();
        let Some(Piece::Text { range, .. }) = row.pieces.last() else { return };
        if selected.start <= range.end && selected.end > range.end && row.columns >= self.from && row.columns <= self.to {
            let colours = self.options.colours;
            let selection = if self.focused { colours.selection } else { colours.selection_resting };
            let mut rect = self.metrics.cells(y, row.columns, row.columns + 1, self.left);
            rect.set_width(self.metrics.advance * 0.6);
            self.in_text().rect_filled(rect, 0.0, selection);
        }
    }

    fn squiggle(&self, rect: Rect) {
        let bottom = rect.bottom() - 2.0;
        let count = (rect.width() / 3.0).ceil() as usize + 1;
        let points = (0..count).map(|index| {
            let up = if index % 2 == 0 { 0.0 } else { 2.5 };
            pos2(rect.left() + index as f32 * 3.0, bottom - up)
        });
        let stroke = Stroke::new(1.2, self.options.colours.error);
        self.in_text().add(Shape::line(points.collect(), stroke));
    }

    /// A painter that cannot reach into the gutter.
    fn in_text(&self) -> Painter {
        self.painter.with_clip_rect(self.metrics.text.intersect(self.painter.clip_rect()))
    }

    fn text(&self, editor: &CodeEditor, document: &mut Document, row: &Row, y: f32) {
        let painter = self.in_text();
        for part in self.parts(document, row) {
            let spans = self.spans(editor, document, row, &part);
            let mut builder = RowBuilder::new(self.ui, self.metrics, self.options.colours, part.column);
            builder.add(document, &part, &spans, editor.composition.as_ref());
            if let Some(galley) = builder.finish() {
                let x = self.metrics.x(part.column, self.left);
                painter.galley(in_row(self.metrics, x, y, &galley), galley, self.options.colours.text);
            }
        }
        for piece in &row.pieces {
            if let Piece::Folded { label, column, columns, .. } = piece {
                self.placeholder(&painter, label, *column, *columns, y);
            }
        }
    }

    fn placeholder(&self, painter: &Painter, label: &str, column: usize, columns: usize, y: f32) {
        let colours = self.options.colours;
        let rect = self.metrics.cells(y, column, column + columns, self.left).shrink2(vec2(self.metrics.advance * 0.4, 2.5));
        painter.rect(rect, 4.0, colours.raised, Stroke::new(1.0, colours.hairline), StrokeKind::Inside);
        painter.text(rect.center(), Align2::CENTER_CENTER, label, self.metrics.font.clone(), colours.line_number);
    }

    fn spans(&self, editor: &CodeEditor, document: &Document, row: &Row, part: &Part<'_>) -> Vec<Span> {
        if is_code(document) {
            let skipped = part.range.start - document.text().line_start(row.line);
            return editor.highlighter.spans(row.line).map_or_else(Vec::new, |spans| cut(spans, skipped));
        }
        match document.language() {
            crate::model::editor::Language::Json => {
                spans(document.text(), part.range.clone(), document.lexer_state(part.range.start)).0
            }
            _ => Vec::new(),
        }
    }

    fn gutter(&self, document: &Document, row: &Row, y: f32, current: bool) {
        let colours = self.options.colours;
        let wrong = self.options.error.is_some_and(|error| error.line == row.line + 1);
        let colour = match (wrong, current) {
            (true, _) => colours.error,
            (false, true) => colours.line_number_current,
            (false, false) => colours.line_number,
        };
        let right = self.metrics.text.left() - self.metrics.advance * 2.0;
        let middle = y + self.metrics.row_height / 2.0;
        let font = self.metrics.font.clone();
        self.painter.text(pos2(right, middle), Align2::RIGHT_CENTER, (row.line + 1).to_string(), font, colour);
        if wrong {
            let x = self.metrics.rect.left() + self.metrics.advance * 0.8;
            self.painter.circle_filled(pos2(x, middle), 3.0, colours.error);
        }
        let folded = row.pieces.len() > 1;
        let pointer = self.ui.input(|input| input.pointer.hover_pos());
        let near = pointer.is_some_and(|pos| self.metrics.rect.contains(pos) && pos.x < self.metrics.text.left());
        if folded || near && document.foldable(row.line).is_some() {
            self.fold_mark(pos2(self.metrics.text.left() - self.metrics.advance, middle), folded);
        }
    }

    fn fold_mark(&self, at: egui::Pos2, folded: bool) {
        let points = if folded {
            [vec2(-1.5, -3.5), vec2(2.0, 0.0), vec2(-1.5, 3.5)]
        } else {
            [vec2(-3.5, -1.5), vec2(0.0, 2.0), vec2(3.5, -1.5)]
        };
        let stroke = Stroke::new(1.3, self.options.colours.line_number);
        self.painter.add(Shape::line(points.map(|offset| at + offset).to_vec(), stroke));
    }

    fn caret(&self, editor: &CodeEditor, document: &mut Document, row: &Row, y: f32) -> Rect {
        let column = document.column_of(row, document.selection().caret);
        let mut x = self.metrics.x(column, self.left);
        if let Some(Composition { text, .. }) = &editor.composition {
            let font = self.metrics.font.clone();
            x += self.painter.layout_no_wrap(text.clone(), font, self.options.colours.text).size().x;
        }
        let rect = Rect::from_min_size(pos2(x - 0.75, y + 1.0), vec2(1.5, self.metrics.row_height - 2.0));
        if self.focused && editor.caret_shown(self.ui) {
            self.in_text().with_clip_rect(self.metrics.text.expand(1.0)).rect_filled(rect, 0.0, self.options.colours.caret);
        }
        rect
    }
}

/// The spans without their first `skipped` bytes.
fn cut(spans: &[Span], skipped: usize) -> Vec<Span> {
    let mut left = skipped;
    let mut rest = Vec::with_capacity(spans.len());
    for span in spans {
        let gone = left.min(span.length);
        left -= gone;
        if gone < span.length {
            rest.push(Span { length: span.length - gone, kind: span.kind });
        }
    }
    rest
}
