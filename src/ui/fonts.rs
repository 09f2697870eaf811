//! Inter for text, JetBrains Mono for code and figures, Phosphor for icons, Noto for emoji in people's logs and payloads: all part
//! of the program.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontTweak};

const FONTS: [(&str, &[u8]); 6] = [
    ("inter", include_bytes!("../../assets/fonts/Inter-Regular.ttf")),
    ("inter-medium", include_bytes!("../../assets/fonts/Inter-Medium.ttf")),
    ("inter-semibold", include_bytes!("../../assets/fonts/Inter-SemiBold.ttf")),
    ("mono", include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")),
    ("mono-medium", include_bytes!("../../assets/fonts/JetBrainsMono-Medium.ttf")),
    ("phosphor", include_bytes!("../../assets/fonts/Phosphor.ttf")),
];

/// The last resort of every family; drawn a little smaller, since they fill their line.
const EMOJI: [(&str, &[u8]); 2] =
    [("emoji", epaint_default_fonts::NOTO_EMOJI_REGULAR), ("more-emoji", epaint_default_fonts::EMOJI_ICON)];
const EMOJI_SCALE: f32 = 0.85;

/// Installs them. Icons have a family of their own: Inter's private-use glyphs would shadow some of them.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in FONTS {
        fonts.font_data.insert(name.into(), Arc::new(FontData::from_static(bytes)));
    }
    for (name, bytes) in EMOJI {
        let smaller = FontTweak { scale: EMOJI_SCALE, ..FontTweak::default() };
        fonts.font_data.insert(name.into(), Arc::new(FontData::from_static(bytes).tweak(smaller)));
    }
    let family = |first: &[&str]| first.iter().copied().chain(EMOJI.map(|(name, _)| name)).map(str::to_owned).collect::<Vec<_>>();
    fonts.families.insert(FontFamily::Proportional, family(&["inter"]));
    fonts.families.insert(FontFamily::Monospace, family(&["mono", "inter"]));
    fonts.families.insert(FontFamily::Name("medium".into()), family(&["inter-medium"]));
    fonts.families.insert(FontFamily::Name("semibold".into()), family(&["inter-semibold"]));
    fonts.families.insert(FontFamily::Name("mono-medium".into()), family(&["mono-medium", "inter"]));
    fonts.families.insert(FontFamily::Name("icons".into()), family(&["phosphor", "inter"]));
    ctx.set_fonts(fonts);
}
