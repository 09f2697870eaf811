//! Checking, formatting and sorting documents of any size, off the loop and off the window; the latest request wins.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::event_loop::Message;
use crate::command::DocumentWork;
use crate::event::DocumentError;
use crate::events_catalog::json_text;
use crate::events_catalog::variables::{self, Expansion};
use crate::service::time::Timestamp;

struct Request {
    ticket: u64,
    work: DocumentWork,
    text: String,
    variables: Arc<BTreeMap<String, String>>,
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

    pub fn begin(&mut self, ticket: u64, work: DocumentWork, text: String, variables: Arc<BTreeMap<String, String>>) {
        self.next = Some(Request { ticket, work, text, variables });
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
            let result = work(request.work, &request.text, &request.variables);
            // The loop is gone: so is whoever asked.
            let _ = messages.blocking_send(Message::Document { ticket: request.ticket, result });
        });
    }
}

/// Whether a document can be sent. Variables are filled in as they will be then, but for what differs from time to time.
fn check(text: &str, variables: &BTreeMap<String, String>) -> Result<(), DocumentError> {
    let environment = &|name: &str| std::env::var(name).ok();
    variables::check(text, &Expansion { now: Timestamp::default(), seq: 1, seed: 0, environment, variables })
}

fn work(work: DocumentWork, text: &str, variables: &BTreeMap<String, String>) -> Result<Option<String>, DocumentError> {
    let changed = match work {
        DocumentWork::Check => return check(text, variables).map(|()| None),
        DocumentWork::Format => json_text::format(text)?,
        DocumentWork::Minify => json_text::minify(text)?,
        DocumentWork::SortKeys => json_text::sort_keys(text)?,
    };
    Ok((changed != text).then_some(changed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_checked_with_its_variables_and_laid_out_without() {
        let text = "{\"id\":{{uuid}}}";
        let work_on = |wanted, text| work(wanted, text, &variables::NO_VARIABLES);
        assert!(work_on(DocumentWork::Check, text).is_err_and(|error| error.column == 7));
        assert_eq!(work_on(DocumentWork::Format, text).unwrap().as_deref(), Some("{\n  \"id\": {{uuid}}\n}"));
        assert_eq!(work_on(DocumentWork::Check, "{\"id\":\"{{uuid}}\"}"), Ok(None));
        let own = BTreeMap::from([("amount".to_owned(), "12".to_owned())]);
        assert_eq!(work(DocumentWork::Check, "{{amount}}", &own), Ok(None));
        assert!(work_on(DocumentWork::Check, "{{amount}}").is_err());
    }
}
