//! What a frame of the editor costs at 6 MB, in milliseconds of layout and tessellation, beside `egui::TextEdit`.
//!
//! `cargo bench --bench editor`. Every figure is the median and the 95th percentile of frames with exactly one event.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::sync::Arc;
use std::time::Instant;

use egui::{Context, Event, FontData, FontDefinitions, FontFamily, Key, Modifiers, RawInput, Rect, TextEdit, Ui, Vec2};
use invokelab::model::editor::{Document, Language, Selection};
use invokelab::ui::editor::{CodeEditor, EditorColours, EditorOptions};

const SIX_MB: usize = 6 << 20;

fn main() {
    println!("{:<44} {:>9} {:>9}", "milliseconds a frame", "p50", "p95");
    for (name, pretty) in [("6 MB pretty", true), ("6 MB one line", false)] {
        open_and_edit(name, &records(SIX_MB, pretty));
    }
    wide_characters();
    for size in [10 << 10, 256 << 10] {
        peer(size);
    }
}

/// About `size` bytes of records.
fn records(size: usize, pretty: bool) -> String {
    let mut text = String::from("{\"records\": [");
    let mut index = 0;
    while text.len() < size {
        let (line, indent) = if pretty { ("\n", "    ") } else { ("", "") };
        let comma = if index == 0 { "" } else { "," };
        text.push_str(&format!(
            "{comma}{line}{indent}{{{line}{indent}  \"order_id\": \"order-{index}\",{line}{indent}  \"price\": {index}.00,{line}{indent}  \"placed_at\": \"{{{{now}}}}\",{line}{indent}  \"gift\": false{line}{indent}}}"
        ));
        index += 1;
    }
    text.push_str("]}");
    text
}

struct Window {
    ctx: Context,
    time: f64,
}

impl Window {
    fn new() -> Self {
        let ctx = Context::default();
        ctx.set_fonts(fonts());
        let mut window = Self { ctx, time: 0.0 };
        for _ in 0..3 {
            window.frame(Vec::new(), |ui| {
                ui.monospace("warm up: {\"order_id\": 0123456789.,}");
            });
        }
        window
    }

    /// One frame with `events`; milliseconds of running and tessellating it.
    fn frame(&mut self, events: Vec<Event>, show: impl FnMut(&mut Ui)) -> f64 {
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(1000.0, 800.0))),
            time: Some(self.time),
            focused: true,
            events,
            ..RawInput::default()
        };
        let started = Instant::now();
        let output = self.ctx.run_ui(input, show);
        let shapes = self.ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
        let took = started.elapsed().as_secs_f64() * 1_000.0;
        std::hint::black_box(shapes);
        output.drop_without_applying_deltas();
        took
    }
}

fn fonts() -> FontDefinitions {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let font = files
        .filter(|path| path.extension().is_some_and(|end| end == "ttf"))
        .find(|path| path.to_string_lossy().contains("Mono"));
    let bytes = std::fs::read(font.expect("a monospace font in assets/fonts")).expect("the font can be read");
    let mut fonts = FontDefinitions::empty();
    fonts.font_data.insert("mono".to_owned(), Arc::new(FontData::from_owned(bytes)));
    for family in [FontFamily::Monospace, FontFamily::Proportional] {
        fonts.families.entry(family).or_default().push("mono".to_owned());
    }
    fonts
}

struct Bench {
    window: Window,
    editor: CodeEditor,
    document: Document,
    colours: EditorColours,
}

impl Bench {
    fn new(document: Document) -> Self {
        let mut editor = CodeEditor::default();
        editor.request_focus();
        Self { window: Window::new(), editor, document, colours: EditorColours::dark() }
    }

    fn frame(&mut self, events: Vec<Event>) -> f64 {
        let options = EditorOptions::new("Event", &self.colours);
        let (editor, document) = (&mut self.editor, &mut self.document);
        self.window.frame(events, |ui| {
            editor.show(ui, document, &options);
        })
    }

    fn settle(&mut self) {
        while !self.document.settled() {
            self.frame(Vec::new());
        }
        self.frame(Vec::new());
    }
}

fn key(key: Key, modifiers: Modifiers) -> Vec<Event> {
    vec![Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }]
}

fn report(name: &str, mut figures: Vec<f64>) {
    figures.sort_by(f64::total_cmp);
    let at = |share: f64| figures[((figures.len() - 1) as f64 * share).round() as usize];
    println!("{name:<44} {:>9.3} {:>9.3}", at(0.5), at(0.95));
}

fn open_and_edit(name: &str, text: &str) {
    let opened = (0..7).map(|_| {
        let mut bench = Bench::new(Document::default());
        let started = Instant::now();
        bench.document = Document::new(text, Language::Json);
        let loaded = started.elapsed().as_secs_f64() * 1_000.0;
        loaded + bench.frame(Vec::new())
    });
    report(&format!("{name}: open to first frame"), opened.collect());

    let mut bench = Bench::new(Document::new(text, Language::Json));
    bench.frame(Vec::new());
    let mut frames = Vec::new();
    while !bench.document.settled() {
        frames.push(bench.frame(Vec::new()));
    }
    report(&format!("{name}: the {} frames of lexing after that", frames.len()), frames);

    let middle = bench.document.text().floor(text.len() / 2);
    bench.document.select(Selection::at(middle));
    bench.editor.reveal_caret();
    bench.settle();
    report(&format!("{name}: idle"), (0..200).map(|_| bench.frame(Vec::new())).collect());
    report(
        &format!("{name}: keystroke"),
        (0..400).map(|index| bench.frame(vec![Event::Text(["7", " ", "a"][index % 3].to_owned())])).collect(),
    );
    report(
        &format!("{name}: keystroke with a quote"),
        (0..100)
            .map(|_| {
                let took = bench.frame(vec![Event::Text("\"".to_owned())]);
                bench.frame(key(Key::ArrowRight, Modifiers::NONE));
                took
            })
            .collect(),
    );
    bench.settle();
    report(&format!("{name}: Backspace"), (0..300).map(|_| bench.frame(key(Key::Backspace, Modifiers::NONE))).collect());
    report(&format!("{name}: undo"), (0..100).map(|_| bench.frame(key(Key::Z, Modifiers::COMMAND))).collect());
    bench.settle();
    report(&format!("{name}: scroll by a page"), (0..300).map(|_| bench.frame(key(Key::PageDown, Modifiers::NONE))).collect());
    report(
        &format!("{name}: jump to the other end"),
        (0..20).map(|index| bench.frame(key(if index % 2 == 0 { Key::Home } else { Key::End }, Modifiers::COMMAND))).collect(),
    );
    find(&mut bench, name);
    let megabyte = records(1 << 20, false);
    report(&format!("{name}: paste 1 MB"), vec![bench.frame(vec![Event::Paste(megabyte)])]);
}

fn find(bench: &mut Bench, name: &str) {
    bench.frame(key(Key::Home, Modifiers::COMMAND));
    bench.frame(key(Key::F, Modifiers::COMMAND));
    for _ in 0..3 {
        bench.frame(Vec::new());
    }
    let mut frames = vec![bench.frame(vec![Event::Text("order-9".to_owned())])];
    for _ in 0..20 {
        frames.push(bench.frame(Vec::new()));
    }
    report(&format!("{name}: find, frame by frame"), frames);
    report(&format!("{name}: next match"), (0..200).map(|_| bench.frame(key(Key::Enter, Modifiers::NONE))).collect());
    bench.frame(key(Key::Escape, Modifiers::NONE));
    bench.frame(Vec::new());
}

fn wide_characters() {
    let text = records(SIX_MB, false).replace("order-", "注文-");
    let mut bench = Bench::new(Document::new(&text, Language::Json));
    bench.frame(Vec::new());
    bench.settle();
    report("6 MB one line, CJK: first jump to the end", vec![bench.frame(key(Key::End, Modifiers::COMMAND))]);
    report("6 MB one line, CJK: keystroke", (0..300).map(|_| bench.frame(vec![Event::Text("7".to_owned())])).collect());
}

fn peer(size: usize) {
    let text = records(size, true);
    let kilobytes = size >> 10;
    let mut bench = Bench::new(Document::new(&text, Language::Json));
    bench.document.select(Selection::at(bench.document.text().floor(size / 2)));
    bench.settle();
    report(
        &format!("{kilobytes} KB pretty: keystroke"),
        (0..200).map(|_| bench.frame(vec![Event::Text("7".to_owned())])).collect(),
    );

    let mut window = Window::new();
    let mut plain = text;
    let mut show = |ui: &mut Ui| {
        let output = egui::ScrollArea::both()
            .show(ui, |ui| TextEdit::multiline(&mut plain).code_editor().desired_width(f32::INFINITY).show(ui));
        output.inner.response.request_focus();
    };
    for _ in 0..3 {
        window.frame(Vec::new(), &mut show);
    }
    report(
        &format!("{kilobytes} KB pretty: TextEdit, keystroke"),
        (0..60).map(|_| window.frame(vec![Event::Text("7".to_owned())], &mut show)).collect(),
    );
}
