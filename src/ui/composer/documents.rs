//! Checking and formatting documents away from the window's thread, one at a time.

use super::drafts::{Drafts, Key};
use crate::command::{Command, DocumentWork};
use crate::event::DocumentError;
use crate::ui::action::Action;

/// Tickets of document work; the executor answers the latest.
#[derive(Default)]
pub struct Documents {
    ticket: u64,
    working: Option<Working>,
}

struct Working {
    ticket: u64,
    key: Key,
    revision: u64,
    work: DocumentWork,
}

impl Documents {
    /// Has the present text checked, once a revision. While an answer is on its way nothing is asked: it is asked for
    /// the text that is there then.
    pub fn check(&mut self, drafts: &mut Drafts, key: &Key, actions: &mut Vec<Action>) {
        let draft = drafts.entry(key);
        let revision = draft.document.revision();
        let known = draft.checked.as_ref().is_some_and(|(of, _)| *of == revision);
        let under_way = self.working.as_ref().is_some_and(|working| working.key == *key);
        if !known && !under_way {
            self.begin(drafts, key, DocumentWork::Check, actions);
        }
    }

    /// Asks for work on the present text; work that was under way is forgotten.
    pub fn begin(&mut self, drafts: &mut Drafts, key: &Key, work: DocumentWork, actions: &mut Vec<Action>) {
        self.ticket += 1;
        let draft = drafts.entry(key);
        let (ticket, revision, text) = (self.ticket, draft.document.revision(), draft.document.to_text());
        self.working = Some(Working { ticket, key: key.clone(), revision, work });
        actions.push(Action::Command(Command::Document { ticket, work, text }));
    }

    /// Takes an answer in, unless the text has changed meanwhile. Returns whether the text is another one now.
    pub fn done(&mut self, drafts: &mut Drafts, ticket: u64, result: &Result<Option<String>, DocumentError>) -> bool {
        let Some(working) = self.working.take_if(|working| working.ticket == ticket) else { return false };
        let draft = drafts.entry(&working.key);
        if draft.document.revision() != working.revision {
            return false;
        }
        match result {
            Ok(None) => draft.checked = Some((working.revision, None)),
            Ok(Some(text)) => {
                draft.document.replace_all(text);
                draft.checked = Some((draft.document.revision(), None));
                return true;
            }
            Err(error) => {
                draft.checked = Some((working.revision, Some(error.clone())));
                if working.work != DocumentWork::Check {
                    draft.document.go_to(error.line, error.column);
                    return true;
                }
            }
        }
        false
    }
}
