//! The colours that the editor is drawn with; it knows no others.

use egui::Color32;

use crate::model::editor::TokenKind;

#[derive(Clone, Debug, PartialEq)]
pub struct EditorColours {
    pub ground: Color32,
    /// Find bar, markers that lie on the text.
    pub raised: Color32,
    pub hairline: Color32,
    pub line_number: Color32,
    /// Of the caret's line.
    pub line_number_current: Color32,
    pub current_line: Color32,
    pub selection: Color32,
    /// The selection while something else has the focus.
    pub selection_resting: Color32,
    pub caret: Color32,
    pub found: Color32,
    pub found_current: Color32,
    pub bracket: Color32,
    pub error: Color32,
    pub scroll_bar: Color32,
    pub scroll_bar_hovered: Color32,

    pub text: Color32,
    pub punctuation: Color32,
    pub key: Color32,
    pub string: Color32,
    pub number: Color32,
    pub literal: Color32,
    pub variable: Color32,
    pub variable_ground: Color32,
    pub comment: Color32,
    pub keyword: Color32,
    pub function: Color32,
    pub type_name: Color32,
}

impl EditorColours {
    /// The colours of the drawings on a dark ground.
    #[must_use]
    pub fn dark() -> Self {
        let rgb = Color32::from_rgb;
        let veil = |alpha| Color32::from_white_alpha(alpha);
        Self {
            ground: rgb(0x0f, 0x11, 0x15),
            raised: rgb(0x25, 0x2a, 0x34),
            hairline: rgb(0x27, 0x2c, 0x36),
            line_number: rgb(0x8f, 0x98, 0xa6),
            line_number_current: rgb(0xe8, 0xea, 0xee),
            current_line: veil(9),
            selection: veil(46),
            selection_resting: veil(26),
            caret: rgb(0xe8, 0xea, 0xee),
            found: Color32::from_rgba_unmultiplied(0xf3, 0xb6, 0x3f, 60),
            found_current: Color32::from_rgba_unmultiplied(0xf3, 0xb6, 0x3f, 130),
            bracket: rgb(0x8f, 0x98, 0xa6),
            error: rgb(0xff, 0x6b, 0x63),
            scroll_bar: veil(36),
            scroll_bar_hovered: veil(80),
            text: rgb(0xe8, 0xea, 0xee),
            punctuation: rgb(0xa3, 0xab, 0xb8),
            key: rgb(0x8a, 0xc2, 0xff),
            string: rgb(0xa5, 0xd9, 0xa7),
            number: rgb(0xff, 0xb3, 0x80),
            literal: rgb(0xc9, 0xa8, 0xff),
            variable: rgb(0x5f, 0xdf, 0xc8),
            variable_ground: Color32::from_rgba_unmultiplied(0x2f, 0xd1, 0xb5, 26),
            comment: rgb(0x8f, 0x98, 0xa6),
            keyword: rgb(0xc9, 0xa8, 0xff),
            function: rgb(0x8a, 0xc2, 0xff),
            type_name: rgb(0xf3, 0xcd, 0x7c),
        }
    }

    /// The colours of the drawings on a light ground.
    #[must_use]
    pub fn light() -> Self {
        let rgb = Color32::from_rgb;
        let veil = |alpha| Color32::from_black_alpha(alpha);
        Self {
            ground: rgb(0xff, 0xff, 0xff),
            raised: rgb(0xec, 0xee, 0xf2),
            hairline: rgb(0xdf, 0xe3, 0xe9),
            line_number: rgb(0x60, 0x69, 0x77),
            line_number_current: rgb(0x17, 0x1a, 0x20),
            current_line: veil(9),
            selection: veil(38),
            selection_resting: veil(22),
            caret: rgb(0x17, 0x1a, 0x20),
            found: Color32::from_rgba_unmultiplied(0xf3, 0xb6, 0x3f, 90),
            found_current: Color32::from_rgba_unmultiplied(0xf3, 0xb6, 0x3f, 190),
            bracket: rgb(0x60, 0x69, 0x77),
            error: rgb(0xc4, 0x2d, 0x27),
            scroll_bar: veil(46),
            scroll_bar_hovered: veil(100),
            text: rgb(0x17, 0x1a, 0x20),
            punctuation: rgb(0x54, 0x5d, 0x6b),
            key: rgb(0x0b, 0x4f, 0xa8),
            string: rgb(0x12, 0x6b, 0x3a),
            number: rgb(0x9a, 0x44, 0x08),
            literal: rgb(0x6b, 0x38, 0xc4),
            variable: rgb(0x09, 0x66, 0x56),
            variable_ground: Color32::from_rgba_unmultiplied(0x09, 0x70, 0x5f, 20),
            comment: rgb(0x60, 0x69, 0x77),
            keyword: rgb(0x6b, 0x38, 0xc4),
            function: rgb(0x0b, 0x4f, 0xa8),
            type_name: rgb(0x7d, 0x53, 0x08),
        }
    }

    #[must_use]
    pub fn of(&self, kind: TokenKind) -> Color32 {
        match kind {
            TokenKind::Plain => self.text,
            TokenKind::Punctuation => self.punctuation,
            TokenKind::Key => self.key,
            TokenKind::String => self.string,
            TokenKind::Number => self.number,
            TokenKind::Literal => self.literal,
            TokenKind::Variable => self.variable,
            TokenKind::Comment => self.comment,
            TokenKind::Keyword => self.keyword,
            TokenKind::Function => self.function,
            TokenKind::Type => self.type_name,
        }
    }
}
