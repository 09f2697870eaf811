//! The look's tokens: every colour and size of the window (`ui.md`), dark and light.

use egui::{Color32, Context, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, Theme, Ui, Vec2};

use super::editor::EditorColours;
use crate::model::selection::InvocationModel;
use crate::model::why::Standing;

/// Sizes of text, on one scale.
pub const TINY: f32 = 11.0;
pub const SMALL: f32 = 12.0;
pub const BODY: f32 = 13.0;
pub const LARGE: f32 = 15.0;
pub const TITLE: f32 = 18.0;

/// Height of a row with one line, and of one with two.
pub const ROW: f32 = 24.0;
/// Height of a row of text that is no button.
pub const LINE: f32 = 18.0;
pub const TWO_LINES: f32 = 42.0;
/// Corners, and the grid of spacing.
pub const CORNER: u8 = 6;
pub const GRID: f32 = 4.0;
pub const TOOLBAR: f32 = 44.0;
pub const STATUS_BAR: f32 = 26.0;
/// Width of lane headers in the timeline, height of a lane.
pub const LANE_HEADER: f32 = 168.0;
pub const LANE: f32 = 26.0;

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    pub ground: Color32,
    pub panel: Color32,
    pub raised: Color32,
    pub hairline: Color32,
    /// Around what lies over everything else, and around keys: to be seen on every surface.
    pub edge: Color32,
    pub text: Color32,
    pub second: Color32,
    pub third: Color32,
    pub synchronous: Color32,
    pub asynchronous: Color32,
    pub batch: Color32,
    pub http: Color32,
    pub ok: Color32,
    pub error: Color32,
    pub throttle: Color32,
    pub dark: bool,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

pub const DARK: Palette = Palette {
    ground: rgb(0x0f_11_15),
    panel: rgb(0x15_18_1e),
    raised: rgb(0x25_2a_34),
    hairline: rgb(0x27_2c_36),
    edge: rgb(0x6f_78_88),
    text: rgb(0xe8_ea_ee),
    second: rgb(0xa3_ab_b8),
    third: rgb(0x8f_98_a6),
    synchronous: rgb(0x5a_a9_ff),
    asynchronous: rgb(0xb4_8c_ff),
    batch: rgb(0x2f_d1_b5),
    http: rgb(0xf3_b6_3f),
    ok: rgb(0x4c_c3_8a),
    error: rgb(0xff_6b_63),
    throttle: rgb(0xff_99_50),
    dark: true,
};

pub const LIGHT: Palette = Palette {
    ground: rgb(0xff_ff_ff),
    panel: rgb(0xf7_f8_fa),
    raised: rgb(0xec_ee_f2),
    hairline: rgb(0xdf_e3_e9),
    edge: rgb(0x7d_86_94),
    text: rgb(0x17_1a_20),
    second: rgb(0x54_5d_6b),
    third: rgb(0x60_69_77),
    synchronous: rgb(0x14_62_cc),
    asynchronous: rgb(0x7a_45_d9),
    batch: rgb(0x09_70_5f),
    http: rgb(0x87_5b_08),
    ok: rgb(0x12_72_3f),
    error: rgb(0xc4_2d_27),
    throttle: rgb(0xa8_4b_0a),
    dark: false,
};

impl Palette {
    /// The palette of the theme that a `Ui` is drawn in.
    #[must_use]
    pub fn of(ui: &Ui) -> Self {
        if ui.visuals().dark_mode { DARK } else { LIGHT }
    }

    /// The colour of an invocation model is the accent (`ui.md`).
    #[must_use]
    pub fn model(&self, model: InvocationModel) -> Color32 {
        match model {
            InvocationModel::Synchronous => self.synchronous,
            InvocationModel::Asynchronous => self.asynchronous,
            InvocationModel::Url | InvocationModel::Api => self.http,
            InvocationModel::Queue => self.batch,
        }
    }

    #[must_use]
    pub fn standing(&self, standing: Standing) -> Color32 {
        match standing {
            Standing::Running => self.synchronous,
            Standing::Waiting => self.asynchronous,
            Standing::Ok => self.ok,
            Standing::Failed => self.error,
            Standing::Throttled | Standing::Hidden => self.throttle,
            Standing::Neutral => self.second,
        }
    }

    /// Bars that the filter of the timeline does not find.
    #[must_use]
    pub fn faint(&self) -> Self {
        let faint = |colour: Color32| colour.gamma_multiply(0.25);
        Self {
            raised: faint(self.raised),
            third: faint(self.third),
            synchronous: faint(self.synchronous),
            asynchronous: faint(self.asynchronous),
            batch: faint(self.batch),
            http: faint(self.http),
            error: faint(self.error),
            ..*self
        }
    }

    /// A colour laid thinly over the ground.
    #[must_use]
    pub fn tint(&self, colour: Color32, share: f32) -> Color32 {
        colour.gamma_multiply(share)
    }

    #[must_use]
    pub fn editor(&self) -> EditorColours {
        if self.dark { EditorColours::dark() } else { EditorColours::light() }
    }
}

/// Inter in a heavier cut.
#[must_use]
pub fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("medium".into()))
}

#[must_use]
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("semibold".into()))
}

#[must_use]
pub fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

#[must_use]
pub fn icon(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("icons".into()))
}

/// Gives egui both themes.
pub fn apply(ctx: &Context) {
    for (theme, palette) in [(Theme::Dark, DARK), (Theme::Light, LIGHT)] {
        ctx.style_mut_of(theme, |style| {
            style.text_styles = [
                (TextStyle::Small, FontId::proportional(TINY)),
                (TextStyle::Body, FontId::proportional(BODY)),
                (TextStyle::Button, FontId::proportional(BODY)),
                (TextStyle::Heading, semibold(TITLE)),
                (TextStyle::Monospace, mono(BODY)),
            ]
            .into();
            style.spacing.item_spacing = Vec2::splat(2.0 * GRID);
            style.spacing.button_padding = Vec2::new(10.0, 5.0);
            style.spacing.interact_size.y = ROW;
            style.spacing.menu_margin = Margin::same(6);
            style.animation_time = 0.12;
            visuals(&mut style.visuals, &palette);
        });
    }
}

fn visuals(visuals: &mut egui::Visuals, palette: &Palette) {
    let corner = CornerRadius::same(CORNER);
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.hairline);
    visuals.window_corner_radius = CornerRadius::same(CORNER + 2);
    visuals.menu_corner_radius = CornerRadius::same(CORNER + 2);
    visuals.extreme_bg_color = palette.ground;
    visuals.faint_bg_color = palette.raised;
    visuals.text_edit_bg_color = Some(palette.ground);
    visuals.override_text_color = None;
    visuals.hyperlink_color = palette.text;
    visuals.error_fg_color = palette.error;
    visuals.warn_fg_color = palette.throttle;
    visuals.selection.bg_fill = if palette.dark { Color32::from_white_alpha(40) } else { Color32::from_black_alpha(34) };
    visuals.selection.stroke = Stroke::new(1.0, palette.text);
    for (widget, fill, text) in [
        (&mut visuals.widgets.noninteractive, palette.panel, palette.text),
        (&mut visuals.widgets.inactive, palette.raised, palette.text),
        (&mut visuals.widgets.hovered, palette.hairline, palette.text),
        (&mut visuals.widgets.active, palette.hairline, palette.text),
        (&mut visuals.widgets.open, palette.raised, palette.text),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.fg_stroke = Stroke::new(1.0, text);
        widget.bg_stroke = Stroke::NONE;
        widget.corner_radius = corner;
        widget.expansion = 0.0;
    }
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.hairline);
    visuals.widgets.hovered.bg_stroke = Stroke::new(1.0, palette.third);
    // This is what a widget looks like that has the keyboard.
    visuals.widgets.active.bg_stroke = Stroke::new(1.0, palette.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: Color32) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn edges_are_seen_on_every_surface() {
        for palette in [DARK, LIGHT] {
            for surface in [palette.ground, palette.panel, palette.raised] {
                let contrast = contrast(palette.edge, surface);
                assert!(contrast >= 3.0, "on {surface:?}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn every_colour_of_text_is_readable_on_every_surface() {
        for palette in [DARK, LIGHT] {
            for surface in [palette.ground, palette.panel, palette.raised] {
                for colour in [
                    palette.text,
                    palette.second,
                    palette.third,
                    palette.synchronous,
                    palette.asynchronous,
                    palette.batch,
                    palette.http,
                    palette.ok,
                    palette.error,
                    palette.throttle,
                ] {
                    let contrast = contrast(surface, colour);
                    assert!(contrast >= 4.5, "{colour:?} on {surface:?}: {contrast:.2}");
                }
            }
        }
    }
}
