//! Checking, formatting and sorting documents of any size, off the loop and off the window; the latest request wins.

use tokio::sync::mpsc;

use super::event_loop::Message;
use crate::command::DocumentWork;
use crate::event::DocumentError;
use crate::events_catalog::json_text;

struct Request {
    ticket: u64,
    work: DocumentWork,
    text: String,
}

/// At most one document is worked on; of those that come meanwhile only the last is kept.
pub struct Documents {
    messages: mpsc::Sender<Message>,
    busy: bool,
    next: Option<Request>,
}

impl Documents {
    #[must_use]
    pub fn new(messages: mpsc::Sender<Message>) -> Self {
        Self { messages, busy: false, next: None }
    }

    pub fn begin(&mut self, ticket: u64, work: DocumentWork, text: String) {
        self.next = Some(Request { ticket, work, text });
        self.start_next();
    }

    /// A result has come.
    pub fn ended(&mut self) {
        self.busy = false;
        self.start_next();
    }

    fn start_next(&mut self) {
        if self.busy {
            return;
        }
        let Some(request) = self.next.take() else { return };
        self.busy = true;
        let messages = self.messages.clone();
        tokio::task::spawn_blocking(move || {
            let result = work(request.work, &request.text);
            // The loop is gone: so is whoever asked.
            let _ = messages.blocking_send(Message::Document { ticket: request.ticket, result });
        });
    }
}

fn work(work: DocumentWork, text: &str) -> Result<Option<String>, DocumentError> {
    let changed = match work {
        DocumentWork::Check => return json_text::check(text).map(|()| None),
        DocumentWork::Format => json_text::format(text)?,
        DocumentWork::Minify => json_text::minify(text)?,
        DocumentWork::SortKeys => json_text::sort_keys(text)?,
    };
    Ok((changed != text).then_some(changed))
}
