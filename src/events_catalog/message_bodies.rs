//! A document as the messages it stands for: the elements of a list, or the records of an event that SQS sent.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What a document is made of when it goes to a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageBodies {
    /// A list; every element as it is written.
    Elements(Vec<String>),
    /// An event from SQS; the body of every record, as the text that the sender gave it.
    Records(Vec<String>),
}

impl MessageBodies {
    /// Reads a document; `None` for one that is a single message.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        match text.trim_start().as_bytes().first() {
            Some(b'[') => elements(text).map(Self::Elements),
            Some(b'{') => records(text).map(Self::Records),
            _ => None,
        }
    }

    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Elements(bodies) | Self::Records(bodies) => bodies.len(),
        }
    }
}

fn elements(text: &str) -> Option<Vec<String>> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    (!elements.is_empty()).then(|| elements.into_iter().map(|element| element.get().to_owned()).collect())
}

/// An event as Lambda hands it to a function that reads a queue.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

/// A record of another source has no `body` that is text, or says where it comes from.
#[derive(Deserialize)]
struct Record {
    body: String,
    #[serde(rename = "messageId")]
    message_id: Option<String>,
    #[serde(rename = "eventSource")]
    event_source: Option<String>,
}

fn records(text: &str) -> Option<Vec<String>> {
    let Envelope { records } = serde_json::from_str(text).ok()?;
    let from_queue = |record: &Record| match &record.event_source {
        Some(source) => source == "aws:sqs",
        None => record.message_id.is_some(),
    };
    (!records.is_empty() && records.iter().all(from_queue)).then(|| records.into_iter().map(|record| record.body).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_its_elements_as_they_are_written() {
        let bodies = MessageBodies::of(" [{\"price\": 129.00}, 2]");
        assert_eq!(bodies, Some(MessageBodies::Elements(vec!["{\"price\": 129.00}".into(), "2".into()])));
    }

    #[test]
    fn an_event_from_sqs_is_the_bodies_of_its_records() {
        for record in [r#""messageId": "m-1""#, r#""eventSource": "aws:sqs""#] {
            let text = format!(r#"{{"Records": [{{{record}, "body": "{{\"a\":1}}"}}, {{{record}, "body": "plain"}}]}}"#);
            assert_eq!(
                MessageBodies::of(&text),
                Some(MessageBodies::Records(vec!["{\"a\":1}".into(), "plain".into()])),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_one_message() {
        for text in [
            "{}",
            "[]",
            "3",
            "{\"Records\": []}",
            "{\"Records\": [{\"body\": \"b\"}]}",
            "{\"Records\": [{\"body\": \"b\", \"messageId\": \"m\", \"eventSource\": \"aws:kinesis\"}]}",
            "{\"Records\": [{\"eventSource\": \"aws:s3\", \"s3\": {}}]}",
            "[1, 2",
        ] {
            assert_eq!(MessageBodies::of(text), None, "{text}");
        }
    }

    #[test]
    fn the_demo_s_payments_are_records_with_one_poison() {
        let text = include_str!("../../assets/demo/events/billing/three records, one poison.json");
        let Some(MessageBodies::Records(bodies)) = MessageBodies::of(text) else { panic!("no records") };
        assert_eq!(bodies[1], "{\"orderId\":1046,\"amount\":39,\"poison\":true}");
        assert_eq!(bodies.len(), 3);
    }
}
