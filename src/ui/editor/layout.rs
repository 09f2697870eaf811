//! Where things are in the editor's rectangle, and one row of text as a layout job.

use std::ops::Range;
use std::sync::Arc;

use egui::text::{LayoutJob, LayoutSection, TextFormat};
use egui::{FontId, Galley, Pos2, Rect, TextStyle, Ui, pos2, vec2};

use super::colours::EditorColours;
use crate::model::editor::{Document, Span, TokenKind, width};

/// Height of a row to the size of the font.
const ROW: f32 = 1.5;
/// Columns of digits that the gutter has room for at least.
const DIGITS: usize = 3;

/// Sizes of this frame, in points.
#[derive(Clone, Debug)]
pub struct Metrics {
    pub font: FontId,
    /// Width of a column.
    pub advance: f32,
    pub row_height: f32,
    /// The whole editor, and the part where text is.
    pub rect: Rect,
    pub text: Rect,
}

impl Metrics {
    #[must_use]
    pub fn new(ui: &Ui, rect: Rect, lines: usize) -> Self {
        let font = TextStyle::Monospace.resolve(ui.style());
        let advance = advance(ui, &font);
        let pixel = 1.0 / ui.pixels_per_point();
        let row_height = ((font.size * ROW) / pixel).round() * pixel;
        let digits = (lines.max(1).ilog10() as usize + 1).max(DIGITS);
        let gutter = (advance * (digits as f32 + 3.5)).round();
        let left = (rect.left() + gutter).min(rect.right());
        let text = Rect::from_min_max(pos2(left, rect.top()), rect.max);
        Self { font, advance, row_height, rect, text }
    }

    /// Rows that are seen, the last one maybe in part.
    #[must_use]
    pub fn rows(&self) -> f64 {
        f64::from(self.rect.height() / self.row_height)
    }

    #[must_use]
    pub fn columns(&self) -> f64 {
        f64::from(self.text.width() / self.advance)
    }

    /// The top of a row, which may lie outside.
    #[must_use]
    pub fn y(&self, row: usize, top: f64) -> f32 {
        self.rect.top() + ((row as f64 - top) * f64::from(self.row_height)) as f32
    }

    #[must_use]
    pub fn x(&self, column: usize, left: f64) -> f32 {
        self.text.left() + ((column as f64 - left) * f64::from(self.advance)) as f32
    }

    /// Row and column (as fractions, not below 0) at a point.
    #[must_use]
    pub fn cell(&self, pos: Pos2, top: f64, left: f64) -> (f64, f64) {
        let row = f64::from((pos.y - self.rect.top()) / self.row_height) + top;
        let column = f64::from((pos.x - self.text.left()) / self.advance) + left;
        (row.max(0.0), column.max(0.0))
    }

    /// The rectangle of columns `from..to` in a row whose top is `y`.
    #[must_use]
    pub fn cells(&self, y: f32, from: usize, to: usize, left: f64) -> Rect {
        let (x, end) = (self.x(from, left), self.x(to, left));
        Rect::from_min_max(pos2(x, y), pos2(end, y + self.row_height))
    }
}

/// The width of a column: long text divided by its length, so that rounding of one glyph does not add up.
fn advance(ui: &Ui, font: &FontId) -> f32 {
    let galley = ui.painter().layout_no_wrap("0".repeat(64), font.clone(), egui::Color32::WHITE);
    (galley.size().x / 64.0).max(1.0)
}

/// The visible part of a piece of a row.
pub struct Part<'a> {
    /// The whole piece, which decides how tabs count.
    pub piece: &'a Range<usize>,
    pub range: Range<usize>,
    pub column: usize,
}

impl Part<'_> {
    /// The column of an offset inside the part.
    #[must_use]
    pub fn column_of(&self, document: &Document, offset: usize) -> usize {
        document.column_near(self.piece, self.range.start, self.column, offset)
    }
}

/// Text that an input method is composing, shown at the caret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composition {
    pub text: String,
    pub offset: usize,
}

/// Collects sections that keep every character in its columns, whatever its glyph measures.
pub struct RowBuilder<'a> {
    ui: &'a Ui,
    metrics: &'a Metrics,
    colours: &'a EditorColours,
    job: LayoutJob,
    /// Space that the next section starts with.
    space: f32,
    column: usize,
}

impl<'a> RowBuilder<'a> {
    #[must_use]
    pub fn new(ui: &'a Ui, metrics: &'a Metrics, colours: &'a EditorColours, column: usize) -> Self {
        let job = LayoutJob { break_on_newline: false, keep_trailing_whitespace: true, ..LayoutJob::default() };
        Self { ui, metrics, colours, job, space: 0.0, column }
    }

    /// Adds the spans of `text`; `composition` is put in at its place.
    pub fn add(&mut self, document: &Document, part: &Part<'_>, spans: &[Span], composition: Option<&Composition>) {
        let text = document.text().string(part.range.clone());
        let mut at = 0;
        let rest = Span { length: text.len(), kind: TokenKind::Plain };
        for span in spans.iter().chain([&rest]) {
            let end = text.floor_char_boundary((at + span.length).min(text.len()));
            let split = composition.map(|composing| composing.offset.saturating_sub(part.range.start)).filter(|split| {
                let inside = *split >= at && *split < end;
                inside && composition.is_some_and(|composing| composing.offset >= part.range.start)
            });
            if let (Some(split), Some(composing)) = (split, composition) {
                self.run(document, part, &text[at..split], span.kind);
                self.compose(&composing.text);
                self.run(document, part, &text[split..end], span.kind);
            } else {
                self.run(document, part, &text[at..end], span.kind);
            }
            at = end;
        }
        if let Some(composing) = composition.filter(|composing| composing.offset == part.range.end) {
            self.compose(&composing.text);
        }
    }

    fn run(&mut self, document: &Document, part: &Part<'_>, text: &str, kind: TokenKind) {
        let mut plain = 0;
        for (offset, c) in text.char_indices() {
            if c.is_ascii() && !c.is_ascii_control() {
                self.column += 1;
                continue;
            }
            let next = document.next_column(part.piece, self.column, c);
            if width(c) > 0 {
                self.section(&text[plain..offset], self.format(kind));
                plain = offset + c.len_utf8();
                self.wide(c, next - self.column, kind);
            }
            self.column = next;
        }
        self.section(&text[plain..], self.format(kind));
    }

    /// A character whose glyph may be narrower or wider than its columns.
    fn wide(&mut self, c: char, columns: usize, kind: TokenKind) {
        let cells = columns as f32 * self.metrics.advance;
        if c == '\t' {
            self.space += cells;
            return;
        }
        let shown = if c.is_control() { '\u{b7}' } else { c };
        let glyph = self.ui.fonts_mut(|fonts| fonts.glyph_width(&self.metrics.font, shown));
        self.section(shown.encode_utf8(&mut [0; 4]), self.format(kind));
        self.space += cells - glyph;
    }

    fn compose(&mut self, text: &str) {
        let underline = egui::Stroke::new(1.0, self.colours.caret);
        let format = TextFormat { underline, ..self.format(TokenKind::Plain) };
        self.section(text, format);
    }

    fn format(&self, kind: TokenKind) -> TextFormat {
        let ground = if kind == TokenKind::Variable { self.colours.variable_ground } else { egui::Color32::TRANSPARENT };
        let (font_id, color) = (self.metrics.font.clone(), self.colours.of(kind));
        TextFormat { font_id, color, background: ground, ..TextFormat::default() }
    }

    fn section(&mut self, text: &str, format: TextFormat) {
        if text.is_empty() {
            return;
        }
        let start = self.job.text.len();
        self.job.text.push_str(text);
        let byte_range = start.into()..self.job.text.len().into();
        self.job.sections.push(LayoutSection { leading_space: self.space, byte_range, format });
        self.space = 0.0;
    }

    /// The row, or `None` when there is nothing to draw.
    #[must_use]
    pub fn finish(self) -> Option<Arc<Galley>> {
        (!self.job.text.is_empty()).then(|| self.ui.painter().layout_job(self.job))
    }
}

/// Where a galley is put so that it stands in the middle of its row.
#[must_use]
pub fn in_row(metrics: &Metrics, x: f32, y: f32, galley: &Galley) -> Pos2 {
    pos2(x, y) + vec2(0.0, ((metrics.row_height - galley.size().y) / 2.0).round())
}
