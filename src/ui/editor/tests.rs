//! The editor through the accessibility tree: what is typed, seen and asked for.

use egui::accesskit::Role;
use egui::{Event, ImeEvent, Key, Modifiers, Pos2, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, Node};

use super::{CodeEditor, EditorColours, EditorOptions};
use crate::event::DocumentError;
use crate::model::editor::{Document, Language, Selection};

struct State {
    editor: CodeEditor,
    document: Document,
    error: Option<DocumentError>,
    read_only: bool,
    submitted: usize,
    enter_seen: usize,
    changed: usize,
}

/// The program's own monospace font.
fn install_font(ctx: &egui::Context) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let font = files
        .filter(|path| path.extension().is_some_and(|end| end == "ttf"))
        .find(|path| path.to_string_lossy().contains("Mono"));
    let bytes = std::fs::read(font.unwrap()).unwrap();
    let mut fonts = egui::FontDefinitions::empty();
    fonts.font_data.insert("mono".to_owned(), std::sync::Arc::new(egui::FontData::from_owned(bytes)));
    for family in [egui::FontFamily::Monospace, egui::FontFamily::Proportional] {
        fonts.families.entry(family).or_default().push("mono".to_owned());
    }
    ctx.set_fonts(fonts);
}

fn harness<'a>(text: &str, language: Language) -> Harness<'a, State> {
    let state = State {
        editor: CodeEditor::default(),
        document: Document::new(text, language),
        error: None,
        read_only: false,
        submitted: 0,
        enter_seen: 0,
        changed: 0,
    };
    let show = |ui: &mut egui::Ui, state: &mut State| {
        let colours = EditorColours::dark();
        let options = EditorOptions {
            error: state.error.as_ref(),
            read_only: state.read_only,
            offers_format: true,
            ..EditorOptions::new("Event", &colours)
        };
        let shown = state.editor.show(ui, &mut state.document, &options);
        state.submitted += usize::from(shown.submitted);
        state.changed += usize::from(shown.changed);
        state.enter_seen += usize::from(ui.input(|input| input.key_pressed(Key::Enter) && input.modifiers.command));
    };
    let mut harness = Harness::builder()
        .with_context_setup(install_font)
        .with_step_dt(0.05)
        .with_size(Vec2::new(700.0, 400.0))
        .build_ui_state(show, state);
    harness.state_mut().editor.request_focus();
    harness.run_ok();
    harness
}

fn editor<'a>(harness: &'a Harness<'_, State>) -> Node<'a> {
    harness.get_by_role_and_label(Role::MultilineTextInput, "Event")
}

fn type_text(harness: &mut Harness<'_, State>, text: &str) {
    for c in text.chars() {
        harness.event(Event::Text(c.to_string()));
    }
    harness.run_ok();
}

fn press(harness: &mut Harness<'_, State>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_ok();
}

fn text(harness: &Harness<'_, State>) -> String {
    harness.state().document.to_text()
}

#[test]
fn typing_closes_brackets_and_is_spoken() {
    let mut harness = harness("", Language::Json);
    type_text(&mut harness, "{\"a\": [1");
    assert_eq!(text(&harness), "{\"a\": [1]}");
    assert_eq!(editor(&harness).accesskit_node().value().as_deref(), Some("{\"a\": [1]}"));
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_ne!(text(&harness), "{\"a\": [1]}");
    while !text(&harness).is_empty() {
        press(&mut harness, Modifiers::COMMAND, Key::Z);
    }
    assert!(harness.state().changed >= 3);
}

#[test]
fn enter_indents_and_ctrl_enter_is_left_to_others() {
    let mut harness = harness("", Language::Json);
    type_text(&mut harness, "{");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(text(&harness), "{\n  \n}");
    press(&mut harness, Modifiers::COMMAND, Key::Enter);
    assert_eq!(text(&harness), "{\n  \n}");
    assert_eq!((harness.state().submitted, harness.state().enter_seen), (1, 1));
}

#[test]
fn arrows_with_shift_select_and_copy_and_cut_take_the_selection() {
    let mut harness = harness("one two\nthree", Language::Plain);
    press(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::ArrowRight);
    assert_eq!(harness.state().document.selected_text(), "one");
    harness.event(Event::Cut);
    harness.run_ok();
    assert_eq!(text(&harness), " two\nthree");
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    harness.event(Event::Paste("X\nY".to_owned()));
    harness.run_ok();
    assert_eq!(text(&harness), " two\nX\nYthree");
    press(&mut harness, Modifiers::COMMAND, Key::A);
    assert_eq!(harness.state().document.selection().range(), 0..text(&harness).len());
}

/// The middle of a cell, by what the editor itself lays out.
fn cell(harness: &Harness<'_, State>, row: usize, column: usize) -> Pos2 {
    let rect = editor(harness).rect();
    let (font, pixels) =
        (egui::TextStyle::Monospace.resolve(&harness.ctx.style_of(harness.ctx.theme())), harness.ctx.pixels_per_point());
    let advance =
        harness.ctx.fonts_mut(|fonts| fonts.layout_no_wrap("0".repeat(64), font.clone(), egui::Color32::WHITE).size().x / 64.0);
    let height = (font.size * 1.5 * pixels).round() / pixels;
    let gutter = (advance * 6.5).round();
    Pos2::new(rect.left() + gutter + advance * (column as f32 + 0.2), rect.top() + height * (row as f32 + 0.5))
}

fn click_at(harness: &mut Harness<'_, State>, pos: Pos2, times: usize) {
    harness.event(Event::PointerMoved(pos));
    for _ in 0..times {
        for pressed in [true, false] {
            harness.event(Event::PointerButton {
                pos,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
            harness.step();
        }
    }
    harness.run_ok();
}

#[test]
fn clicks_place_the_caret_and_select_word_and_line() {
    let mut harness = harness("{\n  \"order_id\": 12\n}", Language::Json);
    let below = cell(&harness, 2, 0);
    click_at(&mut harness, below, 1);
    assert_eq!(harness.state().document.selection(), Selection::at(19));
    for _ in 0..20 {
        harness.step();
    }
    let at = cell(&harness, 1, 5);
    click_at(&mut harness, at, 2);
    assert_eq!(harness.state().document.selected_text(), "order_id");
}

#[test]
fn a_third_click_selects_the_line() {
    let mut harness = harness("{\n  \"order_id\": 12\n}", Language::Json);
    let at = cell(&harness, 1, 5);
    click_at(&mut harness, at, 3);
    assert_eq!(harness.state().document.selected_text(), "  \"order_id\": 12\n");
}

#[test]
fn find_counts_steps_and_gives_the_keyboard_back() {
    let mut harness = harness("beta\nalpha\nBeta\nbeta", Language::Plain);
    press(&mut harness, Modifiers::COMMAND, Key::F);
    type_text(&mut harness, "beta");
    assert_eq!(text(&harness), "beta\nalpha\nBeta\nbeta", "what is typed goes into the field");
    harness.get_by_label("1 of 3");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    harness.get_by_label("2 of 3");
    press(&mut harness, Modifiers::SHIFT, Key::Enter);
    harness.get_by_label("1 of 3");
    harness.get_by_role_and_label(Role::Button, "Match case").click();
    harness.run_ok();
    harness.get_by_label("1 of 2");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.query_by_label("1 of 2").is_none());
    type_text(&mut harness, "X");
    assert_eq!(text(&harness), "X\nalpha\nBeta\nbeta", "the match was selected");
}

#[test]
fn replace_all_is_undone_at_once() {
    let mut harness = harness("a b a", Language::Plain);
    press(&mut harness, Modifiers::COMMAND, Key::H);
    type_text(&mut harness, "a");
    harness.get_by_role_and_label(Role::TextInput, "Replace with").focus();
    harness.run_ok();
    type_text(&mut harness, "xx");
    harness.get_by_role_and_label(Role::Button, "Replace all").click();
    harness.run_ok();
    assert_eq!(text(&harness), "xx b xx");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(text(&harness), "a b a");
}

#[test]
fn go_to_line_takes_line_and_column() {
    let mut harness = harness(&"line\n".repeat(500), Language::Plain);
    press(&mut harness, Modifiers::COMMAND, Key::G);
    type_text(&mut harness, "321:3");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().document.caret_position(), (321, 3));
    assert!(harness.state().editor.scroll.top > 290.0);
    type_text(&mut harness, "X");
    assert_eq!(harness.state().document.text().string(1600..1605), "liXne");
}

#[test]
fn brackets_match_and_the_pointer_names_the_caret() {
    let mut harness = harness("{\"a\": [10, {\"b\": 2}]}", Language::Json);
    harness.state_mut().document.select(Selection::at(0));
    harness.run_ok();
    assert_eq!(harness.state().editor.brackets(), Some((0, 20)));
    harness.state_mut().document.select(Selection::at(17));
    harness.run_ok();
    assert_eq!(harness.state().editor.json_pointer(), "/a/1/b");
}

#[test]
fn an_input_method_composes_at_the_caret() {
    let mut harness = harness("\"\"", Language::Json);
    harness.state_mut().document.select(Selection::at(1));
    let preedit = |text: &str| Event::Ime(ImeEvent::Preedit { text: text.to_owned(), active_range_chars: None });
    harness.event(preedit("ni"));
    harness.step();
    assert_eq!(text(&harness), "\"\"", "what is being composed is not text yet");
    assert!(harness.output().platform_output.ime.is_some());
    harness.event(Event::Ime(ImeEvent::Commit("é".to_owned())));
    harness.run_ok();
    assert_eq!((text(&harness).as_str(), harness.state().document.selection().caret), ("\"é\"", 3));
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(text(&harness), "\"\"");
}

#[test]
fn read_only_text_can_be_walked_and_copied_but_not_changed() {
    let mut harness = harness("{\"a\": 1}", Language::Json);
    harness.state_mut().read_only = true;
    type_text(&mut harness, "x");
    press(&mut harness, Modifiers::NONE, Key::Backspace);
    harness.event(Event::Paste("y".to_owned()));
    harness.event(Event::Cut);
    press(&mut harness, Modifiers::NONE, Key::End);
    assert_eq!((text(&harness).as_str(), harness.state().document.selection().caret), ("{\"a\": 1}", 8));
}

#[test]
fn an_error_is_told_when_the_pointer_rests_on_it() {
    let mut harness = harness("{\n  \"a\": x\n}", Language::Json);
    let message = "x is no value; text stands in double quotes".to_owned();
    harness.state_mut().error = Some(DocumentError { line: 2, column: 8, message: message.clone() });
    harness.run_ok();
    assert!(harness.query_by_label(&message).is_none());
    let at = cell(&harness, 1, 7);
    harness.event(Event::PointerMoved(at));
    for _ in 0..30 {
        harness.step();
    }
    harness.get_by_label(&message);
}

#[test]
fn tab_stays_in_the_editor() {
    let mut harness = harness("a\nb", Language::Json);
    press(&mut harness, Modifiers::COMMAND, Key::A);
    press(&mut harness, Modifiers::NONE, Key::Tab);
    assert_eq!(text(&harness), "  a\n  b");
    press(&mut harness, Modifiers::SHIFT, Key::Tab);
    assert_eq!(text(&harness), "a\nb");
    assert!(editor(&harness).accesskit_node().is_focused());
}

#[test]
fn nothing_moves_while_nothing_happens() {
    let mut harness = harness("{\"a\": 1}", Language::Json);
    harness.state_mut().editor.touched_at = -100.0;
    harness.run_ok();
    let output = harness.output().viewport_output.values().next().map(|output| output.repaint_delay);
    assert!(output.is_some_and(|delay| delay > std::time::Duration::from_secs(5)), "{output:?}");
}

#[test]
fn a_long_line_that_is_typed_over_leaves_the_view_at_the_beginning_of_lines() {
    let mut harness = harness(&format!("{{\n    \"a\": \"{}\"\n}}", "x".repeat(300)), Language::Json);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    press(&mut harness, Modifiers::NONE, Key::Home);
    press(&mut harness, Modifiers::SHIFT, Key::End);
    assert!(harness.state().editor.scroll.left > 100.0, "the end is seen");
    type_text(&mut harness, "hello");
    assert_eq!(harness.state().editor.scroll.left, 0.0);
}

#[test]
fn a_text_that_becomes_narrow_scrolls_back_to_its_beginning() {
    for replace in [Document::load, Document::replace_all] {
        let mut harness = harness(&format!("{{\"text\": \"{}\"}}", "x".repeat(2_000)), Language::Json);
        harness.run();
        let end = harness.state().document.len();
        harness.state_mut().document.select(Selection::at(end));
        harness.state_mut().editor.request_focus();
        harness.run();
        harness.key_press(Key::ArrowLeft);
        harness.run();
        assert!(harness.state().editor.scroll.left > 1_000.0, "{}", harness.state().editor.scroll.left);
        replace(&mut harness.state_mut().document, "{\n  \"text\": 1\n}");
        harness.run();
        assert_eq!(harness.state().editor.scroll.left, 0.0);
    }
}
