//! Lines of a log: its beginning, its end, and as much of what lies between as somebody asks for.

use std::borrow::Cow;
use std::hash::Hash;

use egui::{Label, Response, RichText, ScrollArea, Ui};

use super::action::Action;
use super::menus::{item_menu, of_line};
use super::theme::{self, Palette, SMALL};
use super::widgets;
use crate::model::selection::Selection;
use crate::service::input::LogLine;
use crate::service::time::Timestamp;

/// Lines at the beginning and at the end of a long log that are always shown: START is in the one, END and REPORT in the other.
const EDGE: usize = 150;
/// Lines that one press shows in addition.
const MORE: usize = 500;
/// Characters of a line that are shown; copying takes all of it.
const LONGEST: usize = 1_000;
/// Characters of a request id.
const ID: usize = 36;
/// Points that a log scrolls in at least, where what stands above it leaves less.
const LEAST: f32 = 180.0;

/// How much of the log is asked for, and of what.
#[derive(Default)]
pub struct LogView {
    more: usize,
    of: Selection,
}

impl LogView {
    /// `left_out` lines are not in the window's memory but in the history; `time` writes when a line was written.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        of: &Selection,
        (lines, left_out): (&[&LogLine], usize),
        time: impl Fn(Timestamp) -> String,
        actions: &mut Vec<Action>,
    ) {
        if self.of != *of {
            *self = Self { more: 0, of: of.clone() };
        }
        let (first, last) = parts(lines.len(), self.more);
        let mut shown = |ui: &mut Ui, part: &[&LogLine]| {
            for line in part {
                let response = line_ui(ui, line, time(line.at), "Copy log has all that is kept");
                item_menu(&response, || of_line(line, lines.iter().copied()), actions);
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

/// A log that scrolls by itself down to the `fold`, a place on screen. One that `follows` begins at its newest line and
/// stays at that until somebody scrolls up. What is of another log, by `of`, has a place of its own.
pub fn following(ui: &mut Ui, of: impl Hash + std::fmt::Debug, follows: bool, fold: f32, lines: impl FnOnce(&mut Ui)) {
    let room = (fold - ui.cursor().top()).max(LEAST).floor();
    let area = ScrollArea::vertical().id_salt(("log", of)).max_height(room).auto_shrink(false).stick_to_bottom(follows);
    let shown = area.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        lines(ui);
    });
    // The area goes to lines that were written now in its next frame, for which nothing else may ask.
    let height = shown.content_size.y;
    let before = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default::<f32>(shown.id), height));
    if follows && before != height {
        ui.request_repaint();
    }
}

/// One line, in the colour of what it tells, behind its `time`; `whole` says where a line that is cut can be had whole.
pub fn line_ui(ui: &mut Ui, line: &LogLine, time: String, whole: &str) -> Response {
    let palette = Palette::of(ui);
    let own = ["START ", "END ", "REPORT ", "INIT_"].iter().any(|own| line.text.starts_with(own));
    let failed = line.text.contains("ERROR") || line.text.contains("Status: ");
    let colour = match (failed, own) {
        (true, _) => palette.error,
        (false, true) => palette.second,
        (false, false) => palette.text,
    };
    let words = in_short(&line.text);
    let label = Label::new(RichText::new(shown(&words, whole)).font(theme::mono(SMALL)).color(colour)).selectable(true);
    // These have nothing but the request id, which stands above.
    let one_line = ["START ", "END "].iter().any(|own| line.text.starts_with(own));
    let label = if one_line { label.truncate() } else { label.wrap() };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        let time = Label::new(RichText::new(time).font(theme::mono(SMALL)).color(palette.third)).selectable(false);
        ui.add(time).on_hover_text(line.at.iso_millis());
        let label = ui.add(label);
        if *words != *line.text { label.on_hover_text(shown(&line.text, whole)) } else { label }
    })
    .inner
}

/// What was written, without the time and the request id that Lambda's Node.js runtime puts before it, since both stand
/// around it already; `INFO` says no more than that it was written. Of the id in the lines of the service the beginning.
fn in_short(text: &str) -> Cow<'_, str> {
    let mut parts = text.splitn(3, '\t');
    if let (Some(time), Some(id), Some(rest)) = (parts.next(), parts.next(), parts.next())
        && (time.len(), id.len()) == (24, ID)
        && time.ends_with('Z')
    {
        return rest.strip_prefix("INFO\t").unwrap_or(rest).into();
    }
    let id = text.split_once("RequestId: ").filter(|(before, _)| ["START ", "END ", "REPORT "].contains(before));
    match id.and_then(|(before, rest)| Some((before, rest.get(..8)?, rest.get(ID..)?))) {
        Some((before, id, after)) if !after.starts_with(|next: char| next.is_alphanumeric()) => {
            format!("{before}RequestId: {id}… {}", after.trim_start()).trim_end().to_owned().into()
        }
        _ => text.into(),
    }
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
    fn what_stands_beside_a_line_is_not_told_again() {
        let (time, id) = ("2026-03-01T10:00:05.568Z", "7f3c0a52-1d0e-4b3f-9a61-4f2c8e90d1aa");
        assert_eq!(in_short(&format!("{time}\t{id}\tINFO\tcharging\t149.00")), "charging\t149.00");
        assert_eq!(in_short(&format!("{time}\t{id}\tERROR\tno")), "ERROR\tno");
        assert_eq!(in_short(&format!("START RequestId: {id} Version: $LATEST")), "START RequestId: 7f3c0a52… Version: $LATEST");
        assert_eq!(in_short(&format!("END RequestId: {id}")), "END RequestId: 7f3c0a52…");
        for other in ["START RequestId: 7", "a\tb\tc", "", &format!("of RequestId: {id}"), &format!("END RequestId: {id}0")] {
            assert_eq!(in_short(other), other);
        }
    }

    #[test]
    fn a_very_long_line_is_cut_and_says_how_long_it_is() {
        assert_eq!(shown("a\tb", ""), "a  b");
        let text = shown(&"ä".repeat(400_000), "Copy log has all that is kept");
        assert!(text.ends_with("ä… (400,000 characters; Copy log has all that is kept)"), "{}", &text[1_990..]);
        assert!(text.chars().count() < LONGEST + 60);
    }
}
