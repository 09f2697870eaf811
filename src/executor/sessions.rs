//! A workspace while it is open: its beginning, changes of its files, and what the store says.

use std::path::PathBuf;
use std::sync::Arc;

use super::event_loop::EventLoop;
use crate::event::{Event, NoticeLevel};
use crate::service::input::Input;
use crate::store::{Restored, StoreReport};

impl EventLoop {
    /// The service learns of functions and queues, then of what an earlier run left.
    pub(super) fn begin_session(&mut self, restored: Restored) {
        for input in self.files.inputs() {
            self.input(input);
        }
        if !restored.events.is_empty() || !restored.messages.is_empty() {
            let count = restored.events.len() + restored.messages.len();
            self.outbox.notice(NoticeLevel::Information, format!("{count} events and messages of an earlier run wait where they were."));
            self.input(Input::Restore { events: restored.events, messages: restored.messages });
        }
        self.show_files();
        self.storage.search(String::new(), 200);
    }

    pub(super) fn show_files(&mut self) {
        self.outbox.push_now(Event::Workspace(self.files.view()));
    }

    pub(super) fn files_changed(&mut self, paths: &[PathBuf]) {
        let file = self.files.workspace.file.clone();
        if paths.contains(&file) {
            self.reload();
        }
        for function in self.files.functions_of(paths) {
            if let Some(input) = self.files.code_changed(&function) {
                self.input(input);
            }
        }
        self.files.refresh_view();
        self.show_files();
    }

    pub(super) fn reload(&mut self) {
        for input in self.files.reload() {
            self.input(input);
        }
        self.show_files();
    }

    pub(super) fn runtime_found(&mut self, function: &str, runtime: Arc<str>) {
        if self.files.runtime_found(function, runtime) {
            self.files.refresh_view();
            self.show_files();
        }
    }

    pub(super) fn take_storage(&mut self) {
        for report in self.storage.take_reports() {
            match report {
                StoreReport::Stored { ticket } => self.input(Input::Stored { ticket }),
                StoreReport::Failed { tickets, sentence } => {
                    self.outbox.error(sentence.clone());
                    self.input(Input::NotStored { tickets, reason: sentence.into() });
                }
                StoreReport::History { text, rows, total } => self.outbox.push_now(Event::History { text, rows, total }),
                StoreReport::HistoryInvocation { found: Some(found), .. } => self.outbox.push_now(Event::HistoryInvocation(found)),
                StoreReport::HistoryInvocation { found: None, .. } => {
                    self.outbox.notice(NoticeLevel::Information, "The history no longer has this invocation.");
                }
                StoreReport::HistoryCleared => self.storage.search(String::new(), 200),
                StoreReport::Notice { sentence } => self.outbox.notice(NoticeLevel::Warning, sentence),
            }
        }
    }
}
