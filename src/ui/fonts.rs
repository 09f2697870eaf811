//! Inter for text, JetBrains Mono for code and figures, Phosphor for icons: all part of the program.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};

const FONTS: [(&str, &[u8]); 6] = [
    ("inter", include_bytes!("../../assets/fonts/Inter-Regular.ttf")),
    ("inter-medium", include_bytes!("../../assets/fonts/Inter-Medium.ttf")),
    ("inter-semibold", include_bytes!("../../assets/fonts/Inter-SemiBold.ttf")),
    ("mono", include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")),
    ("mono-medium", include_bytes!("../../assets/fonts/JetBrainsMono-Medium.ttf")),
    ("phosphor", include_bytes!("../../assets/fonts/Phosphor.ttf")),
];

/// Installs them. Icons have a family of their own: Inter's private-use glyphs would shadow some of them.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    for (name, bytes) in FONTS {
        fonts.font_data.insert(name.into(), Arc::new(FontData::from_static(bytes)));
    }
    let fallback: Vec<String> = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let family = |first: &[&str]| first.iter().map(|name| (*name).to_owned()).chain(fallback.iter().cloned()).collect::<Vec<_>>();
    fonts.families.insert(FontFamily::Proportional, family(&["inter"]));
    fonts.families.insert(FontFamily::Monospace, family(&["mono", "inter"]));
    fonts.families.insert(FontFamily::Name("medium".into()), family(&["inter-medium"]));
    fonts.families.insert(FontFamily::Name("semibold".into()), family(&["inter-semibold"]));
    fonts.families.insert(FontFamily::Name("mono-medium".into()), family(&["mono-medium", "inter"]));
    fonts.families.insert(FontFamily::Name("icons".into()), family(&["phosphor", "inter"]));
    ctx.set_fonts(fonts);
}
