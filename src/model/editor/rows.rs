//! What stands in a row of the screen: a line, or with folds the ends of several, and its columns.

use std::ops::Range;

use super::columns;
use super::document::Document;

/// Longer lines, in bytes, are measured by blocks; in them a tab is one column wide.
const LONG: usize = 8 << 10;
/// A part of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text {
        range: Range<usize>,
        column: usize,
    },
    /// What is folded away between the brackets, with the words shown for it and a column on either side.
    Folded {
        open: usize,
        label: String,
        column: usize,
        columns: usize,
    },
}

/// A row: its first line (from 0), its pieces, and the columns of all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: usize,
    pub pieces: Vec<Piece>,
    pub columns: usize,
}

impl Document {
    #[must_use]
    pub fn rows(&self) -> usize {
        let hidden: usize = self.folds.hidden().map(|(first, last)| last + 1 - first).sum();
        self.text.lines() - hidden
    }

    /// The row that shows `line`, or the fold which hides it.
    #[must_use]
    pub fn row_of_line(&self, line: usize) -> usize {
        let mut hidden = 0;
        for (first, last) in self.folds.hidden() {
            if line < first {
                break;
            }
            hidden += last.min(line) + 1 - first;
        }
        line - hidden
    }

    /// The first line of a row.
    #[must_use]
    pub fn line_of_row(&self, row: usize) -> usize {
        let mut line = row;
        for (first, last) in self.folds.hidden() {
            if line < first {
                break;
            }
            line += last + 1 - first;
        }
        line.min(self.text.lines() - 1)
    }

    /// What stands in the row that starts with `line`.
    #[must_use]
    pub fn row(&mut self, line: usize) -> Row {
        let mut pieces = Vec::new();
        let mut column = 0;
        let mut range = self.text.line_range(line);
        let mut at_line = line;
        while let Some(fold) = self.folds.opening_in(at_line, range.start).copied() {
            let before = range.start..fold.open + 1;
            let start = column;
            column = self.column_in(&before, column, before.end);
            pieces.push(Piece::Text { range: before, column: start });
            let label = fold.label();
            let columns = label.chars().count() + 2;
            pieces.push(Piece::Folded { open: fold.open, label, column, columns });
            column += columns;
            at_line = fold.close_line;
            range = fold.close..self.text.line_range(at_line).end;
        }
        let start = column;
        column = self.column_in(&range, column, range.end);
        pieces.push(Piece::Text { range, column: start });
        Row { line, pieces, columns: column }
    }

    /// The column of `offset` in its row; of what is hidden, the start of the placeholder.
    #[must_use]
    pub fn column_of(&mut self, row: &Row, offset: usize) -> usize {
        let mut last = 0;
        for piece in &row.pieces {
            match piece {
                Piece::Text { range, column } if offset < range.start => return last.min(*column),
                Piece::Text { range, column } if offset <= range.end => {
                    return self.column_in(range, *column, offset);
                }
                Piece::Text { .. } => {}
                Piece::Folded { column, .. } => last = *column,
            }
        }
        row.columns
    }

    /// The offset nearest to a column of a row.
    #[must_use]
    pub fn offset_at(&mut self, row: &Row, column: usize) -> usize {
        for piece in &row.pieces {
            match piece {
                Piece::Text { range, column: start } => {
                    let offset = self.offset_in_piece(range, *start, column);
                    if offset < range.end || column <= self.column_in(range, *start, range.end) {
                        return offset;
                    }
                }
                Piece::Folded { open, column: start, columns, .. } if column < start + columns => return open + 1,
                Piece::Folded { .. } => {}
            }
        }
        match row.pieces.last() {
            Some(Piece::Text { range, .. }) => range.end,
            _ => 0,
        }
    }

    /// The part of `range` (a piece that starts at `column`) that columns `from..to` show, and the column it starts at.
    #[must_use]
    pub fn visible_part(&mut self, range: &Range<usize>, column: usize, from: usize, to: usize) -> (Range<usize>, usize) {
        let start = self.offset_in_piece(range, column, from);
        let end = if to <= column { range.start } else { self.offset_in_piece(range, column, to + 1) };
        let first = self.column_in(range, column, start);
        (start..end.max(start), first)
    }

    /// The column of `offset`, counted from `from` in the same piece, which stands at `column`. For short distances.
    #[must_use]
    pub fn column_near(&self, piece: &Range<usize>, from: usize, column: usize, offset: usize) -> usize {
        let chars = self.text.chunks(from..offset.max(from)).flat_map(str::chars);
        chars.fold(column, |column, c| self.next_column(piece, column, c))
    }

    /// The column behind `c` at `column` of a piece.
    #[must_use]
    pub fn next_column(&self, piece: &Range<usize>, column: usize, c: char) -> usize {
        match c {
            '\t' if piece.len() > LONG => column + 1,
            _ => columns::next_column(column, c),
        }
    }

    /// The column of `offset` in a piece that starts at column `start`.
    pub(super) fn column_in(&mut self, piece: &Range<usize>, start: usize, offset: usize) -> usize {
        let before = piece.start..offset;
        if piece.len() > LONG {
            return start + self.blocks.cells(&self.text, before);
        }
        self.text.chunks(before).flat_map(str::chars).fold(start, columns::next_column)
    }

    fn offset_in_piece(&mut self, piece: &Range<usize>, start: usize, wanted: usize) -> usize {
        if wanted <= start {
            return piece.start;
        }
        if piece.len() > LONG {
            return self.blocks.offset_at(&self.text, piece.start, wanted - start, piece.end);
        }
        let mut column = start;
        let mut offset = piece.start;
        for c in self.text.chunks(piece.clone()).flat_map(str::chars) {
            let next = columns::next_column(column, c);
            if next > wanted {
                return offset;
            }
            column = next;
            offset += c.len_utf8();
        }
        offset
    }
}
