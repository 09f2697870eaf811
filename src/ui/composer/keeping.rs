//! Keeping what is typed and in no file over an end of the program: a moment after the last edit it is sent to be written, and
//! at the next start it is put back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Composer;
use super::desk::{Desk, kept, words};
use crate::command::{Command, TextPlace, UnsavedText};
use crate::event::NoticeLevel;
use crate::ui::action::Action;

/// Seconds after the last edit, and seconds that somebody types without a pause, until it is kept.
const PAUSE: f64 = 1.0;
const LONGEST: f64 = 5.0;
/// Bytes that are kept of a workspace, with what the files held when the edits began.
const MOST: usize = 32 << 20;
/// Texts that are named; more are counted.
const NAMED: usize = 3;

/// An unsaved text as it stood.
type Mark = (TextPlace, (u64, u64));

/// What is kept of a workspace.
#[derive(Default)]
struct Kept {
    marks: Vec<Mark>,
    /// What is to be kept instead, if it is not that.
    next: Option<Next>,
    /// It was said that there is too much.
    told: bool,
}

struct Next {
    marks: Vec<Mark>,
    /// When the first of these edits was made, and the last; in seconds of the window's time.
    first: f64,
    last: f64,
}

impl Kept {
    /// When `marks` are to be kept, if they are not; looked at `now`.
    fn due(&mut self, marks: Vec<Mark>, now: f64) -> Option<f64> {
        if marks == self.marks {
            self.next = None;
            return None;
        }
        let first = self.next.as_ref().map_or(now, |next| next.first);
        if self.next.as_ref().is_none_or(|next| next.marks != marks) {
            self.next = Some(Next { marks, first, last: now });
        }
        self.next.as_ref().map(|next| (next.last + PAUSE).min(next.first + LONGEST))
    }

    /// What was to be kept is on its way.
    fn sent(&mut self) {
        if let Some(next) = self.next.take() {
            self.marks = next.marks;
        }
    }
}

/// What is kept of each workspace whose texts have come back: one that has not been read is not written over.
#[derive(Default)]
pub(super) struct Keeping(BTreeMap<PathBuf, Kept>);

impl Composer {
    /// Sends what was typed and is in no file to be kept, a moment after the last edit.
    pub(super) fn keep_soon(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        let now = ctx.input(|input| input.time);
        let mut keeping = std::mem::take(&mut self.keeping);
        for mut desk in self.desks() {
            let Some(of_desk) = keeping.0.get_mut(desk.folder) else { continue };
            let Some(due) = of_desk.due(marks(&mut desk), now) else { continue };
            if due > now {
                ctx.request_repaint_after(Duration::from_secs_f64(due - now));
                continue;
            }
            of_desk.sent();
            let (texts, left_out) = texts(&mut desk);
            if let Some(first) = left_out.first().filter(|_| !std::mem::replace(&mut of_desk.told, true)) {
                actions.push(Action::Notify(NoticeLevel::Warning, too_much(first)));
            }
            actions.push(Action::Command(Command::KeepTexts { workspace: desk.folder.to_path_buf(), texts }));
        }
        self.keeping = keeping;
    }

    /// What is to be kept as the window closes: nothing where somebody wanted to close without it.
    pub fn keep_at_end(&mut self, is_discarded: bool) -> Vec<Command> {
        let keeping = std::mem::take(&mut self.keeping);
        let mut commands = Vec::new();
        for mut desk in self.desks() {
            let Some(of_desk) = keeping.0.get(desk.folder) else { continue };
            let now = if is_discarded { Vec::new() } else { marks(&mut desk) };
            if now != of_desk.marks {
                let texts = if is_discarded { Vec::new() } else { texts(&mut desk).0 };
                commands.push(Command::KeepTexts { workspace: desk.folder.to_path_buf(), texts });
            }
        }
        commands
    }

    /// What was to be kept was not taken; it is tried again.
    pub(super) fn not_kept(&mut self, workspace: &Path) {
        if let Some(of_desk) = self.keeping.0.get_mut(workspace) {
            of_desk.marks.clear();
        }
    }

    /// Puts back what was typed for a workspace and was in no file when the program ended, and says so. What has been open since
    /// the start is newer.
    pub(super) fn bring_back(&mut self, workspace: &Path, texts: &[UnsavedText], actions: &mut Vec<Action>) {
        if self.keeping.0.contains_key(workspace) {
            return;
        }
        let is_open = self.workspace.folder == workspace;
        if !is_open {
            self.elsewhere.entry(workspace.to_path_buf()).or_default();
            // It is about to be opened, and this is what somebody was at.
            let mut functions = texts.iter().filter_map(|text| match &text.place {
                TextPlace::Event { function, .. } => Some(function.clone()),
                TextPlace::Code(_) => None,
            });
            functions.next_back().into_iter().for_each(|function| self.choose(&function));
        }
        let mut of_desk = Kept::default();
        let mut back = Vec::new();
        for mut desk in self.desks() {
            if desk.folder == workspace {
                back = texts.iter().filter(|text| desk.bring_back((*text).clone())).map(|text| words(&text.place)).collect();
                of_desk.marks = marks(&mut desk);
            }
        }
        self.keeping.0.insert(workspace.to_path_buf(), of_desk);
        if !back.is_empty() {
            actions.push(Action::Notify(NoticeLevel::Warning, back_words(&back)));
        }
    }
}

fn marks(desk: &mut Desk<'_>) -> Vec<Mark> {
    desk.unsaved().map(|(place, edited)| (place, edited.state())).collect()
}

/// The texts that are kept, and the names of those for which there is no room.
fn texts(desk: &mut Desk<'_>) -> (Vec<UnsavedText>, Vec<String>) {
    let (mut texts, mut left_out, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (place, edited) in desk.unsaved() {
        let more = edited.document.len() + edited.file().map_or(0, |file| file.len());
        if bytes + more > MOST {
            left_out.push(words(&place));
        } else {
            bytes += more;
            texts.push(kept(place, edited));
        }
    }
    (texts, left_out)
}

fn too_much(first: &str) -> String {
    format!("Edits of more than {} MB are not kept over an end of the program: {first} is too large. Save it.", MOST >> 20)
}

fn back_words(back: &[String]) -> String {
    let named = back[..back.len().min(NAMED)].join(", ");
    let more = match back.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("Edits that were not saved when the program ended are back: {named}{more}. Undo leads back to before them.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(revision: u64) -> Vec<Mark> {
        vec![(TextPlace::Code("a.mjs".into()), (revision, 0))]
    }

    #[test]
    fn edits_are_kept_a_moment_after_the_last_one_and_at_times_while_somebody_types_on() {
        let mut kept = Kept::default();
        assert_eq!(kept.due(Vec::new(), 0.0), None);
        assert_eq!(kept.due(mark(1), 10.0), Some(11.0));
        assert_eq!(kept.due(mark(1), 10.9), Some(11.0), "nothing was typed since");
        assert_eq!(kept.due(mark(2), 10.9), Some(11.9));
        assert_eq!(kept.due(mark(3), 14.8), Some(15.0), "five seconds after the first");
        kept.sent();
        assert_eq!(kept.due(mark(3), 15.0), None, "a still window asks for nothing");
        assert_eq!(kept.due(Vec::new(), 20.0), Some(21.0), "saved: it goes as well");
        assert_eq!(kept.due(mark(3), 20.5), None, "undone");
    }
}
