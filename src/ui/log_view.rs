//! Lines of a log: its beginning, its end, and as much of what lies between as somebody asks for.

use egui::{Label, Response, RichText, Ui};

use super::action::Action;
use super::deeds::{deeds_menu, of_line};
use super::theme::{self, Palette, SMALL};
use super::widgets;
use crate::model::selection::Selection;
use crate::service::input::LogLine;

/// Lines at the beginning and at the end of a long log that are always shown: START is in the one, END and REPORT in the other.
const EDGE: usize = 150;
/// Lines that one press shows in addition.
const MORE: usize = 500;
/// Characters of a line that are shown; copying takes all of it.
const LONGEST: usize = 1_000;

/// How much of the log is asked for, and of what.
#[derive(Default)]
pub struct LogView {
    more: usize,
    of: Selection,
}

impl LogView {
    /// `left_out` lines are not in the window's memory but in the history.
    pub fn ui(&mut self, ui: &mut Ui, of: &Selection, lines: &[&LogLine], left_out: usize, actions: &mut Vec<Action>) {
        if self.of != *of {
            *self = Self { more: 0, of: of.clone() };
        }
        ui.add_space(theme::GRID);
        if widgets::small_button(ui, "Copy log").clicked() {
            let all: Vec<&str> = lines.iter().map(|line| &*line.text).collect();
            actions.push(Action::Copy(all.join("\n")));
        }
        let (first, last) = parts(lines.len(), self.more);
        let mut shown = |ui: &mut Ui, part: &[&LogLine]| {
            for line in part {
                let response = line_ui(ui, line, "Copy log has all that is kept");
                deeds_menu(&response, || of_line(line, lines.iter().copied()), actions);
            }
        };
        shown(ui, &lines[..first]);
        if first < last {
            self.gap(ui, last - first);
        }
        shown(ui, &lines[last..]);
        if left_out > 0 {
            widgets::figure(ui, format!("{} more lines are in the history", widgets::grouped(left_out)));
        }
    }

    fn gap(&mut self, ui: &mut Ui, lines: usize) {
        ui.add_space(theme::GRID);
        let (noun, verb) = if lines == 1 { ("line", "is") } else { ("lines", "are") };
        let text = format!("{} {noun} between {verb} not shown; Copy log has them", widgets::grouped(lines));
        ui.label(RichText::new(text).size(SMALL).color(Palette::of(ui).second));
        if widgets::small_button(ui, format!("Show {} more", widgets::grouped(lines.min(MORE)))).clicked() {
            self.more += MORE;
        }
        ui.add_space(theme::GRID);
    }
}

/// Where the part at the beginning ends and the part at the end begins.
fn parts(lines: usize, more: usize) -> (usize, usize) {
    let first = EDGE + more;
    if lines <= first + EDGE { (lines, lines) } else { (first, lines - EDGE) }
}

/// One line, in the colour of what it tells; `whole` says where a line that is cut can be had whole.
pub fn line_ui(ui: &mut Ui, line: &LogLine, whole: &str) -> Response {
    let palette = Palette::of(ui);
    let own = ["START ", "END ", "REPORT ", "INIT_"].iter().any(|own| line.text.starts_with(own));
    let failed = line.text.contains("ERROR") || line.text.contains("Status: ");
    let colour = match (failed, own) {
        (true, _) => palette.error,
        (false, true) => palette.second,
        (false, false) => palette.text,
    };
    ui.add(Label::new(RichText::new(shown(&line.text, whole)).font(theme::mono(SMALL)).color(colour)).wrap().selectable(true))
}

/// The text without tabs; of a very long one the beginning and its length.
fn shown(text: &str, whole: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST) else { return text.replace('\t', "  ") };
    let characters = widgets::grouped(text.chars().count());
    format!("{}… ({characters} characters; {whole})", text[..end].replace('\t', "  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginning_and_end_of_a_long_log_are_shown_and_then_more() {
        assert_eq!(parts(0, 0), (0, 0));
        assert_eq!(parts(2 * EDGE, 0), (300, 300), "all of it");
        assert_eq!(parts(3_009, 0), (150, 2_859));
        assert_eq!(parts(3_009, MORE), (650, 2_859));
        assert_eq!(parts(3_009, 6 * MORE), (3_009, 3_009));
    }

    #[test]
    fn a_very_long_line_is_cut_and_says_how_long_it_is() {
        assert_eq!(shown("a\tb", ""), "a  b");
        let text = shown(&"ä".repeat(400_000), "Copy log has all that is kept");
        assert!(text.ends_with("ä… (400,000 characters; Copy log has all that is kept)"), "{}", &text[1_990..]);
        assert!(text.chars().count() < LONGEST + 60);
    }
}
