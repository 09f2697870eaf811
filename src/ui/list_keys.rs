//! Keys of a list of which one row has the keyboard: arrows and letters go to another row, Delete takes one out, and Tab leaves
//! the list instead of walking through it.

use egui::{Event, EventFilter, FocusDirection, Id, Key, Modifiers, Ui};

/// Seconds within which letters belong to one name.
const TOGETHER: f64 = 1.0;

/// A row as the keyboard sees it.
pub struct KeyRow<'a> {
    pub id: Id,
    pub name: &'a str,
    /// Rows of a section are left together.
    pub section: usize,
}

/// What the keyboard wants of a list, by the number of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Go(usize),
    Remove(usize),
}

/// What was typed to find a row.
#[derive(Default)]
pub struct ListKeys {
    typed: String,
    /// The last letter, in seconds of the window's time.
    at: f64,
    rows: Vec<Id>,
}

impl ListKeys {
    /// Whether this is a row, which takes keys and yet is no place to type in.
    #[must_use]
    pub fn is_row(&self, focused: Id) -> bool {
        self.rows.contains(&focused)
    }

    /// To be asked before the rows are drawn, so that the outline is where the keyboard is.
    pub fn wish(&mut self, ui: &Ui, rows: &[KeyRow<'_>]) -> Option<Wish> {
        self.rows.clear();
        self.rows.extend(rows.iter().map(|row| row.id));
        let focused = ui.memory(|memory| memory.focused())?;
        let at = rows.iter().position(|row| row.id == focused)?;
        let kept = EventFilter { vertical_arrows: true, tab: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(focused, kept));
        leave(ui, rows, at);
        let last = rows.len() - 1;
        let steps =
            [(Key::ArrowUp, at.saturating_sub(1)), (Key::ArrowDown, (at + 1).min(last)), (Key::Home, 0), (Key::End, last)];
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if let Some((_, to)) = steps.into_iter().find(|(key, _)| pressed(*key)) {
            return Some(Wish::Go(to));
        }
        if pressed(Key::Delete) {
            return Some(Wish::Remove(at));
        }
        self.found(ui, rows, at).map(Wish::Go)
    }

    /// The row that begins with what is typed.
    fn found(&mut self, ui: &Ui, rows: &[KeyRow<'_>], at: usize) -> Option<usize> {
        let (now, letters) = ui.input(|input| {
            let letters = input.events.iter().filter_map(|event| match event {
                Event::Text(text) if !text.trim().is_empty() => Some(text.to_lowercase()),
                _ => None,
            });
            (input.time, letters.collect::<String>())
        });
        if letters.is_empty() {
            return None;
        }
        if now - self.at > TOGETHER {
            self.typed.clear();
        }
        self.at = now;
        self.typed += &letters;
        next_named(rows.iter().map(|row| row.name), at, &self.typed)
    }
}

/// The first name from the row `at` on that begins with what was typed; of one letter, also typed several times, the next one.
fn next_named<'a>(names: impl Iterator<Item = &'a str>, at: usize, typed: &str) -> Option<usize> {
    let names: Vec<String> = names.map(str::to_lowercase).collect();
    let first = typed.chars().next()?;
    let letter = typed.chars().all(|letter| letter == first);
    let wanted = if letter { first.to_string() } else { typed.to_owned() };
    let from = at + usize::from(letter);
    (0..names.len()).map(|step| (from + step) % names.len()).find(|index| names[*index].starts_with(&wanted))
}

/// Tab goes to what stands behind the section, with Shift to what stands before it.
fn leave(ui: &Ui, rows: &[KeyRow<'_>], at: usize) {
    let mut section = rows.iter().filter(|row| row.section == rows[at].section);
    // With Shift first: the other one would take it, too.
    let [back, forward] = [Modifiers::SHIFT, Modifiers::NONE].map(|held| ui.input_mut(|input| input.consume_key(held, Key::Tab)));
    let edge = match (forward, back) {
        (true, _) => section.next_back().map(|row| (row.id, FocusDirection::Next)),
        (_, true) => section.next().map(|row| (row.id, FocusDirection::Previous)),
        _ => None,
    };
    if let Some((id, direction)) = edge {
        ui.memory_mut(|memory| {
            memory.request_focus(id);
            memory.move_focus(direction);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(at: usize, typed: &str) -> Option<usize> {
        next_named(["billing", "Confirm", "confirm-dlq", "notify"].into_iter(), at, typed)
    }

    #[test]
    fn letters_go_to_the_next_name_that_begins_so() {
        assert_eq!(found(0, "c"), Some(1));
        assert_eq!(found(1, "c"), Some(2), "one letter leaves the row");
        assert_eq!(found(2, "cc"), Some(1), "around the end");
        assert_eq!(found(1, "co"), Some(1), "more letters stay while they fit");
        assert_eq!(found(1, "confirm-"), Some(2));
        assert_eq!(found(3, "x"), None);
    }
}
