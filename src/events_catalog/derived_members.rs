//! Members of an event that follow from its body: a digest, a length. A body that is set takes them along.

use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// Makes `md5OfBody` of each SQS record and the header `content-length` those of the bodies that were set, unless they were
/// set themselves. `is_set` tells of a JSON Pointer.
pub(super) fn refresh(event: &mut Value, is_set: impl Fn(&str) -> bool) {
    let records = event.get_mut("Records").and_then(Value::as_array_mut);
    for (index, record) in records.into_iter().flatten().enumerate() {
        let Some(record) = record.as_object_mut() else { continue };
        let set = |member: &str| is_set(&format!("/Records/{index}/{member}"));
        if set("body") && !set("md5OfBody") {
            replace(record, "md5OfBody", digest);
        }
    }
    if !is_set("/body") || is_set("/headers/content-length") {
        return;
    }
    let Some(length) = event.get("body").and_then(Value::as_str).map(|body| body.len().to_string()) else { return };
    if let Some(written) = event.pointer_mut("/headers/content-length") {
        *written = Value::String(length);
    }
}

/// Writes a member anew that is there.
fn replace(record: &mut Map<String, Value>, member: &str, of_body: impl Fn(&str) -> String) {
    let Some(new) = record.get("body").and_then(Value::as_str).map(of_body) else { return };
    if let Some(written) = record.get_mut(member) {
        *written = Value::String(new);
    }
}

/// As SQS writes it: lower-case hexadecimal digits.
fn digest(body: &str) -> String {
    Md5::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events_catalog::{find, set_pointers, templates};

    fn with(kind: &str, assignments: &[(&str, &str)]) -> Value {
        let pairs: Vec<_> = assignments.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        serde_json::from_str(&set_pointers(find(kind).unwrap().text, &pairs).unwrap()).unwrap()
    }

    #[test]
    fn templates_are_consistent() {
        for template in templates() {
            let event: Value = serde_json::from_str(template.text).unwrap();
            for record in event["Records"].as_array().into_iter().flatten().filter(|record| record.get("md5OfBody").is_some()) {
                assert_eq!(record["md5OfBody"], digest(record["body"].as_str().unwrap()), "{}", template.kind);
            }
            if let Some(length) = event.pointer("/headers/content-length") {
                assert_eq!(length, &event["body"].as_str().unwrap().len().to_string(), "{}", template.kind);
            }
        }
    }

    #[test]
    fn what_follows_from_a_body_follows_it() {
        let event = with("sqs", &[("/Records/0/body", "hello")]);
        assert_eq!(event["Records"][0]["md5OfBody"], "5d41402abc4b2a76b9719d911017c592");
        let event = with("sqs", &[("/Records/0/body", "hello"), ("/Records/0/md5OfBody", "mine")]);
        assert_eq!(event["Records"][0]["md5OfBody"], "mine");
        assert_eq!(with("http-api", &[("/body", "hello")])["headers"]["content-length"], "5");
    }
}
